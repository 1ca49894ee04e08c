"""incoming.py: what tests of mail that comes in begin with: addresses that the server alone could have told, and mails as programs write them."""

import base64
import hashlib
import pathlib
import uuid

SAMPLES = pathlib.Path(__file__).resolve().parents[1] / "unit" / "mail" / "samples"
PURPOSE = 5  # server/base/secret.c


def address(server, purpose, id, version=1):
    """An address of the inbox as the server makes it: base/secret.h."""
    master = (server.data / "secret.key").read_bytes()
    key = hashlib.blake2b(b"", key=master, salt=PURPOSE.to_bytes(8, "little"), person=b"narada__", digest_size=32).digest()
    head = uuid.UUID(id).bytes
    what = purpose if version == 1 else f"{purpose} {version}"
    mac = hashlib.blake2b(head + what.encode(), key=key, digest_size=14).digest()
    token = base64.b32encode(head + mac).decode().lower()
    return f"rsvp+{purpose[0]}{token}@narada.example.org"


def sample(name, to, uid="", email="anna@example.org"):
    text = (SAMPLES / f"{name}.eml").read_text()
    return text.replace("@TO@", to).replace("@UID@", uid).replace("@EMAIL@", email)


def reply(server, invitation, partstat="ACCEPTED", *, method="REPLY", email=None, to=None, uid=None, stamp="20261124T100000Z", sequence=0, lines=(), headers=(), sender=None):
    """A plain answer of whoever was invited."""
    email = email or invitation["person"]["email"]
    to = to or address(server, "reply", invitation["id"])
    uid = uid or f"{invitation['meeting_id']}@narada"
    calendar = ["BEGIN:VCALENDAR", f"METHOD:{method}", "VERSION:2.0", "PRODID:-//Try//EN", "BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{stamp}", f"SEQUENCE:{sequence}",
                *([f"ATTENDEE;PARTSTAT={partstat}:mailto:{email}"] if partstat else []), *lines, "END:VEVENT", "END:VCALENDAR"]  # fmt: skip
    head = [f"From: {sender or email}", f"To: {to}", "Subject: Re: Forum", f"Message-ID: <{uuid.uuid4()}@example.org>", *headers,
            "MIME-Version: 1.0", "Content-Type: text/calendar; charset=utf-8; method=" + method]  # fmt: skip
    return "\r\n".join([*head, "", *calendar, ""])


def hand_over(tenant, message, expect=200, **params):
    """Gives what became of it."""
    content = message.encode() if isinstance(message, str) else message
    return tenant.owner.send("POST", "mail-in", expect, headers={"Content-Type": "message/rfc822"}, data=content, params=params).json()


def became(answer):
    return answer["outcome"], answer["reason"]
