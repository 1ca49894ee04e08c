"""test_mail_ended.py: what is said once a meeting is off asks for nothing and opens no door."""

from happenings import invite, link_path, make_meeting
from mailbox import eml, html_of, text_of
from test_mail_flows import only
from test_mailings import path_of, send, settled

ROOM = "https://video.example/forum"


def test_who_is_no_longer_invited_gets_no_link_to_the_room(server, tenant):
    meeting = make_meeting(tenant, format="online", online_url=ROOM, language="en", rsvp_closes_at="2031-05-01T20:00:00Z")
    silent, coming, gone = (invite(tenant, meeting, name, email=f"{name}@example.org") for name in ("silent", "coming", "gone"))
    send(tenant, meeting)
    settled(tenant)
    for one in (coming, gone):
        tenant.public.post(link_path(one), {"response": "accepted"}, 200)
    tenant.organiser.delete(path_of(meeting, gone), version=tenant.viewer.get(path_of(meeting, gone)).json()["version"])
    (withdrawn,) = only(tenant, "withdrawn")
    version = tenant.viewer.get(f"meetings/{meeting['slug']}").json()["version"]
    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"status": "cancelled"}, version=version)
    cancelled = only(tenant, "cancelled", 2)
    for mail in (withdrawn, *cancelled):
        message = eml(server, mail)
        assert ROOM not in text_of(message) and ROOM not in html_of(message)
        assert "Please answer by" not in text_of(message) and "Please answer by" not in html_of(message)
