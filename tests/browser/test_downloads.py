"""test_downloads.py: an organiser takes lists away as files, without a script: at once, by choice of columns, and by the page that counts."""

import time

import openpyxl
import pytest
from selenium.webdriver.common.by import By

from database import psql
from test_every_page import look


def arrived(browser, seconds=60):
    """The file that the browser has saved, once it is whole; it is taken away."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        files = [file for file in browser.downloads.iterdir() if file.suffix != ".crdownload" and not file.name.startswith(".")]
        if files:
            return files[0]
        time.sleep(0.1)
    raise AssertionError(f"Nothing was downloaded from {browser.path}: {browser.text[:300]}")


@pytest.fixture
def organising(signed_in):
    for file in signed_in.downloads.iterdir():
        file.unlink()
    signed_in.resize(390, 844)
    signed_in.script(False)
    return signed_in


def test_columns_are_chosen_on_the_page(organising, tenant, meeting, invitation):
    organising.go(f"/platforms/{tenant.slug}/meetings/{meeting['slug']}/invitations?response=needs_action")
    organising.open("Pobierz listę")
    organising.open("Wybierz kolumny i nagłówki")
    for box in organising.all("#download input[type=checkbox]"):
        if box.is_selected() and box.get_attribute("value") not in ("name", "organisation", "response"):
            box.click()
    assert organising.overflow()[0] <= 0, organising.overflow()
    next(button for button in organising.all("#download button") if "Excel (XLSX)" in button.text).click()
    file = arrived(organising)
    assert file.name.startswith("2031-03-04 Spotkanie próbne") and file.name.endswith("Zaproszenia.xlsx")
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(file).active.iter_rows()]
    assert rows == [["Imię i nazwisko", "Organizacja", "Odpowiedź"], ["Ewa Próbna", "Gmina Próbna", "bez odpowiedzi"]]
    file.unlink()
    next(button for button in organising.all("#download button") if button.text == "CSV").click()
    file = arrived(organising)
    assert file.read_bytes().startswith("Imię i nazwisko,Organizacja,Odpowiedź\r\n".encode())


def test_a_long_list_shows_how_far_it_is(organising, server, tenant, meeting):
    psql(server, "narada_owner", f"""
        select set_config('narada.platform_id', id::text, false) from platform where slug = '{tenant.slug}';
        insert into person (name) select 'Osoba ' || n from generate_series(1, 30000) n""")
    organising.go(f"/platforms/{tenant.slug}/people")
    organising.find("main").find_element(By.PARTIAL_LINK_TEXT, "Excel (XLSX)").click()
    file = arrived(organising)
    assert file.name.endswith("Osoby.xlsx")
    assert "Plik jest gotowy." in organising.main and "Gotowe wiersze: 30000" in organising.main
    assert len([step for step in organising.all(".only-last > *") if step.is_displayed()]) == 1, "only the last step is shown"
    assert not organising.complaints()
    file.unlink()
    organising.find("main").find_element(By.PARTIAL_LINK_TEXT, "Pobierz plik").click()
    assert openpyxl.load_workbook(arrived(organising), read_only=True).active.max_row == 30001
    organising.script(True)
    assert look(organising) == []
