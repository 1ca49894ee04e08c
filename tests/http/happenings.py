"""happenings.py: what tests of meetings need to begin with: a published meeting, people invited to it, their links."""

import base64
import hashlib
import re
import urllib.parse
import uuid


def make_meeting(tenant, **members):
    """A published meeting far in the future; gives its JSON."""
    body = {
        "title": "Spotkanie próbne", "status": "published", "starts_at": "2031-05-06T08:00:00Z", "ends_at": "2031-05-06T10:00:00Z",
        "time_zone": "Europe/Warsaw", **members,
    }  # fmt: skip
    return tenant.owner.create("meetings", **body)


def invite(tenant, meeting, name="Anna Żak", **members):
    """Invites a person; gives the invitation's JSON."""
    return tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", person={"name": name, **members})


def invite_many(tenant, meeting, number):
    """Invites as many generated people through a group; gives their invitations."""
    group = tenant.owner.create("groups", name="Grupa próbna")
    for n in range(number):
        tenant.owner.create(f"groups/{group['id']}/members", person={"name": f"Osoba {n:03}", "email": f"osoba.{n}@example.org"})
    made = tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", group_id=group["id"])
    assert (made["invited"], made["skipped"]) == (number, 0)
    return all_items(tenant.organiser, f"meetings/{meeting['slug']}/invitations?limit=500")


def all_items(api, path):
    items = []
    while path:
        answer = api.get(path).json()
        items += answer["items"]
        path = answer["next"]
    return items


def counts(tenant, meeting):
    answer = tenant.viewer.get(f"meetings/{meeting['slug']}/invitations/counts").json()
    responses = ("needs_action", "accepted", "tentative", "declined", "delegated", "waitlisted")
    assert sum(answer[response] for response in responses) == answer["invited"]
    return answer


def link_path(invitation):
    """The path of an invitation's link."""
    return urllib.parse.urlsplit(invitation["rsvp_url"]).path


def form_token(page):
    return re.search(r'name="_form" value="([^"]+)"', page.text)[1]


def confirmation_path(server, tenant, registration_id):
    """The link that is mailed, made as the server makes it: base/secret.h."""
    master = (server.data / "secret.key").read_bytes()
    key = hashlib.blake2b(b"", key=master, salt=(4).to_bytes(8, "little"), person=b"narada__", digest_size=32).digest()
    head = uuid.UUID(registration_id).bytes + (1).to_bytes(2, "big")
    mac = hashlib.blake2b(head + tenant.slug.encode(), key=key, digest_size=16).digest()
    return f"/confirm/{tenant.slug}/" + base64.urlsafe_b64encode(head + mac).rstrip(b"=").decode()
