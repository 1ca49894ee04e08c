"""test_calendars_by_smtp.py: calendars in mails with a real mail server: where answers go, and who is told of the end when mails fail."""

import json
import re

import requests

from calendars import calendar_in
from conftest import start_server
from mailbox import MailServer, free_port, until
from test_smtp import Narada, place  # noqa: F401

INBOX = {"NARADA_MAIL_INBOX": "rsvp@narada.example"}


def cancel(narada, slug):
    now = narada.get(f"meetings/{slug}")
    answer = narada.session.patch(
        narada.url(f"meetings/{slug}"), data=json.dumps({"status": "cancelled"}), headers={"If-Match": f'"{now["version"]}"', "Content-Type": "application/merge-patch+json"}, timeout=60
    )
    assert answer.status_code == 200, answer.text


def test_answers_go_to_an_address_of_each_invitation(place):  # noqa: F811
    with MailServer() as sink, Narada(place, sink.url, **INBOX) as narada:
        slug = narada.invite(["one@zolw.example", "other@zolw.example"])
        narada.send(slug)
        asked = {address: calendar_in(until(lambda: sink.to(address))[0], "REQUEST") for address in ("one@zolw.example", "other@zolw.example")}
        addresses = {event["ORGANIZER"] for event in asked.values()}
        assert len(addresses) == 2 and all(re.fullmatch(r"mailto:rsvp\+r[a-z2-7]{48}@narada\.example", address) for address in addresses)
        assert {event["X-MICROSOFT-DISALLOW-COUNTER"] for event in asked.values()} == {"FALSE"}
        # It is that of the invitation, whatever it is said about.
        link = narada.invitation_of(slug, "one@zolw.example")["rsvp_url"]
        assert requests.post(link, json={"response": "accepted"}, timeout=60).status_code == 200
        cancel(narada, slug)
        off = calendar_in(until(lambda: [message for message in sink.to("one@zolw.example") if b"METHOD:CANCEL" in calendar_bytes(message)])[0], "CANCEL")
        assert off["ORGANIZER"] == asked["one@zolw.example"]["ORGANIZER"] and off["SEQUENCE"] > asked["one@zolw.example"]["SEQUENCE"]
        assert off["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


def calendar_bytes(message):
    return b"".join(part.get_payload(decode=True) for part in message.walk() if part.get_content_type() == "text/calendar")


def test_who_could_not_be_reached_is_not_told_of_the_end(place):  # noqa: F811
    addresses = ["fine@zolw.example", "later@zolw.example", "never@zolw.example"]
    with MailServer() as sink, Narada(place, sink.url, **INBOX) as narada:
        slug = narada.invite(addresses)
        narada.send(slug)
        for address in addresses:
            narada.when_state(address, "sent", "failed")
        cancel(narada, slug)
        until(lambda: all(mail["state"] == "sent" for mail in narada.mails(kind="cancelled")) and len(narada.mails(kind="cancelled")) == 2)
        assert {mail["to"]["email"] for mail in narada.mails(kind="cancelled")} == {"fine@zolw.example", "later@zolw.example"}
        for address in ("fine@zolw.example", "later@zolw.example"):
            asked, off = sink.to(address)
            before, after = calendar_in(asked, "REQUEST"), calendar_in(off, "CANCEL")
            assert before["UID"] == after["UID"] and after["SEQUENCE"] == before["SEQUENCE"] + 1


def test_an_inbox_that_leaves_no_room_for_its_tokens(place):  # noqa: F811
    for inbox in ("no address", "a-very-long-name@narada.example", "rsvp+x@narada.example", "rsvp@"):
        server = start_server(place / f"data-{free_port()}", environment={"NARADA_MAIL_INBOX": inbox})
        assert server.process.wait(30) != 0
        assert "--mail-inbox" in server.tail(), server.tail()
