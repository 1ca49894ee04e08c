"""test_service.py: the service about itself: liveness, readiness, its own documentation, static files."""

import re

import pytest

from conftest import Api


@pytest.fixture
def nobody(server):
    return Api(server)


def test_alive_and_ready(nobody):
    nobody.get("/healthz")
    nobody.get("/readyz")


def test_metrics_are_prometheus_text(nobody):
    text = nobody.get("/metrics", headers={"Accept": "*/*"}).text
    assert re.search(r"^# TYPE narada_[a-z_]+ ", text, re.M) and re.search(r"^narada_[a-z_]+(\{[^}]*\})? [0-9.e+-]+$", text, re.M)


def test_the_contract_is_served_without_our_own_keys(nobody):
    document = nobody.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    operations = [operation for item in document["paths"].values() for method, operation in item.items() if method != "parameters"]
    assert len(operations) > 80
    assert not {key for operation in operations for key in operation if key.startswith("x-")} - {"x-role"}


def test_the_documentation_names_every_operation(nobody, server):
    page = nobody.page("/docs").text
    missing = [operation.id for operation in server.contract.operations if operation.path not in page]
    assert not missing


def test_static_files_are_named_by_their_content(nobody):
    page = nobody.page("/").text
    for path in re.findall(r'(?:href|src)="(/assets/[^"]+)"', page):
        answer = nobody.get(path, 200, headers={"Accept": "*/*"})
        assert "immutable" in answer.headers["Cache-Control"]
        nobody.get(path, 304, headers={"Accept": "*/*", "If-None-Match": answer.headers["ETag"]})
    nobody.get("/assets/0/no-such-file.css", 404, headers={"Accept": "*/*"})


def test_what_browsers_and_crawlers_ask_for(nobody):
    nobody.get("/favicon.ico", (200, 303, 308), headers={"Accept": "*/*"})
    rules = nobody.get("/robots.txt", headers={"Accept": "*/*"}).text
    assert "Disallow: /r/" in rules


def test_every_page_has_its_headers(nobody):
    for path in ("/", "/sign-in", "/docs", "/platforms/goz", "/no/such/page"):
        answer = nobody.page(path, None)
        headers = answer.headers
        assert "default-src" in headers["Content-Security-Policy"] and "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] and headers["X-Request-Id"]
        assert "<script>" not in answer.text and "style=" not in answer.text


def test_a_request_id_is_kept(nobody):
    assert nobody.get("/healthz", headers={"X-Request-Id": "abc-12345678"}).headers["X-Request-Id"] == "abc-12345678"
    assert nobody.get("/healthz", headers={"X-Request-Id": "bad id"}).headers["X-Request-Id"] != "bad id"


def test_a_page_is_not_sent_twice(nobody):
    first = nobody.page("/platforms/goz")
    again = nobody.page("/platforms/goz", 304, headers={"If-None-Match": first.headers["ETag"]})
    assert again.content == b""
