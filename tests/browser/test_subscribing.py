"""Subscribing to a calendar: an invitee on a phone without scripts, a member at a desk; the page stays accessible with the address on it."""

import json
import pathlib
import urllib.parse

import icalendar
import pytest
import requests
from test_every_page import look

from happenings import invite, link_path, make_meeting

WORDS = pathlib.Path(__file__).resolve().parents[2] / "web/words"


def words(language):
    return json.loads((WORDS / language / "calendar.json").read_text())


def status(address):
    return requests.get(address, headers={"Accept": "*/*"}, timeout=30).status_code


@pytest.mark.parametrize("language", ["pl", "fi"])
def test_an_invitee_makes_and_ends_the_address(browser, tenant, language):
    w = words(language)
    browser.script(False)
    browser.speak(language)
    browser.resize(390, 844)
    invited = invite(tenant, make_meeting(tenant, title="Forum"), email="anna@example.org")
    tenant.public.post(link_path(invited), {"response": "accepted"}, 200)
    browser.go(link_path(invited))
    browser.find("#calendar summary").click()
    browser.press(w["make"])
    assert w["made"] in browser.text and browser.overflow()[0] == 0
    address = browser.find("#calendar-url").get_attribute("value")
    webcal = browser.find('#calendar a[href^="webcal:"]').get_attribute("href")
    assert urllib.parse.urlsplit(webcal)[1:] == urllib.parse.urlsplit(address)[1:]
    feed = requests.get(address, headers={"Accept": "*/*"}, timeout=30)
    assert feed.status_code == 200 and icalendar.Calendar.from_ical(feed.content).subcomponents
    browser.press(w["end"])
    assert w["ended"] in browser.text and browser.all("#calendar-url") == []
    assert status(address) == 410


def test_the_address_on_the_pages(browser, tenant, signed_in):
    invited = invite(tenant, make_meeting(tenant, title="Forum"), email="anna@example.org")
    tenant.public.post(f"{link_path(invited)}/calendar", {}, 200)
    browser.speak("en")
    browser.go(f"/platforms/{tenant.slug}")
    browser.find("#calendar summary").click()
    browser.press(words("en")["make"])
    address = browser.find("#calendar-url").get_attribute("value")
    assert status(address) == 200
    for path in (f"/platforms/{tenant.slug}?done=subscribe_member", f"{link_path(invited)}?done=subscribe_rsvp"):
        assert look(browser, path) == []
    browser.go(f"/platforms/{tenant.slug}?done=subscribe_member")
    browser.press(words("en")["end"])
    assert status(address) == 410
