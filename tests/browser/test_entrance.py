"""The day itself in a browser: tickets that a camera reads off the screen, the room's code, joining, the kiosk; without scripts."""

import urllib.parse

import pytest

from entrance import attendance, decoded, seated, ticket_path, today
from selenium.webdriver.support.ui import WebDriverWait
from test_every_page import as_owner, look

ME = "Krystyna Łoś"


@pytest.fixture
def forum(tenant):
    return today(tenant, theme="Woda w obiegu", language="pl", companions_allowed=2)


@pytest.fixture
def one(tenant, forum):
    return seated(tenant, forum, ME, companions=["Olga Ruta"], organisation="Gmina Próbna", position="wójt")


def seen(browser):
    """What a reader finds on the screen."""
    return decoded(browser.driver.get_screenshot_as_png())


def until(browser, happened):
    WebDriverWait(browser.driver, 30).until(lambda driver: happened())


def sign_in(browser, organiser):
    name, value = organiser.cookie.split("=", 1)
    as_owner(browser, {name: value})


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_camera_reads_the_ticket_off_the_phone(browser, server, tenant, one, width, scheme):
    path = ticket_path(tenant, one)
    browser.resize(width, 1100)
    browser.scheme(scheme)
    browser.go(path)
    assert browser.find("h1").text == ME
    assert seen(browser) == server.base_url + path
    assert not look(browser)


def test_the_invitees_page_unfolds_the_ticket_on_the_day(browser, server, tenant, one):
    browser.go(one["rsvp_url"])
    picture = browser.find("#ticket img")
    browser.run("arguments[0].scrollIntoView({block: 'center'})", picture)
    assert seen(browser) == server.base_url + ticket_path(tenant, one)


def test_an_assistants_phone_opens_the_ticket_and_checks_in(browser, tenant, forum, one, organiser):
    browser.script(False)
    sign_in(browser, organiser)
    browser.resize(390)
    browser.go(ticket_path(tenant, one))
    assert "Bilet ważny" in browser.main and "Olga Ruta" in browser.main
    browser.press("Zapisz obecność")
    assert "Obecność zapisana" in browser.find(".notice.good").text
    assert attendance(tenant, forum)[ME][0] == "present"


def test_a_ticket_of_another_day_is_red(browser, tenant, meeting, organiser):
    one = seated(tenant, meeting, ME)
    sign_in(browser, organiser)
    browser.go(ticket_path(tenant, one))
    assert "inny dzień" in browser.find(".notice.bad").text
    assert not browser.all("button.answer")
    assert not look(browser)
    tenant.organiser.post(f"meetings/{meeting['slug']}/invitations/{one['id']}/revoke-link", {})
    browser.go(browser.path)
    assert "nieważny" in browser.find(".notice.bad").text
    assert not look(browser)


def test_the_rooms_screen_is_read_from_afar(browser, server, tenant, forum, organiser):
    browser.script(False)
    sign_in(browser, organiser)
    browser.resize(1280)
    browser.go(f"/platforms/{tenant.slug}/meetings/{forum['slug']}/screen")
    code = browser.find(".room-code").text.split()[-1]
    assert seen(browser) == f"{server.base_url}/here/{tenant.slug}/{code}"


def test_whoever_scans_the_screen_types_the_code_of_the_ticket(browser, tenant, forum, one):
    browser.script(False)
    browser.resize(390)
    code = tenant.assistant.get(f"meetings/{forum['slug']}/screen").json()["code"]
    browser.go(f"/here/{tenant.slug}/{code}")
    browser.fill("arrive_room", ticket="00000000")
    browser.press("Potwierdzam obecność")
    assert "Żaden bilet" in browser.find(".form-problem").text
    browser.fill("arrive_room", ticket=tenant.public.get(ticket_path(tenant, one)).json()["ticket_code"])
    browser.press("Potwierdzam obecność")
    assert ME in browser.find(".notice.good").text
    assert attendance(tenant, forum)[ME][0] == "present"


def test_a_phone_that_remembers_the_ticket_needs_one_tap(browser, tenant, forum, one):
    browser.resize(390)
    browser.go(ticket_path(tenant, one))
    browser.open("Przygotuj ten telefon")
    browser.press("Zapamiętaj bilet")
    assert "pamięta bilet" in browser.find(".notice.good").text
    code = tenant.assistant.get(f"meetings/{forum['slug']}/screen").json()["code"]
    browser.go(f"/here/{tenant.slug}/{code}")
    assert not look(browser)
    browser.resize(390)
    browser.press(f"Potwierdzam obecność: {ME}")
    assert ME in browser.find(".notice.good").text
    assert not look(browser)


def test_the_code_is_typed_on_ones_own_page(browser, tenant, forum, one):
    browser.script(False)
    browser.go(one["rsvp_url"])
    browser.open("Jestem na sali")
    browser.fill("arrive_rsvp", code=tenant.assistant.get(f"meetings/{forum['slug']}/screen").json()["code"].lower())
    browser.press("Potwierdzam obecność")
    assert "Obecność zapisana" in browser.find("#saved").text
    assert attendance(tenant, forum)[ME][0] == "present"


def test_joining_by_link_leads_to_the_meeting_and_is_recorded(browser, server, tenant):
    browser.script(False)
    online = today(tenant, language="pl", format="online", online_url=server.base_url + "/docs")
    one = seated(tenant, online, ME)
    browser.go(one["rsvp_url"])
    browser.press("Dołącz online")
    until(browser, lambda: browser.path == "/docs")
    assert attendance(tenant, online)[ME][0] == "remote"
    browser.go(one["rsvp_url"])
    assert "zdalnie" in browser.find("#answer ~ .notice.good").text


def test_a_guest_finds_themself_on_the_kiosk(browser, server, tenant, forum, one):
    browser.script(False)
    browser.resize(1280)
    path = urllib.parse.urlsplit(tenant.organiser.create(f"meetings/{forum['slug']}/kiosks", name="Wejście")["kiosk_url"]).path
    browser.go(path)
    assert ME not in browser.text
    browser.find("#q").send_keys("los")
    browser.press("Szukaj")
    browser.follow(ME)
    assert "Olga Ruta" in browser.main
    browser.press("Potwierdzam obecność")
    assert "Obecność zapisana" in browser.find(".notice.good").text and ME not in browser.text
    assert attendance(tenant, forum)[ME][0] == "present"
    assert browser.path == path + "?done=arrive_kiosk"


def test_the_kiosks_address_is_a_code(browser, server, tenant, forum, organiser):
    made = tenant.organiser.create(f"meetings/{forum['slug']}/kiosks", name="Wejście")
    sign_in(browser, organiser)
    browser.go(f"/platforms/{tenant.slug}/meetings/{forum['slug']}/kiosks")
    browser.open("Otwórz na tablecie")
    browser.run("document.querySelector('.code').scrollIntoView({block: 'center'})")
    until(browser, lambda: browser.run("return document.querySelector('.code img').complete"))
    assert seen(browser) == made["kiosk_url"]
