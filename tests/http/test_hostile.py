"""test_hostile.py: what those send who mean ill, and what must not come of it."""

import re
import time

import pytest

from conftest import Api
from database import psql
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


# ── Had somebody found a way to send SQL of their own ──


def count(server, changed):
    return int(psql(server, "narada_service", f"begin; with done as ({changed} returning 1) select count(*) from done; rollback")[0])


def test_what_is_seen_from_anywhere_is_not_changed_from_anywhere(server):
    assert int(psql(server, "narada_service", "select count(*) from platform")[0]) > 0
    assert count(server, "delete from platform") == 0
    assert count(server, "update platform set name = 'x'") == 0
    account = psql(server, "narada_owner", "select account_id from membership limit 1")[0]
    for change in ("delete from membership", "update membership set role = 'viewer'"):
        assert count(server, f"{change} where set_config('narada.account_id', '{account}', true) <> ''") == 0


def test_every_table_is_closed_and_every_borrowed_right_is_bounded(server):
    open_tables = psql(server, "narada_owner", """
        select relname from pg_class where relnamespace = 'narada'::regnamespace and relkind in ('r', 'p')
           and not (relrowsecurity and relforcerowsecurity) and has_table_privilege('narada_service', oid, 'select, insert, update, delete')""")
    assert open_tables == []
    unbounded = psql(server, "narada_owner", """
        select proname from pg_proc where pronamespace = 'narada'::regnamespace and prosecdef
           and not coalesce(proconfig @> array['search_path=narada, pg_temp'], false)""")
    assert unbounded == []


def test_an_unknown_address_costs_a_flush_as_well(server):
    """The time an answer takes must not tell which addresses have an account: a commit that writes nothing is quicker."""
    before, after = psql(server, "narada_service", """
        begin; select pg_current_wal_insert_lsn() - '0/0'; select sign_in_create('nobody-at-all@example.org', 'hostile-link', 'hostile-session', 1, 1);
        select pg_current_wal_insert_lsn() - '0/0'; rollback""")
    assert int(after) > int(before)
