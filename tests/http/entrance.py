"""entrance.py: what tests of the day itself begin with: a meeting that is today, people with a seat at it, their tickets, codes read back."""

import datetime
import re
import subprocess
import tempfile

from happenings import invite, link_path, make_meeting


def moment(hours):
    """So many hours from now, as the API writes it."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def today(tenant, begins_in=0.25, lasts=2, **members):
    """A meeting that is about to begin."""
    return make_meeting(tenant, starts_at=moment(begins_in), ends_at=moment(begins_in + lasts), **members)


def seated(tenant, meeting, name="Anna Żak", companions=(), answer=None, **person):
    """Somebody who accepted; gives the invitation."""
    one = invite(tenant, meeting, name, **person)
    tenant.public.post(link_path(one), answer or {"response": "accepted"}, 200)
    if companions:
        tenant.public.post(link_path(one) + "/details", {"companions": [{"name": companion} for companion in companions]}, 200)
    return one


def ticket_path(tenant, one):
    """The address of the ticket, as the invitee's page shows it."""
    return re.search(r'href="(/t/[^"]+)"', tenant.public.page(link_path(one)).text)[1]


def attendance(tenant, meeting):
    """Who is recorded: name -> (state, how)."""
    items = tenant.assistant.get(f"meetings/{meeting['slug']}/attendance?limit=500").json()["items"]
    return {item["person"]["name"]: (item["state"], item["recorded_as"]) for item in items}


def decoded(picture, suffix=".png"):
    """What a reader sees in a picture."""
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(picture)
        file.flush()
        done = subprocess.run(["zbarimg", "--quiet", "--raw", file.name], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"no code in the picture: {done.stderr}"
    return done.stdout.strip()
