"""test_tenancy.py: what belongs to one platform does not exist for another's token, whatever operation asks for it."""

import re

import pytest

from contract import PLATFORM_PATH, ROLES
from happenings import all_items, invite, link_path, make_meeting


@pytest.fixture(scope="module")
def place(make_tenant):
    """A platform that has one of everything; `ids` by the names of path parameters."""
    tenant = make_tenant()
    organisation = tenant.owner.create("organisations", name="Organizacja")
    person = tenant.owner.create("people", name="Osoba", organisation_id=organisation["id"])
    group = tenant.owner.create("groups", name="Grupa")
    member = tenant.owner.create(f"groups/{group['id']}/members", person_id=person["id"])
    meeting = make_meeting(tenant, title="Tylko tutaj", registration="open")  # an address that no meeting of another test's platform has
    invitation = invite(tenant, meeting)
    registrations = f"meetings/{meeting['slug']}/registrations"
    tenant.public.post(registrations, {"name": "Osoba", "email": "osoba@example.org"}, 202)
    item = tenant.owner.create(f"meetings/{meeting['slug']}/agenda", title="Punkt")
    tenant.ids = {
        "organisation": organisation["id"], "person": person["id"], "group": group["id"], "member": member["id"], "meeting": meeting["slug"],
        "invitation": invitation["id"], "item": item["id"], "registration": all_items(tenant.viewer, registrations)[0]["id"],
        "attendance": tenant.assistant.create(f"meetings/{meeting['slug']}/attendance", person_id=person["id"])["id"],
        "speaker": tenant.owner.create(f"meetings/{meeting['slug']}/speakers", person_id=person["id"])["id"],
        "venue": tenant.owner.create("venues", name="Miejsce")["id"],
        "series": tenant.owner.create("series", title="Cykl")["id"],
        "initiative": tenant.owner.create("initiatives", title="Inicjatywa")["id"],
        "token": all_items(tenant.owner, "tokens")[0]["id"],
    }  # fmt: skip
    tenant.invitation, tenant.meeting = invitation, meeting
    return tenant


def of_a_platform(server):
    chosen = [one for one in server.contract.operations if one.path.startswith(PLATFORM_PATH) and one.role in ROLES + ["public"]]
    assert len(chosen) > 60
    return chosen


def attempt(api, operation, expect, **known):
    headers, body = api.server.contract.example_request(operation)
    if operation.needs_version:
        headers["If-Match"] = "*"
    headers["Accept"] = "application/json" if "application/json" in operation.media or not operation.media else next(iter(operation.media))
    return api.send(operation.method, api.server.contract.example_path(operation, **known), expect, headers=headers, data=body)


def test_another_platforms_token_finds_nothing_that_is_there(server, place, stranger):
    """The platform and the things are named rightly; only the token is of another."""
    for operation in of_a_platform(server):
        answer = attempt(stranger.owner, operation, 404, platform=place.slug, **place.ids)
        assert answer.headers["Content-Type"].startswith("text/html") or answer.json()["code"] == "not_found"


def test_own_platform_with_foreign_ids(server, place, stranger):
    """The token and the platform fit; the things named are of another platform. What names a choice (a kind of list, a strip of paper) every platform has."""
    for operation in of_a_platform(server):
        named = set(re.findall(r"\{(\w+)\}", operation.path[len(PLATFORM_PATH) :])) - {"register", "strip"}
        if named:
            attempt(stranger.owner, operation, 404, platform=stranger.slug, **place.ids)


def test_foreign_ids_in_bodies_and_filters(place, stranger):
    own = make_meeting(stranger)
    for body in ({"person_id": place.ids["person"]}, {"group_id": place.ids["group"]}):
        stranger.owner.post(f"meetings/{own['slug']}/invitations", body, 422)
    stranger.owner.post(f"meetings/{own['slug']}/attendance", {"person_id": place.ids["person"]}, 422)
    stranger.owner.post(f"meetings/{own['slug']}/speakers", {"person_id": place.ids["person"]}, (404, 409, 422))
    stranger.owner.post("people", {"name": "X", "organisation_id": place.ids["organisation"]}, (404, 409, 422))
    assert stranger.owner.get(f"people?organisation_id={place.ids['organisation']}").json()["items"] == []
    assert stranger.owner.get(f"people?group_id={place.ids['group']}").json()["items"] == []


def test_nothing_was_changed(place):
    """After all of the above."""
    assert place.viewer.get(f"people/{place.ids['person']}").json()["name"] == "Osoba"
    assert place.viewer.get(f"meetings/{place.ids['meeting']}").json()["status"] == "published"
    assert place.viewer.get(f"meetings/{place.ids['meeting']}/invitations/{place.ids['invitation']}").json()["version"] == 1
    place.assistant.get(f"meetings/{place.ids['meeting']}/attendance/{place.ids['attendance']}")


def test_a_link_opens_its_own_invitation_only(place, stranger):
    token = link_path(place.invitation).rsplit("/", 1)[1]
    stranger.public.get(f"/r/{stranger.slug}/{token}", 404)
    stranger.public.post(f"/r/{stranger.slug}/{token}", {"response": "accepted"}, 404)
    # a link is no credential for anything else
    place.public.get("people", 401, headers={"Authorization": f"Bearer {token}"})


def test_both_demo_platforms_are_there_and_closed(server, organiser, stranger):
    mine = {one["slug"] for one in all_items(organiser, "/platforms")}
    assert {"goz", "icei"} <= mine
    meetings = all_items(organiser, "/platforms/icei/meetings")
    assert any("2020" in one["starts_at"] for one in meetings) and all(one["time_zone"] == "Europe/Helsinki" for one in meetings)
    names = {one["name"] for one in all_items(organiser, "/platforms/goz/organisations")} & {one["name"] for one in all_items(organiser, "/platforms/icei/organisations")}
    assert "South Poland Cleantech Cluster" in names
    goz_token = {"Authorization": f"Bearer {server.demo['token']}"}
    for path in ("/platforms/icei", "/platforms/icei/meetings", f"/platforms/icei/meetings/{meetings[0]['slug']}", "/platforms/icei/people"):
        stranger.public.get(path, 404, headers=goz_token)
    assert re.match("South Poland", all_items(organiser, "/platforms/goz/organisations?q=poland")[0]["name"])
