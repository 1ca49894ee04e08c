"""The public page of the meeting of 17 December 2019: what everybody reads, in their language, on their screen, on paper."""

import re
import time

import icalendar
import pytest
import requests

PLATFORM = "Biogospodarka i Gospodarka o Obiegu Zamkniętym"
THEME = "Miasta i gminy w obiegu zamkniętym"
FACTS = (
    PLATFORM,
    "Poznanie aktualnych projektów i inicjatyw GOZ",
    "Barbara Grodowska",
    "dyrektor Departamentu Innowacji i Rozwoju Biznesu",
    "Małopolska Agencja Rozwoju Regionalnego",
    "Romana Toft",
    "South Poland Cleantech Cluster",
    "małopolskie gminy",
    "członkowie Metropolii Krakowskiej",
)
AGENDA = (
    "Inicjatywy i plany na nadchodzący rok dotyczące GOZ w Małopolsce",
    "Możliwości finansowania dla małopolskich przedsiębiorców",
    "Najnowsze inicjatywy SPCleantech",
)
INITIATIVES = ("Circular City – Obieg zamknięty w budownictwie", "Symbioza przemysłowa")


def plain(text):
    """Text with every kind of space, and of line break, as one space."""
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def page(browser, demo):
    browser.go(demo["public_url"])
    return browser


def test_polish_by_default(page):
    assert page.language == "pl"
    assert "Goście specjalni" in page.main and "Program" in page.main
    assert "Speakers" not in page.text


def test_facts(page):
    assert plain(page.find("h1").text) == THEME
    text = plain(page.text)
    missing = [fact for fact in FACTS if fact not in text]
    assert not missing


def test_date_in_the_zone_of_the_meeting(page):
    when = plain(page.find(".when").text)
    assert "17 grudnia 2019" in when
    assert "10:00" in when and "13:00" in when
    assert page.find(".when time").get_attribute("datetime") == "2019-12-17T09:00:00Z"


def test_agenda_in_order_with_who_presents(page):
    items = page.all(".timeline > li")
    assert [plain(item.find_element("css selector", "h3").text) for item in items] == list(AGENDA)
    assert ["Barbara Grodowska" in item.text for item in items] == [True, True, False]
    assert [item.text.split("–")[0] for item in items] == ["10:00", "11:00", "12:00"]
    last = plain(items[2].text)
    assert "South Poland Cleantech Cluster" in last
    assert all(title in last for title in INITIATIVES)


def test_joint_initiative_names_its_partner(page):
    joint = [plain(li.text) for li in page.all(".initiatives > li") if "Symbioza przemysłowa" in li.text]
    assert len(joint) == 1 and "LifeScience Cluster" in joint[0] and "Wspólny projekt" in joint[0]
    alone = [plain(li.text) for li in page.all(".initiatives > li") if "Circular City" in li.text]
    assert len(alone) == 1 and "LifeScience" not in alone[0]


def test_special_guests_with_position_and_organisation(page):
    guests = [plain(li.text) for li in page.all("section[aria-labelledby=guests] li")]
    assert guests[0].startswith("Barbara Grodowska dyrektor Departamentu Innowacji i Rozwoju Biznesu Małopolska Agencja")
    assert guests[1].startswith("Romana Toft") and "finansowanie inicjatyw MARR" in guests[1]


def test_says_that_times_are_examples(page):
    assert "Godziny i miejsce są przykładowe" in page.main


def test_shows_no_addresses_of_people(page):
    for name in ("barbara.grodowska", "romana.toft", "osoba."):
        assert name not in page.driver.page_source


def test_english_by_accept_language(browser, demo):
    browser.speak("en")
    browser.go(demo["public_url"])
    assert browser.language == "en"
    assert "Special guests" in browser.main and "17 December 2019" in plain(browser.main)
    assert plain(browser.find("h1").text) == THEME
    assert browser.find("article").get_attribute("lang") == "pl", "what the organisers wrote stays Polish, and says so"


def test_switched_language_is_remembered(page):
    page.follow("English")
    assert page.language == "en" and "Special guests" in page.main
    page.go("/platforms/goz")
    assert page.language == "en"
    page.follow("suomi")
    assert page.language == "fi"
    page.go("/platforms/goz/meetings")
    assert page.language == "fi" and page.find("h1").text == "Kokoukset"


def test_finnish(browser, demo):
    browser.speak("fi")
    browser.go(demo["public_url"])
    assert browser.language == "fi"
    assert "Ohjelma" in browser.main and "17. joulukuuta 2019" in plain(browser.main)


@pytest.mark.parametrize("language", ["pl", "en", "fi"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_overflows(browser, demo, width, language):
    browser.speak(language)
    browser.resize(width)
    browser.go(demo["public_url"])
    pixels, culprits = browser.overflow()
    assert pixels <= 0, f"{pixels} px too wide: {culprits}"


def test_reads_without_javascript(browser, demo):
    browser.script(False)
    browser.go(demo["public_url"])
    text = plain(browser.main)
    assert THEME in text and all(title in text for title in (*AGENDA, *INITIATIVES))
    browser.follow("English")
    assert browser.language == "en"


def test_prints_on_two_pages_at_most(page, tmp_path):
    pages, text = page.printed(tmp_path)
    assert pages <= 2
    text = plain(text)
    assert THEME in text and all(plain(title) in text for title in AGENDA)
    assert "Dodaj do kalendarza" not in text, "a button is no use on paper"


def test_calendar_link_gives_the_meeting(page):
    link = page.driver.find_element("partial link text", "Dodaj do kalendarza").get_attribute("href")
    answer = requests.get(link, timeout=30)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    events = icalendar.Calendar.from_ical(answer.text).walk("VEVENT")
    assert len(events) == 1
    assert "2019-12-17T10:00:00+01:00" == events[0].decoded("DTSTART").isoformat()
    assert THEME in events[0].get("SUMMARY") or THEME in events[0].get("DESCRIPTION", "")


def test_calendar_link_downloads_a_file(page):
    page.driver.find_element("partial link text", "Dodaj do kalendarza").click()
    until = time.monotonic() + 20
    while not (files := list(page.downloads.glob("*.ics"))) and time.monotonic() < until:
        time.sleep(0.05)
    assert files and files[0].read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    assert "2019-12-17" in files[0].name
