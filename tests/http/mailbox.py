"""mailbox.py: a real SMTP server in a thread, which does as the recipient's address says, and .eml files read back.

    with MailServer() as sink:
        ...
        sink.messages                 # parsed, in the order they were accepted
        sink.attempts["jan@x.example"]

An address that begins with `later` is refused with 451 the first time, `grey` with 452, `never` with 550, `full` with 552, `spam` with 554 once its text is there. `drop` has its
connection cut the first time, `busy` is told 421, `slow` waits for `slowness` seconds. While a domain is in `sulking`, it takes nothing.
"""

import asyncio
import collections
import email
import email.policy
import socket
import threading
import time

from aiosmtpd.controller import Controller


class MailServer:
    def __init__(self, pause=0.0, port=None, slowness=0.0, **more):
        self.slowness, self.sulking = slowness, set()
        self.pause, self.messages, self.attempts = pause, [], collections.Counter()
        self.sessions = 0
        self.lock = threading.Lock()
        self.controller = Controller(self, hostname="127.0.0.1", port=port or free_port(), **more)

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *failure):
        self.controller.stop(no_assert=True)

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.controller.port}"

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.attempts[address] += 1
        if address.startswith("later") and self.attempts[address] == 1:
            return "451 4.2.1 Try again in a moment"
        if address.partition("@")[2] in self.sulking:
            return "451 4.7.1 Too much at once"
        if address.startswith("grey") and self.attempts[address] == 1:
            return "452 4.2.0 Greylisted, try again"
        if address.startswith("busy") and self.attempts[address] == 1:
            await server.push("421 4.3.2 Shutting down")
            server.transport.close()
            return "421 gone"
        if address.startswith("slow") and self.attempts[address] == 1:
            await asyncio.sleep(self.slowness)
        if address.startswith("full"):
            return "552 5.2.2 The mailbox is full"
        if address.startswith("never"):
            return f"550 5.1.1 <{address}>: no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        if address.startswith("drop") and self.attempts[address] == 1:
            server.transport.abort()
            return "421 gone"
        if address.startswith("spam"):
            return "554 5.7.1 Looks like spam"
        if self.pause:
            time.sleep(self.pause)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        message.envelope_from, message.envelope_to, message.raw = envelope.mail_from, list(envelope.rcpt_tos), envelope.content
        with self.lock:
            self.messages.append(message)
        return "250 2.0.0 accepted"

    def to(self, address):
        return [message for message in self.messages if message.envelope_to == [address]]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(happened, seconds=60):
    """Asks again and again; gives what is true at last, or fails."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = happened()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {happened}")


def text_of(message):
    return message.get_body(("plain",)).get_content()


def html_of(message):
    return message.get_body(("html",)).get_content()


def eml(server, mail):
    """The .eml file of a mail of the outbox, parsed."""
    path = server.data / "outbox" / f"{mail['id']}.eml"
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
