"""The organiser's day in the browser: from the sign-in link to a cancelled meeting, with scripts and without."""

import re

import pytest
import requests

PEOPLE = [("Adam Pierwszy", "adam@example.org"), ("Beata Druga", "beata@example.org"), ("Cezary Trzeci", "cezary@example.org")]
GOZ = "/platforms/goz/meetings/2019-12-17-miasta-i-gminy-w-obiegu-zamknietym"


@pytest.fixture
def prepared(make_tenant):
    """A platform with three people, two of them in a group."""
    tenant = make_tenant(language="pl", time_zone="Europe/Warsaw")
    people = [tenant.owner.create("people", name=name, email=email) for name, email in PEOPLE]
    group = tenant.owner.create("groups", name="Rada programowa")
    for person in people[:2]:
        tenant.owner.create(f"groups/{group['id']}/members", person_id=person["id"])
    return tenant


def counts(browser):
    """{what is counted: how many}, as the page shows it."""
    found = {}
    for item in browser.all(".counts > li"):
        number, words = re.match(r"\s*(\d+)\s+(.*)", " ".join(item.text.split())).groups()
        found[words] = int(number)
    return found


def titles(browser):
    return [item.text for item in browser.all(".timeline .what > h2, .timeline .what > h3")]


def sign_in(browser, link):
    browser.go(link)
    assert "/sign-in/" not in browser.path, "the link is not left in the address"
    assert browser.find("h1").text == "Moje platformy"


def create_with_a_mistake_first(browser, scripts):
    browser.press("Nowe spotkanie")
    browser.fill("create_meeting", title="Woda w mieście", theme="Deszczówka", purpose="Zbieranie deszczówki.")
    browser.fill("create_meeting", starts_at="2031-05-06T10:00", ends_at="2031-05-06T09:00", capacity="40")
    browser.press("Utwórz szkic")
    assert browser.find(".form-problem").text
    assert browser.error("create_meeting", "ends_at"), browser.main[:1500]
    assert not browser.error("create_meeting", "title")
    kept = {name: browser.value("create_meeting", name) for name in ("title", "theme", "purpose", "starts_at", "ends_at", "capacity")}
    assert kept["title"] == "Woda w mieście" and kept["theme"] == "Deszczówka" and kept["purpose"] == "Zbieranie deszczówki."
    assert kept["starts_at"][:16] == "2031-05-06T10:00" and kept["ends_at"][:16] == "2031-05-06T09:00" and kept["capacity"] == "40"
    assert browser.driver.find_element("id", "create_meeting-ends_at").get_attribute("aria-invalid") == "true"
    if scripts:
        assert "form-problem" in browser.driver.switch_to.active_element.get_attribute("class"), "what went wrong is read first"
    browser.find(".form-problem a").click()
    assert browser.driver.current_url.endswith("#create_meeting-ends_at")
    browser.fill("create_meeting", ends_at="2031-05-06T12:00")
    browser.press("Utwórz szkic")
    assert browser.find("h1").text == "Deszczówka"
    assert "Szkic" in browser.main
    return browser.path.split("?")[0]


def edit(browser, here):
    browser.go(f"{here}/edit")
    assert browser.value("update_meeting", "title") == "Woda w mieście"
    browser.fill("update_meeting", theme="Deszczówka w mieście", contact_email="biuro@example.org")
    browser.press("Zapisz")
    assert "Zapisano" in browser.main and browser.find("h1").text.replace("\xa0", " ") == "Deszczówka w mieście"
    assert "biuro@example.org" in browser.main and "Zbieranie deszczówki." in browser.main


def add_programme(browser, here):
    browser.go(f"{here}/agenda")
    for title, minutes in (("Otwarcie", "15"), ("Zbiorniki", "45")):
        browser.fill("create_agenda_item", title=title, duration_minutes=minutes)
        browser.press("Dodaj")
    assert titles(browser) == ["Otwarcie", "Zbiorniki"]
    assert [time.text for time in browser.all(".timeline .time")] == ["10:00–10:15", "10:15–11:00"]
    browser.press("Wyżej")
    assert titles(browser) == ["Zbiorniki", "Otwarcie"]
    assert [time.text for time in browser.all(".timeline .time")] == ["10:00–10:45", "10:45–11:00"]


def add_speakers(browser, here):
    browser.go(f"{here}/speakers")
    browser.fill("create_speaker", person_id="Cezary Trzeci", role="gość specjalny")
    browser.press("Dodaj")
    browser.fill("create_speaker", person__name="Danuta Czwarta", person__position="burmistrz", role="prelekcja", agenda_item_id="Zbiorniki")
    browser.press("Dodaj")
    rows = [" ".join(row.text.split()) for row in browser.all("tbody tr")]
    assert len(rows) == 2
    assert any("Cezary Trzeci" in row and "gość specjalny" in row and "całe spotkanie" in row for row in rows)
    assert any("Danuta Czwarta" in row and "burmistrz" in row and "Zbiorniki" in row for row in rows)


def publish(browser, here):
    public = requests.get(browser.url(here), headers={"Accept": "text/html"}, timeout=30)
    assert public.status_code == 404, "a draft is nobody's business yet"
    browser.go(here)
    browser.press("Ogłoś")
    assert "ogłoszone" in browser.find(".organiser-bar .badge").text
    public = requests.get(browser.url(here), headers={"Accept": "text/html", "Accept-Language": "pl"}, timeout=30)
    assert public.status_code == 200
    assert "Zbiorniki" in public.text and "Danuta Czwarta" in public.text and "Cezary Trzeci" in public.text
    assert "Edycja" not in public.text


def invite(browser, here):
    browser.go(f"{here}/invitations")
    browser.open("Całą grupę")
    browser.fill("create_invitation", group_id="Rada programowa")
    browser.press("Zaproś grupę")
    assert "Zaproszone osoby: " in browser.main
    assert counts(browser)["zaproszeni"] == 2 and counts(browser)["bez odpowiedzi"] == 2
    browser.open("Nową osobę")
    browser.fill("create_invitation", person__name="Ewa Piąta", person__email="ewa@example.org")
    within = browser.driver.find_element("id", "create_invitation-person-name").find_element("xpath", "ancestor::form")
    with browser.leaving():
        within.find_element("css selector", "button.primary").click()
    browser.open("Osoby lub organizację z list")
    browser.find("#find-words").send_keys("trzeci")
    with browser.leaving():
        browser.find("#find button[type=submit]").click()
    browser.find("#find .checks label").click()
    browser.press("Zaproś zaznaczonych")
    assert counts(browser)["zaproszeni"] == 4
    browser.open("Całą grupę")
    browser.fill("create_invitation", group_id="Rada programowa")
    browser.press("Zaproś grupę")
    assert counts(browser)["zaproszeni"] == 4, "who was invited already is not invited twice"
    assert {name for name, _ in PEOPLE} | {"Ewa Piąta"} == {link.text for link in browser.all("tbody th a")}


def counts_follow_answers(browser, here):
    links = [field.get_attribute("value") for field in browser.all("tbody input.link")]
    for link, response in zip(links, ("accepted", "accepted", "declined")):
        assert requests.post(link, json={"response": response}, timeout=30).status_code == 200
    browser.go(f"{here}/invitations")
    seen = counts(browser)
    assert seen["obecność potwierdzona"] == 2 and seen["odmowa"] == 1 and seen["bez odpowiedzi"] == 1
    assert seen["wolne miejsca"] == 38
    browser.follow("odmowa", within=".counts")
    assert len(browser.all("tbody tr")) == 1
    browser.go(here)
    assert counts(browser)["obecność potwierdzona"] == 2


def record_attendance(browser, here):
    browser.go(f"{here}/check-in/sheet")
    browser.find("input[type=radio][value=present]").click()
    browser.press("Zapisz")
    assert "Liczba zapisów: 1" in browser.main
    browser.go(f"{here}/attendance")
    assert counts(browser)["na miejscu"] == 1
    browser.open("Osoba bez zaproszenia")
    browser.fill("create_attendance", person__name="Filip Szósty")
    browser.press("Zapisz obecność")
    assert "Obecność zapisana" in browser.main and counts(browser)["na miejscu"] == 2 and counts(browser)["bez zaproszenia"] == 1
    next(row for row in browser.all("tbody tr") if "Filip" not in row.text).find_element("css selector", "a").click()
    browser.press("Cofnij wpis")
    assert counts(browser)["na miejscu"] == 1
    browser.go(f"{here}/check-in/sheet")
    browser.find("input[type=radio][value=present]").click()
    browser.press("Zapisz")


def read_attendees(browser, here):
    browser.go(f"{here}/attendees")
    names = [" ".join(cell.text.split()) for cell in browser.all("tbody th")]
    assert len(names) == 5 and any(name.startswith("Filip Szósty") for name in names)
    assert any("Rada programowa" in cell.text for cell in browser.all("tbody td"))
    links = [link.get_attribute("href") for link in browser.all("main a.button")]
    assert any(".csv" in link for link in links)


def cancel(browser, here):
    browser.go(here)
    browser.press("Odwołaj spotkanie")
    browser.fill("update_meeting", cancelled_reason="Za mało zgłoszeń.")
    browser.press("Odwołaj spotkanie", within="#cancel form")
    assert "Spotkanie odwołane" in browser.main
    public = requests.get(browser.url(here), headers={"Accept": "text/html", "Accept-Language": "pl"}, timeout=30)
    assert public.status_code == 200
    assert "Spotkanie odwołane" in public.text and "Za mało zgłoszeń." in public.text
    browser.go(f"{here}/invitations")
    assert counts(browser)["obecność potwierdzona"] == 2, "nothing answered is lost"


def sign_out(browser, here):
    browser.press("Wyloguj", within="header")
    assert "Logowanie" in browser.find("header").text
    browser.go(f"{here}/invitations")
    assert "Ewa Piąta" not in browser.text and browser.find("h1").text


@pytest.mark.parametrize("scripts", [True, False], ids=["with-js", "without-js"])
def test_a_meeting_from_plan_to_end(browser, prepared, sign_in_link, scripts):
    browser.script(scripts)
    sign_in(browser, sign_in_link("koordynacja@example.org"))
    browser.go(f"/platforms?q={prepared.slug}")  # this account organises many
    browser.follow(prepared.slug, within="main")
    browser.follow("Spotkania", within=".sections")
    here = create_with_a_mistake_first(browser, scripts)
    for step in (edit, add_programme, add_speakers, publish, invite, counts_follow_answers, record_attendance, read_attendees, cancel, sign_out):
        step(browser, here)


def test_the_demo_as_its_organiser_finds_it(signed_in):
    browser = signed_in
    assert browser.find("h1").text == "Moje platformy"
    assert "Biogospodarka i Gospodarka o Obiegu Zamkniętym" in browser.main and "ICEI Alliance" in browser.main
    browser.follow("Biogospodarka", within="main")
    browser.follow("Miasta i gminy w obiegu", within="main")
    assert browser.path == GOZ
    browser.follow("Program", within=".tabs")
    assert titles(browser)[0] == "Inicjatywy i plany na nadchodzący rok dotyczące GOZ w Małopolsce" and len(titles(browser)) == 3
    browser.follow("Zaproszenia", within=".tabs")
    seen = counts(browser)
    assert seen["zaproszeni"] == sum(seen[word] for word in ("bez odpowiedzi", "obecność potwierdzona", "może", "odmowa"))
    browser.follow("Lista uczestników", within=".tabs")
    assert "Wacław Skubida" in browser.main and "Agnieszka Wadowska" in browser.main
    browser.follow("English", within="header")
    assert "attend" in browser.main.lower() and "Wacław Skubida" in browser.main


def test_sign_in_page_tells_nothing_about_accounts(browser):
    said = []
    for email in ("koordynacja@example.org", "nikt@example.org"):
        browser.go("/sign-in")
        browser.fill("request_sign_in", email=email)
        browser.press("Wyślij link")
        said.append(browser.main)
    assert said[0] == said[1] and "link" in said[0]


def test_a_used_up_link_offers_another(browser, sign_in_link):
    link = sign_in_link("koordynacja@example.org")
    browser.go(link)
    browser.press("Wyloguj", within="header")
    browser.go(link)
    assert browser.find("h1").text != "Moje platformy"
    assert browser.driver.find_element("id", "request_sign_in-email").is_displayed()
