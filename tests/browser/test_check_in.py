"""Check-in by the page's script: search, one tap, undo, companions, walk-ins, notes, parts of the programme; what others do is seen at once."""

import pytest

from door import Door, counted, sign_in, until
from entrance import attendance, seated, today
from test_every_page import look


@pytest.fixture
def forum(tenant):
    return today(tenant, theme="Woda w obiegu", language="pl", companions_allowed=2)


@pytest.fixture
def people(tenant, forum):
    return {name: seated(tenant, forum, name, companions=along, organisation=organisation) for name, along, organisation in [
        ("Krystyna Łoś", ["Olga Ruta", "Jan Ruta"], "Gmina Próbna"), ("Żaneta Ćwik", [], "Łódzki Klaster"), ("Adam Åkerlund", [], "Aalto-yliopisto"),
    ]}  # fmt: skip


@pytest.fixture
def door(browser, organiser, tenant, forum, people):
    browser.resize(390)
    sign_in(browser, organiser)
    return Door(browser, f"/platforms/{tenant.slug}/meetings/{forum['slug']}/check-in").open()


def test_a_few_letters_without_diacritics_find_somebody(door):
    door.search("los")
    assert door.names() == ["Krystyna Łoś"]
    door.search("LODZKI zan")
    assert door.names() == ["Żaneta Ćwik"]
    door.search("akerlund")
    assert door.names() == ["Adam Åkerlund"]
    door.search("nikt")
    assert door.names() == []


def test_one_tap_checks_in_and_one_takes_it_back(door, tenant, forum):
    door.arrive("Krystyna Łoś")
    door.said("Krystyna Łoś")
    assert door.browser.driver.switch_to.active_element.get_attribute("data-act") == "leave"
    door.sent()
    assert attendance(tenant, forum) == {"Krystyna Łoś": ("present", "check_in")}
    door.undo("Krystyna Łoś")
    door.sent()
    assert attendance(tenant, forum) == {}
    door.arrive("Krystyna Łoś")
    door.tap(door.row("Krystyna Łoś"), "leave")
    door.is_now("Krystyna Łoś", "present", inside=False)
    door.sent()
    assert door.counts() == {name: counted(tenant, forum)[name] for name in door.counts()}
    assert (door.count("here"), door.count("inside")) == (1, 0)


def test_companions_come_one_by_one(door, tenant, forum):
    door.tap(door.along("Krystyna Łoś", "Jan Ruta"), "arrive")
    until(door.browser, lambda: door.along("Krystyna Łoś", "Jan Ruta").get_attribute("data-state") == "present")
    door.sent()
    now = counted(tenant, forum)
    assert (now["here"], now["companions"]) == (1, 1)
    assert door.row("Krystyna Łoś").get_attribute("data-state") == "" and door.count("here") == 1
    door.tap(door.along("Krystyna Łoś", "Jan Ruta"), "undo")
    until(door.browser, lambda: door.along("Krystyna Łoś", "Jan Ruta").get_attribute("data-state") == "")
    door.sent()
    assert counted(tenant, forum)["here"] == 0


def test_who_walks_in_is_typed_once(door, tenant, forum):
    door.search("Zofia Nowa")
    door.browser.find("[data-do=walk-in]").click()
    name = door.browser.driver.switch_to.active_element
    assert name.get_attribute("value") == "Zofia Nowa"
    name.send_keys("\n")
    door.is_now("Zofia Nowa", "present")
    door.sent()
    assert attendance(tenant, forum) == {"Zofia Nowa": ("present", "walk_in")}
    # On this device she was somebody without a number until now; what is done about her goes on. Taken back, nothing is left of her here.
    door.tap(door.row("Zofia Nowa"), "undo")
    until(door.browser, lambda: "Zofia Nowa" not in door.names())
    door.sent()
    assert attendance(tenant, forum) == {}


def test_a_note_is_kept(door, tenant, forum):
    row = door.row("Żaneta Ćwik")
    row.find_element("css selector", "summary").click()
    row.find_element("css selector", "input[name=note]").send_keys("Wejście dla wózka\n")
    until(door.browser, lambda: "wózka" in door.row("Żaneta Ćwik").text)
    door.sent()
    roster = tenant.assistant.get(f"meetings/{forum['slug']}/check-in/roster").json()["items"]
    assert {one["name"]: one["note"] for one in roster}["Żaneta Ćwik"] == "Wejście dla wózka"


def test_what_others_do_is_seen_at_once(door, tenant, forum, people):
    there = f"meetings/{forum['slug']}/check-in"
    tenant.assistant.post(there, {"kind": "arrive", "person_id": people["Adam Åkerlund"]["person"]["id"]})
    door.is_now("Adam Åkerlund", "present")
    until(door.browser, lambda: door.count("here") == 1)
    # It is taken back here, though it was done elsewhere.
    door.undo("Adam Åkerlund")
    door.sent()
    assert attendance(tenant, forum) == {}


def test_what_is_refused_is_told_with_its_reason(door, tenant, forum, people):
    door.browser.run("navigator.locks.request(arguments[0], () => new Promise((free) => (window.free = free)))", f"narada-check-in-{forum['id']}")
    door.tap(door.along("Krystyna Łoś", "Jan Ruta"), "arrive")
    until(door.browser, lambda: door.waiting() == 1)
    tenant.public.post(link(people["Krystyna Łoś"]) + "/details", {"companions": []}, 200)
    door.browser.run("window.free()")
    until(door.browser, lambda: "Nie przyjęto" in door.browser.main)
    refused = door.browser.find("section.notice.bad")
    assert "Krystyna Łoś" in refused.text and "przybycie" in refused.text
    assert not look(door.browser)
    refused.find_element("css selector", "[data-do=dismiss]").click()
    until(door.browser, lambda: not door.browser.find("section.notice.bad").is_displayed())


def link(one):
    return "/r/" + one["rsvp_url"].split("/r/")[1]


def kept(browser, store):
    """How much of that is in the browser, of any meeting."""
    return browser.driver.execute_async_script("""
        const [store, done] = arguments, open = indexedDB.open("narada-check-in");
        open.onupgradeneeded = () => open.transaction.abort();
        open.onerror = () => done(0);
        open.onsuccess = () => { open.result.transaction(store).objectStore(store).count().onsuccess = (event) => { open.result.close(); done(event.target.result); }; };
    """, store)


@pytest.fixture
def own_session(door, sign_in_link):
    """A session that may end: the others' goes on."""
    door.browser.cdp("Network.clearBrowserCookies")
    door.browser.speak("pl")
    door.browser.go(sign_in_link("koordynacja@example.org"))
    return door.open()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_signing_out_leaves_nothing_on_the_device(own_session, elsewhere):
    door = own_session
    assert kept(door.browser, "people") > 0
    if elsewhere:
        door.browser.go("/platforms")
    door.browser.press("Wyloguj", within="header")
    until(door.browser, lambda: kept(door.browser, "people") == 0)


def test_signing_out_asks_first_if_something_waits(own_session, forum):
    door = own_session
    door.browser.run("navigator.locks.request(arguments[0], () => new Promise(() => {}))", f"narada-check-in-{forum['id']}")
    door.arrive("Żaneta Ćwik")
    out = door.browser.find("header form[action='/session'] button")
    out.click()
    assert "niewysłane" in door.browser.driver.switch_to.alert.text
    door.browser.driver.switch_to.alert.dismiss()
    assert door.waiting() == 1 and kept(door.browser, "actions") == 1
    with door.browser.leaving():
        out.click()
    until(door.browser, lambda: kept(door.browser, "actions") == 0)


def test_the_list_goes_when_its_reader_may_not_see_it(door, tenant, forum):
    door.browser.cdp("Network.clearBrowserCookies")
    door.browser.find("[data-do=sync]").click()
    until(door.browser, lambda: door.state() == "lost")
    assert door.names() == [] and "Sesja wygasła" in door.sync()
    assert kept(door.browser, "people") == 0


def test_the_page_is_accessible(door):
    door.arrive("Krystyna Łoś")
    assert not look(door.browser)
    assert not door.browser.complaints()
