"""test_self_check_in.py: the code on the room's screen, and joining by link: presence means presence."""

import re

import pytest

from conftest import Api
from entrance import attendance, decoded, seated, ticket_path, today
from happenings import form_token, invite, link_path, make_meeting


ONLINE = {"mode": "online"}


@pytest.fixture
def meeting(tenant):
    return today(tenant)


def screen(tenant, meeting):
    return tenant.assistant.get(f"meetings/{meeting['slug']}/screen").json()


def here(tenant, code):
    return f"/here/{tenant.slug}/{code}"


def remembering(tenant, path):
    """The public in a browser that remembers this ticket."""
    done = tenant.public.form(path + "/remember", {})
    return Api(tenant.server, tenant.slug, cookie=done.headers["Set-Cookie"].split(";")[0])


# ── The screen ──


def test_the_screen_shows_a_code_that_leads_somewhere(server, tenant, meeting):
    shown = screen(tenant, meeting)
    assert re.fullmatch("[2-9A-HJ-NP-Z]{6}", shown["code"])
    assert shown["here_url"] == server.base_url + here(tenant, shown["code"])
    assert 1 <= shown["seconds_left"] <= 30 and shown["open"] and shown["present"] == 0
    answer = tenant.assistant.page(f"meetings/{meeting['slug']}/screen")
    assert answer.headers["Cache-Control"] == "no-store"
    assert 2 <= int(answer.headers["Refresh"]) <= 31, "the page reloads itself without scripts"
    picture = re.search(r'src="(/here/[^"]+)\.svg"', answer.text)[1]
    drawn = tenant.public.get(picture + ".png", headers={"Accept": "image/*"})
    assert decoded(drawn.content) == server.base_url + picture
    for role in ("viewer", "public"):
        tenant.api(role).get(f"meetings/{meeting['slug']}/screen", (401, 403))


def test_meetings_have_codes_of_their_own(tenant, meeting):
    other = today(tenant)
    assert screen(tenant, meeting)["code"] != screen(tenant, other)["code"]


def test_on_another_day_there_is_no_code(tenant):
    far = make_meeting(tenant)
    shown = screen(tenant, far)
    assert (shown["open"], shown["code"], shown["here_url"]) == (False, None, None)
    assert "day of the meeting" in tenant.assistant.page(f"meetings/{far['slug']}/screen").text


# ── "I am here", on one's own page ──


def test_who_is_in_the_room_types_the_code(tenant, meeting):
    one = seated(tenant, meeting, "Anna Żak")
    page = tenant.public.page(link_path(one)).text
    assert "I am in the room" in page
    code = screen(tenant, meeting)["code"]
    done = tenant.public.post(link_path(one) + "/here", {"code": f" {code[:3].lower()}-{code[3:]} "}, 200).json()
    assert done["state"] == "present" and done["arrived_at"] and done["person"]["name"] == "Anna Żak"
    assert attendance(tenant, meeting)["Anna Żak"] == ("present", "self")
    again = tenant.public.post(link_path(one) + "/here", {"code": screen(tenant, meeting)["code"]}, 200).json()
    assert again["arrived_at"] == done["arrived_at"]
    assert "I am in the room" not in tenant.public.page(link_path(one)).text
    assert screen(tenant, meeting)["present"] == 1


def test_the_form_of_ones_own_page(tenant, meeting):
    one = seated(tenant, meeting, "Anna Żak")
    token = form_token(tenant.public.page(link_path(one)))
    wrong = tenant.public.form(link_path(one) + "/here", {"code": "AAAAAA", "_form": token}, 409)
    assert "not the code on the screen" in wrong.text and 'value="AAAAAA"' in wrong.text
    done = tenant.public.form(link_path(one) + "/here", {"code": screen(tenant, meeting)["code"], "_form": token})
    assert done.headers["Location"] == link_path(one) + "?done=arrive_rsvp"
    assert "Your presence is recorded" in tenant.public.page(done.headers["Location"]).text
    tenant.public.form(link_path(one) + "/here", {"code": screen(tenant, meeting)["code"]}, 403)


def test_who_can_not_check_in_by_code(tenant, meeting):
    code = screen(tenant, meeting)["code"]
    undecided = invite(tenant, meeting, "Jan Łoś")
    assert tenant.public.post(link_path(undecided) + "/here", {"code": code}, 409).json()["code"] == "no_seat"
    assert "/here" not in tenant.public.page(link_path(undecided)).text
    one = seated(tenant, meeting, "Anna Żak")
    assert tenant.public.post(link_path(one) + "/here", {"code": screen(tenant, today(tenant))["code"]}, 409).json()["code"] == "room_code_wrong"
    tenant.public.post(link_path(one) + "/here", {}, 422)
    tenant.public.post(link_path(one)[:-1] + "/here", {"code": code}, 404)
    far = make_meeting(tenant)
    early = seated(tenant, far)
    assert tenant.public.post(link_path(early) + "/here", {"code": code}, 409).json()["code"] == "check_in_not_open"
    tenant.owner.patch(f"meetings/{meeting['slug']}", {"status": "held"}, 200, version="*")
    assert tenant.public.post(link_path(one) + "/here", {"code": code}, 409).json()["code"] == "meeting_held"
    assert attendance(tenant, meeting) == {}


# ── Scanning the screen ──


def test_whoever_scans_it_types_the_code_of_their_ticket(tenant, meeting):
    one = seated(tenant, meeting, "Anna Żak", organisation="Gmina Śliwa")
    code = screen(tenant, meeting)["code"]
    seen = tenant.public.get(here(tenant, code))
    assert seen.json()["meeting"]["id"] == meeting["id"] and seen.json()["person"] is None
    assert seen.headers["Cache-Control"] == "no-store"
    assert attendance(tenant, meeting) == {}, "scanning changes nothing"
    ticket = tenant.public.get(ticket_path(tenant, one)).json()["ticket_code"]
    done = tenant.public.post(here(tenant, code), {"ticket": ticket.upper()[:4] + " " + ticket[4:]}, 200).json()
    assert (done["person"]["name"], done["state"]) == ("Anna Żak", "present")
    assert attendance(tenant, meeting)["Anna Żak"] == ("present", "self")


def test_the_form_after_scanning(tenant, meeting):
    one = seated(tenant, meeting, "Anna Żak")
    path = here(tenant, screen(tenant, meeting)["code"])
    assert "Code of the ticket" in tenant.public.page(path).text
    wrong = tenant.public.form(path, {"ticket": "00000000"}, 409)
    assert "No ticket of this meeting has this code" in wrong.text
    tenant.public.form(path, {}, 422)
    ticket = tenant.public.get(ticket_path(tenant, one)).json()["ticket_code"]
    done = tenant.public.form(path, {"ticket": ticket}, 200)
    assert "Your presence is recorded" in done.text and "Anna Żak" in done.text
    tenant.public.form(path, {"ticket": ticket}, 403, headers={"Origin": "https://elsewhere.example"})


def test_a_phone_that_remembers_the_ticket_needs_one_tap(tenant, meeting):
    one = seated(tenant, meeting, "Anna Żak")
    phone = remembering(tenant, ticket_path(tenant, one))
    path = here(tenant, screen(tenant, meeting)["code"])
    assert phone.get(path).json()["person"]["name"] == "Anna Żak"
    assert "I am here: Anna Żak" in phone.page(path).text
    done = phone.form(path, {}, 200)
    assert "Your presence is recorded" in done.text
    assert attendance(tenant, meeting)["Anna Żak"] == ("present", "self")
    assert "I am here" not in re.sub("<title>.*?</title>", "", phone.page(path).text)


def test_a_ticket_of_another_meeting_is_nobody_here(tenant, meeting):
    other = seated(tenant, today(tenant), "Anna Żak")
    phone = remembering(tenant, ticket_path(tenant, other))
    path = here(tenant, screen(tenant, meeting)["code"])
    assert phone.get(path).json()["person"] is None
    assert phone.post(path, {}, 422).json()["code"] == "required"
    ticket = tenant.public.get(ticket_path(tenant, other)).json()["ticket_code"]
    assert tenant.public.post(path, {"ticket": ticket}, 409).json()["code"] == "ticket_code_wrong"
    broken = Api(tenant.server, tenant.slug, cookie="narada_ticket=rubbish")
    assert broken.get(path).json()["person"] is None


def test_codes_that_are_not_on_a_screen(tenant, stranger, meeting):
    seated(tenant, meeting)
    code = screen(tenant, meeting)["code"]
    for path in (here(tenant, "AAAAAA"), here(tenant, "x"), here(stranger, code)):
        assert tenant.public.get(path, 404).json()["code"] == "room_code_over", path
        assert tenant.public.post(path, {"ticket": "00000000"}, 404).json()["code"] == "room_code_over"
    assert "not on the screen any more" in tenant.public.page(here(tenant, "AAAAAA"), 404).text


def test_who_has_no_seat_is_sent_to_the_entrance(tenant, meeting):
    one = seated(tenant, meeting, "Anna Żak")
    ticket = tenant.public.get(ticket_path(tenant, one)).json()["ticket_code"]
    tenant.public.post(link_path(one), {"response": "declined"}, 200)
    assert tenant.public.post(here(tenant, screen(tenant, meeting)["code"]), {"ticket": ticket}, 409).json()["code"] == "no_seat"


# ── By link ──


def online(tenant, begins_in=0.25, **members):
    return today(tenant, begins_in, **{"format": "online", "online_url": "https://meet.example.org/forum", **members})


def test_who_comes_online_joins_and_is_recorded(tenant):
    meeting = online(tenant)
    one = seated(tenant, meeting, "Anna Żak")
    page = tenant.public.page(link_path(one))
    assert f'action="{link_path(one)}/join#main"' in page.text
    done = tenant.public.post(link_path(one) + "/join", ONLINE, 200).json()
    assert (done["state"], done["online_url"]) == ("remote", "https://meet.example.org/forum")
    assert attendance(tenant, meeting)["Anna Żak"] == ("remote", "link")
    tenant.public.post(link_path(one) + "/join", {}, 422)
    again = tenant.public.post(link_path(one) + "/join", ONLINE, 200).json()
    assert again["arrived_at"] == done["arrived_at"]


def test_the_join_button_leads_on_to_the_meeting(tenant):
    one = seated(tenant, online(tenant), "Anna Żak")
    token = form_token(tenant.public.page(link_path(one)))
    done = tenant.public.form(link_path(one) + "/join", {**ONLINE, "_form": token})
    assert done.headers["Location"] == link_path(one) + "?done=join_rsvp"
    page = tenant.public.page(done.headers["Location"]).text
    assert '<meta http-equiv="refresh" content="0; url=https://meet.example.org/forum">' in page
    assert 'href="https://meet.example.org/forum"' in page
    tenant.public.form(link_path(one) + "/join", ONLINE, 403)


def test_who_can_not_join(tenant):
    early = seated(tenant, online(tenant, begins_in=2), "Anna Żak")
    assert tenant.public.post(link_path(early) + "/join", ONLINE, 409).json()["code"] == "join_not_open"
    assert "/join" not in tenant.public.page(link_path(early)).text
    hybrid = today(tenant, format="hybrid", online_url="https://meet.example.org/x")
    room = seated(tenant, hybrid, "Jan Łoś", answer={"mode": "in_person"})
    assert tenant.public.post(link_path(room) + "/join", ONLINE, 409).json()["code"] == "not_online"
    far = seated(tenant, hybrid, "Olga Ruta", answer={"mode": "online"})
    assert tenant.public.post(link_path(far) + "/join", ONLINE, 200).json()["state"] == "remote"
    undecided = invite(tenant, hybrid, "Ewa Ćma")
    assert tenant.public.post(link_path(undecided) + "/join", ONLINE, 409).json()["code"] == "no_seat"
    bare = seated(tenant, today(tenant, format="online"), "Ada Lis")
    assert tenant.public.post(link_path(bare) + "/join", ONLINE, 409).json()["code"] == "not_online"


def test_whoever_joined_and_then_comes_in_is_present(tenant):
    meeting = today(tenant, format="hybrid", online_url="https://meet.example.org/x")
    one = seated(tenant, meeting, "Olga Ruta", answer={"mode": "online"})
    tenant.public.post(link_path(one) + "/join", ONLINE, 200)
    tenant.public.post(link_path(one) + "/here", {"code": screen(tenant, meeting)["code"]}, 200)
    assert attendance(tenant, meeting)["Olga Ruta"] == ("present", "link")
    tenant.public.post(link_path(one) + "/join", ONLINE, 200)
    assert attendance(tenant, meeting)["Olga Ruta"] == ("present", "link"), "and stays it"


def test_long_ago_nobody_joins(tenant):
    meeting = today(tenant, begins_in=-5, lasts=2, format="online", online_url="https://meet.example.org/x")
    one = seated(tenant, meeting, "Anna Żak")
    assert tenant.public.post(link_path(one) + "/join", ONLINE, 409).json()["code"] in ("join_not_open", "check_in_not_open")
