"""test_refusals.py: whatever is refused, and whoever refuses it, is refused as a problem that a program can read."""

import json
import socket
import urllib.parse

import pytest


def ask_raw(server, head, body=b""):
    """The answer to bytes that no client library would send: status, headers, body."""
    where = urllib.parse.urlsplit(server.base_url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        connection.sendall(head + body)
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass  # it closes without reading the rest
    top, _, rest = answer.partition(b"\r\n\r\n")
    status, *lines = top.decode().split("\r\n")
    return int(status.split()[1]), {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}, rest


@pytest.mark.parametrize(
    "status, head",
    [
        (414, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        (414, b"GET /" + b"a" * 60000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + b"b" * 8000 + b"\r\nConnection: close\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + b"b" * 60000 + b"\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(2000)) + b"\r\n"),
        (413, b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\n\r\n"),
        (400, b"GET / HTTP/7.7\r\nHost: x\r\n\r\n"),
        (400, b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: five\r\n\r\n12345"),
        (413, b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
        (400, b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"),
    ],
    ids=["long address", "longer than the memory", "big header", "bigger than the memory", "many headers", "big body", "no host", "other protocol", "no length", "endless body", "no chunk"],
)
def test_what_is_refused_before_its_head_is_read_is_a_problem_too(server, status, head):
    answered, headers, body = ask_raw(server, head)
    assert answered == status and headers["content-type"] == "application/problem+json" and int(headers["content-length"]) == len(body)
    assert json.loads(body)["status"] == status and json.loads(body)["request_id"] == headers["x-request-id"]


def test_a_body_of_another_kind_is_told_which_kinds_there_are(tenant):
    refused = tenant.owner.send("POST", "venues", 415, headers={"Content-Type": "text/xml"}, data="<a/>")
    assert refused.headers["Accept-Post"] == "application/json, application/x-www-form-urlencoded"
    venue = tenant.owner.create("venues", name="Sala")
    refused = tenant.owner.send("PATCH", f"venues/{venue['id']}", 415, headers={"Content-Type": "text/xml", "If-Match": "*"}, data="<a/>")
    assert refused.headers["Accept-Patch"] == "application/merge-patch+json"


def test_a_token_that_is_none_is_refused_where_no_token_is_needed(tenant):
    tenant.public.get("meetings", 200)
    refused = tenant.public.get("meetings", 401, headers={"Authorization": "Bearer na_none"})
    assert refused.json()["code"] == "bad_token" and 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
    made = tenant.owner.create("tokens", name="kept shortly", role="viewer")
    shown = {"Authorization": f"Bearer {made['token']}"}
    tenant.public.get("meetings", 200, headers=shown)
    tenant.owner.delete(f"tokens/{made['id']}")
    tenant.public.get("meetings", 401, headers=shown)
    tenant.public.get("meetings", 200, headers={"Cookie": "narada_session=ns_old"})


def test_who_may_not_do_it_hears_that_and_not_what_is_wrong_with_the_request(tenant, stranger):
    faulty = {"name": "", "bogus": 1}
    assert {error["pointer"] for error in tenant.organiser.post("venues", faulty, 422).json()["errors"]} == {"/name", "/bogus"}
    tenant.viewer.post("venues", faulty, 403)
    tenant.public.post("venues", faulty, 401)
    elsewhere = f"/platforms/{tenant.slug}"
    stranger.owner.post(f"{elsewhere}/venues", faulty, 404)
    stranger.owner.post(f"{elsewhere}/venues", "{", 404)
    stranger.owner.get(f"{elsewhere}/meetings?bogus=1", 404)
    stranger.owner.patch(elsewhere, {"name": "Mine"}, 404)
    tenant.owner.patch(elsewhere, {"name": "Mine"}, 428)
    tenant.public.get("meetings?bogus=1", 422)


def test_a_cursor_leads_on_in_its_own_list_only(tenant):
    for name in ("Anna", "Barbara", "Celina"):
        tenant.owner.create("people", name=name)
        tenant.owner.create("venues", name=name)
    after = tenant.owner.get("people?limit=1").json()["next"].partition("after=")[2]
    assert [person["name"] for person in tenant.owner.get("people", params={"after": after}).json()["items"]] == ["Barbara", "Celina"]
    for path in ("venues", "organisations", "meetings", "audit"):
        assert tenant.owner.get(path, 400, params={"after": after}).json()["code"] == "bad_cursor"
    for broken in (after[:-1], "x" + after[1:], "WzFd", "WyJhIiwiYiJd"):
        tenant.owner.get("people", 400, params={"after": broken})


@pytest.mark.parametrize("body", ["null", '"text"', "17", "[]", "true"])
def test_a_body_that_is_no_object_is_told_so(tenant, body):
    assert tenant.owner.post("venues", body, 400).json()["code"] == "not_an_object"


def test_options_says_what_can_be_posted(tenant):
    answer = tenant.public.send("OPTIONS", "venues", 204)
    assert "POST" in answer.headers["Allow"] and answer.headers["Accept-Post"].startswith("application/json")


def test_what_is_taken_is_told_at_its_member(tenant):
    tenant.owner.create("people", name="Anna", email="anna@example.org")
    refused = tenant.owner.post("people", {"name": "Ann", "email": "ANNA@example.org"}, 409).json()
    assert refused["code"] == "person_email_taken" and refused["errors"][0]["pointer"] == "/email"
    page = tenant.organiser.form("people", {"name": "Ann", "email": "ANNA@example.org"}, 409).text
    assert 'id="create_person-email-error"' in page and 'value="ANNA@example.org"' in page
    times = {"starts_at": "2031-05-06T08:00:00Z", "ends_at": "2031-05-06T10:00:00Z"}
    tenant.owner.create("meetings", title="Narada", slug="narada", **times)
    assert tenant.owner.post("meetings", {"title": "Inna", "slug": "narada", **times}, 409).json()["errors"][0]["pointer"] == "/slug"


def test_an_address_that_looks_like_an_id_is_refused(tenant):
    times = {"starts_at": "2031-05-06T08:00:00Z", "ends_at": "2031-05-06T10:00:00Z"}
    slug = "01a20f88-e642-7e81-9d8d-d4c1934866f2"  # it could never be found: an address is an id or a slug by its looks
    assert tenant.owner.post("meetings", {"title": "Narada", "slug": slug, **times}, 422).json()["errors"][0]["pointer"] == "/slug"


def test_the_link_into_a_draft_says_when_it_will_work(tenant):
    meeting = tenant.owner.create("meetings", title="Szkic", starts_at="2031-05-06T08:00:00Z", ends_at="2031-05-06T10:00:00Z")
    link = tenant.owner.create(f"meetings/{meeting['id']}/invitations", person={"name": "Jan", "email": "jan@example.org"})["rsvp_url"]
    assert tenant.public.get(link, 404).json()["code"] == "not_published"
    assert "<h1>Not published yet</h1>" in tenant.public.page(link, 404).text
    assert "<h1>Spotkanie nie jest jeszcze ogłoszone</h1>" in tenant.public.page(link, 404, language="pl").text


@pytest.mark.parametrize("accept, kind", [("*/*", "application/problem+json"), ("text/html,*/*;q=0.8", "text/html; charset=utf-8")])
def test_what_answers_nothing_is_refused_in_the_language_of_who_asks(tenant, accept, kind):
    venue = tenant.owner.create("venues", name="Sala")
    assert tenant.owner.send("DELETE", f"venues/{venue['id']}", 428, headers={"Accept": accept}).headers["Content-Type"] == kind
    assert tenant.viewer.send("DELETE", f"venues/{venue['id']}", 403, headers={"Accept": accept, "If-Match": "*"}).headers["Content-Type"] == kind


def test_a_page_is_refused_with_a_page_only_to_those_who_name_pages(tenant):
    for accept, kind in (("*/*", "application/problem+json"), ("text/html", "text/html; charset=utf-8")):
        assert tenant.viewer.get("meetings/new", 403, headers={"Accept": accept}).headers["Content-Type"] == kind
    assert tenant.viewer.get("meetings/new.html", 403, headers={"Accept": "*/*"}).headers["Content-Type"] == "text/html; charset=utf-8"
