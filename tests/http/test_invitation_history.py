"""test_invitation_history.py: what organisers change on behalf of an invitee, and the history that tells who changed what and why."""

import json
import pathlib
import re

import pytest

from happenings import all_items, counts, invite, link_path, make_meeting


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant, capacity=1, waitlist=True, companions_allowed=1)


def path_of(meeting, invitation):
    return f"meetings/{meeting['slug']}/invitations/{invitation['id']}"


def history(tenant, meeting, invitation):
    return tenant.organiser.get(path_of(meeting, invitation) + "/history").json()["items"]


def causes(tenant, meeting, invitation):
    return [event["cause"] for event in history(tenant, meeting, invitation)]


@pytest.fixture
def pair(tenant, meeting):
    """One with the only seat, one who waits for it."""
    people = [invite(tenant, meeting, name) for name in ("Ada Pierwsza", "Bea Druga")]
    for one in people:
        tenant.public.post(link_path(one), {"response": "accepted"})
    return people


# ── On behalf ──


def test_answer_mode_and_companions_at_once(tenant):
    hybrid = make_meeting(tenant, format="hybrid", capacity=3, online_capacity=2)
    one = invite(tenant, hybrid)
    said = tenant.organiser.patch(path_of(hybrid, one), {"response": "accepted", "mode": "online", "companions": ["Ola"], "note": "telefon"}, version=one["version"]).json()
    assert (said["response"], said["mode"], said["companions"], said["note"], said["on_behalf"]) == ("accepted", "online", ["Ola"], "telefon", True)
    assert (counts(tenant, hybrid)["online"], counts(tenant, hybrid)["in_person"]) == (2, 0)
    tenant.organiser.patch(path_of(hybrid, one), {"companions": []}, 412, version=one["version"])
    assert tenant.organiser.patch(path_of(hybrid, one), {"companions": []}, version=said["version"]).json()["companions"] == []
    tenant.organiser.patch(path_of(hybrid, one), {"mode": "by_train"}, 422, version="*")
    tenant.organiser.patch(path_of(hybrid, one), {"companions": [""]}, 422, version="*")


def test_an_organiser_may_name_more_than_the_meeting_allows_but_not_more_than_there_are_seats(tenant):
    meeting = make_meeting(tenant, capacity=3)
    one = invite(tenant, meeting)
    tenant.organiser.patch(path_of(meeting, one), {"response": "accepted", "companions": ["A", "B"]}, version="*")
    assert tenant.organiser.patch(path_of(meeting, one), {"companions": ["A", "B", "C"]}, 409, version="*").json()["code"] == "no_seats_for_companions"


def test_companions_count_with_the_answer_they_come_with(tenant, meeting):
    one = invite(tenant, meeting)
    assert tenant.organiser.patch(path_of(meeting, one), {"response": "accepted", "companions": ["Ola"]}, version="*").json()["response"] == "waitlisted"
    assert tenant.organiser.patch(path_of(meeting, one), {"response": "accepted", "companions": []}, version="*").json()["response"] == "accepted"


def test_a_promotion_is_revoked(tenant, meeting, pair):
    first, second = pair
    tenant.public.post(link_path(first), {"response": "declined"})
    promoted = tenant.organiser.get(path_of(meeting, second)).json()
    assert promoted["response"] == "accepted" and promoted["promoted_at"]
    back = tenant.organiser.patch(path_of(meeting, second), {"response": "waitlisted"}, version=promoted["version"]).json()
    assert (back["response"], back["held_back"], back["queue_number"]) == ("waitlisted", True, 1)
    page = tenant.public.page(link_path(second)).text
    assert "the organiser needed the seat back" in page
    third = invite(tenant, meeting, "Cela Trzecia")
    assert tenant.public.post(link_path(third), {"response": "accepted"}).json()["response"] == "accepted", "who is held back is passed over"
    assert causes(tenant, meeting, second)[:2] == ["held_back", "promoted"]


def test_only_a_seat_can_be_taken_back(tenant, meeting):
    one = invite(tenant, meeting)
    refused = tenant.organiser.patch(path_of(meeting, one), {"response": "waitlisted"}, 409, version="*").json()
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("nothing_to_revoke", "/response")


def test_by_the_forms(tenant, meeting, pair):
    path, here = path_of(meeting, pair[0]), f"/platforms/{tenant.slug}/{path_of(meeting, pair[0])}"
    page = tenant.organiser.page(path).text
    assert page.count('name="companions"') == 2 and "Put on the waitlist" in page
    fields = {"_method": "PATCH", "_if_match": "*", "_return": here}
    again = tenant.organiser.form(path, {**fields, "response": "accepted", "companions": ["Ola Zapomniana", "Ela"]}, 409).text
    assert 'value="Ola Zapomniana"' in again and 'value="Ela"' in again
    tenant.organiser.form(path, {**fields, "response": "waitlisted"})
    assert tenant.organiser.get(path).json()["held_back"] is True
    assert tenant.organiser.get(path_of(meeting, pair[1])).json()["response"] == "accepted"


# ── History ──


def test_who_changed_what_and_when(tenant, meeting):
    one = invite(tenant, meeting)
    tenant.public.post(link_path(one), {"response": "tentative", "note": "może"})
    tenant.organiser.patch(path_of(meeting, one), {"response": "declined"}, version="*")
    tenant.organiser.send("POST", path_of(meeting, one) + "/revoke-link", 200)
    tenant.organiser.delete(path_of(meeting, one), version="*")
    events = history(tenant, meeting, one)
    assert [(event["cause"], event["from_response"], event["to_response"], event["by_invitee"]) for event in events] == [
        ("withdrawn", "declined", "declined", False), ("link_replaced", "declined", "declined", False), ("on_behalf", "tentative", "declined", False),
        ("answered", "needs_action", "tentative", True), ("invited", None, "needs_action", False)]  # fmt: skip
    assert all(event["by"] for event in events if not event["by_invitee"]) and events[3]["by"] is None
    assert "może" not in str(events), "what a person wrote is not kept in the history"


def test_every_promotion_is_explained(tenant, meeting, pair):
    first, second = pair
    tenant.public.post(link_path(first), {"response": "declined"})
    promotion = history(tenant, meeting, second)[0]
    assert (promotion["cause"], promotion["from_response"], promotion["to_response"], promotion["by_service"]) == ("promoted", "waitlisted", "accepted", True)
    assert promotion["detail"]["freed"] == "declined" and promotion["detail"]["by"] == first["id"]
    page = tenant.organiser.page(path_of(meeting, second), language="pl").text
    told = page[page.index('class="history"') :]
    assert "Miejsce z listy rezerwowej" in told and "(automatycznie)" in told and "odmowa" in told and ">Ada Pierwsza</a>" in told


def test_a_substitute_is_in_both_histories(tenant, meeting):
    one = invite(tenant, meeting, "Anna Wójt")
    tenant.public.post(f"{link_path(one)}/substitute", {"name": "Jan Zastępca", "email": "jan@example.org"})
    theirs = next(item for item in all_items(tenant.organiser, f"meetings/{meeting['slug']}/invitations") if item["delegated_from"])
    assert "delegated" in causes(tenant, meeting, one) and "substitute" in causes(tenant, meeting, theirs)
    assert "Jan Zastępca</a>" in tenant.organiser.page(path_of(meeting, one)).text
    tenant.public.delete(f"{link_path(one)}/substitute")
    assert causes(tenant, meeting, one)[0] == causes(tenant, meeting, theirs)[0] == "delegation_taken_back"


def test_a_list_of_parts(tenant, meeting):
    one = invite(tenant, meeting)
    for response in ("tentative", "declined") * 3:
        tenant.public.post(link_path(one), {"response": response})
    whole = history(tenant, meeting, one)
    assert len(whole) == 7 and all_items(tenant.organiser, path_of(meeting, one) + "/history?limit=2") == whole


def test_viewers_see_no_history(tenant, meeting):
    one = invite(tenant, meeting)
    tenant.viewer.get(path_of(meeting, one) + "/history", 403)
    assert 'class="history"' not in tenant.viewer.page(path_of(meeting, one)).text
    other = make_meeting(tenant, title="Inne")
    tenant.organiser.get(path_of(other, one) + "/history", 404)


def test_what_the_page_says_of_groups_and_programme(tenant):
    meeting = make_meeting(tenant)
    item = tenant.owner.create(f"meetings/{meeting['slug']}/agenda", title="Zwiedzanie oczyszczalni", joining="optional")
    group = tenant.owner.create("groups", name="Gminy wiejskie")
    tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", group_id=group["id"], live=True)
    tenant.owner.create(f"groups/{group['id']}/members", person={"name": "Nowa Członkini"})
    one = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations").json()["items"][0]
    tenant.public.post(link_path(one), {"response": "accepted"})
    tenant.public.post(f"{link_path(one)}/details", {"items": [item["id"]]})
    page = tenant.organiser.page(path_of(meeting, one)).text
    told = page[page.index('class="history"') :]
    assert "Group: Gminy wiejskie" in told and "Zwiedzanie oczyszczalni" in told


def test_every_cause_has_words():
    """A cause that the migrations write but no language names would be shown as its key."""
    top = pathlib.Path(__file__).resolve().parents[2]
    text = "".join(path.read_text() for path in sorted((top / "server/db/migrations").glob("001*.sql")))
    written = set(re.findall(r"because\('(\w+)'", text)) | set(re.findall(r"values \(\w+\.meeting_id, \w+\.(?:invitation_)?id, '(\w+)'", text))
    assert {"promoted", "delegated", "questions_answered"} <= written
    for language in ("pl", "en", "fi"):
        words = json.loads((top / f"web/words/{language}/invitation.json").read_text())
        assert written <= set(words["cause"]), language
