"""test_mail_kinds.py: confirmations, changes, reminders by schedule and what organisers write. Clocks are moved in the data, nobody waits for them."""

import base64
import datetime
import email
import email.policy
import re
import subprocess
import urllib.parse

import pytest
import requests

from conftest import Api
from database import psql
from happenings import invite, invite_many, link_path, make_meeting
from mailbox import eml, html_of, text_of, until
from test_mailings import path_of, problem


def of_kind(tenant, kind, number=1, state="sent"):
    """The mails of a kind once there are so many in that state, the latest first."""
    found = until(lambda: len(mails := tenant.organiser.get("outbox", params={"kind": kind, "state": state, "limit": 200}).json()["items"]) >= number and mails)
    assert len(found) == number, found
    return found


def due_now(server, what, where):
    """The time has come for what was planned or waits."""
    column = {"outbox": "next_attempt_at", "planned_mail": "due_at"}[what]
    psql(server, "postgres", f"update {what} set {column} = now() where {where}; select pg_notify('narada_work', 'outbox')")


def sent_before(server, meeting):
    """As if the invitations were sent two days ago."""
    within = f"select set_config('narada.platform_id', platform_id::text, false) from meeting where id = '{meeting['id']}'"
    psql(server, "postgres", f"{within}; update invitation set delivery = 'sent', sent_at = now() - interval '2 days' where meeting_id = '{meeting['id']}'")


def meeting_platform(server, meeting):
    return psql(server, "postgres", f"select platform_id from meeting where id = '{meeting['id']}'")[0]


def change(tenant, meeting, **members):
    now = tenant.organiser.get(f"meetings/{meeting['slug']}").json()
    return tenant.organiser.patch(f"meetings/{meeting['slug']}", members, version=now["version"]).json()


def planned(tenant, meeting):
    return tenant.organiser.get(f"meetings/{meeting['slug']}/reminders").json()["planned"]


def done(tenant, meeting, number=1):
    return until(lambda: len(plans := [plan for plan in planned(tenant, meeting) if plan["done_at"]]) >= number and plans)


def answer(tenant, one, response, **more):
    return tenant.public.post(link_path(one), {"response": response, **more}, 200).json()


# ── Confirmations ──


def test_an_answer_is_confirmed_once_however_often_it_flips(server, tenant):
    meeting = make_meeting(tenant, title="Forum", language="en")
    one = invite(tenant, meeting, "Anna Żak", email="anna@example.org")
    for response in ("accepted", "declined", "accepted"):
        answer(tenant, one, response)
    (waiting,) = of_kind(tenant, "confirmation", state="queued")
    due_now(server, "outbox", f"id = '{waiting['id']}'")
    (mail,) = of_kind(tenant, "confirmation")
    message = eml(server, mail)
    assert message["Subject"] == "Attendance confirmed: Forum" and one["rsvp_url"] in text_of(message).split()
    # Saying the same again is no news, nor is what ends where it began.
    answer(tenant, one, "accepted")
    assert len(tenant.organiser.get("outbox?kind=confirmation").json()["items"]) == 1
    answer(tenant, one, "declined")
    answer(tenant, one, "accepted")
    due_now(server, "outbox", "kind = 'confirmation'")
    (dropped,) = of_kind(tenant, "confirmation", state="dropped")
    assert dropped["reason"] == "told_already"


def test_confirmations_speak_the_persons_language_and_say_what_holds(server, tenant):
    meeting = make_meeting(tenant, title="Forum", capacity=1, waitlist=True)
    for language, response, subject in (("pl", "accepted", "Obecność potwierdzona: Forum"), ("fi", "accepted", "Jonotuslistalla: Forum"), ("en", "tentative", "Answer noted: Forum"), ("fi", "declined", "Poissaolo kirjattu: Forum")):
        person = tenant.owner.create("people", name=f"{language} {response}", email=f"{language}.{subject[:5]}@example.org".lower().replace("ś", "s"), language=language)
        one = tenant.organiser.create(path_of(meeting), person_id=person["id"])
        answer(tenant, one, response)
        due_now(server, "outbox", f"invitation_id = '{one['id']}'")
        mail = until(lambda: next((m for m in tenant.organiser.get("outbox?kind=confirmation&state=sent").json()["items"] if m["invitation_id"] == one["id"]), None))
        assert eml(server, mail)["Subject"] == subject


def test_what_an_organiser_enters_is_confirmed_only_if_asked_for(server, tenant):
    meeting = make_meeting(tenant, title="Forum", language="en")
    one = invite(tenant, meeting, email="anna@example.org")
    one = tenant.organiser.patch(path_of(meeting, one), {"response": "accepted"}, version=one["version"]).json()
    assert tenant.organiser.get("outbox").json()["items"] == []
    one = tenant.organiser.patch(path_of(meeting, one), {"response": "declined", "confirm": True}, version=one["version"]).json()
    (mail,) = of_kind(tenant, "confirmation")
    assert eml(server, mail)["Subject"] == "Absence noted: Forum"
    # Nothing to confirm.
    tenant.organiser.patch(path_of(meeting, one), {"response": "needs_action", "confirm": True}, version=one["version"])
    assert len(tenant.organiser.get("outbox?kind=confirmation").json()["items"]) == 1


# ── Changes ──


def test_a_change_says_what_was_and_what_is_and_asks_again(server, tenant):
    old, new = tenant.owner.create("venues", name="Stara sala", city="Kraków"), tenant.owner.create("venues", name="Nowa sala", city="Tarnów")
    meeting = make_meeting(tenant, title="Forum", venue_id=old["id"], language="pl")
    item = tenant.organiser.create(f"meetings/{meeting['slug']}/agenda", kind="talk", title="Otwarcie", duration_minutes=30)
    coming, silent, unsent = (invite(tenant, meeting, name, email=f"{name}@example.org") for name in ("coming", "silent", "unsent"))
    answer(tenant, coming, "accepted")
    sent_before(server, meeting)
    within = f"select set_config('narada.platform_id', '{meeting_platform(server, meeting)}', false)"
    psql(server, "postgres", f"{within}; update invitation set delivery = 'draft', sent_at = null where id = '{unsent['id']}'; delete from planned_mail where meeting_id = '{meeting['id']}'")
    # Three saves within minutes are one mail.
    change(tenant, meeting, starts_at="2031-05-07T08:00:00Z", ends_at="2031-05-07T10:00:00Z")
    change(tenant, meeting, venue_id=new["id"])
    tenant.organiser.patch(f"meetings/{meeting['slug']}/agenda/{item['id']}", {"title": "Powitanie"}, version=item["version"])
    (plan,) = planned(tenant, meeting)
    assert plan["kind"] == "changed" and plan["done_at"] is None
    due_now(server, "planned_mail", f"meeting_id = '{meeting['id']}'")
    both = of_kind(tenant, "changed", 2)
    assert {mail["to"]["email"] for mail in both} == {"coming@example.org", "silent@example.org"}
    message = eml(server, next(mail for mail in both if mail["to"]["email"] == "coming@example.org"))
    text = text_of(message)
    assert message["Subject"] == "Zmiana: Forum"
    assert "Było: wtorek, 6 maja 2031, godz. 10:00–12:00, Warszawa" in text and "Jest: środa, 7 maja 2031, godz. 10:00–12:00" in text, text
    assert "Było: na miejscu, Stara sala, Kraków" in text and "Jest: na miejscu, Nowa sala, Tarnów" in text, text
    assert "Otwarcie" in text and "Powitanie" in text and "Dotychczasowa odpowiedź: obecność potwierdzona" in text
    assert "Potwierdź lub zmień odpowiedź" in html_of(message) and "silent@" not in message.as_string()
    # The old answer stays, the organiser sees that it waits, and the same answer once more confirms it.
    asked = tenant.organiser.get(f"meetings/{meeting['slug']}/messages/audience?response=unconfirmed").json()
    assert asked["recipients"] == 1
    page = tenant.public.page(link_path(coming))
    assert 'id="again"' in page.text and tenant.viewer.get(path_of(meeting, coming)).json()["response"] == "accepted"
    answer(tenant, coming, "accepted")
    assert 'id="again"' not in tenant.public.page(link_path(coming)).text
    assert tenant.organiser.get(f"meetings/{meeting['slug']}/messages/audience?response=unconfirmed").json()["recipients"] == 0
    assert tenant.organiser.get(path_of(meeting, coming, "history")).json()["items"][0]["cause"] == "confirmed_again"


def test_a_venue_that_moves_is_told_once(server, tenant):
    venue, other = (tenant.owner.create("venues", name=name, city="Kraków") for name in ("Sala A", "Sala B"))
    meeting, elsewhere = make_meeting(tenant, title="Forum", venue_id=venue["id"], language="en"), make_meeting(tenant, venue_id=other["id"])
    draft = make_meeting(tenant, venue_id=venue["id"], status="draft")
    coming = invite(tenant, meeting, email="coming@example.org")
    sent_before(server, meeting)
    for members in ({"directions": "Wejście od podwórza"}, {"address": "ul. Nowa 1"}, {"city": "Tarnów"}):
        version = tenant.owner.get(f"venues/{venue['id']}").json()["version"]
        tenant.owner.patch(f"venues/{venue['id']}", members, version=version)
    assert [len(planned(tenant, one)) for one in (meeting, elsewhere, draft)] == [1, 0, 0]
    due_now(server, "planned_mail", f"meeting_id = '{meeting['id']}'")
    (mail,) = of_kind(tenant, "changed")
    text = text_of(eml(server, mail))
    assert mail["invitation_id"] == coming["id"] and "Sala A, Kraków" in text and "Sala A, ul. Nowa 1, Tarnów" in text, text
    assert tenant.public.get(f"meetings/{meeting['slug']}.ics").text.count("SEQUENCE:2") == 1


def test_what_nobody_sees_is_no_change(server, tenant):
    meeting = make_meeting(tenant, title="Forum")
    invite(tenant, meeting, email="anna@example.org")
    sent_before(server, meeting)
    change(tenant, meeting, capacity=100, contact_name="Biuro", title="Forum")
    assert planned(tenant, meeting) == []
    # Taken back before it was told.
    change(tenant, meeting, title="Inne forum")
    change(tenant, meeting, title="Forum")
    due_now(server, "planned_mail", f"meeting_id = '{meeting['id']}'")
    (plan,) = done(tenant, meeting)
    assert plan["queued"] == 0 and tenant.organiser.get("outbox").json()["items"] == []


def test_a_change_of_the_title_asks_nobody_again(server, tenant):
    meeting = make_meeting(tenant, title="Forum", language="en")
    one = invite(tenant, meeting, email="anna@example.org")
    answer(tenant, one, "accepted")
    sent_before(server, meeting)
    change(tenant, meeting, title="Congress")
    due_now(server, "planned_mail", f"meeting_id = '{meeting['id']}'")
    (mail,) = of_kind(tenant, "changed")
    text = text_of(eml(server, mail))
    assert "Before: Forum" in text and "Now: Congress" in text and "Please confirm whether" not in text
    assert 'id="again"' not in tenant.public.page(link_path(one)).text


def test_who_was_invited_after_a_change_is_not_told_of_it(server, tenant):
    meeting = make_meeting(tenant, title="Forum")
    before = invite(tenant, meeting, email="before@example.org")
    sent_before(server, meeting)
    change(tenant, meeting, title="Kongres")
    after = invite(tenant, meeting, "Ktoś", email="after@example.org")
    tenant.organiser.send("POST", path_of(meeting, after, "send"), 200)
    of_kind(tenant, "invitation")
    due_now(server, "planned_mail", f"meeting_id = '{meeting['id']}'")
    (mail,) = of_kind(tenant, "changed")
    assert mail["invitation_id"] == before["id"]


def test_what_is_due_is_made_once_however_many_look(server, tenant):
    meeting = make_meeting(tenant, title="Forum")
    number = len(invite_many(tenant, meeting, 40))
    sent_before(server, meeting)
    change(tenant, meeting, title="Kongres")
    place = (server.data / "postgres").resolve()
    command = ["psql", "-h", str(place), "-U", "narada_service", "-d", "narada", "-qAt", "-c", "select narada.make_planned()"]
    psql(server, "postgres", f"update planned_mail set due_at = now() where meeting_id = '{meeting['id']}'")
    looking = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    made = sum(int(one.communicate()[0] or 0) for one in looking)
    assert made in (0, number)  # 0: the server itself was first
    of_kind(tenant, "changed", number)


def test_a_change_of_a_draft_is_nobodys_news(tenant):
    meeting = make_meeting(tenant, status="draft")
    change(tenant, meeting, title="Inny tytuł")
    tenant.organiser.create(f"meetings/{meeting['slug']}/agenda", kind="talk", title="Otwarcie")
    assert planned(tenant, meeting) == []


# ── Reminders by schedule ──


def in_days(days, hour=12):
    day = datetime.datetime.now(datetime.timezone.utc).replace(hour=hour, minute=0, second=0, microsecond=0) + datetime.timedelta(days=days)
    return day.strftime("%Y-%m-%dT%H:%M:%SZ")


def remind(tenant, meeting, **members):
    now = tenant.organiser.get(f"meetings/{meeting['slug']}/reminders").json()
    return tenant.organiser.patch(f"meetings/{meeting['slug']}/reminders", members, version=now["version"]).json()


def in_daylight(server, meeting):
    """A zone in which it is day now, so that a test means the same at any hour."""
    hour = datetime.datetime.now(datetime.timezone.utc).hour
    zone = f"Etc/GMT{hour - 12:+d}" if hour != 12 else "UTC"  # the sign of these is turned round
    psql(server, "postgres", f"alter table meeting disable trigger user; update meeting set time_zone = '{zone}' where id = '{meeting['id']}'; alter table meeting enable trigger user")


def test_reminders_are_planned_by_the_meetings_clock(tenant):
    meeting = make_meeting(tenant, starts_at="2031-05-06T08:00:00Z", ends_at="2031-05-06T10:00:00Z", rsvp_closes_at="2031-05-01T10:00:00Z", time_zone="Europe/Helsinki")
    assert remind(tenant, meeting, days_before_deadline=3, day_before=True, at_time="09:30")["version"] == 1
    assert [(plan["kind"], plan["due_at"]) for plan in planned(tenant, meeting)] == [("reminder", "2031-04-28T06:30:00Z"), ("day_before", "2031-05-05T06:30:00Z")]
    # They move with the meeting, and go with it.
    change(tenant, meeting, rsvp_closes_at="2031-04-01T10:00:00Z")  # winter time begins to end: 31 March
    assert [plan["due_at"] for plan in planned(tenant, meeting) if plan["kind"] == "reminder"] == ["2031-03-29T07:30:00Z"]
    remind(tenant, meeting, days_before_deadline=None)
    assert [plan["kind"] for plan in planned(tenant, meeting)] == ["day_before"]
    change(tenant, meeting, status="cancelled")
    assert [plan for plan in planned(tenant, meeting) if plan["kind"] != "changed"] == []


def test_a_reminder_goes_once_to_those_without_an_answer(server, tenant):
    meeting = make_meeting(tenant, title="Forum", language="en", starts_at=in_days(20), ends_at=in_days(20, 14), rsvp_closes_at=in_days(10))
    silent, coming, left = (invite(tenant, meeting, name, email=f"{name}@example.org") for name in ("silent", "coming", "left"))
    answer(tenant, coming, "accepted")
    sent_before(server, meeting)
    psql(server, "postgres", f"insert into unsubscription (platform_id, person_id) select platform_id, person_id from invitation where id = '{left['id']}'")
    remind(tenant, meeting, days_before_deadline=2)
    in_daylight(server, meeting)
    due_now(server, "planned_mail", f"meeting_id = '{meeting['id']}'")
    (plan,) = done(tenant, meeting)
    (mail,) = of_kind(tenant, "reminder")
    assert (plan["queued"], mail["to"]["email"]) == (1, "silent@example.org")
    # Planned again for the same deadline it is the same reminder.
    remind(tenant, meeting, days_before_deadline=3)
    assert len(planned(tenant, meeting)) == 1


def test_the_day_before_goes_to_those_who_come(server, tenant):
    meeting = make_meeting(tenant, title="Forum", language="en", starts_at=in_days(5), ends_at=in_days(5, 14), format="online", online_url="https://meet.example.org/forum")
    coming, silent = (invite(tenant, meeting, name, email=f"{name}@example.org") for name in ("coming", "silent"))
    answer(tenant, coming, "accepted")
    sent_before(server, meeting)
    remind(tenant, meeting, day_before=True)
    in_daylight(server, meeting)
    due_now(server, "planned_mail", f"meeting_id = '{meeting['id']}'")
    (mail,) = of_kind(tenant, "day_before")
    message = eml(server, mail)
    assert mail["to"]["email"] == "coming@example.org" and message["Subject"] == "Reminder: Forum" and "https://meet.example.org/forum" in text_of(message)


def test_at_night_a_reminder_waits_for_the_morning(server, tenant):
    meeting = make_meeting(tenant, starts_at=in_days(20), ends_at=in_days(20, 14), rsvp_closes_at=in_days(10))
    invite(tenant, meeting, email="anna@example.org")
    sent_before(server, meeting)
    remind(tenant, meeting, days_before_deadline=2)
    hour = datetime.datetime.now(datetime.timezone.utc).hour
    shift = (23 - hour) if hour > 11 else -(hour + 1)  # it is eleven at night there
    psql(server, "postgres", f"alter table meeting disable trigger user; update meeting set time_zone = 'Etc/GMT{-shift:+d}' where id = '{meeting['id']}'; alter table meeting enable trigger user")
    due_now(server, "planned_mail", f"meeting_id = '{meeting['id']}'")
    until(lambda: planned(tenant, meeting)[0]["due_at"] > datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
    due = datetime.datetime.fromisoformat(planned(tenant, meeting)[0]["due_at"].replace("Z", "+00:00"))
    assert (due.hour + shift) % 24 == 8 and tenant.organiser.get("outbox").json()["items"] == []


def test_the_clock_of_reminders(server):
    """The rules alone: by_day() in Warsaw, also when clocks change."""
    cases = {
        ("2026-11-24 10:00+01", "2026-12-01"): "2026-11-24 10:00+01",
        ("2026-11-24 21:00+01", "2026-12-01"): "2026-11-25 08:00+01",
        ("2026-11-24 03:00+01", "2026-12-01"): "2026-11-24 08:00+01",
        ("2026-11-24 21:00+01", "2026-11-25 07:00+01"): "2026-11-24 19:00+01",
        ("2026-10-24 22:00+02", "2026-12-01"): "2026-10-25 08:00+01",
        ("2027-03-27 22:00+01", "2027-12-01"): "2027-03-28 08:00+02",
    }
    for (at, before), expected in cases.items():
        assert psql(server, "narada_service", f"select narada.by_day('{at}', 'Europe/Warsaw', '{before}') = '{expected}'::timestamptz") == ["t"], at


@pytest.mark.parametrize("zone", ["Europe/Warsaw", "Europe/Helsinki"])
@pytest.mark.parametrize("closes_on, before, after", [("2027-11-01", "+02", "+01"), ("2027-03-29", "+01", "+02")])  # the clocks change the night before the day before
def test_reminders_keep_to_the_clock_when_it_changes(tenant, zone, closes_on, before, after):
    """The chosen hour is that of the meeting's clock on either side, and days are those of its calendar, of 23 hours or of 25."""
    east = 1 if zone == "Europe/Helsinki" else 0
    shift = lambda offset: f"+{int(offset) + east:02}:00"  # noqa: E731
    meeting = make_meeting(tenant, starts_at=f"2031-01-01T10:00:00{shift('+01')}", ends_at=f"2031-01-01T11:00:00{shift('+01')}", time_zone=zone)
    day = datetime.date.fromisoformat(closes_on)
    for at_time in ("08:00", "10:30", "19:30"):
        change(tenant, meeting, rsvp_closes_at=f"{closes_on}T16:00:00{shift(after)}")
        for days, offset in ((1, after), (2, before), (9, before)):
            now = tenant.organiser.get(f"meetings/{meeting['slug']}/reminders").json()
            tenant.organiser.patch(f"meetings/{meeting['slug']}/reminders", {"days_before_deadline": days, "at_time": at_time}, version=now["version"])
            due = [plan["due_at"] for plan in planned(tenant, meeting) if plan["done_at"] is None and plan["kind"] == "reminder"]
            expected = datetime.datetime.fromisoformat(f"{day - datetime.timedelta(days=days)}T{at_time}:00{shift(offset)}").astimezone(datetime.timezone.utc)
            assert due == [expected.strftime("%FT%TZ")], (days, at_time)


@pytest.mark.parametrize("zone", ["Europe/Warsaw", "Europe/Helsinki"])
@pytest.mark.parametrize("night", ["2027-10-31", "2027-03-28"])
def test_nobody_is_reminded_in_the_night_the_clock_changes(server, zone, night):
    """Each half hour of that night, also the hour that comes twice and the one that does not come: eight in the morning by the new clock, never the night itself."""
    rows = psql(server, "narada_service", f"""
        select distinct to_char(narada.by_day(at, '{zone}', at + interval '3 days') at time zone '{zone}', 'YYYY-MM-DD"T"HH24:MI')
          from generate_series((date '{night}' - 1 + time '20:00') at time zone '{zone}', (date '{night}' + time '07:59') at time zone '{zone}', interval '30 minutes') at""")  # fmt: skip
    assert rows == [f"{night}T08:00"]
    # Where the morning would be too late, the evening before.
    (early,) = psql(server, "narada_service", f"""
        select narada.is_night(at, '{zone}') from (select narada.by_day((date '{night}' + time '03:30') at time zone '{zone}', '{zone}', (date '{night}' + time '06:00') at time zone '{zone}') as at) e""")  # fmt: skip
    assert early == "f"


# ── Messages ──


def write(tenant, meeting, expect=201, **members):
    return tenant.organiser.post(f"meetings/{meeting['slug']}/messages", {"subject": "Parking", "text": "Parking jest od ulicy.\n\nDo zobaczenia", **members}, expect).json()


def test_a_message_reaches_those_it_is_for_each_alone(server, tenant):
    meeting = make_meeting(tenant, title="Forum")
    people = [invite(tenant, meeting, name, email=f"{name}@example.org") for name in ("a", "b", "c", "d")]
    invite(tenant, meeting, "Bez adresu")
    for one in people[:2]:
        answer(tenant, one, "accepted")
    psql(server, "postgres", f"insert into unsubscription (platform_id, person_id) select platform_id, person_id from invitation where id = '{people[3]['id']}'")
    count = lambda **query: tenant.organiser.get(f"meetings/{meeting['slug']}/messages/audience", params=query).json()  # noqa: E731
    assert count() == {"recipients": 3, "without_email": 1, "unsubscribed": 1}
    assert count(response="accepted")["recipients"] == 2 and count(kind="practical", response="all")["recipients"] == 4
    made = write(tenant, meeting, response="accepted")
    assert (made["recipients"], made["response"], made["attendance"]) == (2, "accepted", "any")
    both = of_kind(tenant, "message", 2)
    assert {mail["to"]["email"] for mail in both} == {"a@example.org", "b@example.org"}
    raw = eml(server, next(mail for mail in both if mail["to"]["email"] == "a@example.org"))
    assert raw["Subject"] == "Parking" and "Parking jest od ulicy." in text_of(raw) and "b@example.org" not in raw.as_string()
    read = tenant.organiser.get(f"meetings/{meeting['slug']}/messages/{made['id']}").json()
    assert read["states"] == {"sent": 2}
    assert [item["id"] for item in tenant.organiser.get(f"meetings/{meeting['slug']}/messages").json()["items"]] == [made["id"]]
    assert problem(tenant.organiser.post(f"meetings/{meeting['slug']}/messages", {"subject": "Parking", "text": "Parking jest od ulicy.\n\nDo zobaczenia", "response": "accepted"}, 409)) == "message_sent_already"


def test_practical_information_has_the_way_and_thanks_have_the_materials(server, tenant):
    venue = tenant.owner.create("venues", name="Sala", city="Kraków", directions="Tramwaj 8")
    meeting = make_meeting(tenant, title="Forum", venue_id=venue["id"], information="Prosimy zabrać dowód.", language="pl")
    coming, other = (invite(tenant, meeting, name, email=f"{name}@example.org") for name in ("coming", "other"))
    answer(tenant, coming, "accepted")
    made = write(tenant, meeting, kind="practical")
    assert made["response"] == "accepted" and made["recipients"] == 1
    (mail,) = of_kind(tenant, "practical")
    text = text_of(eml(server, mail))
    assert "Tramwaj 8" in text and "Prosimy zabrać dowód." in text and "Sala" in text
    assert problem(tenant.organiser.post(f"meetings/{meeting['slug']}/messages", {"kind": "thanks", "subject": "x", "text": "y"}, 409)) == "meeting_not_over"
    change(tenant, meeting, starts_at=in_days(-3), ends_at=in_days(-3, 14))
    tenant.assistant.post(f"meetings/{meeting['slug']}/attendance", {"person_id": other["person"]["id"], "state": "present"}, 201)
    thanks = write(tenant, meeting, kind="thanks", subject="Dziękujemy", link="https://example.org/materialy.pdf", feedback_link="https://example.org/ankieta?m=1&s=2")
    assert (thanks["attendance"], thanks["recipients"], thanks["feedback_link"]) == ("came", 1, "https://example.org/ankieta?m=1&s=2")
    (mail,) = of_kind(tenant, "thanks")
    message = eml(server, mail)
    assert mail["to"]["email"] == "other@example.org" and "https://example.org/materialy.pdf" in text_of(message).split() and "/r/" not in text_of(message)
    assert "https://example.org/ankieta?m=1&s=2" in text_of(message).split()


def test_messages_that_can_not_be_sent(tenant):
    draft = make_meeting(tenant, status="draft")
    invite(tenant, draft, email="a@example.org")
    refused = lambda meeting, expect, **more: problem(tenant.organiser.post(f"meetings/{meeting['slug']}/messages", {"subject": "x", "text": "y", **more}, expect))  # noqa: E731
    assert refused(draft, 409) == "meeting_is_draft"
    empty = make_meeting(tenant, title="Inne")
    assert refused(empty, 422) == "nobody_chosen"
    cancelled = make_meeting(tenant, title="Odwołane")
    invite(tenant, cancelled, email="b@example.org")
    change(tenant, cancelled, status="cancelled")
    assert refused(cancelled, 409, kind="practical") == "meeting_cancelled"
    write(tenant, cancelled)  # but one can write to them


def test_the_page_counts_and_sends(tenant):
    meeting = make_meeting(tenant, title="Forum")
    one = invite(tenant, meeting, email="a@example.org")
    invite(tenant, meeting, "Drugi", email="b@example.org")
    answer(tenant, one, "accepted")
    page = tenant.organiser.page(f"meetings/{meeting['slug']}/messages?response=accepted")
    assert "Recipients: 1" in page.text and 'name="response" value="accepted"' in page.text
    bad = tenant.organiser.form(f"meetings/{meeting['slug']}/messages", {"kind": "message", "response": "accepted", "attendance": "any", "subject": "", "text": "x"}, 422)
    assert 'name="response" value="accepted"' in bad.text
    sent = tenant.organiser.form(f"meetings/{meeting['slug']}/messages", {"kind": "message", "response": "accepted", "attendance": "any", "group_id": "", "organisation_id": "", "subject": "Witaj", "text": "x"})
    shown = tenant.organiser.page(sent.headers["Location"])
    assert "Witaj" in shown.text
    page = tenant.organiser.form(f"meetings/{meeting['slug']}/reminders", {"_if_match": "0", "days_before_deadline": "3", "day_before": ["false", "true"], "at_time": "09:00"}, method="PATCH")
    assert tenant.organiser.get(f"meetings/{meeting['slug']}/reminders").json()["days_before_deadline"] == 3


# ── Unsubscribing ──


def mailed_link(server, tenant, meeting):
    """The link to unsubscribe in a message that one person was sent, and that message."""
    write(tenant, meeting)
    (mail,) = of_kind(tenant, "message")
    message = eml(server, mail)
    return re.fullmatch(r"<http://localhost:\d+(/u/\S+)>", message["List-Unsubscribe"])[1], message


def test_one_click_stops_reminders_and_messages_and_nothing_else(server, tenant):
    meeting = make_meeting(tenant, title="Forum", language="pl")
    one = invite(tenant, meeting, "Anna Żak", email="anna@example.org")
    tenant.organiser.send("POST", path_of(meeting, one, "send"), 200)
    (mail,) = of_kind(tenant, "invitation")
    assert "List-Unsubscribe" not in eml(server, mail)
    link, message = mailed_link(server, tenant, meeting)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and message["Auto-Submitted"] == "auto-generated"
    raw = (server.data / "outbox").glob("*.eml")
    assert any(b"\nList-Unsubscribe: <http" in path.read_bytes() for path in raw)  # not folded
    assert link in text_of(message) and link in html_of(message)
    # Looking changes nothing.
    page = tenant.public.page(link, language="fi")
    assert "Lopeta muistutukset ja viestit" in page.text and page.headers["Referrer-Policy"] == "no-referrer"
    assert tenant.public.get(link).json() == {"platform_name": f"Platform {tenant.slug}", "unsubscribed": False}
    # As a mail system posts it: no cookie, no token, no Accept, and it follows no redirect.
    answer = requests.post(server.base_url + link, data={"List-Unsubscribe": "One-Click"}, allow_redirects=False, timeout=30)
    assert answer.status_code == 200 and tenant.public.get(link).json()["unsubscribed"]
    again = requests.post(server.base_url + link, files={"List-Unsubscribe": (None, "One-Click")}, allow_redirects=False, timeout=30)
    assert again.status_code == 200
    tenant.public.post(link, {"List-Unsubscribe": "Two-Clicks"}, 422)
    # The organiser sees it, messages leave the person out, reminders are dropped; invitations go on.
    assert tenant.organiser.get(f"meetings/{meeting['slug']}/messages/audience").json() == {"recipients": 0, "without_email": 0, "unsubscribed": 1}
    assert tenant.organiser.page(path_of(meeting, one)).text.count("has unsubscribed") == 1
    sent_before(server, meeting)
    tenant.organiser.post(path_of(meeting, None, "send"), {"kind": "reminder"})
    (dropped,) = of_kind(tenant, "reminder", state="dropped")
    assert dropped["reason"] == "unsubscribed"
    tenant.organiser.send("POST", path_of(meeting, one, "send"), 200)
    of_kind(tenant, "invitation", 2)
    # And back.
    page = tenant.public.form(link, {}, 200, method="DELETE")
    assert "Stop reminders and messages" in page.text and not tenant.public.get(link).json()["unsubscribed"]


def test_a_message_that_waits_is_dropped_when_somebody_unsubscribes(server, tenant):
    meeting = make_meeting(tenant, title="Forum")
    invite(tenant, meeting, email="anna@example.org")
    link, _ = mailed_link(server, tenant, meeting)
    psql(server, "postgres", f"update outbox set state = 'queued', attempts = 0, next_attempt_at = now() + interval '1 hour' where meeting_id = '{meeting['id']}'")
    tenant.public.post(link, {}, 200)
    due_now(server, "outbox", f"meeting_id = '{meeting['id']}'")
    (dropped,) = of_kind(tenant, "message", state="dropped")
    assert dropped["reason"] == "unsubscribed"


def test_a_link_to_unsubscribe_can_not_be_guessed(server, tenant):
    meeting = make_meeting(tenant, title="Forum")
    one = invite(tenant, meeting, email="anna@example.org")
    link, _ = mailed_link(server, tenant, meeting)
    other = link[:-1] + ("A" if link[-1] != "A" else "B")
    for path in (other, link[:-1], link_path(one).replace("/r/", "/u/")):
        assert tenant.public.get(path, 404).json()["code"] == "no_such_link"
        tenant.public.post(path, {}, 404)
        tenant.public.delete(path, 404)


# ── Sign-in links ──


def sign_in_mails(server, address):
    """Messages to an address in the folder of mails that are left as files."""
    found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in (server.data / "outbox").glob("*.eml")]
    return [message for message in found if message["To"] and address in message["To"]]


def test_a_sign_in_link_comes_by_mail_and_stands_nowhere_else(server, tenant):
    address = f"ola.{tenant.slug}@example.org"
    tenant.owner.create("members", email=address, name="Ola Właścicielka", role="owner")
    tenant.public.post("/sign-in", {"email": address, "return": "/platforms?q=x"}, 202)
    (message,) = until(lambda: sign_in_mails(server, address))
    link = next(word for word in text_of(message).split() if "/sign-in/" in word)
    assert link in html_of(message).replace("&amp;", "&") and message["Subject"] in ("Link do logowania", "Sign-in link")
    opened = tenant.public.page(urllib.parse.urlsplit(link)._replace(scheme="", netloc="").geturl(), 303)
    assert opened.headers["Location"].endswith("/platforms?q=x") and "Set-Cookie" in opened.headers
    token = link.split("/sign-in/")[1].split("?")[0]
    dump = "".join(psql(server, "postgres", "select o::text from outbox o where kind = 'sign_in'; select c::text from credential c"))
    assert token not in dump and token[3:] not in dump
    # Nor does anybody else of the platform see who signs in.
    assert tenant.organiser.get("outbox").json()["items"] == [] and "sign_in" not in tenant.organiser.page("outbox").text
    (mail,) = psql(server, "postgres", f"select id from outbox where address = '{address}'")
    tenant.organiser.get(f"outbox/{mail}", 404)


def test_an_account_of_no_platform_gets_its_link_too(server, tenant):
    address = f"bez.{tenant.slug}@example.org"
    psql(server, "postgres", f"insert into account (email, name, language) values ('{address}', 'Bez Platformy', 'pl')")
    tenant.public.post("/sign-in", {"email": address}, 202)
    (message,) = until(lambda: sign_in_mails(server, address))
    assert message["Subject"] == "Link do logowania"


def test_nobody_unknown_is_mailed(server, tenant):
    tenant.public.post("/sign-in", {"email": f"nobody.{tenant.slug}@example.org"}, 202)
    assert psql(server, "postgres", f"select count(*) from outbox where address like 'nobody.{tenant.slug}%'") == ["0"]


# ── How mails look ──

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
KINDS = ("invitation", "reminder", "day_before", "confirmation", "promotion", "changed", "cancelled", "withdrawn", "substitute", "message", "practical", "thanks")


def signed_in(server, tenant, role="organiser"):
    """Somebody with an account and an address of their own."""
    address = f"{role}.{tenant.slug}@example.org"
    tenant.owner.create("members", email=address, name="Ola Własna", role=role)
    tenant.public.post("/sign-in", {"email": address}, 202)
    (message,) = until(lambda: sign_in_mails(server, address))
    link = next(word for word in text_of(message).split() if "/sign-in/" in word)
    opened = tenant.public.page(urllib.parse.urlsplit(link).path, 303)
    return Api(server, tenant.slug, role=role, cookie=opened.headers["Set-Cookie"].split(";")[0]), address


def test_every_kind_is_shown_in_every_language(tenant):
    meeting = make_meeting(tenant, title="Forum <GOZ>", language="pl")
    one = invite(tenant, meeting, "Anna Żak", email="anna@example.org")
    kinds = [item["kind"] for item in tenant.organiser.get(f"meetings/{meeting['slug']}/mails").json()["items"]]
    assert sorted(kinds) == sorted(KINDS)
    for kind in KINDS:
        texts = set()
        for language in ("pl", "en", "fi"):
            page = tenant.organiser.page(f"meetings/{meeting['slug']}/mails/{kind}", params={"lang": language})
            assert f'<html lang="{language}">' in page.text and "Forum &lt;GOZ&gt;" in page.text and "/r/" not in page.text
            policy = page.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "style-src 'unsafe-inline'" in policy and "script-src" not in policy
            texts.add(tenant.organiser.page(f"meetings/{meeting['slug']}/mails/{kind}/text", params={"lang": language}).text)
        assert len(texts) == 3
        assert tenant.organiser.get(f"meetings/{meeting['slug']}/mails/{kind}").json() == {"kind": kind, "to": "Anna Żak", "invitation_id": one["id"]}
    # Looking leaves nothing behind, and other pages keep their policy.
    assert tenant.organiser.get("outbox").json()["items"] == []
    assert "unsafe-inline" not in tenant.organiser.page(f"meetings/{meeting['slug']}/mails").headers["Content-Security-Policy"]


def test_a_mail_is_shown_as_a_chosen_invitee_gets_it(tenant):
    meeting = make_meeting(tenant, title="Forum")
    assert problem(tenant.organiser.get(f"meetings/{meeting['slug']}/mails/invitation", 409)) == "nobody_invited"
    invite(tenant, meeting, "Anna Żak", email="anna@example.org")
    other = invite(tenant, meeting, "Jan Łoś", email="jan@example.org")
    answer(tenant, other, "declined")
    query = {"invitation_id": other["id"], "lang": "en"}
    assert "it was noted that" in tenant.organiser.page(f"meetings/{meeting['slug']}/mails/confirmation", params=query).text.lower()
    elsewhere = invite(tenant, make_meeting(tenant, title="Inne"), "Ktoś")
    assert problem(tenant.organiser.get(f"meetings/{meeting['slug']}/mails/invitation", 422, params={"invitation_id": elsewhere["id"]})) == "nobody_invited"


def test_a_sample_goes_to_ones_own_address(server, tenant):
    meeting = make_meeting(tenant, title="Forum", language="pl")
    one = invite(tenant, meeting, "Anna Żak", email="anna@example.org")
    own, address = signed_in(server, tenant)
    assert own.post(f"meetings/{meeting['slug']}/mails/changed", {"in_language": "fi"}, 200).json() == {"kind": "changed", "to": address}
    (mail,) = of_kind(tenant, "changed")
    message = eml(server, mail)
    assert message["Subject"] == "Muutos: Forum" and message["To"].addresses[0].addr_spec == address
    assert "/r/" not in text_of(message) and one["rsvp_url"] not in message.as_string()
    assert tenant.viewer.get(path_of(meeting, one)).json()["delivery"] == "draft"
    psql(server, "postgres", f"update credential set account_id = null where kind = 'api' and role = 'organiser' and platform_id = '{meeting_platform(server, meeting)}'")
    assert problem(tenant.organiser.post(f"meetings/{meeting['slug']}/mails/changed", {}, 409)) == "no_own_address"


def test_a_platforms_mails_have_its_name_address_footer_and_logo(server, tenant):
    meeting = make_meeting(tenant, title="Forum")
    one = invite(tenant, meeting, email="anna@example.org")
    before = tenant.organiser.get("mail-settings").json()
    assert before == {"sender_name": None, "reply_to": None, "footer": None, "has_logo": False, "version": 0}
    tenant.owner.patch("mail-settings", {"sender_name": "Klaster, Małopolska", "reply_to": "biuro@kzm.example", "footer": "ul. Podole 60\n30-394 Kraków"}, version=0)
    tenant.owner.patch("mail-settings", {"sender_name": "x"}, 412, version=0)
    made = tenant.owner.post("mail-settings/logo", {"png": base64.b64encode(PNG).decode()}, 200).json()
    assert made["has_logo"]
    tenant.organiser.send("POST", path_of(meeting, one, "send"), 200)
    (mail,) = of_kind(tenant, "invitation")
    message = eml(server, mail)
    assert message["From"].addresses[0].display_name == "Klaster, Małopolska" and message["Reply-To"].addresses[0].addr_spec == "biuro@kzm.example"
    assert text_of(message).rstrip().replace("\r", "").endswith("ul. Podole 60\n30-394 Kraków")
    (picture,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<logo@narada>" and picture.get_content_disposition() == "inline" and picture.get_content() == PNG
    assert "cid:logo@narada" in html_of(message) and "http" not in re.sub(r"http://localhost\S*", "", html_of(message))
    assert "data:image/png;base64," in tenant.owner.page("mail-settings").text
    assert "data:image/png;base64," in tenant.organiser.page(f"meetings/{meeting['slug']}/mails/invitation").text
    # As a browser's form, and what is no logo.
    for data, code in ((b"GIF89a" + PNG, "not_a_png"), (PNG + b"0" * 100_000, "logo_too_big")):
        assert problem(tenant.owner.send("POST", "mail-settings/logo", 422, headers={"Content-Type": "image/png"}, data=data)) == code
    body, kind = requests.models.RequestEncodingMixin._encode_files({"png": ("logo.png", PNG, "image/png")}, {})
    tenant.owner.send("POST", "mail-settings/logo", 303, headers={"Content-Type": kind, "Accept": "text/html", "Origin": server.base_url}, data=body)
    tenant.owner.delete("mail-settings/logo")
    assert not tenant.organiser.get("mail-settings").json()["has_logo"]
