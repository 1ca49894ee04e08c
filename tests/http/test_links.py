"""test_links.py: personal links: guessing is slowed down without asking the database, each state says so in words, nothing gives a link away.

A server of its own, behind a proxy it believes: what it does to one address must not meet the tests of another.
"""

import itertools
import json
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import urllib.parse

import pytest
import requests

from conftest import Api, Tenant, find_binary, start_server
from contract import ROLES, Contract
from happenings import confirmation_path, counts, form_token, invite, link_path, make_meeting
from test_registrations import CONFIRMED, KRYSIA

addresses = (f"203.0.113.{n}" for n in itertools.count(1))


@pytest.fixture(scope="module")
def proxied(ledger):
    place = pathlib.Path(tempfile.mkdtemp(prefix="narada-links-"))
    place.chmod(0o755)
    server = start_server(place / "data", environment={"NARADA_TRUSTED_PROXIES": "127.0.0.1", "NARADA_LOOPS": "1", "NARADA_LOG_LEVEL": "debug"})
    try:
        server.wait()
        server.demo = json.loads((server.data / "demo.json").read_text())
        server.contract = Contract(requests.get(server.url("/openapi.json"), timeout=30).json(), ledger)
        yield server
    finally:
        server.stop()
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="module")
def place(proxied):
    cookie = Api(proxied).page(proxied.demo["organiser_url"], 303).headers["Set-Cookie"].split(";")[0]
    organiser = Api(proxied, role="session", cookie=cookie)
    organiser.post("/platforms", {"slug": "links", "name": "Links"}, 201)
    tokens = {role: organiser.post("/platforms/links/tokens", {"name": role, "role": role}, 201).json()["token"] for role in ROLES}
    return Tenant(proxied, "links", tokens)


@pytest.fixture(scope="module")
def meeting(place):
    return make_meeting(place, registration="open", contact_email="biuro@example.org")


@pytest.fixture
def one(place, meeting):
    name = f"Osoba {next(numbers)}"
    return invite(place, meeting, name, email=name.replace(" ", "") + "@example.org")


numbers = itertools.count(1)


@pytest.fixture
def address():
    return {"X-Forwarded-For": next(addresses)}


def exhausted(place, address, kind="r"):
    """Guesses until it is refused; gives that refusal."""
    for _ in range(200):
        answer = place.public.send("GET", f"/{kind}/{place.slug}/{'A' * 46}", (404, 429), headers=address)
        if answer.status_code == 429:
            return answer
    raise AssertionError("nobody stops guessing")


# ── Guessing ──


@pytest.mark.parametrize("kind", ["r", "confirm"])
def test_guessing_is_refused_soon(place, address, kind):
    answer = exhausted(place, address, kind)
    wait = int(answer.headers["Retry-After"])
    assert 1 <= wait <= 60
    assert answer.headers["RateLimit-Policy"] == '"links";q=30;w=60' and answer.headers["RateLimit"] == f'"links";r=0;t={wait}'
    problem = answer.json()
    assert problem["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded" and problem["violated-policies"] == ["links"]
    assert problem["code"] == "too_many_requests" and answer.headers["Cache-Control"] == "no-store"
    for method, body in (("POST", b'{"response": "accepted"}'), ("HEAD", None)):
        place.public.send(method, f"/{kind}/{place.slug}/{'B' * 46}", 429, headers={**address, "Content-Type": "application/json"}, data=body)
    page = place.public.page(f"/{kind}/{place.slug}/{'C' * 46}", 429, language="pl", headers=address)
    assert "zbyt wiele prób" in page.text and page.headers["Retry-After"]


@pytest.mark.parametrize("kind", ["t", "kiosk"])
def test_guessing_at_tickets_and_kiosks_is_refused_as_soon(place, address, kind):
    answer = exhausted(place, address, kind)
    assert answer.headers["RateLimit-Policy"] == '"links";q=30;w=60' and answer.json()["code"] == "too_many_requests"
    place.public.send("GET", f"/{kind}/{place.slug}/{'B' * 46}.png", 429, headers={**address, "Accept": "image/*"})
    place.public.send("GET", f"/{kind}/{place.slug}/{'B' * 46}", 404, headers={"X-Forwarded-For": next(addresses)})


def test_codes_that_are_typed_are_tried_only_so_often(place, one, address):
    """All attempts count, also right ones: a short code is worth guessing."""
    path = f"/here/{place.slug}/AAAAAA"
    refused = next(answer for answer in (place.public.send("GET", path, (404, 429), headers=address) for _ in range(400)) if answer.status_code == 429)
    assert refused.headers["RateLimit-Policy"] == '"codes";q=300;w=60' and int(refused.headers["Retry-After"]) >= 1
    assert place.public.post(path, {"ticket": "00000000"}, 429, headers=address).json()["code"] == "too_many_requests"
    place.public.post(link_path(one) + "/here", {"code": "AAAAAA"}, 429, headers=address)
    place.public.get(link_path(one), headers=address)
    place.public.get(path, 404, headers={"X-Forwarded-For": next(addresses)})


def test_a_right_link_works_for_everybody_at_that_address(place, meeting, one, address):
    exhausted(place, address)
    place.public.get(link_path(one), headers=address)
    assert place.public.post(link_path(one), {"response": "accepted"}, 200, headers=address).json()["response"] == "accepted"


def test_another_address_is_not_held_back(place, address):
    exhausted(place, address)
    place.public.get(f"/r/{place.slug}/{'A' * 46}", 404, headers={"X-Forwarded-For": f"{address['X-Forwarded-For']}, {next(addresses)}"})
    place.public.get(f"/r/{place.slug}/{'A' * 46}", 429, headers={"X-Forwarded-For": f"{next(addresses)}, {address['X-Forwarded-For']}"})


def test_guessing_does_not_ask_the_database(place, proxied, address):
    def asked():
        return int(re.search(r"narada_database_seconds_count (\d+)", requests.get(proxied.url("/metrics"), timeout=30).text)[1])

    place.viewer.get("/platforms/links/meetings")
    answers = [place.public.get(f"/r/{place.slug}/{'A' * 46}", 404, headers=address) for _ in range(10)]
    assert not any("Server-Timing" in answer.headers for answer in answers)
    assert "Server-Timing" in place.viewer.get("/platforms/links/meetings").headers
    before = asked()
    place.public.get(f"/r/{place.slug}/{'A' * 46}", 404, headers=address)
    place.public.get(f"/confirm/{place.slug}/{'A' * 46}", 404, headers=address)
    assert asked() == before


def test_mails_are_not_asked_for_without_end(place, meeting, address):
    for path, body, name in (("/sign-in", {"email": "nobody@example.org"}, "sign_in"), (f"meetings/{meeting['slug']}/registrations", None, "registrations")):
        answers = [place.public.post(path, body or {**KRYSIA, "email": f"n{n}@example.org"}, (202, 429), headers=address) for n in range(31)]
        assert [answer.status_code for answer in answers] == [202] * 30 + [429]
        assert answers[-1].headers["RateLimit-Policy"] == f'"{name}";q=30;w=600' and int(answers[-1].headers["Retry-After"]) > 0
        place.public.form(path, body or KRYSIA, 429, headers=address)
        place.public.post(path, body or KRYSIA, 202, headers={"X-Forwarded-For": next(addresses)})


def test_a_header_of_somebody_who_is_no_proxy_is_not_believed(server, tenant):
    claimed = {"X-Forwarded-For": "198.51.100.77"}
    for _ in range(40):
        tenant.public.get(f"/r/{tenant.slug}/{'A' * 46}", 404, headers=claimed)  # from this machine, which is not limited
    assert server.log is None or "198.51.100.77" not in server.log.read_text(errors="replace")


def test_proxies_are_networks(tmp_path):
    answer = subprocess.run([find_binary(), "serve", "--data", tmp_path / "data", "--trusted-proxies", "10.0.0.0/8, proxy.example.org"], capture_output=True, text=True)
    assert answer.returncode == 1 and '"proxy.example.org" is no address or network' in answer.stderr


# ── Each state in words ──


def change(place, meeting, **members):
    version = place.owner.get(f"meetings/{meeting['slug']}").json()["version"]
    return place.owner.patch(f"meetings/{meeting['slug']}", members, version=version)


def of_invitation(meeting, one):
    return f"meetings/{meeting['slug']}/invitations/{one['id']}"


def revoked(place, meeting, one):
    place.organiser.send("POST", of_invitation(meeting, one) + "/revoke-link", 200)


def withdrawn(place, meeting, one):
    place.organiser.delete(of_invitation(meeting, one), version=place.viewer.get(of_invitation(meeting, one)).json()["version"])


STATES = [
    ("revoked", revoked, {}, 410, "link_revoked", {"en": "replaced by a newer one", "pl": "zastąpiony nowym", "fi": "vaihdettu uuteen"}),
    ("withdrawn", withdrawn, {}, 410, "invitation_withdrawn", {"en": "was withdrawn", "pl": "wycofane", "fi": "peruttu"}),
    ("draft", None, {"status": "draft"}, 404, "not_published", {"en": "not published yet", "pl": "nie jest jeszcze ogłoszone", "fi": "ei ole vielä julkaistu"}),
    ("cancelled", lambda p, m, o: change(p, m, status="cancelled"), {}, 200, "meeting_cancelled", {"en": "was cancelled", "pl": "odwołane", "fi": "peruttu"}),
    ("held", lambda p, m, o: change(p, m, status="held"), {}, 200, "meeting_held", {"en": "is over", "pl": "już się odbyło", "fi": "on pidetty"}),
    ("late", None, {"rsvp_closes_at": "2020-01-01T00:00:00Z"}, 200, "answers_closed", {"en": "deadline", "pl": "Termin", "fi": "päättynyt"}),
    ("past", None, {"starts_at": "2019-12-17T09:00:00Z", "ends_at": "2019-12-17T12:00:00Z"}, 200, None, {"en": "has passed", "pl": "już minęła", "fi": "jo ohi"}),
]


@pytest.mark.parametrize(("happens", "members", "status", "code", "words"), [state[1:] for state in STATES], ids=[state[0] for state in STATES])
def test_each_state_says_so(place, happens, members, status, code, words):
    meeting = make_meeting(place, **members)
    one = invite(place, meeting)
    if happens:
        happens(place, meeting, one)
    before = counts(place, meeting)
    for language, said in words.items():
        page = place.public.page(link_path(one) + f"?lang={language}", status)
        text = re.sub(r"\s+", " ", page.text.split("<main")[1])
        assert said in text, f"{language}: {text[:1500]}"
        assert page.headers["Cache-Control"] == "no-store" and page.headers["Referrer-Policy"] == "no-referrer"
        assert f'lang="{language}"' in page.text
    answer = place.public.get(link_path(one), status).json()
    assert answer.get("code") == (code if status >= 400 else None)
    if code:
        refused = place.public.post(link_path(one), {"response": "accepted"}, (404, 409, 410))
        assert refused.json()["code"] == code and counts(place, meeting) == before


# ── Scanners, previews, and people who look twice ──

AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148", "facebookexternalhit/1.1", "WhatsApp/2.24",
    "Microsoft Office/16.0 (Microsoft Outlook)", "Slackbot-LinkExpanding 1.0", "Mimecast URL Protection", "Barracuda Sentinel (EE)", "curl/8.10", "",
]  # fmt: skip


def state_of(place, meeting, one):
    return place.viewer.get(of_invitation(meeting, one)).json(), counts(place, meeting), len(place.owner.get("audit?limit=500").json()["items"])


def test_ten_agents_look_and_then_somebody_answers(place, meeting, one):
    before = state_of(place, meeting, one)
    for agent in AGENTS:
        for method, more in (("HEAD", {}), ("GET", {}), ("GET", {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"}), ("OPTIONS", {}), ("GET", {"Range": "bytes=0-99"})):
            answer = place.public.send(method, link_path(one), (200, 204), headers={"User-Agent": agent, "Accept": "text/html,*/*;q=0.8", **more})
            assert "Set-Cookie" not in answer.headers
    assert state_of(place, meeting, one) == before
    page = place.public.page(link_path(one))
    place.public.form(link_path(one), {"response": "accepted", "_form": form_token(page)})
    assert place.public.get(link_path(one)).json()["response"] == "accepted"


def test_what_scanners_post_changes_nothing(place, meeting, one):
    before = state_of(place, meeting, one)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    token = form_token(place.public.page(link_path(one)))
    posts = [
        (form, b"response=accepted", 403),  # the button alone
        (form, b"response=accepted&_form=", 403),
        (form, f"response=accepted&_form={token[:-1]}x".encode(), 403),
        ({**form, "Sec-Purpose": "prefetch"}, f"response=accepted&_form={token}".encode(), 403),
        ({"Content-Type": "application/json", "Sec-Purpose": "prefetch;prerender"}, b'{"response": "accepted"}', 403),
        ({**form, "Sec-Fetch-Site": "cross-site"}, f"response=accepted&_form={token}".encode(), 403),
        (form, f"_form={token}".encode(), 422),  # every field but the button, as a script submits
        (form, b"", (400, 403, 422)),
        ({"Content-Type": "text/plain"}, b"response=accepted", 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b'--x\r\nContent-Disposition: form-data; name="response"\r\n\r\naccepted\r\n--x--\r\n', 415),
        ({}, b"", (400, 415, 422)),
    ]
    for headers, body, status in posts:
        place.public.send("POST", link_path(one), status, headers=headers, data=body)
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
        place.public.send(method, link_path(one), 405, headers={"Content-Type": "application/json"}, data=b'{"response": "accepted"}')
    place.public.send("GET", link_path(one) + "?response=accepted&_method=POST", 200)
    now = state_of(place, meeting, one)
    assert now == before


def example_values(place, operation):
    """The smallest body an operation takes, as a form's fields."""
    _, body = place.server.contract.example_request(operation)
    values = {name: value for name, value in (json.loads(body) if body else {}).items() if isinstance(value, (str, int, bool))}
    return {name: json.dumps(value) if isinstance(value, bool) else value for name, value in values.items()}


def test_every_form_behind_a_link_needs_its_token(place, proxied, meeting, one):
    """Whatever operations links open now or later: taken from the contract."""
    place.public.post(f"meetings/{meeting['slug']}/registrations", {**KRYSIA, "email": f"every{next(numbers)}@example.org"}, 202)
    confirm = confirmation_path(proxied, place, place.viewer.get(f"meetings/{meeting['slug']}/registrations").json()["items"][0]["id"])
    links = {"invitee": link_path(one), "registrant": confirm}
    changing = [operation for operation in proxied.contract.operations if operation.role in links and operation.method != "GET"]
    assert {"answer_rsvp", "detail_rsvp", "delegate_rsvp", "take_back_rsvp", "confirm_registration"} <= {operation.id for operation in changing}
    before = state_of(place, meeting, one)
    for operation in changing:
        path = place.server.contract.example_path(operation, platform=place.slug, token=links[operation.role].rsplit("/", 1)[1])
        fields = {**example_values(place, operation), **({"_method": operation.method} if operation.method != "POST" else {})}
        for token in ({}, {"_form": "A" * 27}):
            answer = place.public.form(path, {**fields, **token}, (403, 422))
            assert answer.status_code == 403, f"{operation.id} without the page's token: {answer.status_code}"
        if operation.method == "POST":
            place.public.send("POST", path, (400, 403, 415, 422), headers={"Accept": "text/html"})
            place.public.send("POST", path, (400, 403, 415, 422), headers={"Content-Type": "text/plain"}, data=b"response=accepted")
    assert state_of(place, meeting, one) == before
    assert place.public.get(confirm).json()["state"] == "unconfirmed"


# ── Nothing gives a link away ──


def raw(server, request):
    """One request as bytes; the whole answer."""
    host, port = urllib.parse.urlsplit(server.base_url).netloc.split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def shown_nowhere(token, answer):
    """Neither in the answer's headers nor in its body."""
    return token not in answer.text and not any(token in value for value in answer.headers.values())


def test_refusals_do_not_repeat_the_link(place, meeting, one, address):
    path, token = link_path(one), link_path(one).rsplit("/", 1)[1]
    guess = f"/r/{place.slug}/{token[:-2]}xx"
    revoked(place, meeting, one)
    tries = [
        ("GET", path, {}, None, 410), ("GET", path + ".ics", {}, None, 410), ("POST", path, {"Content-Type": "application/json"}, b'{"response": "accepted"}', 410),
        ("GET", guess, {}, None, 404), ("GET", path + "/", {}, None, 404), ("GET", path + "/nothing", {}, None, 404), ("GET", "/" + path, {}, None, 404),
        ("GET", path.replace("/r/", "/R/"), {}, None, 404), ("GET", path.replace("/r/", "/x/"), {}, None, 404), ("PUT", path, {}, b"{}", 405),
        ("GET", path + "?lang=xx&again=" + token, {}, None, 410), ("GET", path + ".csv", {}, None, (404, 406)), ("GET", f"/sign-in/{token}", {}, None, 410),
        ("POST", path, {"Content-Type": "text/plain"}, b"x", 410), ("POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, b"response=accepted", (403, 410)),
    ]  # fmt: skip
    for accept in ("text/html", "application/json"):
        for method, tried, headers, body, status in tries:
            answer = place.public.send(method, tried, status, headers={"Accept": accept, "Referer": place.server.base_url + path, **headers}, data=body)
            assert shown_nowhere(token, answer) and shown_nowhere(guess, answer), f"{method} {tried} as {accept}: {answer.headers} {answer.text}"
            assert answer.headers["Referrer-Policy"] == "no-referrer", f"{method} {tried}"
    exhausted(place, address)
    for accept in ("text/html", "application/json"):
        assert shown_nowhere(guess, place.public.send("GET", guess, 429, headers={"Accept": accept, **address}))
    other_language = place.public.page(path, 410, language="en").text
    assert 'href="?lang=fi"' in other_language and "Linkki on vaihdettu" in place.public.page(path + "?lang=fi", 410).text


def test_the_page_leads_nowhere_with_the_link(place, meeting, one):
    token = link_path(one).rsplit("/", 1)[1]
    page = place.public.page(link_path(one))
    assert page.headers["Referrer-Policy"] == "no-referrer" and '<meta name="referrer" content="no-referrer">' in page.text
    assert not any(token in value for value in page.headers.values())
    addresses_shown = re.findall(r'(?:href|src|action|content)="([^"]*)"', page.text)
    assert addresses_shown
    for shown in addresses_shown:
        where = urllib.parse.urlsplit(shown)
        assert token not in shown or where.netloc == "" and where.path.startswith(link_path(one)), shown
    for code in ("pl", "en", "fi"):
        chosen = place.public.page(link_path(one) + f"?lang={code}")
        assert f'<html lang="{code}"' in chosen.text and token not in chosen.headers.get("Set-Cookie", "")
    assert "Location" not in page.headers


def test_no_link_is_in_the_log(place, proxied, meeting, one, address):
    path, token = link_path(one), link_path(one).rsplit("/", 1)[1]
    place.public.post(f"meetings/{meeting['slug']}/registrations", {**KRYSIA, "email": f"log{next(numbers)}@example.org"}, 202, headers=address)
    waiting = place.viewer.get(f"meetings/{meeting['slug']}/registrations").json()["items"][0]
    confirm = confirmation_path(proxied, place, waiting["id"])
    secrets = [token, confirm.rsplit("/", 1)[1], form_token(place.public.page(path))]
    for opened in (path, confirm):
        for suffix in ("", ".json", ".ics", ".html", "/", "//", "/more", "?lang=fi", "?x=" + token, "%20", "%"):
            for accept in ("text/html", "application/json", "image/png"):
                place.public.send("GET", opened + suffix, headers={"Accept": accept, "Referer": proxied.base_url + opened})
        for mangled in (opened.replace("/r/", "/%72/").replace("/confirm/", "/%63onfirm/"), "/" + opened, opened.upper(), opened.replace("/links/", "/lin%6Bs/"), opened[:-1] + "%" + f"{ord(opened[-1]):02X}"):
            place.public.send("GET", mangled)
        place.public.send("DELETE", opened)
        place.public.send("POST", opened, headers={"Content-Type": "application/json"}, data=b"{")
        place.public.send("POST", opened, headers={"Content-Type": "application/json"}, data=b'{"x": "' + b"x" * 3_000_000 + b'"}')
        place.public.send("POST", opened, headers={"Content-Type": "application/x-www-form-urlencoded"}, data=f"response=accepted&_form={secrets[2]}".encode())
        for head in (b"Content-Length: 5\r\nContent-Length: 6\r\n", b"X: " + b"x" * 9000 + b"\r\n", b"Bad Header: x\r\n"):
            raw(proxied, f"POST {opened} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode() + head + b"\r\n")
        raw(proxied, f"GET {opened}?{'x' * 20000} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        raw(proxied, f"GET http://x{opened} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        raw(proxied, f"GET {opened} and more HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    place.public.post(confirm, CONFIRMED, 200)
    revoked(place, meeting, one)
    place.public.get(path, 410)
    for _ in range(40):
        place.public.send("GET", path[:-2] + "zz", (404, 429), headers=address)
    requests.get(proxied.url("/healthz"), timeout=30)
    log = proxied.log.read_text(errors="replace")
    assert log.count('"request"') + log.count("request ") > 50, "the requests are in the log"
    for secret in secrets:
        for shown in (secret, secret.upper(), secret[:-1]):
            assert shown not in log, [line for line in log.splitlines() if shown in line]
    kept = [file for file in proxied.data.rglob("*") if file.is_file() and ("log" in file.suffix or "log" in file.parent.name)]
    for file in kept:
        text = file.read_bytes()
        assert not any(secret.encode() in text for secret in secrets), f"{file} has a link in it"
    audit = json.dumps(place.owner.get("audit?limit=500").json())
    assert not any(secret in audit for secret in secrets)
