"""test_mail_in_command.py: `narada mail-in`, as a mail server pipes mails to it: what it does, and what it ends with."""

import os
import pathlib
import subprocess

import pytest

from conftest import find_binary
from happenings import invite, link_path, make_meeting
from incoming import address, reply, sample
from test_mail_flows import only
from test_mailings import path_of

DONE, LATER = 0, 75


@pytest.fixture
def one(tenant):
    return invite(tenant, make_meeting(tenant, title="Forum"), "Anna Nowak", email="anna@example.org")


def pipe(data, message, *arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NARADA_")}
    content = message.encode() if isinstance(message, str) else message
    return subprocess.run([find_binary(), "mail-in", *arguments], input=content, env={**kept, "NARADA_DATA": str(data), **environment}, capture_output=True, timeout=120)


def test_an_answer_finds_its_platform(server, tenant, one):
    done = pipe(server.data, reply(server, one))
    assert (done.returncode, done.stdout) == (DONE, b"reply: answered\n"), done
    assert tenant.public.get(link_path(one)).json()["response"] == "accepted"
    again = pipe(server.data, reply(server, one, "DECLINED", to="rsvp@narada.example.org", stamp="20261124T110000Z"), "--recipient", address(server, "reply", one["id"]))
    assert (again.returncode, again.stdout) == (DONE, b"reply: answered\n"), again
    assert tenant.public.get(link_path(one)).json()["response"] == "declined"
    assert {item["person"]["name"] for item in tenant.organiser.get("incoming-mail").json()["items"]} == {"Anna Nowak"}


def test_a_spoofed_answer_is_kept_where_its_meeting_is(server, tenant, one):
    done = pipe(server.data, reply(server, one, to="rsvp@narada.example.org"))
    assert (done.returncode, done.stdout) == (DONE, b"reply: unmatched, no_token\n"), done
    (kept,) = tenant.owner.get("incoming-mail", params={"show": "unmatched"}).json()["items"]
    assert kept["kind"] == "reply" and tenant.public.get(link_path(one)).json()["response"] == "needs_action"


@pytest.mark.parametrize("results, said", [
    ("mx.example.org; spf=fail smtp.mailfrom=a@example.org;\r\n dmarc=fail (p=reject) header.from=example.org", "refused, sender_forged"),
    ("MX.Example.ORG 1;DMARC=FAIL", "refused, sender_forged"), ("mx.example.org; dmarc=pass (was dmarc=fail once)", "answered"), ("other.example.org; dmarc=fail", "answered"),
    ("mx.example.org; none", "answered"), ("", "answered"),
])  # fmt: skip
def test_a_server_that_is_trusted_tells_forged_senders(server, tenant, one, results, said):
    mail = reply(server, one, headers=[f"Authentication-Results: {results}"])
    done = pipe(server.data, mail, "--trust-authserv-id", "mx.example.org")
    assert done.stdout.decode() == f"reply: {said}\n", done
    assert tenant.public.get(link_path(one)).json()["response"] == ("accepted" if said == "answered" else "needs_action")
    assert tenant.organiser.get("outbox", params={"kind": "reply_outcome"}).json()["items"] == []
    # Only if it is.
    assert pipe(server.data, reply(server, one, "DECLINED", stamp="20261124T110000Z", headers=[f"Authentication-Results: {results}"])).stdout == b"reply: answered\n"


def test_a_bounce_finds_its_mail(server, tenant, one):
    meeting = {"slug": tenant.viewer.get(f"meetings/{one['meeting_id']}").json()["slug"]}
    tenant.organiser.send("POST", f"{path_of(meeting, one)}/send", 200)
    (mail,) = only(tenant, "invitation")
    done = pipe(server.data, sample("dsn_postfix", address(server, "bounce", mail["id"])))
    assert (done.returncode, done.stdout) == (DONE, b"bounce: bounced, address\n"), done
    assert tenant.organiser.get(f"outbox/{mail['id']}").json()["state"] == "bounced"


NOBODYS = {"plain": b"From: a@example.org\r\nSubject: hello\r\n\r\nText\r\n", "empty": b"", "rubbish": b"\x00\xff" * 1000, "huge": b"x" * 9_000_000}


@pytest.mark.parametrize("message", NOBODYS.values(), ids=NOBODYS)
def test_what_is_nobodys_is_kept_as_a_file(server, tenant, message):
    done = pipe(server.data, message)
    assert done.returncode == DONE and done.stdout.startswith(b"kept as "), done
    kept = pathlib.Path(done.stdout.decode().removeprefix("kept as ").strip())
    assert kept.parent == server.data / "incoming" and kept.stat().st_mode & 0o077 == 0
    assert message.startswith(kept.read_bytes()) and len(kept.read_bytes()) >= min(len(message), 8 * 1024 * 1024)
    # Or in the platform that the command is told.
    named = pipe(server.data, message + b" ", "--platform", tenant.slug)
    assert named.returncode == DONE and named.stdout.startswith(b"other: unmatched"), named
    assert len(tenant.owner.get("incoming-mail").json()["items"]) == 1


def test_without_a_database_it_is_tried_again(server, one):
    away = {"NARADA_DATABASE_URL": "postgresql://narada@127.0.0.1:1/narada"}
    done = pipe(server.data, reply(server, one), **away)
    assert done.returncode == LATER and b"narada: " in done.stderr, done
    assert pipe(server.data, reply(server, one), "--no-such-option").returncode == LATER
    assert pipe(server.data, b"", "--help").returncode == DONE
