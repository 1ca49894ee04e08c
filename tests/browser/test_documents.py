"""test_documents.py: an organiser hands out a file, and whoever is invited keeps it; on a phone, without scripts."""

import pytest

from test_downloads import arrived

SLIDES = b"%PDF-1.7\n" + bytes(range(256)) * 40


@pytest.fixture
def handing_out(signed_in, meeting, tmp_path):
    for file in signed_in.downloads.iterdir():
        file.unlink()
    (tmp_path / "Slajdy o wodzie.pdf").write_bytes(SLIDES)
    (tmp_path / "pusty.pdf").write_bytes(b"")
    signed_in.resize(390, 844)
    signed_in.script(False)
    return signed_in


def hand_out(browser, file, **fields):
    browser.find("#document-file").send_keys(str(file))
    browser.fill("create_document", **fields)
    browser.press("Wyślij plik")


def test_a_file_is_handed_out_and_kept(handing_out, tenant, meeting, invitation, tmp_path):
    browser, page = handing_out, f"/platforms/{tenant.slug}/meetings/{meeting['slug']}"
    browser.go(page)
    browser.follow("Dokumenty")
    assert "Nie ma jeszcze dokumentów." in browser.main and browser.overflow()[0] <= 0
    hand_out(browser, tmp_path / "pusty.pdf", title="Pusty")
    assert browser.find(".form-problem").text and browser.value("create_document", "title") == "Pusty"
    hand_out(browser, tmp_path / "Slajdy o wodzie.pdf", title="Slajdy", shown_to="także zaproszeni")
    assert "Slajdy o wodzie.pdf" in browser.main and "10 kB" in browser.main and "także zaproszeni" in browser.main and browser.overflow()[0] <= 0
    browser.find("main a[download]").click()
    assert arrived(browser).read_bytes() == SLIDES

    for file in browser.downloads.iterdir():
        file.unlink()
    browser.go(invitation["rsvp_url"])
    browser.find("main a[download]").click()
    kept = arrived(browser)
    assert kept.name == "Slajdy o wodzie.pdf" and kept.read_bytes() == SLIDES


def test_a_document_gets_another_title_and_goes(handing_out, tenant, meeting, tmp_path):
    browser = handing_out
    browser.go(f"/platforms/{tenant.slug}/meetings/{meeting['slug']}/documents")
    hand_out(browser, tmp_path / "Slajdy o wodzie.pdf")
    browser.follow("Edytuj", within="main")
    browser.fill("update_document", title="Woda w mieście", shown_to="wszyscy, którzy widzą spotkanie")
    browser.press("Zapisz")
    assert "Woda w mieście" in browser.main and "wszyscy, którzy widzą spotkanie" in browser.main
    browser.follow("Edytuj", within="main")
    browser.press("Usuń dokument")
    assert "Nie ma jeszcze dokumentów." in browser.main
