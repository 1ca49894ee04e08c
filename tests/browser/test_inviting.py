"""Inviting many in the browser, following a group, reminding a choice and reading the numbers: in Polish and in English."""

import pytest

from happenings import all_items, link_path, make_meeting

WORDS = {
    "pl": {
        "known": "Osoby lub organizację z list", "ticked": "Zaproś zaznaczonych", "whole": "Zaproś wszystkie osoby z organizacji", "group": "Całą grupę",
        "invite_group": "Zaproś grupę", "meeting": "Osoby z innego spotkania", "invite_meeting": "Zaproś te osoby", "accepted": "potwierdzonych", "saved": "Zaproszone osoby: {}.",
        "unanswered": "Bez odpowiedzi", "numbers": "Liczby", "groups": "Grupy", "remind": "Przypomnij zaznaczonym", "reminded": "Wiadomości w drodze: ", "withdraw": "Wycofaj zaproszenie",
        "withdrawn": "Zaproszenie wycofane", "kept": "poza grupą po odpowiedzi", "together": "Razem", "save": "Zapisz", "quorum": "To jeszcze za mało", "each": "2", "left": "Z odpowiedzią, ale już poza śledzoną grupą: 1",
    },
    "en": {
        "known": "People or an organisation", "ticked": "Invite those ticked", "whole": "Invite all people of the organisation", "group": "A whole group",
        "invite_group": "Invite the group", "meeting": "People of another meeting", "invite_meeting": "Invite them", "accepted": "those who accepted", "saved": "Invited: {}.",
        "unanswered": "No answer yet", "numbers": "Numbers", "groups": "Groups", "remind": "Remind those ticked", "reminded": "Messages on their way: ", "withdraw": "Withdraw the invitation",
        "withdrawn": "Invitation withdrawn", "kept": "left after answering", "together": "Together", "save": "Save", "quorum": "That is not enough yet", "each": "2", "left": "Have answered, but left their live group: 1",
    },
}  # fmt: skip


@pytest.fixture
def prepared(make_tenant):
    """Two municipalities with two people each, a group of both, and a meeting that one of them accepted before."""
    tenant = make_tenant(language="pl")
    group = tenant.owner.create("groups", name="Gminy")
    for place in "AB":
        here = tenant.owner.create("organisations", name=f"Gmina {place}", kind="municipality")
        people = [tenant.owner.create("people", name=f"Osoba {place}{n}", email=f"{place}{n}@example.org", organisation_id=here["id"]) for n in (1, 2)]
        for person in people:
            tenant.owner.create(f"groups/{group['id']}/members", person_id=person["id"])
    earlier = make_meeting(tenant, title="Wcześniejsze", starts_at="2031-01-06T08:00:00Z", ends_at="2031-01-06T10:00:00Z")
    one = tenant.organiser.create(f"meetings/{earlier['slug']}/invitations", person_id=people[0]["id"])
    tenant.public.post(link_path(one), {"response": "accepted"})
    return tenant, group, make_meeting(tenant, quorum=3, capacity=20, waitlist=True)


def names(browser):
    return [link.text for link in browser.all("tbody th a")]


def search(browser, words, typed):
    browser.open(words["known"])
    browser.find("#find-words").clear()
    browser.find("#find-words").send_keys(typed)
    with browser.leaving():
        browser.find("#find form[role=search] button").click()


def invite_by_all_ways(browser, words, here):
    browser.go(f"{here}/invitations")
    browser.open(words["meeting"])
    browser.fill("create_invitation", from_meeting_id="Wcześniejsze (2031-01-06)", who=words["accepted"])
    browser.press(words["invite_meeting"])
    assert words["saved"].format(1) in browser.main and names(browser) == ["Osoba B1"]
    search(browser, words, "gmina a")
    browser.press(words["whole"])
    assert names(browser) == ["Osoba A1", "Osoba A2", "Osoba B1"]
    search(browser, words, "osoba b2")
    browser.find("#find .checks label").click()
    browser.press(words["ticked"])
    assert names(browser) == ["Osoba A1", "Osoba A2", "Osoba B1", "Osoba B2"]
    assert words["quorum"] in browser.main


def follow_a_group(browser, words, here, group):
    browser.open(words["group"])
    browser.fill("create_invitation", group_id="Gminy")
    browser.driver.find_element("id", "create_invitation-live").click()
    browser.press(words["invite_group"])
    browser.follow(words["groups"], within="main")
    browser.follow("Gminy", within="main")
    assert browser.driver.find_element("id", "update_meeting_group-live").is_selected()
    browser.fill("update_meeting_group", organisation_seats=words["each"])
    browser.press(words["save"])
    assert browser.find(".cards .facts").text.rstrip().endswith("2")


def notice_who_left(browser, words, here, tenant, group):
    joined = tenant.owner.create(f"groups/{group['id']}/members", person={"name": "Osoba C", "organisation": "Gmina C"})
    invitation = next(one for one in all_items(tenant.organiser, f"{here.split('/', 3)[3]}/invitations") if one["person"]["name"] == "Osoba C")
    tenant.public.post(link_path(invitation), {"response": "accepted"})
    tenant.owner.delete(f"groups/{group['id']}/members/{joined['id']}")
    browser.go(f"{here}/invitations")
    assert words["left"] in browser.main
    browser.go(f"{here}/groups")
    assert words["kept"] in browser.main and "Osoba C" in browser.main
    browser.press(words["withdraw"])
    assert words["withdrawn"] in browser.main and words["kept"] not in browser.main


def remind_a_choice(browser, words, here):
    browser.go(f"{here}/invitations")
    browser.follow(words["unanswered"], within="main")
    boxes = browser.all("input[name=invitation_ids]")
    assert len(boxes) == 4 and all(box.is_selected() for box in boxes)
    boxes[0].click()
    browser.press(words["remind"])
    assert words["reminded"] in browser.main


def read_the_numbers(browser, words, here):
    browser.go(f"{here}/invitations")
    browser.follow(words["numbers"], within="main")
    for table in browser.all("table.list"):
        rows = [[cell.text for cell in row.find_elements("css selector", "th, td")] for row in table.find_elements("css selector", "tbody tr")]
        assert rows[-1][0] == words["together"]
        for column in range(1, len(rows[-1])):
            assert sum(int(row[column] or 0) for row in rows[:-1]) == int(rows[-1][column] or 0)


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("scripts", [True, False])
def test_inviting(browser, prepared, organiser, language, scripts):
    tenant, group, meeting = prepared
    browser.speak(language)
    browser.go("/healthz")
    name, value = organiser.cookie.split("=", 1)
    browser.driver.add_cookie({"name": name, "value": value})
    browser.script(scripts)
    here, words = f"/platforms/{tenant.slug}/meetings/{meeting['slug']}", WORDS[language]
    invite_by_all_ways(browser, words, here)
    follow_a_group(browser, words, here, group)
    notice_who_left(browser, words, here, tenant, group)
    remind_a_choice(browser, words, here)
    read_the_numbers(browser, words, here)
