"""The invitee's page where the programme offers a choice and the meeting is one of a series: on a phone, without scripts, in Polish and in English."""

import json
import pathlib

import pytest
import requests
from selenium.webdriver.support.ui import Select
from test_every_page import look

from happenings import invite, make_meeting

WORDS = pathlib.Path(__file__).resolve().parents[2] / "web/words"


@pytest.fixture(params=["pl", "en"])
def page(request, browser):
    browser.script(False)
    browser.speak(request.param)
    browser.resize(390, 844)
    for subject in ("rsvp", "agenda", "rsvp_series", "problem", "response"):
        setattr(browser, f"w_{subject}", json.loads((WORDS / request.param / f"{subject}.json").read_text()))
    return browser


def optional(tenant, meeting, title, **members):
    return tenant.organiser.create(f"meetings/{meeting['slug']}/agenda", title=title, joining="optional", duration_minutes=60, **members)


def tell(address, **body):
    answer = requests.post(address, json=body, timeout=30)
    assert answer.status_code == 200, answer.text


def read(address):
    return requests.get(address, headers={"Accept": "application/json"}, timeout=30).json()


def chosen(address):
    return {item["title"] for item in read(address + "/details")["items"] if item["chosen"]}


def box(page, item):
    return page.find(f'#details input[type=checkbox][value="{item["id"]}"]')


def label(page, item):
    return page.find(f'label[for="detail_rsvp-items-{item["id"]}"]').text.replace("\xa0", " ")


def is_accessible(page):
    """On phone and desk, light and dark; then it is a phone without scripts again."""
    page.script(True)
    found = look(page)
    page.script(False)
    page.resize(390, 844)
    assert found == []


# ── Parts of the programme ──


def test_choosing_parts_of_the_programme(page, tenant):
    meeting = make_meeting(tenant, companions_allowed=2)
    tour = optional(tenant, meeting, "Zwiedzanie zakładu")
    first, second = (optional(tenant, meeting, title, choice_group="Warsztaty", capacity=2, starts_at=meeting["starts_at"]) for title in ("Ceramika", "Kodowanie"))
    address = invite(tenant, meeting, "Ewa Próbna")["rsvp_url"]
    other = invite(tenant, meeting, "Jan Łoś")["rsvp_url"]
    page.go(address)
    assert not page.all("#details input[type=checkbox]")
    page.click("button[name=response][value=accepted]")
    assert page.w_agenda["field"]["items"] in page.find("#details").text and page.w_agenda["at_most_one"] in page.find("#details").text
    assert "10:00–11:00 Ceramika" in label(page, first) and f"{page.w_agenda['seats_left']}: 2" in label(page, first)
    box(page, tour).click()
    box(page, first).click()
    page.press(page.w_rsvp["save_details"])
    assert page.w_rsvp["details_saved"] in page.find(".notice.good").text
    assert chosen(address) == {"Zwiedzanie zakładu", "Ceramika"}
    assert box(page, first).is_selected() and not box(page, second).is_selected()
    is_accessible(page)
    # Both alternatives are refused, and nothing that was ticked is lost.
    box(page, second).click()
    page.press(page.w_rsvp["save_details"])
    assert page.w_problem["items_alternative"] in page.find(".form-problem").text
    assert page.error("detail_rsvp", "items") == page.w_problem["items_alternative"] or page.w_problem["items_alternative"] in page.error("detail_rsvp", "items")
    assert box(page, first).is_selected() and box(page, second).is_selected()
    box(page, first).click()
    page.press(page.w_rsvp["save_details"])
    assert chosen(address) == {"Zwiedzanie zakładu", "Kodowanie"}
    # What is full for a party can't be ticked.
    tell(other, response="accepted")
    tell(other + "/details", companions=[{"name": "Ola"}])
    page.go(other)
    assert not box(page, second).is_enabled() and page.w_agenda["no_room"] in label(page, second)
    assert box(page, first).is_enabled()


def test_the_choice_is_still_seen_when_answers_are_closed(page, tenant):
    meeting = make_meeting(tenant)
    tour = optional(tenant, meeting, "Zwiedzanie zakładu")
    optional(tenant, meeting, "Warsztat")
    address = invite(tenant, meeting, "Ewa Próbna")["rsvp_url"]
    tell(address, response="accepted")
    tell(address + "/details", items=[tour["id"]])
    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"rsvp_closes_at": "2020-01-01T00:00:00Z"}, version="*")
    page.go(address)
    assert not page.all("#details")
    told = [item.text for item in page.all(".timeline .what")]
    assert page.w_agenda["you_join"] in told[0] and page.w_agenda["optional"] in told[1]


# ── All dates of a series ──


@pytest.fixture
def dates(tenant):
    """Five dates of a series for one person: free, full, with a waitlist, closed, and one declined already; and the link of the first."""
    series = tenant.organiser.create("series", title="Spotkania międzysektorowe")
    person = tenant.organiser.create("people", name="Ewa Próbna", position="wójt")
    kinds = ({}, {"capacity": 1}, {"capacity": 1, "waitlist": True}, {"rsvp_closes_at": "2020-01-01T00:00:00Z"}, {})
    links = []
    for month, members in enumerate(kinds, 1):
        at = f"2031-{month:02}-06"
        meeting = make_meeting(tenant, theme=f"Temat {month}", starts_at=f"{at}T08:00:00Z", ends_at=f"{at}T10:00:00Z", series_id=series["id"], **members)
        links.append(tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", person_id=person["id"])["rsvp_url"])
        if "capacity" in members:
            tell(invite(tenant, meeting, "Jan Łoś")["rsvp_url"], response="accepted")
    tell(links[4], response="declined")
    return links


def own(page, index):
    return Select(page.find(f"#answer_rsvp_series-except-{index}-response"))


def test_all_dates_at_once(page, dates):
    page.go(dates[0])
    page.press(page.w_rsvp_series["open"])
    assert "Ewa Próbna" in page.find(".whose").text and "Spotkania międzysektorowe" in page.main
    cards = page.all(".cards > li")
    assert len(cards) == 5 and "Temat 1" in cards[0].text and page.w_rsvp["full"] in cards[1].text and page.w_rsvp_series["queue"] in cards[2].text
    assert page.w_rsvp_series["closed"]["deadline"] in cards[3].text and not cards[3].find_elements("css selector", "select")
    assert own(page, 3).first_selected_option.text == page.w_rsvp_series["choice"]["own"]["keep"]
    assert not page.all("input[type=radio]:checked"), "nothing that a bare submit would confirm"
    is_accessible(page)
    page.press(page.w_rsvp_series["save"])
    assert page.w_problem["required"] in page.find(".form-problem").text
    page.find("#answer_rsvp_series-response-accepted").click()
    page.press(page.w_rsvp_series["save"])
    assert page.w_rsvp_series["saved"] in page.find(".notice.good").text
    cards = page.all(".cards > li")
    states = [card.find_element("css selector", ".badge").text for card in cards]
    assert states == [page.w_response[response] for response in ("accepted", "needs_action", "waitlisted", "needs_action", "declined")]
    assert page.w_rsvp_series["refused"] in cards[1].text and page.w_problem["meeting_full"] in cards[1].text
    is_accessible(page)
    # An exception for one date; the others were answered and stay.
    own(page, 0).select_by_visible_text(page.w_rsvp_series["choice"]["own"]["tentative"])
    page.press(page.w_rsvp_series["save"])
    assert [item["response"] for item in read(dates[0] + "/series")["items"]] == ["tentative", "needs_action", "waitlisted", "needs_action", "declined"]
    page.follow(page.w_rsvp_series["back"])
    assert page.w_rsvp["state"]["tentative"] in page.main


def test_the_only_date_leads_nowhere_else(page, tenant):
    series = tenant.organiser.create("series", title="Spotkania międzysektorowe")
    address = invite(tenant, make_meeting(tenant, series_id=series["id"]), "Ewa Próbna")["rsvp_url"]
    page.go(address)
    assert not page.all("a[href$='/series']")
    page.go(address + "/series")
    assert len(page.all(".cards > li")) == 1
