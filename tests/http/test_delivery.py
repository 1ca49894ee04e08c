"""test_delivery.py: servers that are slow, busy or cut the connection, domains that are paced, and what becomes of mails in the end."""

import datetime

from database import psql
from happenings import invite, make_meeting
from mailbox import MailServer, until
from test_mailings import mails, path_of, platform_id, settled
from test_smtp import Narada, place  # noqa: F401: a fixture


def as_owner(narada, text):
    return psql(narada.server, "narada_owner", text)


def test_what_goes_wrong_with_one_mail_holds_up_no_other(place):  # noqa: F811
    odd = ["grey@a.example", "busy@b.example", "slow@c.example", "spam@d.example", "drop@e.example", "never@f.example"]
    fine = [f"fine.{n}@g.example" for n in range(20)]
    with MailServer(slowness=4) as sink, Narada(place, sink.url, NARADA_SMTP_TIMEOUT="2") as narada:
        narada.send(narada.invite(odd + fine))
        for address in fine:
            narada.when_state(address, "sent")
        ends = {address: narada.when_state(address, "sent", "failed") for address in odd}
        assert {address: (mail["state"], mail["reason"]) for address, mail in ends.items()} == {
            "grey@a.example": ("sent", None), "busy@b.example": ("sent", None), "slow@c.example": ("sent", None), "drop@e.example": ("sent", None),
            "spam@d.example": ("failed", "554 5.7.1 Looks like spam"), "never@f.example": ("failed", "550 5.1.1 <never@f.example>: no such user here"),
        }  # fmt: skip
        assert ends["spam@d.example"]["attempts"] == ends["never@f.example"]["attempts"] == 1
        assert all(ends[address]["attempts"] >= 2 for address in ("grey@a.example", "busy@b.example", "slow@c.example", "drop@e.example"))
        assert [len(sink.to(address)) for address in (*fine, "grey@a.example", "busy@b.example", "drop@e.example")] == [1] * 23
        assert {message["Message-Id"] for message in sink.to("slow@c.example")} == {f"<{ends['slow@c.example']['id']}@zolw.example>"}


def test_a_domain_gets_its_mails_one_after_the_other(place):  # noqa: F811
    addresses = [f"osoba.{n}@paced.example" for n in range(8)]
    with MailServer() as sink, Narada(place, sink.url, NARADA_DOMAIN_RATE="2", NARADA_DOMAIN_CONNECTIONS="1") as narada:
        narada.send(narada.invite(addresses + ["osoba@other.example"]))
        until(lambda: as_owner(narada, "select count(*) from outbox where waited")[0] != "0")
        narada.when_state("osoba@other.example", "sent")
        # Waiting for its turn is no attempt, and nothing that an organiser would see as a failure.
        assert all((mail["attempts"], mail["reason"]) == (1, None) for mail in (narada.when_state(address, "sent") for address in addresses))
        assert len(sink.messages) == 9


def test_a_domain_that_takes_nothing_is_left_alone(place):  # noqa: F811
    sulking, fine = [f"osoba.{n}@sulky.example" for n in range(8)], [f"osoba.{n}@fine.example" for n in range(8)]
    with MailServer() as sink, Narada(place, sink.url, NARADA_SMTP_CONNECTIONS="1") as narada:
        sink.sulking.add("sulky.example")
        narada.send(narada.invite(sulking + fine))
        for address in fine:
            narada.when_state(address, "sent")
        assert all(narada.mail_to(address)["state"] in ("queued", "sending") for address in sulking)
        sink.sulking.clear()
        for address in sulking:
            narada.when_state(address, "sent")
        assert [len(sink.to(address)) for address in sulking + fine] == [1] * 16


def test_an_address_refused_at_once_is_no_better_than_one_that_came_back(place):  # noqa: F811
    """By its code: one that does not exist is mailed no more by the dozen, until it is corrected; a full mailbox and a policy are no reason."""
    addresses = ["never@a.example", "full@b.example", "spam@c.example"]
    with MailServer() as sink, Narada(place, sink.url) as narada:
        slug = narada.invite(addresses)
        narada.send(slug)
        for address in addresses:
            narada.when_state(address, "failed")
        message = narada.post(f"meetings/{slug}/messages", {"kind": "message", "subject": "Parking", "text": "Jest.", "response": "all"})
        assert message["recipients"] == 3
        written = lambda address: next(mail for mail in narada.mails(kind="message") if mail["to"]["email"] == address)  # noqa: E731
        ends = {address: until(lambda: (mail := written(address))["state"] in ("failed", "dropped") and mail) for address in addresses}
        assert {address: (mail["state"], mail["reason"].split()[0]) for address, mail in ends.items()} == {
            "never@a.example": ("dropped", "address_bounced"), "full@b.example": ("failed", "552"), "spam@c.example": ("failed", "554"),
        }  # fmt: skip
        assert sink.attempts["never@a.example"] == 1


def test_an_invitation_is_not_tried_beyond_the_beginning(place):  # noqa: F811
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=30)
    with MailServer() as sink, Narada(place, sink.url, NARADA_MAIL_RETRY="3600") as narada:
        slug = narada.invite([])
        times = {"starts_at": soon.strftime("%FT%TZ"), "ends_at": (soon + datetime.timedelta(hours=1)).strftime("%FT%TZ")}
        soon_slug = narada.post("meetings", {"title": "Zaraz", "status": "published", "language": "pl", **times})["slug"]
        for meeting, address in ((slug, "grey.then@zolw.example"), (soon_slug, "grey.now@zolw.example")):
            narada.post(f"meetings/{meeting}/invitations", {"person": {"name": "Osoba", "email": address}})
            narada.send(meeting)
        failed = narada.when_state("grey.now@zolw.example", "failed")
        assert failed["reason"].startswith("452") and failed["attempts"] == 1
        assert narada.invitation_of(soon_slug, "grey.now@zolw.example")["delivery"] == "failed"
        waiting = until(lambda: (mail := narada.mail_to("grey.then@zolw.example"))["attempts"] == 1 and mail["state"] == "queued" and mail)
        assert waiting["reason"].startswith("452") and waiting["next_attempt_at"]


def test_old_mails_are_deleted_once_their_meeting_is_long_over(server, tenant):
    meeting, other = make_meeting(tenant), make_meeting(tenant)
    for one in (meeting, other):
        tenant.organiser.send("POST", path_of(one, invite(tenant, one, email="a@example.org"), "send"), 200)
    settled(tenant)
    ours = f"set narada.platform_id = '{platform_id(server, tenant)}';"
    old = "now() - interval '91 days'"
    psql(server, "narada_owner", f"{ours} update outbox set created_at = {old}, sent_at = {old}")
    psql(server, "narada_owner", f"{ours} update meeting set starts_at = {old} - interval '1 hour', ends_at = {old} where id = '{meeting['id']}'")
    psql(server, "narada_service", "select sweep_outbox()")
    assert [mail["meeting"]["id"] for mail in mails(tenant)] == [other["id"]]
