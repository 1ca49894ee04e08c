"""The invitee's page: one tap, no account, changeable, on any phone."""

import icalendar
import pytest
import requests
from selenium.webdriver.common.keys import Keys

WORDS = {"accepted": "Tak, będę", "tentative": "Jeszcze nie wiem", "declined": "Nie będę"}
STATES = {"accepted": "Obecność potwierdzona", "tentative": "niepewna", "declined": "Nieobecność zgłoszona"}


@pytest.fixture
def link(invitation):
    return invitation["rsvp_url"]


@pytest.fixture
def page(browser, link):
    browser.go(link)
    return browser


def seen_by_machine(link):
    return requests.get(link, headers={"Accept": "application/json"}, timeout=30).json()


def answer(page, response):
    page.click(f"button[value={response}]")


def test_says_who_it_is_for_and_about_what(page):
    assert page.find("h1").text == "Woda w obiegu"
    for words in ("Ewa Próbna", "wójt", "Gmina Próbna", "Spotkanie próbne", "4 marca 2031", "10:00"):
        assert words in page.main.replace("\xa0", " ")
    assert page.find("legend").text == "Czy można liczyć na obecność?"
    assert not page.all(".badge"), "nothing is answered yet"


def test_opening_changes_nothing(page, link, tenant, meeting, invitation):
    page.go(link)
    page.go(link + "?response=accepted")
    found = tenant.owner.get(f"meetings/{meeting['slug']}/invitations/{invitation['id']}").json()
    assert found["response"] == "needs_action" and found["responded_at"] is None
    assert found["version"] == invitation["version"]


@pytest.mark.parametrize("scripts", [True, False], ids=["with-js", "without-js"])
def test_one_tap_accepts(browser, link, scripts):
    browser.script(scripts)
    browser.go(link)
    answer(browser, "accepted")
    saved = browser.find(".notice.good[role=status]")
    assert "Odpowiedź zapisana" in saved.text and STATES["accepted"] in saved.text
    assert seen_by_machine(link)["response"] == "accepted"
    calendar = saved.find_element("css selector", "a.button")
    assert "Dodaj do kalendarza" in calendar.text
    file = requests.get(calendar.get_attribute("href"), timeout=30)
    event = icalendar.Calendar.from_ical(file.text).walk("VEVENT")[0]
    assert event.decoded("DTSTART").isoformat() == "2031-03-04T10:00:00+01:00"


@pytest.mark.parametrize("scripts", [True, False], ids=["with-js", "without-js"])
def test_changes_of_mind(browser, link, scripts):
    browser.script(scripts)
    browser.go(link)
    for response in ("accepted", "declined", "tentative", "accepted"):
        answer(browser, response)
        assert STATES[response] in browser.find(".notice.good").text
        assert seen_by_machine(link)["response"] == response
        assert browser.find("button.answer.current").get_attribute("value") == response


def test_answer_is_shown_on_the_next_visit(page, link):
    answer(page, "declined")
    page.go(link)
    assert STATES["declined"] in page.main
    assert not page.all(".notice.good"), "only the answer itself confirms"


def test_note_is_kept_and_reaches_the_organiser(page, link, tenant, meeting, invitation):
    page.find("textarea[name=note]").send_keys("Przyjadę o 10:15, proszę o miejsce blisko wyjścia.")
    answer(page, "accepted")
    assert page.find("textarea[name=note]").get_attribute("value") == "Przyjadę o 10:15, proszę o miejsce blisko wyjścia."
    answer(page, "tentative")
    found = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/{invitation['id']}").json()
    assert found["response"] == "tentative"
    assert found["note"] == "Przyjadę o 10:15, proszę o miejsce blisko wyjścia."


def test_back_button_and_second_tap_do_no_harm(page, link):
    answer(page, "accepted")
    page.back()
    answer(page, "accepted")
    assert STATES["accepted"] in page.main
    assert seen_by_machine(link)["response"] == "accepted"


@pytest.mark.parametrize("width", [320, 390])
def test_fits_a_thumb(browser, link, width):
    browser.resize(width)
    browser.go(link)
    assert browser.overflow()[0] <= 0, browser.overflow()
    buttons = browser.all("button.answer")
    assert [button.get_attribute("value") for button in buttons] == list(WORDS)
    assert [button.text for button in buttons] == list(WORDS.values())
    for button in buttons:
        assert button.size["height"] >= 44 and button.size["width"] >= 88
    tops = [button.location["y"] for button in buttons]
    assert tops == sorted(tops)


def test_answers_are_in_sight_on_a_phone(browser, link):
    browser.resize(390, 844)
    browser.go(link)
    assert browser.run("return scrollY") == 0
    bottom = max(button.location["y"] + button.size["height"] for button in browser.all("button.answer"))
    assert bottom <= 844, f"the last answer ends at {bottom} px"


def test_with_the_keyboard_alone(page, link):
    focused = page.tab_to(lambda element: element.get_attribute("value") == "tentative")
    assert page.run("return getComputedStyle(arguments[0]).outlineStyle", focused) != "none", "the focus must be seen"
    with page.leaving():
        page.keys(Keys.ENTER)
    assert STATES["tentative"] in page.find(".notice.good").text
    assert seen_by_machine(link)["response"] == "tentative"


def test_english_and_finnish(browser, link):
    for language, title in (("en", "Yes, I will be there"), ("fi", "Kyllä, tulen")):
        browser.speak(language)
        browser.go(link)
        assert browser.language == language
        assert title in browser.main, browser.main[:600]


def test_a_guessed_link_is_refused_in_words(browser, link):
    browser.go(link[:-4] + "AAAA")
    assert browser.find("h1").text
    assert "Ewa" not in browser.text


def test_full_meeting_says_so(browser, link, tenant, meeting):
    tenant.owner.patch(f"meetings/{meeting['slug']}", {"capacity": 1}, 200, version=meeting["version"])
    other = tenant.owner.post(f"meetings/{meeting['slug']}/invitations", {"person": {"name": "Jan Pierwszy", "email": "jan@example.org"}}).json()
    other = other["items"][0] if "items" in other else other
    assert requests.post(other["rsvp_url"], json={"response": "accepted"}, timeout=30).status_code == 200
    browser.go(link)
    assert "Wszystkie miejsca są zajęte" in browser.main
    answer(browser, "accepted")
    assert browser.find(".form-problem").text
    assert seen_by_machine(link)["response"] == "needs_action"


def test_cancelled_meeting_takes_no_answers(browser, link, tenant, meeting):
    tenant.owner.patch(f"meetings/{meeting['slug']}", {"status": "cancelled", "cancelled_reason": "Awaria wodociągu."}, 200, version=meeting["version"])
    browser.go(link)
    assert "Spotkanie zostało odwołane" in browser.main and "Awaria wodociągu." in browser.main
    assert not browser.all("button.answer")


def test_meeting_of_two_days_shows_both(browser, link, tenant, meeting):
    tenant.owner.patch(f"meetings/{meeting['slug']}", {"ends_at": "2031-03-05T15:00:00+01:00"}, 200, version=meeting["version"])
    browser.go(link)
    when = browser.find(".when").text.replace("\xa0", " ")
    assert "4 marca 2031" in when and "5 marca 2031" in when and "15:00" in when


def test_link_is_kept_out_of_referers_and_search(page):
    assert page.find("meta[name=robots]").get_attribute("content").startswith("noindex")
    assert page.find("meta[name=referrer]").get_attribute("content") == "no-referrer"
