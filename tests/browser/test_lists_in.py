"""test_lists_in.py: the register filled from a list in the browser, and a meeting carried from one platform to another; with scripts and without."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from happenings import all_items, invite
from test_lists import choose_file, see

WORDS = {
    "pl": {"language": "pl", "scripts": False, "to": "Osoby z listy", "read_file": "Odczytaj plik", "bad": "To nie jest adres e-mail.", "changes": "do zmiany", "name": "imię i nazwisko",
           "change": "Zastosuj", "run": "Przyjmij listę", "done": "gotowe", "undo": "Wycofaj całą listę", "undone": "wycofana", "archives": "Spotkania z archiwum", "take": "Przyjmij spotkanie"},
    "en": {"language": "en", "scripts": True, "to": "People from a list", "read_file": "Read the file", "bad": "Not an e-mail address.", "changes": "to be changed", "name": "name",
           "change": "Apply", "run": "Take the list over", "done": "done", "undo": "Take the whole list back", "undone": "taken back", "archives": "Meetings from archives",
           "take": "Take the meeting in"},
}  # fmt: skip


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_people_from_a_list_and_back(signed_in, tenant, tmp_path, words):
    browser = signed_in
    known = tenant.owner.create("people", name="Jan Łoś", email="jan@example.org", position="wójt")
    browser.speak(words["language"])
    browser.script(words["scripts"])
    browser.resize(390, 844)
    browser.go(f"/platforms/{tenant.slug}/people")
    browser.follow(words["to"], "main")
    content = "Kto;Kontakt;Stanowisko\r\nŻaneta Łoś;zaneta@example.org;\r\nJan Łoś;jan@example.org;burmistrz\r\nOla;zły adres;\r\n"
    choose_file(browser, tmp_path, "osoby.csv", content.encode("cp1250"))
    browser.press(words["read_file"])
    assert browser.find("h1").text == "osoby.csv" and words["bad"] in browser.main
    wider, culprits = browser.overflow()
    assert wider <= 0, culprits
    Select(browser.driver.find_element(By.ID, "column-1")).select_by_visible_text(words["name"])
    browser.press(words["change"])
    assert "Żaneta Łoś" in browser.main and words["changes"] in browser.main
    assert browser.find("del").text == "wójt" and browser.find("ins").text == "burmistrz"  # what would replace what, before anything does
    assert tenant.organiser.get(f"people/{known['id']}").json()["position"] == "wójt"
    browser.press(words["run"])
    see(browser, words["done"])
    assert tenant.organiser.get(f"people/{known['id']}").json()["position"] == "burmistrz" and len(all_items(tenant.organiser, "people")) == 2
    browser.press(words["undo"])
    see(browser, words["undone"])
    assert [(one["id"], one["position"]) for one in all_items(tenant.organiser, "people")] == [(known["id"], "wójt")]
    assert browser.complaints() == []


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_a_meeting_is_carried_over(signed_in, tenant, meeting, make_tenant, tmp_path, words):
    browser, other = signed_in, make_tenant()
    invite(tenant, meeting, "Żaneta Łoś", email="zaneta@example.org")
    archive = tenant.organiser.get(f"meetings/{meeting['slug']}/archive.zip", headers={"Accept": "*/*"}).content
    browser.speak(words["language"])
    browser.script(words["scripts"])
    browser.resize(390, 844)
    browser.go(f"/platforms/{other.slug}/meetings")
    browser.follow(words["archives"], "main")
    for name, content in (("zły.zip", b"no zip"), ("spotkanie.zip", archive)):
        file = tmp_path / name
        file.write_bytes(content)
        browser.driver.find_element(By.ID, "archive-file").send_keys(str(file))
        browser.press(words["take"])
        if content is not archive:
            assert browser.find(".form-problem")
    assert browser.path.split("?")[0] == f"/platforms/{other.slug}/meetings/{meeting['slug']}"
    wider, culprits = browser.overflow()
    assert wider <= 0, culprits
    assert [one["person"]["name"] for one in all_items(other.organiser, f"meetings/{meeting['slug']}/invitations")] == ["Żaneta Łoś"]
    assert all("422" in one for one in browser.complaints())
