"""The invitee's page beyond yes and no, without scripts, in Polish and in English: ways of coming, companions, the waitlist, substitutes, and when it is too late."""

import json
import pathlib

import pytest
import requests

from happenings import invite, make_meeting

WORDS = pathlib.Path(__file__).resolve().parents[2] / "web/words"


@pytest.fixture(params=["pl", "en"])
def page(request, browser):
    browser.script(False)
    browser.speak(request.param)
    browser.resize(390, 844)
    browser.words = json.loads((WORDS / request.param / "rsvp.json").read_text())
    browser.problems = json.loads((WORDS / request.param / "problem.json").read_text())
    return browser


def meet(tenant, **members):
    return make_meeting(tenant, **{"theme": "Woda w obiegu", "contact_name": "Biuro klastra", "contact_email": "biuro@example.org", **members})


def link(tenant, meeting, name="Ewa Próbna", **members):
    return invite(tenant, meeting, name, **members)["rsvp_url"]


def said(address, **body):
    answer = requests.post(address, json=body, timeout=30)
    assert answer.status_code < 300, answer.text
    return seen(address)


def seen(address):
    return requests.get(address, headers={"Accept": "application/json"}, timeout=30).json()


def change(tenant, meeting, **members):
    version = tenant.owner.get(f"meetings/{meeting['slug']}").json()["version"]
    tenant.owner.patch(f"meetings/{meeting['slug']}", members, version=version)


def tap(page, name, value):
    page.click(f"button[name={name}][value={value}]")


def saved(page):
    return page.find(".notice.good[role=status]").text


def substitute_of(tenant, meeting, name):
    items = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations?limit=100").json()["items"]
    return next(item for item in items if item["person"]["name"] == name)["rsvp_url"]


def send_substitute(page, name, email):
    page.open(page.words["substitute"]["title"])
    page.fill("delegate_rsvp", name=name, email=email, position="zastępca")
    page.press(page.words["substitute"]["send"])


# ── One tap, then the details ──


def test_one_tap_then_who_comes_along(page, tenant):
    address = link(tenant, meet(tenant, companions_allowed=2))
    page.go(address)
    assert not page.all("#details"), "nothing is asked before the answer"
    tap(page, "response", "accepted")
    assert page.words["saved"] in saved(page) and page.words["answered_at"] in saved(page)
    fields = page.all("#details input[type=text]")
    assert len(fields) == 2
    fields[0].send_keys("Ola Nowak")
    page.find("#details textarea").send_keys("Proszę o rampę.")
    page.press(page.words["save_details"])
    assert page.words["details_saved"] in saved(page) and "Ola Nowak" in saved(page) and "Proszę o rampę." in saved(page)
    page.go(address)
    assert "Ola Nowak" in page.find(".panel").text, "the next visit shows it too"
    field = page.find("#details input[type=text]")
    assert field.get_attribute("value") == "Ola Nowak"
    field.clear()
    page.press(page.words["save_details"])
    assert seen(address)["companions"] == [] and seen(address)["note"] == "Proszę o rampę."


def test_companions_without_seats_say_how_many_there_are(page, tenant):
    address = link(tenant, meet(tenant, capacity=2, companions_allowed=3))
    said(address, response="accepted")
    page.go(address)
    assert f"{page.words['seats_for_companions']}: 1." in page.main
    for field, name in zip(page.all("#details input[type=text]"), ("Ola", "Ela"), strict=False):
        field.send_keys(name)
    page.press(page.words["save_details"])
    assert page.problems["no_seats_for_companions"] in page.find("#details .form-problem").text
    assert f"{page.words['seats_for_companions']}: 1." in page.main
    assert [field.get_attribute("value") for field in page.all("#details input[type=text]")] == ["Ola", "Ela", ""]
    assert page.driver.current_url.endswith("#details"), "the mistake is in sight without scripts"
    assert seen(address)["companions"] == []


# ── In person or online ──


def test_each_way_of_coming_is_one_tap(page, tenant):
    meeting = meet(tenant, format="hybrid", online_url="https://meet.example.org/woda")
    address = link(tenant, meeting)
    page.go(address)
    tap(page, "mode", "online")
    assert page.words["mode"]["online"] in saved(page) and "https://meet.example.org/woda" in page.main
    assert page.words["join_online"] in saved(page)
    tap(page, "mode", "in_person")
    assert page.words["mode"]["in_person"] in saved(page) and "meet.example.org" not in page.main
    assert page.find("button.answer.current").get_attribute("value") == "in_person"
    tap(page, "response", "declined")
    assert "meet.example.org" not in page.main and seen(address)["response"] == "declined"


def test_a_full_room_says_so_and_online_is_still_there(page, tenant):
    meeting = meet(tenant, format="hybrid", capacity=1, online_capacity=5)
    said(link(tenant, meeting, "Pierwsza"), mode="in_person")
    address = link(tenant, meeting)
    page.go(address)
    assert page.words["taken"] in page.find("button[value=in_person]").text
    assert page.words["taken"] not in page.find("button[value=online]").text
    tap(page, "mode", "in_person")
    assert page.problems["meeting_full"] in page.find(".form-problem").text
    tap(page, "mode", "online")
    assert seen(address)["mode"] == "online"


@pytest.mark.parametrize("format", ["in_person", "hybrid"])
def test_all_answers_are_in_sight_on_a_phone(browser, tenant, format):
    browser.resize(390, 844)
    browser.go(link(tenant, meet(tenant, format=format), position="wójt", organisation="Gmina Próbna"))
    bottom = max(button.location["y"] + button.size["height"] for button in browser.all("button.answer"))
    assert bottom <= 844, f"the last answer ends at {bottom} px"


# ── The waitlist ──


def test_a_seat_that_becomes_free_is_seen(page, tenant):
    meeting = meet(tenant, capacity=1, waitlist=True)
    first, second = link(tenant, meeting, "Pierwsza"), link(tenant, meeting)
    said(first, response="accepted")
    page.go(second)
    assert page.words["queue"] in page.main
    tap(page, "response", "accepted")
    assert page.words["state"]["waitlisted"] in saved(page) and f"{page.words['place_in_queue']}: 1" in saved(page)
    said(first, response="declined")
    page.go(second)
    assert page.words["promoted"] in page.main and page.words["state"]["accepted"] in page.main


# ── Substitutes ──


def test_a_substitute_is_sent_and_taken_back(page, tenant):
    meeting = meet(tenant, companions_allowed=1)
    address = link(tenant, meeting)
    said(address, response="accepted")
    page.go(address)
    send_substitute(page, "Jan Zastępca", "jan@example.org")
    assert page.words["substitute"]["saved"] in saved(page) and "Jan Zastępca" in saved(page)
    assert not page.all("button.answer"), "who sent somebody does not answer"
    theirs = substitute_of(tenant, meeting, "Jan Zastępca")
    page.go(theirs)
    assert f"{page.words['in_place_of']}: Ewa Próbna" in page.find(".whose").text and "Jan Zastępca" in page.find(".whose").text
    assert page.words["state"]["accepted"] in page.main, "the seat came along"
    tap(page, "response", "declined")
    page.go(address)
    assert page.find(".badge.is-declined").text, "what the substitute answered is shown"
    page.press(page.words["substitute"]["take_back"])
    assert page.words["substitute"]["taken_back"] in saved(page) and page.all("button.answer")
    page.go(theirs)
    assert page.problems["invitation_withdrawn"] in page.main


def test_a_substitute_with_a_mistake_is_asked_again(page, tenant):
    meeting = meet(tenant)
    link(tenant, meeting, "Już Zaproszona", email="juz@example.org")
    page.go(link(tenant, meeting))
    send_substitute(page, "Już Zaproszona", "juz@example.org")
    assert page.problems["substitute_invited_already"] in page.error("delegate_rsvp", "email")
    assert page.value("delegate_rsvp", "name") == "Już Zaproszona"
    page.fill("delegate_rsvp", name="Inna Osoba", email="inna@example.org")
    page.press(page.words["substitute"]["send"])
    assert "Inna Osoba" in saved(page)


def test_a_chain_of_two(page, tenant):
    meeting = meet(tenant)
    first = link(tenant, meeting)
    for holder, name in ((first, "Jan Drugi"), (None, "Iga Trzecia")):
        page.go(holder or substitute_of(tenant, meeting, "Jan Drugi"))
        send_substitute(page, name, f"{name.split()[0].lower()}@example.org")
    page.go(substitute_of(tenant, meeting, "Iga Trzecia"))
    assert "Jan Drugi" in page.find(".whose").text
    page.go(first)
    page.press(page.words["substitute"]["take_back"])
    assert seen(first)["can_answer"] is True and seen(first)["delegated_to"] is None
    invitations = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations").json()["items"]
    assert [item["person"]["name"] for item in invitations] == ["Ewa Próbna"], "the others' invitations ended"


def test_where_substitutes_are_not_taken_none_is_offered(page, tenant):
    page.go(link(tenant, meet(tenant, substitutes=False)))
    assert page.words["substitute"]["title"] not in page.main and page.all("button.answer")


# ── Too late, and no more ──


def test_after_the_deadline_the_answer_stays_to_be_read(page, tenant):
    meeting = meet(tenant, companions_allowed=1)
    address = link(tenant, meeting)
    said(address, response="accepted")
    said(address + "/details", companions=[{"name": "Ola Nowak"}], note="Rampa")
    change(tenant, meeting, rsvp_closes_at="2020-01-01T00:00:00Z")
    page.go(address)
    for words in (page.words["deadline"], page.words["state"]["accepted"], "Ola Nowak", "Rampa", "biuro@example.org"):
        assert words in page.main
    assert not page.all("main button:not(#calendar *), main textarea"), "there is nothing to change"  # the calendar is no answer
    page.find(".notice.warn a").click()
    assert page.driver.current_url.endswith("#help")


def test_a_withdrawn_invitation_says_so(page, tenant):
    meeting = meet(tenant)
    one = invite(tenant, meeting)
    tenant.organiser.delete(f"meetings/{meeting['slug']}/invitations/{one['id']}", version="*")
    page.go(one["rsvp_url"])
    assert page.problems["invitation_withdrawn"] in page.main and not page.all("button.answer")


def test_a_cancelled_meeting_says_so(page, tenant):
    meeting = meet(tenant)
    address = link(tenant, meeting)
    said(address, response="accepted")
    change(tenant, meeting, status="cancelled", cancelled_reason="Awaria wodociągu.")
    page.go(address)
    assert page.words["cancelled"] in page.main and "Awaria wodociągu." in page.main
    assert not page.all("button.answer") and not page.all("details.reveal:not(#calendar)")


def test_a_forwarded_link_says_whose_it_is_first(page, tenant):
    page.go(link(tenant, meet(tenant), position="wójt", organisation="Gmina Próbna"))
    whose = page.find(".whose")
    assert whose.text.replace("\n", " ") == f"{page.words['for']}: Ewa Próbna, wójt, Gmina Próbna"
    first = min(element.location["y"] for element in page.all("main h1, main button, main a"))
    assert whose.location["y"] < first
    assert page.words["not_you"] in page.main
