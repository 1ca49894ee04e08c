"""The organiser's page of one invitation: answering on behalf, taking a seat back, substitutes, and a history that can be read; in Polish and in English."""

import json
import pathlib

import pytest
import requests

from happenings import invite, make_meeting

WORDS = pathlib.Path(__file__).resolve().parents[2] / "web/words"


@pytest.fixture(params=["pl", "en"])
def page(request, browser, organiser):
    browser.script(False)
    browser.speak(request.param)
    browser.go("/healthz")
    name, value = organiser.cookie.split("=", 1)
    browser.driver.add_cookie({"name": name, "value": value, "path": "/"})
    browser.words = json.loads((WORDS / request.param / "invitation.json").read_text())
    browser.answers = json.loads((WORDS / request.param / "response.json").read_text())
    browser.common = json.loads((WORDS / request.param / "form.json").read_text())
    return browser


def go(page, tenant, meeting, invitation):
    page.go(f"/platforms/{tenant.slug}/meetings/{meeting['slug']}/invitations/{invitation['id']}")


def found(tenant, meeting, invitation):
    return tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/{invitation['id']}").json()


def badge(page):
    return page.find("#said ~ p .badge").text


def accept(invitation):
    requests.post(invitation["rsvp_url"], json={"response": "accepted"}, timeout=30).raise_for_status()


def test_answering_on_behalf(page, tenant):
    meeting = make_meeting(tenant, format="hybrid")
    one = invite(tenant, meeting, "Ewa Próbna", email="ewa@example.org")
    go(page, tenant, meeting, one)
    page.fill("update_invitation", response=page.words["choice"]["response"]["accepted"], mode=page.words["choice"]["mode"]["online"], note="Telefon 12:00")
    page.find("#update_invitation-companions-0").send_keys("Ola Nowak")
    page.press(page.common["save"])
    assert badge(page) == page.answers["accepted"] and page.words["answered_on_behalf"] in page.main
    assert "Ola Nowak" in page.find(".facts").text and "Telefon 12:00" in page.find(".facts").text
    assert page.words["cause"]["on_behalf"] in page.find(".history").text
    saved = found(tenant, meeting, one)
    assert (saved["response"], saved["mode"], saved["companions"], saved["note"]) == ("accepted", "online", ["Ola Nowak"], "Telefon 12:00")
    page.find("#update_invitation-companions-0").clear()
    page.press(page.common["save"])
    assert found(tenant, meeting, one)["companions"] == [] and found(tenant, meeting, one)["response"] == "accepted"


def test_a_promotion_is_explained_and_taken_back(page, tenant):
    meeting = make_meeting(tenant, capacity=1, waitlist=True)
    first, second = invite(tenant, meeting, "Ada Pierwsza"), invite(tenant, meeting, "Bea Druga")
    accept(first)
    accept(second)
    requests.post(first["rsvp_url"], json={"response": "declined"}, timeout=30).raise_for_status()
    go(page, tenant, meeting, second)
    told = page.find(".history > li").text
    for words in (page.words["cause"]["promoted"], page.words["by_service"], page.words["freed"]["declined"], "Ada Pierwsza"):
        assert words in told
    page.press(page.words["take_seat_now"])
    assert badge(page) == page.answers["waitlisted"] and page.words["held_back_note"] in page.main
    assert page.words["cause"]["held_back"] in page.find(".history > li").text
    page.fill("update_invitation", response=page.words["choice"]["response"]["accepted"])
    page.press(page.common["save"])
    assert badge(page) == page.answers["accepted"], "an organiser gives it again"


def test_a_substitute_on_behalf_and_the_chain(page, tenant):
    meeting = make_meeting(tenant, substitutes=False)
    one = invite(tenant, meeting, "Ewa Próbna", organisation="Gmina Próbna")
    go(page, tenant, meeting, one)
    page.open(page.words["send_substitute"])
    page.fill("delegate_invitation", name="Jan Zastępca", email="jan@example.org")
    page.press(page.words["send_substitute"])
    chain = page.find("ol.bullets").text
    assert chain.index("Ewa Próbna") < chain.index("Jan Zastępca") and page.words["cause"]["delegated"] in page.find(".history").text
    page.follow("Jan Zastępca", within="ol.bullets")
    assert page.find("h1").text == "Jan Zastępca" and "Gmina Próbna" in page.find("aside").text
    assert page.words["cause"]["substitute"] in page.find(".history").text
    page.follow("Ewa Próbna", within="ol.bullets")
    page.press(page.words["take_back"])
    assert badge(page) == page.answers["needs_action"] and not page.all("ol.bullets")


def test_a_new_link_and_an_end(page, tenant):
    meeting = make_meeting(tenant)
    one = invite(tenant, meeting, "Ewa Próbna")
    go(page, tenant, meeting, one)
    page.press(page.words["revoke"])
    assert page.words["done_link"] in page.main
    assert page.find("#link").get_attribute("value") == found(tenant, meeting, one)["rsvp_url"] != one["rsvp_url"]
    page.press(page.words["withdraw"])
    go(page, tenant, meeting, one)
    assert page.words["is_withdrawn"] in page.main and not page.all("#link, main form [name=_method]")
    assert page.words["cause"]["withdrawn"] in page.find(".history > li").text
    page.press(page.words["invite_again"])
    assert f"{page.words['done_invited']}: 1." in page.main and "Ewa Próbna" in page.main
