"""test_smtp_cuts.py: connections that end where it hurts, and certificates of somebody else: nothing is lost, at most the one in flight comes twice, as the same message."""

import collections
import email
import email.policy
import socketserver
import ssl
import subprocess
import threading

import pytest

from mailbox import MailServer, until
from test_smtp import Narada, place  # noqa: F401: a fixture

CONNECTIONS = 2


class Cutting(socketserver.ThreadingTCPServer):
    """A mail server that hangs up on the first `cuts` mails: within the body, after the last dot before it has said anything, or with half an answer."""

    daemon_threads = allow_reuse_address = True

    def __init__(self, where, cuts):
        super().__init__(("127.0.0.1", 0), Dialogue)
        self.where, self.cuts, self.lock = where, cuts, threading.Lock()
        self.taken, self.seen = [], []  # messages that were said to be taken, and all that came whole
        self.cut = collections.Counter()

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *failure):
        self.shutdown()
        self.server_close()

    def cuts_now(self):
        with self.lock:
            self.cuts -= 1
            return self.cuts >= 0


class Dialogue(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line + b"\r\n")

    def handle(self):
        self.say(b"220 cutting.example")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.say(b"250 cutting.example")
            elif verb == b"DATA":
                self.say(b"354 go on")
                if not self.body():
                    return
            elif verb == b"QUIT":
                self.say(b"221 bye")
                return
            else:
                self.say(b"250 ok")

    def body(self):
        """False: hung up."""
        cut = self.server.cuts_now()
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
            if cut and self.server.where == "body" and len(lines) == 20:
                return False
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        with self.server.lock:
            self.server.seen.append(message)
        if cut:
            if self.server.where == "answer":
                self.wfile.write(b"25")
            return False
        with self.server.lock:
            self.server.taken.append(message)
        self.say(b"250 2.0.0 taken")
        return True


@pytest.mark.parametrize("where", ["body", "dot", "answer"])
def test_a_connection_that_is_cut_loses_no_mail(place, where):  # noqa: F811
    addresses = [f"osoba.{n:02}@zolw.example" for n in range(12)]
    with Cutting(where, cuts=3) as server, Narada(place, server.url, NARADA_SMTP_CONNECTIONS=str(CONNECTIONS)) as narada:
        narada.send(narada.invite(addresses))
        for address in addresses:
            narada.when_state(address, "sent")
        assert sorted(message["To"].addresses[0].addr_spec for message in server.taken) == addresses
        # Whether a server that said nothing has the mail, only it knows: it is sent once more, and known again by its Message-ID.
        times = collections.Counter(message["Message-ID"] for message in server.seen)
        assert len(times) == len(addresses) and sorted(times.values())[-1] <= 1 + (0 if where == "body" else 3)
        assert len(server.seen) == len(addresses) + (0 if where == "body" else 3)
        assert {message["Message-ID"] for message in server.taken} == {f"<{mail['id']}@zolw.example>" for mail in narada.mails(kind="invitation")}


def certificate_for(place, name):  # noqa: F811
    """A certificate that vouches for itself, for a host of that name."""
    key, certificate = place / f"{name}.key", place / f"{name}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-days", "2", "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    certificate.chmod(0o644)
    return context, str(certificate)


def test_a_certificate_must_fit_the_name(place):  # noqa: F811
    """Vouched for, but somebody else's."""
    context, trusted = certificate_for(place, "other.example")
    with MailServer(tls_context=context) as sink, Narada(place, sink.url.replace("127.0.0.1", "localhost"), NARADA_SMTP_TLS="required", NARADA_SMTP_CA=trusted) as narada:
        narada.send(narada.invite(["fine@zolw.example"]))
        waiting = until(lambda: (mail := narada.mail_to("fine@zolw.example"))["attempts"] > 1 and mail)
        assert waiting["state"] in ("queued", "sending") and sink.messages == [] and "certificate" in waiting["reason"]


def test_a_certificate_that_fits_is_taken(place):  # noqa: F811
    context, trusted = certificate_for(place, "localhost")
    with MailServer(tls_context=context) as sink, Narada(place, sink.url.replace("127.0.0.1", "localhost"), NARADA_SMTP_TLS="required", NARADA_SMTP_CA=trusted) as narada:
        narada.send(narada.invite(["fine@zolw.example"]))
        assert narada.when_state("fine@zolw.example", "sent")["attempts"] == 1 and len(sink.messages) == 1
