"""test_mta.py: the whole way with a real mail server: narada → Postfix → the invitee, whose calendar answers → Postfix → `narada mail-in`; and a bounce."""

import shutil
import subprocess

from icalendar import Calendar

from conftest import find_binary
from mailbox import MailServer, until
from mta import AS_ROOT, Postfix
from test_smtp import Narada, place  # noqa: F401: a fixture

INBOX = "rsvp@narada.example"


def pipe_command(place):
    """What Postfix runs: as another user than the server's, with a directory and a key of its own."""
    # The build may stand where another user may not look.
    binary = shutil.copy2(find_binary(), place / "narada")
    database = f"postgresql://postgres@/narada?host={place / 'data' / 'postgres'}"
    return [binary, "mail-in", "--data", place / "mail-in", "--secret-file", place / "mail-in" / "secret.key", "--database-url", database, "--recipient", "${original_recipient}"]


def hand_over_key(place):
    (place / "mail-in").mkdir()
    shutil.copy2(place / "data" / "secret.key", place / "mail-in" / "secret.key")
    subprocess.run([*AS_ROOT, "chown", "-R", "postgres", place / "mail-in"], check=True)


def calendar_of(message):
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/calendar" and not part.get_filename()]
    return Calendar.from_ical(part.get_content())


def answer(calendar, attendee, partstat):
    """As calendars answer: the event that came, with the one attendee and what they say."""
    event = calendar.walk("VEVENT")[0]
    lines = ["BEGIN:VCALENDAR", "METHOD:REPLY", "VERSION:2.0", "PRODID:-//Try//EN", "BEGIN:VEVENT", f"UID:{event['UID']}", f"SEQUENCE:{event.get('SEQUENCE', 0)}",
             "DTSTAMP:20301124T100000Z", f"ORGANIZER:{event['ORGANIZER']}", f"ATTENDEE;PARTSTAT={partstat}:mailto:{attendee}", "END:VEVENT", "END:VCALENDAR"]  # fmt: skip
    to = str(event["ORGANIZER"]).partition(":")[2]
    head = [f"From: {attendee}", f"To: {to}", "Subject: Accepted", f"Message-ID: <answer.{partstat}@zolw.example>", "MIME-Version: 1.0",
            "Content-Type: text/calendar; charset=utf-8; method=REPLY"]  # fmt: skip
    return to, "\r\n".join([*head, "", *lines, ""])


def test_an_invitation_is_answered_and_what_can_not_be_delivered_comes_back(place):  # noqa: F811
    anna, nobody = "anna@zolw.example", "nobody.of.that.name@gone.example"
    with MailServer() as sink:
        transport = {"zolw.example": f"smtp:[127.0.0.1]:{sink.controller.port}"}
        mta = Postfix(place / "mta", transport, pipes={"narada.example": pipe_command(place)}, local="gone.example")
        with Narada(place, mta.url, NARADA_MAIL_FROM="narada@narada.example", NARADA_MAIL_INBOX=INBOX) as narada:
            hand_over_key(place)
            with mta:
                slug = narada.invite([anna, nobody], title="Forum")
                assert narada.send(slug)["queued"] == 2
                message = until(lambda: sink.to(anna) and sink.to(anna)[0])
                assert message.envelope_from.startswith("rsvp+b") and message.envelope_from.endswith("@narada.example")
                to, content = answer(calendar_of(message), anna, "ACCEPTED")
                mta.post(anna, to, content)
                answered = until(lambda: (one := narada.invitation_of(slug, anna))["response"] != "needs_action" and one)
                assert answered["response"] == "accepted", mta.log()

                bounced = narada.when_state(nobody, "bounced")
                assert "unknown user" in bounced["reason"].lower() or bounced["reason"].startswith("5.1.1"), bounced
                invitation = narada.invitation_of(slug, nobody)
                assert invitation["delivery"] == "bounced" and invitation["delivery_error"]
                assert narada.invitation_of(slug, anna)["delivery"] == "sent"
