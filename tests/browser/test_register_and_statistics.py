"""test_register_and_statistics.py: the register and the statistics as an organiser reads them: at a desk, on a phone, by keyboard, without scripts, in the dark."""

import csv
import io

import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from attended import bring, held, person
from paper import text
from test_every_page import look

CHARTS = ("people", "responses", "speed", "answers", "organisations")


@pytest.fixture
def council(tenant):
    """A council of three meetings in 2020, the last of which nobody looked at; Anna came twice, Jan once by link, and Ewa was excused."""
    series = tenant.organiser.create("series", title="Rada Programowa")
    meetings = [held(tenant, f"2020-0{month}-10", f"Rada {month}", series_id=series["id"]) for month in (3, 4, 5)]
    anna, jan, ewa = person(tenant, "Anna Żak", "Gmina Łąka"), person(tenant, "Jan Lis", "N" * 60), person(tenant, "Ewa Sum")
    for meeting in meetings:
        for one in (anna, jan):
            tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", person_id=one["id"])
    for meeting, one, state in ((meetings[0], anna, "present"), (meetings[1], anna, "present"), (meetings[0], jan, "remote"), (meetings[1], ewa, "excused")):
        bring(tenant, meeting, one, state)
    return {"series": series, "meetings": meetings, "register": f"/platforms/{tenant.slug}/register?year=2020"}


def fetch(browser, url):
    """A file behind a link or a form's button, as the signed-in browser would get it."""
    answer = requests.get(url, cookies={one["name"]: one["value"] for one in browser.driver.get_cookies()}, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer


def form_file(browser, button):
    """What the download form leads to by the button of that text."""
    form = browser.find("#download form")
    pressed = next(one for one in form.find_elements(By.TAG_NAME, "button") if button == one.get_attribute("textContent"))
    fields = {one.get_attribute("name"): one.get_attribute("value") for one in form.find_elements(By.CSS_SELECTOR, "input[type=hidden]")}
    fields.pop("progress", None)
    query = requests.models.RequestEncodingMixin._encode_params(fields)
    return fetch(browser, (pressed.get_property("formAction") or form.get_property("action")) + "?" + query)


def rows(browser):
    """{name: its numbers, and a sign for each meeting}"""
    found = {}
    for row in browser.all("table.register tbody tr"):
        cells = [cell.text for cell in row.find_elements(By.TAG_NAME, "td")]
        found[row.find_element(By.TAG_NAME, "th").text.split("\n")[0]] = cells[:6] + [cell[:1] for cell in cells[6:]]
    return found


def shown(browser):
    """Every chart of the page is a picture that was there: {name: how large its letters are on this screen, in pixels}."""
    found = {}
    for image in browser.all(".chart img"):
        browser.run("arguments[0].scrollIntoView()", image)
        wide, drawn = browser.run("return [arguments[0].naturalWidth, arguments[0].clientWidth]", image)
        assert wide > 0 and image.get_attribute("alt"), image.get_attribute("src")
        found[browser.run("return arguments[0].currentSrc", image).split("?")[0].rsplit("/", 1)[1].removesuffix(".svg")] = 13 * drawn / wide
    return found


def test_the_register_is_read_and_filtered(signed_in, council):
    signed_in.go(council["register"])
    assert rows(signed_in) == {
        "Anna Żak": ["100 %\n2 / 2", "10.04.2020", "2", "0", "0", "0", "✓", "✓", "○"],
        "Ewa Sum": ["0 %\n0 / 1", "–", "0", "0", "1", "0", "", "U", ""],
        "Jan Lis": ["50 %\n1 / 2", "10.03.2020", "0", "1", "0", "0", "●", "?", "○"],
    }
    assert look(signed_in) == []
    signed_in.find("#below").send_keys("60")
    signed_in.press("Pokaż")
    assert list(rows(signed_in)) == ["Ewa Sum", "Jan Lis"] and signed_in.find("#year").get_attribute("value") == "2020"
    signed_in.find("#q").send_keys("lis")
    signed_in.press("Pokaż")
    assert list(rows(signed_in)) == ["Jan Lis"]
    signed_in.find("#below").clear()
    signed_in.find("#q").clear()
    Select(signed_in.find("#by")).select_by_value("organisation")
    signed_in.press("Pokaż")
    assert list(rows(signed_in)) == ["Gmina Łąka", "N" * 60] and rows(signed_in)["Gmina Łąka"][0] == "100 %\n2 / 2"
    signed_in.open("Spotkania w rejestrze")
    signed_in.follow("Rada 3", within="main details ul")
    assert "statistics" in signed_in.path and signed_in.find("h1").text == "Statystyki"


def test_the_files_of_the_register_are_as_filtered_as_the_page(signed_in, council):
    signed_in.go(council["register"] + "&below=60")
    signed_in.open("Pobierz listę")
    table = list(csv.DictReader(io.StringIO(form_file(signed_in, "CSV").content.decode())))
    assert [row["name"] for row in table] == ["Ewa Sum", "Jan Lis"]
    seen = text(form_file(signed_in, "PDF").content, "-layout")
    assert "Jan Lis" in seen and "Ewa Sum" in seen and "Anna Żak" not in seen and "✓ obecność" in seen


def test_of_a_series(signed_in, tenant, council):
    other = held(tenant, "2020-06-10", "Inne")
    bring(tenant, other, person(tenant, "Ktoś Inny"), "present")
    signed_in.go(f"/platforms/{tenant.slug}/series/{council['series']['id']}/statistics?year=2020")
    assert "Inne" not in signed_in.main and [one.text.split("\n") for one in signed_in.all(".counts li")][:3] == [["3", "Spotkania"], ["2", "Zaproszone osoby"], ["2", "Obecne osoby"]]
    assert list(shown(signed_in)) == ["trend"]
    signed_in.follow("Rejestr obecności", within="main")
    signed_in.find("#year").send_keys("2020")
    signed_in.press("Pokaż")
    assert set(rows(signed_in)) == {"Anna Żak", "Jan Lis", "Ewa Sum"}
    assert signed_in.path.split("?")[0].endswith(f"/series/{council['series']['id']}/register")


def test_the_numbers_of_a_meeting_stand_beside_their_charts(signed_in, tenant, council):
    signed_in.go(f"/platforms/{tenant.slug}/meetings/{council['meetings'][0]['slug']}/statistics")
    assert [one.text.split("\n") for one in signed_in.all(".counts li")] == [
        ["2", "Zaproszenia"], ["0", "Odpowiedzi (0%)"], ["0", "Przyjęte"], ["2", "Obecni"], ["0", "Nie przyszli"], ["0", "Bez zaproszenia"]]  # fmt: skip
    charts = shown(signed_in)
    assert set(charts) >= set(CHARTS) - {"answers"} and min(charts.values()) >= 12
    signed_in.open("Liczby")
    numbers = signed_in.find(".chart + details[open] table").text
    assert "Zaproszenia 2" in numbers and "Obecni 2" in numbers
    assert look(signed_in) == []
    report = fetch(signed_in, signed_in.find("main").find_element(By.PARTIAL_LINK_TEXT, "(PDF)").get_property("href"))
    assert report.headers["Content-Type"] == "application/pdf" and "Od zaproszenia do obecności" in text(report.content)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["pl", "en", "fi"])
def test_on_a_phone_without_scripts_all_can_be_read(signed_in, tenant, council, language, scheme):
    signed_in.resize(390, 844)
    signed_in.scheme(scheme)
    meeting = f"/platforms/{tenant.slug}/meetings/{council['meetings'][0]['slug']}/statistics?lang={language}"
    for page in (meeting, f"/platforms/{tenant.slug}/statistics?year=2020&lang={language}", council["register"] + f"&by=organisation&lang={language}"):
        signed_in.go(page)
        assert signed_in.overflow()[0] <= 0, (page, signed_in.overflow())
        assert all(size >= 12 for size in shown(signed_in).values()), shown(signed_in)
    # The name stays in sight beside the states, however long it is.
    assert signed_in.run("return document.querySelector('table.register tbody th').clientWidth") < 200
    signed_in.script(False)
    signed_in.go(council["register"])
    signed_in.find("#q").send_keys("anna")
    signed_in.press("Pokaż" if language == "pl" else "Show" if language == "en" else "Näytä")
    assert list(rows(signed_in)) == ["Anna Żak"]
    assert not signed_in.complaints()


def test_many_meetings_on_a_phone_leave_names_readable(signed_in, tenant):
    one = person(tenant, "Łucja Ćma", "Urząd Marszałkowski Województwa Małopolskiego")
    for month in range(1, 13):
        for day in (5, 20):
            bring(tenant, held(tenant, f"2020-{month:02}-{day:02}"), one, "present")
    signed_in.resize(390, 844)
    signed_in.go(f"/platforms/{tenant.slug}/register?year=2020")
    assert 120 < signed_in.run("return document.querySelector('table.register tbody th').clientWidth") < 200
    assert signed_in.run("return document.querySelector('table.register tbody tr').clientHeight") < 200
    region = signed_in.find("main .table-scroll")
    signed_in.run("arguments[0].scrollLeft = 2000", region)
    assert signed_in.run("return document.querySelector('table.register tbody th').getBoundingClientRect().left") >= 0 and signed_in.overflow()[0] <= 0


def test_by_keyboard(signed_in, council):
    signed_in.go(council["register"])
    signed_in.tab_to(lambda one: one.get_attribute("id") == "below").send_keys("60")
    with signed_in.leaving():
        signed_in.keys(Keys.ENTER)
    assert list(rows(signed_in)) == ["Ewa Sum", "Jan Lis"]
    region = signed_in.tab_to(lambda one: one.get_attribute("role") == "region")
    assert region.get_attribute("aria-label") == "Rejestr obecności"
    with signed_in.leaving():
        signed_in.tab_to(lambda one: one.tag_name == "a" and "2020" in one.text)
        signed_in.keys(Keys.ENTER)
    assert signed_in.find("h1").text == "Statystyki"


def test_printed_from_the_browser_the_charts_are_there(signed_in, tenant, council, tmp_path):
    signed_in.go(f"/platforms/{tenant.slug}/meetings/{council['meetings'][0]['slug']}/statistics")
    shown(signed_in)
    pages, seen = signed_in.printed(tmp_path)
    assert pages <= 4 and "Od zaproszenia do obecności" in seen and "Pobierz listę" not in seen
