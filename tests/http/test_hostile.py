"""test_hostile.py: what those send who mean ill, and what must not come of it."""

import re
import time

import pytest

from conftest import Api
from happenings import invite, link_path, make_meeting


@pytest.fixture
def nobody(server):
    return Api(server)


@pytest.mark.parametrize("elsewhere", ["/\t/evil.example", "/ /evil.example", "/\\evil.example", "//evil.example", "/a\t//evil.example"])
def test_nobody_is_led_to_another_site(tenant, nobody, elsewhere):
    nobody.get("/sign-in/nl_x", 422, params={"return": elsewhere})
    nobody.post("/sign-in", {"email": "a@example.org", "return": elsewhere}, 422)
    answer = tenant.owner.form("venues", {"name": "Sala", "_return": elsewhere})
    assert answer.headers["Location"].startswith(f"/platforms/{tenant.slug}/venues/")


def test_a_page_that_is_none_links_to_nowhere_else(nobody):
    page = nobody.page("//evil.example/x", 404).text
    assert "lang=pl" in page and not re.search(r'(href|action)="//', page)


def test_a_page_in_a_chosen_language_stays_as_private_as_it_was(tenant):
    one = invite(tenant, make_meeting(tenant))
    assert tenant.public.page(link_path(one) + "?lang=fi").headers["Cache-Control"] == "no-store"
    assert tenant.public.page("/?lang=fi").headers["Cache-Control"] == "private, no-cache"


def test_the_log_tells_what_was_asked_not_what_was_shown(server, nobody):
    if server.log is None:
        pytest.skip("the server's terminal is not ours")
    before = len(server.tail_from(0))
    again = nobody.form("/sign-in", {"email": "nonsense"}, 422)
    time.sleep(0.1)
    lines = [line for line in server.tail_from(before).splitlines() if again.headers["X-Request-Id"] in line]
    assert len(lines) == 1 and '"POST"' in lines[0] and "request_sign_in" in lines[0]
