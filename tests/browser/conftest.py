"""conftest.py: the server and tenants of tests/http, and one Chromium for the run.

    def test_something(browser, signed_in): …

`browser` is reset before each test; `signed_in` opens the demo organiser's sign-in link in it, as the terminal prints it.
"""

import importlib.util
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

import pytest
import requests

HTTP = pathlib.Path(__file__).resolve().parents[1] / "http"
sys.path.insert(0, str(HTTP))
if "http_conftest" not in sys.modules:
    spec = importlib.util.spec_from_file_location("http_conftest", HTTP / "conftest.py")
    sys.modules["http_conftest"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["http_conftest"])

from http_conftest import Ledger, ledger, make_tenant, organiser, run_id, server, tenant, worker_name  # noqa: E402, F401

from browser import Browser  # noqa: E402


def pytest_configure(config):
    if not hasattr(config, "narada_ledger"):  # tests/http alone counts what was covered
        worker = getattr(config, "workerinput", {})
        config.narada_ledger = Ledger("browser-" + worker.get("testrunuid", str(os.getpid())), worker.get("workerid", "main"))


@pytest.fixture(scope="session")
def chromium(server):  # noqa: F811
    place = tempfile.mkdtemp(prefix="narada-browser-")
    browser = Browser(place, server.base_url)
    yield browser
    browser.close()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def browser(chromium):
    chromium.reset()
    return chromium


@pytest.fixture
def demo(server):  # noqa: F811
    return server.demo


@pytest.fixture
def signed_in(browser, demo):
    browser.go(demo["organiser_url"])
    return browser


@pytest.fixture(scope="session")
def sign_in_link(server):  # noqa: F811
    """sign_in_link(email) asks for a link as the page does; without a mail server the terminal shows it."""

    def ask(email):
        if server.log is None:
            pytest.skip("This server's terminal is not ours to read.")
        said = len(server.tail_from(0))
        requests.post(server.url("/sign-in"), json={"email": email}, timeout=30).raise_for_status()
        return wait_for_link(server, said)

    return ask


def wait_for_link(server, said):  # noqa: F811
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if found := re.search(r"asked for: (\S+)\s", server.tail_from(said)):
            return found[1]
        time.sleep(0.05)
    raise AssertionError("No sign-in link appeared on the terminal.")


@pytest.fixture
def meeting(tenant):  # noqa: F811
    """A published meeting of a platform of its own, in Polish and in Warsaw."""
    body = {
        "title": "Spotkanie próbne", "theme": "Woda w obiegu", "purpose": "Sprawdzenie odpowiedzi.",
        "starts_at": "2031-03-04T10:00:00+01:00", "ends_at": "2031-03-04T12:30:00+01:00", "time_zone": "Europe/Warsaw", "language": "pl",
    }  # fmt: skip
    made = tenant.owner.create("meetings", **body)
    return tenant.owner.patch(f"meetings/{made['slug']}", {"status": "published"}, 200, version=made["version"]).json()


@pytest.fixture
def invitation(tenant, meeting):  # noqa: F811
    """One person invited to it, with the link to answer."""
    made = tenant.owner.post(f"meetings/{meeting['slug']}/invitations", {"person": {"name": "Ewa Próbna", "email": "ewa@example.org", "position": "wójt", "organisation": "Gmina Próbna"}})
    body = made.json()
    return body["items"][0] if "items" in body else body


