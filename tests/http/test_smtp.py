"""test_smtp.py: mails over a real SMTP server that accepts, refuses for now or for good, hangs up, is away; and `kill -9` in the middle of them."""

import collections
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import tempfile

import pytest
import requests
from aiosmtpd.smtp import AuthResult

from conftest import find_binary, start_server
from mailbox import MailServer, free_port, html_of, text_of, until

CONNECTIONS = 4
JSON = {"Content-Type": "application/json", "Accept": "application/json"}


@pytest.fixture
def place():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="narada-smtp-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


class Narada:
    """A server that mails to `url`, asked as the demo's owner."""

    def __init__(self, place, url, **environment):
        settings = {"NARADA_SMTP_URL": url, "NARADA_MAIL_FROM": "narada@zolw.example", "NARADA_MAIL_RETRY": "1", "NARADA_SMTP_TIMEOUT": "3",
                    "NARADA_SMTP_CONNECTIONS": str(CONNECTIONS), "NARADA_DOMAIN_RATE": "0", "NARADA_DOMAIN_CONNECTIONS": "0", **environment}  # fmt: skip
        self.server = start_server(place / "data", environment=settings)

    def __enter__(self):
        self.server.wait()
        self.demo = json.loads((self.server.data / "demo.json").read_text())
        self.session = requests.Session()
        self.session.headers.update(JSON | {"Authorization": f"Bearer {self.demo['token']}"})
        return self

    def __exit__(self, *failure):
        self.server.stop()

    def url(self, path):
        return f"{self.server.base_url}/platforms/{self.demo['platform']}/{path}"

    def get(self, path, **query):
        answer = self.session.get(self.url(path), params=query, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path, body=None):
        answer = self.session.post(self.url(path), data=None if body is None else json.dumps(body), timeout=120)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def invite(self, addresses, title="Próba poczty"):
        """A meeting to which people with these addresses are invited; gives its slug."""
        body = {"title": title, "status": "published", "starts_at": "2031-05-06T08:00:00Z", "ends_at": "2031-05-06T10:00:00Z", "language": "pl"}
        slug = self.post("meetings", body)["slug"]
        for address in addresses:
            self.post(f"meetings/{slug}/invitations", {"person": {"name": f"Osoba, {address.partition('@')[0]}", "email": address}})
        return slug

    def send(self, slug, **how):
        return self.post(f"meetings/{slug}/invitations/send", how)

    def mails(self, **query):
        return self.get("outbox", limit=200, **query)["items"]

    def mail_to(self, address):
        return next(mail for mail in self.mails() if mail["to"]["email"] == address)

    def invitation_of(self, slug, address):
        found = self.get(f"meetings/{slug}/invitations", limit=200)["items"]
        return next(one for one in found if one["person"]["email"] == address)

    def when_state(self, address, *states):
        return until(lambda: (mail := self.mail_to(address))["state"] in states and mail)


def test_what_the_server_says_is_what_becomes_of_a_mail(place):
    addresses = ["fine@zolw.example", "later@zolw.example", "never@zolw.example", "drop@zolw.example", "idn@żółw.example"]
    with MailServer() as sink, Narada(place, sink.url) as narada:
        slug = narada.invite(addresses)
        assert narada.send(slug) == {"queued": 5, "without_email": 0, "skipped": 0}

        sent = narada.when_state("fine@zolw.example", "sent")
        (message,) = sink.to("fine@zolw.example")
        assert message["From"].addresses[0].addr_spec == message.envelope_from == "narada@zolw.example"
        assert message["Message-Id"] == f"<{sent['id']}@zolw.example>" and message["Subject"] == "Zaproszenie: Próba poczty"
        assert message["To"].addresses[0].display_name == "Osoba, fine"
        link = narada.invitation_of(slug, "fine@zolw.example")["rsvp_url"]
        assert link in text_of(message).split() and link in html_of(message)
        assert all(len(line) <= 998 for line in message.raw.split(b"\r\n")) and message.raw.isascii()

        later = narada.when_state("later@zolw.example", "sent")
        assert later["attempts"] == 2 and later["reason"] is None and len(sink.to("later@zolw.example")) == 1

        never = narada.when_state("never@zolw.example", "failed")
        assert never["reason"] == "550 5.1.1 <never@zolw.example>: no such user here" and never["attempts"] == 1
        invitation = narada.invitation_of(slug, "never@zolw.example")
        assert (invitation["delivery"], invitation["delivery_error"]) == ("failed", never["reason"])

        dropped = narada.when_state("drop@zolw.example", "sent")
        assert dropped["attempts"] >= 2 and len(sink.to("drop@zolw.example")) == 1

        # A domain with other letters travels in ASCII.
        narada.when_state("idn@żółw.example", "sent")
        assert len(sink.to("idn@xn--w-uga1v8h.example")) == 1

        # The log knows that and why, but not whom.
        log = narada.server.log.read_text()
        assert '"said":"550 5.1.1 "' in log.replace(": ", ":") and "never@" not in log and "/r/goz/" not in log.partition("API documentation")[2]

        # What is refused can be tried again once it is mended.
        assert sink.attempts["never@zolw.example"] == 1
        narada.post(f"outbox/{never['id']}/retry")
        until(lambda: sink.attempts["never@zolw.example"] == 2)
        assert narada.when_state("never@zolw.example", "failed")["attempts"] == 1


def test_a_server_that_comes_back_gets_what_waited_over_few_connections(place):
    port = free_port()
    with Narada(place, f"smtp://127.0.0.1:{port}") as narada:
        slug = narada.invite([f"osoba.{n}@zolw.example" for n in range(20)])
        narada.send(slug)
        waiting = until(lambda: [mail for mail in narada.mails(state="queued") if mail["attempts"] > 0])
        assert waiting[0]["reason"] and waiting[0]["next_attempt_at"]
        assert narada.invitation_of(slug, "osoba.0@zolw.example")["delivery"] == "queued"
        with MailServer(port=port) as sink:
            until(lambda: len(sink.messages) == 20, 90)
            until(lambda: len(narada.mails(state="sent")) == 20)
            assert sink.sessions <= 2 * CONNECTIONS
            assert sorted(collections.Counter(message["Message-Id"] for message in sink.messages).values()) == [1] * 20


def test_a_login_that_is_refused_is_nobodys_failure(place):
    refuse = {"authenticator": lambda *given: AuthResult(success=False, handled=False), "auth_require_tls": False}
    with MailServer(**refuse) as sink, Narada(place, sink.url.replace("smtp://", "smtp://narada:swordfish@")) as narada:
        doctor = [find_binary(), "doctor", "--data", str(place / "data"), "--mail-from", "a@zolw.example", "--smtp-url"]
        said = subprocess.run([*doctor, sink.url.replace("smtp://", "smtp://narada:swordfish@")], capture_output=True, text=True, timeout=60)
        assert said.returncode == 1 and "WRONG  mail: the server says: 535" in said.stdout and "swordfish" not in said.stdout, said.stdout
        said = subprocess.run([*doctor, sink.url], capture_output=True, text=True, timeout=60)
        assert "ok     mail: the server takes mails from a@zolw.example" in said.stdout, said.stdout
        slug = narada.invite(["fine@zolw.example"])
        narada.send(slug)
        waiting = until(lambda: (mail := narada.mail_to("fine@zolw.example"))["attempts"] > 1 and mail)
        assert waiting["state"] in ("queued", "sending") and waiting["reason"].startswith("535") and sink.messages == []
        assert "swordfish" not in narada.server.tail() and "swordfish" not in json.dumps(waiting)


def test_tls_is_required_where_it_is_asked_for(place):
    with MailServer() as sink, Narada(place, sink.url, NARADA_SMTP_TLS="required") as narada:
        slug = narada.invite(["fine@zolw.example"])
        narada.send(slug)
        waiting = until(lambda: (mail := narada.mail_to("fine@zolw.example"))["attempts"] > 1 and mail)
        assert waiting["state"] in ("queued", "sending") and sink.messages == []


def test_none_is_lost_and_none_is_doubled_when_killed(place):
    """Killed in the middle: only those that were on their way, one a connection, may go out twice, and then as the same message. NARADA_MAILS says how many there are."""
    number = int(os.environ.get("NARADA_MAILS", 300))
    with MailServer(pause=0.004) as sink:
        with Narada(place, sink.url, NARADA_SMTP_TIMEOUT="10") as narada:
            group = narada.post("groups", {"name": "Wiele osób"})["id"]
            for n in range(number):
                narada.post(f"groups/{group}/members", {"person": {"name": f"Osoba {n:04}", "email": f"osoba.{n:04}@zolw.example"}})
            slug = narada.invite([])
            assert narada.post(f"meetings/{slug}/invitations", {"group_id": group})["invited"] == number
            assert narada.send(slug)["queued"] == number
            until(lambda: len(sink.messages) >= number // 3, 300)
            os.kill(narada.server.process.pid, signal.SIGKILL)
            narada.server.process.wait()
        assert len(sink.messages) < number
        with Narada(place, sink.url, NARADA_SMTP_TIMEOUT="10") as narada:
            until(lambda: len({message.envelope_to[0] for message in sink.messages}) == number, 600)
            until(lambda: narada.get(f"meetings/{slug}/invitations/counts")["delivered"] == number)
            times = collections.Counter(message.envelope_to[0] for message in sink.messages)
            twice = [address for address, count in times.items() if count > 1]
            assert set(times.values()) <= {1, 2} and len(twice) <= CONNECTIONS, twice
            print(f"{number} mails, {len(twice)} of them twice")
            for address in twice:
                assert len({message["Message-Id"] for message in sink.to(address)}) == 1
            assert narada.mails(state="queued") == narada.mails(state="sending") == []


def test_what_was_taken_ahead_is_put_back_when_the_service_stops(place):
    """Else it would wait until the lease is over: two minutes here."""
    addresses = [f"osoba.{n:02}@zolw.example" for n in range(60)]
    with MailServer(pause=0.02) as sink:
        with Narada(place, sink.url, NARADA_SMTP_TIMEOUT="60") as narada:
            narada.send(narada.invite(addresses))
            until(lambda: len(sink.messages) >= 10)
        assert len(sink.messages) < len(addresses)
        with Narada(place, sink.url, NARADA_SMTP_TIMEOUT="60") as narada:
            until(lambda: len(sink.messages) >= len(addresses))
            assert all(narada.when_state(address, "sent")["attempts"] == 1 for address in addresses)
        assert sorted(message.envelope_to[0] for message in sink.messages) == addresses


def test_letters_before_the_at_need_a_server_that_takes_them(place):
    with MailServer(enable_SMTPUTF8=False) as sink, Narada(place, sink.url) as narada:
        narada.send(narada.invite(["żółw@zolw.example", "fine@zolw.example"]))
        assert "SMTPUTF8" in narada.when_state("żółw@zolw.example", "failed")["reason"]
        narada.when_state("fine@zolw.example", "sent")
        assert [message.envelope_to for message in sink.messages] == [["fine@zolw.example"]]
    with MailServer(enable_SMTPUTF8=True) as sink, Narada(place, sink.url) as narada:
        narada.post(f"outbox/{narada.mail_to('żółw@zolw.example')['id']}/retry")
        narada.when_state("żółw@zolw.example", "sent")
        assert [message.envelope_to for message in sink.messages] == [["żółw@zolw.example"]]


def test_a_certificate_that_nobody_vouches_for_is_refused(place):
    key, certificate = place / "key.pem", place / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2", "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with MailServer(tls_context=context) as sink, Narada(place, sink.url, NARADA_SMTP_TLS="required") as narada:
        narada.send(narada.invite(["fine@zolw.example"]))
        waiting = until(lambda: (mail := narada.mail_to("fine@zolw.example"))["attempts"] > 1 and mail)
        assert waiting["state"] in ("queued", "sending") and sink.messages == [] and "certificate" in waiting["reason"]


def test_two_processes_on_one_database_send_each_mail_once(place):
    number = 60
    with MailServer(pause=0.004) as sink, Narada(place, sink.url) as narada:
        second = place / "second"
        second.mkdir()
        shutil.copy2(narada.server.data / "secret.key", second / "secret.key")
        socket = (narada.server.data / "postgres").resolve()
        port, log = free_port(), open(place / "second.log", "wb")
        settings = {**os.environ, "NARADA_SMTP_URL": sink.url, "NARADA_MAIL_FROM": "narada@zolw.example", "NARADA_DATA": str(second), "NARADA_PORT": str(port),
                    "NARADA_DATABASE_URL": f"host={socket} user=postgres dbname=narada"}  # fmt: skip
        other = subprocess.Popen([find_binary(), "serve", "--no-migrate"], env=settings, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            until(lambda: ready(f"http://localhost:{port}/readyz") or other.poll() is not None)
            assert other.poll() is None, (place / "second.log").read_text()
            slug = narada.invite([f"osoba.{n}@zolw.example" for n in range(number)])
            narada.send(slug)
            until(lambda: len(narada.mails(state="sent")) == number, 90)
            assert collections.Counter(message.envelope_to[0] for message in sink.messages) == {f"osoba.{n}@zolw.example": 1 for n in range(number)}
        finally:
            other.send_signal(signal.SIGTERM)
            assert other.wait(40) == 0
            log.close()


def ready(url):
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def test_settings_of_mail_are_checked_at_the_start(place):
    for environment, said in (
        ({"NARADA_SMTP_URL": "smtp://127.0.0.1:25"}, "--mail-from"),
        ({"NARADA_SMTP_URL": "http://127.0.0.1:25", "NARADA_MAIL_FROM": "a@b.example"}, "smtp://"),
        ({"NARADA_SMTP_URL": "smtp://127.0.0.1:25", "NARADA_MAIL_FROM": "nobody"}, "no address"),
        ({"NARADA_SMTP_URL": "smtp://127.0.0.1:25", "NARADA_MAIL_FROM": "a@b.example", "NARADA_SMTP_TLS": "maybe"}, "--smtp-tls"),
        ({"NARADA_SMTP_TIMEOUT": "0"}, "--smtp-timeout"),
        ({"NARADA_SMTP_CONNECTIONS": "0"}, "--smtp-connections"),
        ({"NARADA_DOMAIN_RATE": "-1"}, "--domain-rate"),
        ({"NARADA_DOMAIN_CONNECTIONS": "many"}, "--domain-connections"),
    ):
        server = start_server(place / f"data-{free_port()}", environment=environment)
        assert server.process.wait(30) != 0
        assert said in server.tail(), (environment, server.tail())
