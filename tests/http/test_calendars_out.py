"""test_calendars_out.py: invitations and their end as calendars know them: REQUEST and CANCEL in mails (RFC 5546, RFC 6047)."""

from datetime import datetime, timezone

import icalendar
import pytest

from calendars import calendar_in, has_calendar
from database import psql
from happenings import invite, link_path, make_meeting
from mailbox import eml, until
from test_mail_kinds import due_now, of_kind
from test_mailings import mails, path_of, settled


def sent(server, tenant, kind, number=1):
    """The mails of a kind, parsed, once there are so many and all are sent; the latest first."""
    found = until(lambda: len(mails(tenant, kind=kind)) >= number and settled(tenant) and mails(tenant, kind=kind))
    assert len(found) == number and all(mail["state"] == "sent" for mail in found), found
    return [eml(server, mail) for mail in found]


def send_one(tenant, meeting, invited):
    tenant.organiser.send("POST", path_of(meeting, invited, "send"), 200)


def change(tenant, meeting, **members):
    now = tenant.owner.get(f"meetings/{meeting['id']}").json()
    return tenant.owner.patch(f"meetings/{meeting['id']}", members, version=now["version"]).json()


def attendee(event):
    who = event["ATTENDEE"]
    assert who.params["CUTYPE"] == "INDIVIDUAL" and who.params["ROLE"] == "REQ-PARTICIPANT"
    return who.removeprefix("mailto:"), who.params["PARTSTAT"], who.params["RSVP"]


def test_an_invitation_is_one_for_the_calendar_too(server, tenant):
    venue = tenant.owner.create("venues", name="Małopolski Park Technologii", city="Kraków", address="ul. Podole 60")
    host = tenant.owner.create("organisations", name='Klaster "SPCleantech"')
    meeting = make_meeting(
        tenant, title="Miasta, gminy; GOZ\\", purpose="Cel:\nprojekty, plany", venue_id=venue["id"], host_organisation_id=host["id"],
        contact_email="biuro@kzm.example", visibility="public", language="pl",
    )  # fmt: skip
    invited = invite(tenant, meeting, 'Żak, Anna "Ania"', email="anna@zolw.example")
    invite(tenant, meeting, "Jan Łoś", email="jan@example.org")
    send_one(tenant, meeting, invited)
    (message,) = sent(server, tenant, "invitation")
    event = calendar_in(message, "REQUEST")
    assert attendee(event) == ("anna@zolw.example", "NEEDS-ACTION", "TRUE") and event["ATTENDEE"].params["CN"] == "Żak, Anna ^'Ania^'"
    assert event["ORGANIZER"] == "mailto:biuro@kzm.example" and event["ORGANIZER"].params["CN"] == "Klaster ^'SPCleantech^'"
    assert event["SUMMARY"] == "Miasta, gminy; GOZ\\" and event["DESCRIPTION"].startswith("Cel:\nprojekty, plany")
    assert event["LOCATION"] == "Małopolski Park Technologii, ul. Podole 60, Kraków" and event["STATUS"] == "CONFIRMED"
    assert event["URL"] == server.url(f"/platforms/{tenant.slug}/meetings/{meeting['slug']}")
    assert event["DTSTART"].params["TZID"] == "Europe/Warsaw" and event["DTSTART"].dt.replace(tzinfo=None) == datetime(2031, 5, 6, 10)
    assert event["X-MICROSOFT-DISALLOW-COUNTER"] == "TRUE" and "ATTACH" not in event
    # The same meeting everywhere; the link that answers stays out of what is shared.
    for path in (f"meetings/{meeting['slug']}.ics", f"{link_path(invited)}.ics"):
        (shown,) = icalendar.Calendar.from_ical(tenant.public.get(path, headers={"Accept": "*/*"}).content).walk("VEVENT")
        assert shown["UID"] == event["UID"] and shown["SEQUENCE"] == event["SEQUENCE"]
    raw = event.to_ical()
    assert b"/r/" not in raw and b"jan@example.org" not in raw and b"Jan" not in raw
    # Sent again it is the same event, later.
    send_one(tenant, meeting, invited)
    again = calendar_in(sent(server, tenant, "invitation", 2)[0], "REQUEST")
    assert (again["UID"], again["SEQUENCE"]) == (event["UID"], event["SEQUENCE"]) and again["DTSTAMP"].dt >= event["DTSTAMP"].dt


def test_an_update_keeps_the_answer_and_the_sequence_tells_what_matters(server, tenant):
    meeting = make_meeting(tenant)
    invited = invite(tenant, meeting, email="anna@example.org")
    numbers = []
    for response, partstat, asked, changed in (
        (None, "NEEDS-ACTION", "TRUE", {}),
        ("accepted", "ACCEPTED", "FALSE", {"title": "Inny tytuł", "information": "Wejście od podwórza"}),
        ("tentative", "TENTATIVE", "FALSE", {"starts_at": "2031-05-06T08:30:00Z"}),
        ("declined", "DECLINED", "FALSE", {"venue_id": tenant.owner.create("venues", name="Rynek 1")["id"]}),
    ):
        if response:
            tenant.public.post(link_path(invited), {"response": response}, 200)
        if changed:
            change(tenant, meeting, **changed)
        send_one(tenant, meeting, invited)
        event = calendar_in(sent(server, tenant, "invitation", len(numbers) + 1)[0], "REQUEST")
        assert attendee(event) == ("anna@example.org", partstat, asked)
        assert event["X-MICROSOFT-CDO-BUSYSTATUS"] == ("BUSY" if response == "accepted" else "TENTATIVE")
        numbers.append(int(event["SEQUENCE"]))
    assert numbers[1] == numbers[0] and numbers[2] == numbers[1] + 1 and numbers[3] == numbers[2] + 1


@pytest.mark.parametrize(
    "zone, starts, clock",
    [
        ("Europe/Warsaw", "2031-03-29T22:30:00Z", datetime(2031, 3, 29, 23, 30)),  # the night the clocks go forward
        ("Europe/Warsaw", "2031-03-30T01:00:00Z", datetime(2031, 3, 30, 3)),
        ("Europe/Warsaw", "2031-10-25T23:30:00Z", datetime(2031, 10, 26, 1, 30)),
        ("Europe/Warsaw", "2031-10-26T02:00:00Z", datetime(2031, 10, 26, 3)),
        ("Europe/Helsinki", "2031-03-30T01:00:00Z", datetime(2031, 3, 30, 4)),
        ("Europe/Helsinki", "2031-10-27T07:00:00Z", datetime(2031, 10, 27, 9)),
    ],
)
def test_hours_of_spring_and_autumn(server, tenant, zone, starts, clock):
    meeting = make_meeting(tenant, starts_at=starts, ends_at=starts.replace(":00Z", ":59Z"), time_zone=zone)
    invited = invite(tenant, meeting, email="anna@example.org")
    send_one(tenant, meeting, invited)
    event = calendar_in(sent(server, tenant, "invitation")[0], "REQUEST")
    assert event["DTSTART"].params["TZID"] == zone and event["DTSTART"].dt.replace(tzinfo=None) == clock
    assert event["DTSTART"].dt.astimezone(timezone.utc) == datetime.fromisoformat(starts.replace("Z", "+00:00"))


@pytest.mark.parametrize("starts", ["2031-10-26T00:30:00Z", "2031-10-26T01:30:00Z"])
def test_an_hour_that_comes_twice_is_said_in_utc(server, tenant, starts):
    """Both are 2:30 in Warsaw, and one of the two libraries takes such a time for the first, the other for the second."""
    meeting = make_meeting(tenant, starts_at=starts, ends_at="2031-10-26T03:00:00Z")
    send_one(tenant, meeting, invite(tenant, meeting, email="anna@example.org"))
    event = calendar_in(sent(server, tenant, "invitation")[0], "REQUEST")
    assert event["DTSTART"].to_ical().decode() == starts.replace("-", "").replace(":", "") and event["DTEND"].params["TZID"] == "Europe/Warsaw"


def test_nothing_in_a_title_becomes_a_line(server, tenant):
    bad = 'x"; ATTENDEE:mailto:evil@example.org,\\BEGIN:VEVENT:^'
    meeting = make_meeting(tenant, title=bad, purpose="a\nATTENDEE:mailto:evil@example.org\nb", contact_email="biuro@example.org")
    send_one(tenant, meeting, invite(tenant, meeting, bad, email="anna@example.org"))
    event = calendar_in(sent(server, tenant, "invitation")[0], "REQUEST")
    assert event["SUMMARY"] == bad and attendee(event)[0] == "anna@example.org" and "\nATTENDEE:mailto:evil@example.org\nb" in event["DESCRIPTION"]


def test_whoever_is_asked_to_their_own_meeting_is_not_its_organiser(server, tenant):
    meeting = make_meeting(tenant, contact_email="Anna@example.org")
    send_one(tenant, meeting, invite(tenant, meeting, email="anna@example.org"))
    assert calendar_in(sent(server, tenant, "invitation")[0], "REQUEST")["ORGANIZER"] == "mailto:narada@localhost"


def test_who_comes_online_finds_where_and_nobody_else_does(server, tenant):
    meeting = make_meeting(tenant, format="online", online_url="https://meet.example.org/x7", capacity=1, waitlist=True)
    first, second = (invite(tenant, meeting, name, email=f"{name}@example.org") for name in ("first", "second"))
    for one in (first, second):
        tenant.public.post(link_path(one), {"response": "accepted"}, 200)
        send_one(tenant, meeting, one)
    waits, comes = (calendar_in(message, "REQUEST") for message in sent(server, tenant, "invitation", 2))
    assert attendee(comes) == ("first@example.org", "ACCEPTED", "FALSE") and comes["LOCATION"] == "https://meet.example.org/x7"
    assert attendee(waits) == ("second@example.org", "TENTATIVE", "FALSE") and "meet.example.org" not in waits.to_ical().decode()
    # A seat is free: the same event, now certain.
    tenant.public.post(link_path(first), {"response": "declined"}, 200)
    promoted = calendar_in(sent(server, tenant, "promotion")[0], "REQUEST")
    assert attendee(promoted) == ("second@example.org", "ACCEPTED", "FALSE") and promoted["UID"] == waits["UID"]
    assert promoted["LOCATION"] == "https://meet.example.org/x7" and promoted["SEQUENCE"] == waits["SEQUENCE"]


# ── When something is off ─────────────────────────────────────────────────────


def withdraw(tenant, meeting, invited):
    now = tenant.organiser.get(path_of(meeting, invited)).json()
    tenant.organiser.delete(path_of(meeting, invited), version=now["version"])


def test_a_cancellation_reaches_everybody_who_was_told_and_nobody_else(server, tenant):
    meeting = make_meeting(tenant, title="Forum", language="en")
    names = ("silent", "coming", "declining", "unsent", "handed-over", "gone")
    people = {name: invite(tenant, meeting, name, email=f"{name}@example.org") for name in names}
    nobody = invite(tenant, meeting, "without address")
    tenant.public.post(link_path(nobody), {"response": "accepted"}, 200)
    for name in ("silent", "coming", "declining", "gone"):
        send_one(tenant, meeting, people[name])
    told = {str(message["To"].addresses[0].addr_spec): calendar_in(message, "REQUEST") for message in sent(server, tenant, "invitation", 4)}
    for name, response in (("coming", "accepted"), ("declining", "declined"), ("handed-over", "accepted")):
        tenant.public.post(link_path(people[name]), {"response": response}, 200)
    withdraw(tenant, meeting, people["gone"])
    (farewell,) = sent(server, tenant, "withdrawn")
    change(tenant, meeting, status="cancelled", cancelled_reason="Sala zajęta, przepraszamy")
    messages = sent(server, tenant, "cancelled", 4)
    assert sorted(message["To"].addresses[0].addr_spec for message in messages) == [f"{name}@example.org" for name in ("coming", "declining", "handed-over", "silent")]
    partstats = {"coming": "ACCEPTED", "declining": "DECLINED", "silent": "NEEDS-ACTION", "handed-over": "ACCEPTED"}
    for message in messages:
        address = message["To"].addresses[0].addr_spec
        event = calendar_in(message, "CANCEL")
        assert attendee(event) == (address, partstats[address.split("@")[0]], "FALSE")
        assert (event["STATUS"], event["TRANSP"], event["X-MICROSOFT-CDO-BUSYSTATUS"]) == ("CANCELLED", "TRANSPARENT", "FREE")
        before = told.get(address)
        assert before is None or (event["UID"], event["ORGANIZER"]) == (before["UID"], before["ORGANIZER"]) and event["SEQUENCE"] > before["SEQUENCE"]
        assert message["Subject"] == "Cancelled: Forum" and "Reason: Sala zajęta, przepraszamy" in message.get_body(("plain",)).get_content()
        assert "Sala zajęta" in message.get_body(("html",)).get_content() and "/r/" not in message.get_body(("plain",)).get_content()
    assert farewell["To"].addresses[0].addr_spec == "gone@example.org" and calendar_in(farewell, "CANCEL")["UID"] == event["UID"]
    # What is said of a meeting that is off is not said twice.
    assert len(mails(tenant, kind="cancelled")) == 4


def test_a_withdrawal_is_one_above_and_an_invitation_made_again_above_that(server, tenant):
    meeting = make_meeting(tenant, title="Forum", language="fi")
    one, other = (invite(tenant, meeting, name, email=f"{name}@example.org") for name in ("one", "other"))
    send_one(tenant, meeting, one)
    first = calendar_in(sent(server, tenant, "invitation")[0], "REQUEST")
    withdraw(tenant, meeting, other)  # who was sent nothing hears nothing
    withdraw(tenant, meeting, one)
    (message,) = sent(server, tenant, "withdrawn")
    ended = calendar_in(message, "CANCEL")
    assert message["Subject"] == "Kutsu peruutettu: Forum" and message["To"].addresses[0].addr_spec == "one@example.org"
    assert ended["SEQUENCE"] == first["SEQUENCE"] + 1 and ended["UID"] == first["UID"] and ended["STATUS"] == "CANCELLED"
    again = tenant.organiser.create(path_of(meeting), person_id=one["person"]["id"])
    assert again["id"] == one["id"]
    send_one(tenant, meeting, again)
    anew = calendar_in(sent(server, tenant, "invitation", 2)[0], "REQUEST")
    assert anew["UID"] == first["UID"] and anew["SEQUENCE"] == ended["SEQUENCE"] + 1 and attendee(anew)[1:] == ("NEEDS-ACTION", "TRUE")
    # A file that is fetched from the page is no older than the withdrawal: calendars would pass over it.
    (shown,) = icalendar.Calendar.from_ical(tenant.public.get(f"{link_path(again)}.ics", headers={"Accept": "*/*"}).content).walk("VEVENT")
    assert (shown["UID"], shown["SEQUENCE"]) == (anew["UID"], anew["SEQUENCE"])
    # Withdrawn once more, and before it could be said, the meeting is off: one mail, and the highest number.
    change(tenant, meeting, status="cancelled")
    off = calendar_in(sent(server, tenant, "cancelled")[0], "CANCEL")
    assert off["SEQUENCE"] == anew["SEQUENCE"] + 1
    # The meeting's own number is another thing: this one invitee's calendar was told more often.
    assert psql(server, "postgres", f"select sequence from meeting where id = '{meeting['id']}'") == [str(first["SEQUENCE"] + 1)]


def test_a_substitute_that_is_taken_back_leaves_no_entry(server, tenant):
    meeting = make_meeting(tenant, capacity=5)
    invited = invite(tenant, meeting, email="anna@example.org")
    tenant.public.post(link_path(invited), {"response": "accepted"}, 200)
    tenant.public.post(f"{link_path(invited)}/substitute", {"name": "Jan Łoś", "email": "jan@example.org"}, 200)
    asked = calendar_in(sent(server, tenant, "substitute")[0], "REQUEST")
    assert attendee(asked) == ("jan@example.org", "ACCEPTED", "FALSE") and b"anna" not in asked.to_ical().lower()
    tenant.public.delete(f"{link_path(invited)}/substitute", 204)
    ended = calendar_in(sent(server, tenant, "substitution_ended")[0], "CANCEL")
    assert ended["UID"] == asked["UID"] and ended["SEQUENCE"] == asked["SEQUENCE"] + 1 and mails(tenant, kind="withdrawn") == []


def test_a_draft_and_a_meeting_of_the_past_are_cancelled_in_silence(tenant):
    draft = make_meeting(tenant, status="draft")
    invite(tenant, draft, email="anna@example.org")
    over = make_meeting(tenant, starts_at="2020-05-06T08:00:00Z", ends_at="2020-05-06T10:00:00Z")
    came = invite(tenant, over, email="jan@example.org")
    tenant.public.post(link_path(came), {"response": "accepted"}, 200)
    for meeting in (draft, over):
        now = tenant.owner.get(f"meetings/{meeting['id']}").json()
        tenant.owner.delete(f"meetings/{meeting['id']}", version=now["version"])
        assert tenant.owner.get(f"meetings/{meeting['id']}").json()["status"] == "cancelled"
    assert mails(tenant, kind="cancelled") == [] and mails(tenant, kind="withdrawn") == []


def test_reminders_and_messages_bring_no_calendar(server, tenant):
    meeting = make_meeting(tenant)
    invited = invite(tenant, meeting, email="anna@example.org")
    send_one(tenant, meeting, invited)
    sent(server, tenant, "invitation")
    tenant.organiser.post(path_of(meeting, None, "send"), {"kind": "reminder", "again": True}, 200)
    assert not has_calendar(sent(server, tenant, "reminder")[0])


def test_a_change_asks_again_and_keeps_the_answer(server, tenant):
    meeting = make_meeting(tenant, title="Forum")
    invited = invite(tenant, meeting, email="anna@example.org")
    send_one(tenant, meeting, invited)
    first = calendar_in(sent(server, tenant, "invitation")[0], "REQUEST")
    tenant.public.post(link_path(invited), {"response": "accepted"}, 200)
    change(tenant, meeting, starts_at="2031-05-07T08:00:00Z", ends_at="2031-05-07T10:00:00Z")
    psql(server, "postgres", f"update planned_mail set due_at = now() where meeting_id = '{meeting['id']}'; select pg_notify('narada_work', 'outbox')")
    until(lambda: mails(tenant, kind="changed", state="sent"))
    moved = calendar_in(eml(server, mails(tenant, kind="changed")[0]), "REQUEST")
    assert attendee(moved) == ("anna@example.org", "ACCEPTED", "TRUE") and moved["SEQUENCE"] == first["SEQUENCE"] + 1 and moved["UID"] == first["UID"]


@pytest.mark.parametrize("response, partstat", [("accepted", "ACCEPTED"), ("tentative", "TENTATIVE"), ("declined", None)])
def test_the_confirmation_of_an_answer_brings_it_into_the_calendar(server, tenant, response, partstat):
    meeting = make_meeting(tenant)
    invited = invite(tenant, meeting, email="anna@example.org")
    tenant.public.post(link_path(invited), {"response": response}, 200)
    due_now(server, "outbox", f"meeting_id = '{meeting['id']}'")
    (mail,) = of_kind(tenant, "confirmation")
    message = eml(server, mail)
    if partstat:
        assert attendee(calendar_in(message, "REQUEST")) == ("anna@example.org", partstat, "FALSE")
    else:
        assert not has_calendar(message)
