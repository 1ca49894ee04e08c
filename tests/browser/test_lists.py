"""test_lists.py: inviting by a list in the browser: uploaded or pasted, looked at, corrected, run, taken back; with scripts and without."""

import contextlib
import time

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

WORDS = {
    "pl": {"language": "pl", "scripts": False, "to": "Wiele osób naraz", "read_file": "Odczytaj plik", "read_text": "Odczytaj listę", "bad": "To nie jest adres e-mail.",
           "known": "nowe osoby", "name": "imię i nazwisko", "change": "Zastosuj", "run": "Zaproś osoby z listy", "done": "gotowe", "undo": "Wycofaj całą listę", "undone": "wycofana",
           "pdf": "To jest dokument, a nie lista."},
    "en": {"language": "en", "scripts": True, "to": "Many people at once", "read_file": "Read the file", "read_text": "Read the list", "bad": "Not an e-mail address.",
           "known": "new people", "name": "name", "change": "Apply", "run": "Invite the people of the list", "done": "done", "undo": "Take the whole list back", "undone": "taken back",
           "pdf": "This is a document, not a list."},
}  # fmt: skip


def see(browser, words, seconds=60):
    """Waits until the page, which renews itself, says so beside its title."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(WebDriverException):
            if browser.find(".subtitle .badge").text == words:
                return
        time.sleep(0.1)
    raise AssertionError(f"“{words}” never came: {browser.text[:500]}")


def choose_file(browser, place, name, content):
    file = place / name
    file.write_bytes(content)
    browser.driver.find_element(By.ID, "import-file").send_keys(str(file))


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_a_file_becomes_invitations_and_is_taken_back(signed_in, tenant, meeting, tmp_path, words):
    browser, path = signed_in, f"/platforms/{tenant.slug}/meetings/{meeting['slug']}"
    browser.speak(words["language"])
    browser.script(words["scripts"])
    browser.resize(390, 844)
    browser.go(f"{path}/invitations")
    browser.follow(words["to"], "main")
    choose_file(browser, tmp_path, "lista.pdf", b"%PDF-1.7 not a list")
    browser.press(words["read_file"])
    assert words["pdf"] in browser.find(".form-problem").text

    choose_file(browser, tmp_path, "goście.csv", "Kto;Kontakt\r\nŻaneta Łoś;zaneta@example.org\r\nOla;zły adres\r\n".encode("cp1250"))
    browser.press(words["read_file"])
    assert browser.find("h1").text == "goście.csv" and words["bad"] in browser.main
    wider, culprits = browser.overflow()
    assert wider <= 0, culprits
    Select(browser.driver.find_element(By.ID, "column-1")).select_by_visible_text(words["name"])
    browser.find("#update_import-with_header").click()
    browser.press(words["change"])
    assert "Żaneta Łoś" in browser.main and words["known"] in browser.main
    browser.press(words["run"])
    see(browser, words["done"])
    assert tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/counts").json()["invited"] == 1
    browser.press(words["undo"])
    see(browser, words["undone"])
    assert tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/counts").json()["invited"] == 0
    assert all("422" in one for one in browser.complaints())


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_pasted_addresses(signed_in, tenant, meeting, words):
    browser = signed_in
    browser.speak(words["language"])
    browser.script(words["scripts"])
    browser.go(f"/platforms/{tenant.slug}/meetings/{meeting['slug']}/imports")
    browser.fill("create_import", text="Jan Kowalski <jan@example.org>; Ola Nowak <ola@example.org>")
    browser.press(words["read_text"])
    assert "Jan Kowalski" in browser.main and "ola@example.org" in browser.main
    browser.press(words["run"])
    see(browser, words["done"])
    assert tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/counts").json()["invited"] == 2
