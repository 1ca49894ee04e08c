"""test_details.py: what an invitee says besides yes: how they come, who comes along, a note; and how the page asks for it."""

import re

import pytest

from happenings import counts, form_token, invite, link_path, make_meeting


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant, companions_allowed=2, contact_email="biuro@example.org")


@pytest.fixture
def path(tenant, meeting):
    return link_path(invite(tenant, meeting, "Jan Łoś", email="jan@example.org"))


def change(tenant, meeting, **members):
    version = tenant.owner.get(f"meetings/{meeting['slug']}").json()["version"]
    return tenant.owner.patch(f"meetings/{meeting['slug']}", members, version=version).json()


def names(*written):
    return [{"name": name} for name in written]


def code(answer):
    return answer.json()["code"]


# ── In person or online ──


@pytest.fixture
def hybrid(tenant):
    return make_meeting(tenant, format="hybrid", capacity=1, online_capacity=2, online_url="https://meet.example.org/x")


def test_one_tap_says_how(tenant, hybrid):
    path = link_path(invite(tenant, hybrid))
    online = tenant.public.post(path, {"mode": "online"}, 200).json()
    assert (online["response"], online["mode"], online["meeting"]["online_url"]) == ("accepted", "online", "https://meet.example.org/x")
    room = tenant.public.post(path, {"response": "accepted", "mode": "in_person"}, 200).json()
    assert (room["response"], room["mode"], room["meeting"]["online_url"]) == ("accepted", "in_person", None)
    assert (counts(tenant, hybrid)["in_person"], counts(tenant, hybrid)["online"]) == (1, 0)


def test_each_way_has_seats_of_its_own(tenant, hybrid):
    first, second = (link_path(invite(tenant, hybrid, name)) for name in ("Pierwsza", "Druga"))
    tenant.public.post(first, {"mode": "in_person"}, 200)
    page = tenant.public.page(second).text
    assert page.count("no places left") == 1
    assert code(tenant.public.post(second, {"mode": "in_person"}, 409)) == "meeting_full"
    tenant.public.post(second, {"mode": "online"}, 200)
    refused = tenant.public.post(second, {"mode": "in_person"}, 409).json()
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("meeting_full", "/mode")
    assert tenant.public.get(second).json()["mode"] == "online", "what was had stays"


def test_the_page_of_a_hybrid_meeting_has_a_button_for_each(tenant, hybrid):
    path = link_path(invite(tenant, hybrid))
    page = tenant.public.page(path, language="pl")
    assert re.findall(r'<button class="answer" type="submit" name="(\w+)" value="(\w+)"', page.text) == [
        ("mode", "in_person"), ("mode", "online"), ("response", "tentative"), ("response", "declined")]  # fmt: skip
    tenant.public.form(path, {"mode": "online", "_form": form_token(page), "_return": path})
    after = tenant.public.page(path + "?done=answer_rsvp", language="pl").text
    assert "Udział online." in after and "https://meet.example.org/x" in after


def test_a_way_that_is_not_offered(tenant, meeting, path):
    assert code(tenant.public.post(path, {"mode": "online"}, 422)) == "mode_not_offered"
    assert tenant.public.post(path, {"mode": "in_person"}, 200).json()["response"] == "accepted"


def test_neither_answer_nor_way(tenant, path):
    refused = tenant.public.post(path, {"note": "x"}, 422).json()["errors"][0]
    assert (refused["pointer"], refused["code"]) == ("/response", "required")


# ── Companions ──


def test_companions_are_named_and_take_seats(tenant, meeting, path):
    tenant.public.post(path, {"response": "accepted"})
    said = tenant.public.post(f"{path}/details", {"companions": names("Ola", "Ela")}, 200).json()
    assert said["companions"] == names("Ola", "Ela") and said["companions_allowed"] == 2
    assert tenant.public.get(path).json()["companions"] == tenant.public.get(f"{path}/details").json()["companions"] == names("Ola", "Ela")
    assert (counts(tenant, meeting)["heads"], counts(tenant, meeting)["companions"]) == (3, 2)
    assert tenant.public.post(f"{path}/details", {"note": "wózek"}, 200).json()["companions"] == names("Ola", "Ela"), "what is left out stays"
    assert tenant.public.post(f"{path}/details", {"companions": []}, 200).json()["note"] == "wózek"
    assert counts(tenant, meeting)["heads"] == 1


def test_more_companions_than_are_allowed(tenant, meeting, path):
    tenant.public.post(path, {"response": "accepted"})
    assert code(tenant.public.post(f"{path}/details", {"companions": names("A", "B", "C")}, 409)) == "too_many_companions"
    tenant.public.post(f"{path}/details", {"companions": names("A", "B")}, 200)
    change(tenant, meeting, companions_allowed=0)
    tenant.public.post(f"{path}/details", {"companions": names("A", "D")}, 200)  # those who were promised may come, or others instead


def test_too_few_seats_for_companions_say_how_many_there_are(tenant, meeting, path):
    change(tenant, meeting, capacity=2)
    tenant.public.post(path, {"response": "accepted"})
    refused = tenant.public.post(f"{path}/details", {"companions": names("A", "B")}, 409).json()
    assert refused["code"] == "no_seats_for_companions" and "at most 1" in refused["detail"]
    page = tenant.public.page(path)
    assert "Seats left for companions: 1" in page.text
    again = tenant.public.form(f"{path}/details", {"companions.0.name": "Ola", "companions.1.name": "Ela", "note": "razem", "_form": form_token(page)}, 409).text
    assert 'value="Ola"' in again and 'value="Ela"' in again and "razem" in again and "not enough seats" in again
    assert counts(tenant, meeting)["heads"] == 1


def test_companions_over_a_quota(tenant):
    meeting = make_meeting(tenant, companions_allowed=3, organisation_quota=2)
    path = link_path(invite(tenant, meeting, organisation="Gmina Próbna"))
    tenant.public.post(path, {"response": "accepted"})
    assert "Seats left for companions: 1" in tenant.public.page(path).text
    tenant.public.post(f"{path}/details", {"companions": names("Ola")}, 200)
    assert code(tenant.public.post(f"{path}/details", {"companions": names("Ola", "Ela")}, 409)) == "quota_full"
    change(tenant, meeting, organisation_quota=1)
    assert "Seats left for companions: 1" in tenant.public.page(path).text, "who is promised a seat keeps it"
    tenant.public.post(f"{path}/details", {"companions": []}, 200)
    assert "no seats left for companions" in tenant.public.page(path).text
    change(tenant, meeting, organisation_quota=9)
    assert "seats left for companions" not in tenant.public.page(path).text.lower()


@pytest.mark.parametrize("body", [{"companions": [{}]}, {"companions": [{"name": ""}]}, {"companions": "Ola"}, {"companions": names(*"ABCDEFGHIJKLMNOPQRSTU")}, {"companion": []}])
def test_what_is_no_detail(tenant, path, body):
    tenant.public.post(f"{path}/details", body, 422)


def test_details_by_the_form(tenant, meeting, path):
    assert "companions.0.name" not in tenant.public.page(path).text, "nothing but the answer is asked first"
    tenant.public.post(path, {"response": "accepted"})
    page = tenant.public.page(path, language="pl")
    assert page.text.count('name="companions.') == 2 and "Osoba towarzysząca 2" in page.text
    fields = {"companions.0.name": "", "companions.1.name": "Ola", "note": "winda", "_form": form_token(page), "_return": path}
    assert tenant.public.form(f"{path}/details", fields).headers["Location"].endswith(f"{path}?done=detail_rsvp")
    saved = tenant.public.page(path + "?done=detail_rsvp", language="pl").text
    assert "Szczegóły zapisane." in saved and "<li>Ola</li>" in saved and "winda" in saved
    tenant.public.form(f"{path}/details", {**fields, "companions.1.name": "", "note": ""})
    emptied = tenant.public.get(f"{path}/details").json()
    assert (emptied["companions"], emptied["note"]) == ([], None)
    tenant.public.form(f"{path}/details", {**fields, "_form": "AAAA"}, 403)


def test_who_declines_is_not_asked_who_comes_along(tenant, path):
    tenant.public.post(path, {"response": "declined"})
    page = tenant.public.page(path).text
    assert "companions." not in page and 'name="note"' in page


def test_many_companions_fold(tenant, meeting, path):
    change(tenant, meeting, companions_allowed=20)
    tenant.public.post(path, {"response": "tentative"})
    page = tenant.public.page(path).text
    assert page.count('name="companions.') == 20 and page.split("More companions")[0].count('name="companions.') == 3


# ── When it is too late ──


def test_details_close_with_the_answers(tenant, meeting, path):
    tenant.public.post(path, {"response": "accepted"})
    tenant.public.post(f"{path}/details", {"companions": names("Ola"), "note": "rampa"})
    change(tenant, meeting, rsvp_closes_at="2020-01-01T00:00:00Z")
    assert code(tenant.public.post(f"{path}/details", {"companions": []}, 409)) == "answers_closed"
    assert code(tenant.public.post(f"{path}/details", {"note": "x"}, 409)) == "answers_closed"
    page = tenant.public.page(path).text
    assert "<li>Ola</li>" in page and "rampa" in page and "<textarea" not in page and 'href="#help"' in page and "biuro@example.org" in page


def test_a_withdrawn_invitation_takes_no_details(tenant, meeting):
    one = invite(tenant, meeting)
    tenant.organiser.delete(f"meetings/{meeting['slug']}/invitations/{one['id']}", version="*")
    for body in ({"companions": names("Ola")}, {}):
        assert code(tenant.public.post(f"{link_path(one)}/details", body, 410)) == "invitation_withdrawn"
    tenant.public.get(f"{link_path(one)}/details", 410)


# ── What the page says ──


def test_the_page_tells_of_a_promotion(tenant):
    meeting = make_meeting(tenant, capacity=1, waitlist=True)
    first, second = (link_path(invite(tenant, meeting, name)) for name in ("Pierwsza", "Druga"))
    tenant.public.post(first, {"response": "accepted"})
    assert tenant.public.post(second, {"response": "accepted"}).json()["waiting_ahead"] == 0
    assert "Place on the waitlist: 1" in tenant.public.page(second).text
    tenant.public.post(first, {"response": "declined"})
    seen = tenant.public.get(second).json()
    assert (seen["response"], seen["queue_number"]) == ("accepted", None) and seen["promoted_at"]
    assert "A seat became free and is yours now" in tenant.public.page(second).text


def test_a_quota_is_said_before_anybody_answers(tenant):
    meeting = make_meeting(tenant, organisation_quota=1, waitlist=True)
    first, second, other = (link_path(invite(tenant, meeting, name, organisation=of)) for name, of in (("A", "Gmina"), ("B", "Gmina"), ("C", "Miasto")))
    tenant.public.post(first, {"response": "accepted"})
    assert "seats for your organisation or group are taken" in tenant.public.page(second).text
    assert "are taken" not in tenant.public.page(other).text
    assert tenant.public.post(second, {"response": "accepted"}).json()["response"] == "waitlisted"


def test_when_it_was_answered_is_shown(tenant, meeting, path):
    tenant.public.post(path, {"response": "accepted"})
    assert "Answered:" in tenant.public.page(path).text


def test_who_answered_on_behalf_is_said(tenant, meeting):
    one = invite(tenant, meeting)
    tenant.organiser.patch(f"meetings/{meeting['slug']}/invitations/{one['id']}", {"response": "accepted"}, version="*")
    assert "entered by the organiser" in tenant.public.page(link_path(one)).text
    tenant.public.post(link_path(one), {"response": "declined"})
    assert "entered by the organiser" not in tenant.public.page(link_path(one)).text


def test_a_browser_that_asks_for_the_details_is_led_to_the_page(tenant, path):
    assert tenant.public.send("GET", f"{path}/details", 303, headers={"Accept": "text/html"}).headers["Location"].endswith(path)


def test_a_refused_form_leads_to_its_page_in_the_other_languages(tenant, path):
    tenant.public.post(path, {"response": "accepted"})
    again = tenant.public.form(f"{path}/details", {"note": "x", "_form": "AAAA"}, 403).text
    assert f'href="{path}?lang=fi"' in again and "details?lang" not in again
