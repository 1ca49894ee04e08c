"""test_tickets.py: a ticket says at the door who somebody is, and opens nothing else."""

import re

import pytest
import requests

from entrance import attendance, decoded, moment, seated, ticket_path, today
from happenings import invite, link_path, make_meeting
from mailbox import eml, html_of, text_of
from test_mail_kinds import due_now, of_kind


@pytest.fixture
def meeting(tenant):
    return today(tenant, theme="Klastry", companions_allowed=3)


@pytest.fixture
def one(tenant, meeting):
    return seated(tenant, meeting, "Anna Żak", position="Wójt", organisation="Gmina Śliwa")


@pytest.fixture
def path(tenant, one):
    return ticket_path(tenant, one)


def test_a_ticket_is_not_the_link_to_answer_by(tenant, one, path):
    token = path.rsplit("/", 1)[1]
    assert token not in link_path(one)
    tenant.public.get(f"/r/{tenant.slug}/{token}", 404)
    tenant.public.get(f"/t/{tenant.slug}/{link_path(one).rsplit('/', 1)[1]}", 404)


def test_what_its_bearer_sees(server, tenant, meeting, one, path):
    answer = tenant.public.get(path)
    ticket = answer.json()
    assert ticket["meeting"]["id"] == meeting["id"]
    assert ticket["person"] == {"name": "Anna Żak", "position": "Wójt", "organisation": "Gmina Śliwa"}
    assert (ticket["valid"], ticket["fault"], ticket["today"], ticket["state"], ticket["response"]) == (True, None, True, None, "accepted")
    assert ticket["ticket_url"] == server.base_url + path
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    page = tenant.public.page(path)
    assert "Anna Żak" in page.text and "Klastry" in page.text and ticket["ticket_code"] in page.text
    assert f'src="{path}.svg"' in page.text
    assert "check-in" not in page.text


def test_the_code_leads_to_the_ticket(server, tenant, path):
    answer = tenant.public.get(path + ".png", headers={"Accept": "image/*"})
    assert answer.headers["Content-Type"] == "image/png"
    assert len(answer.content) < 3000
    assert decoded(answer.content) == server.base_url + path
    drawn = tenant.public.get(path + ".svg", headers={"Accept": "image/*"})
    assert drawn.headers["Content-Type"] == "image/svg+xml"
    assert drawn.text.startswith("<svg ")


def test_the_invitees_page_shows_it_once_there_is_a_seat(tenant, meeting):
    one = invite(tenant, meeting, "Jan Łoś")
    assert "/t/" not in tenant.public.page(link_path(one)).text
    tenant.public.post(link_path(one), {"response": "accepted"}, 200)
    path = ticket_path(tenant, one)
    assert f'src="{path}.svg"' in tenant.public.page(link_path(one)).text
    tenant.public.post(link_path(one), {"response": "declined"}, 200)
    assert "/t/" not in tenant.public.page(link_path(one)).text
    ticket = tenant.public.get(path).json()
    assert (ticket["valid"], ticket["fault"]) == (False, "not_accepted")
    assert "notice bad" in tenant.public.page(path).text


def test_whoever_is_at_the_door_checks_in_by_one_tap(tenant, meeting, one, path):
    assert "Check in" in tenant.assistant.page(path).text
    assert attendance(tenant, meeting) == {}, "looking changes nothing"
    tenant.public.post(path + "/check-in", {}, 401)
    tenant.viewer.post(path + "/check-in", {}, 403)
    here = tenant.assistant.post(path + "/check-in", {}, 200).json()
    assert here["state"] == "present" and here["arrived_at"]
    assert attendance(tenant, meeting)["Anna Żak"] == ("present", "check_in")
    again = tenant.assistant.post(path + "/check-in", {}, 200).json()
    assert again["arrived_at"] == here["arrived_at"]


def test_the_form_at_the_door(tenant, meeting, path):
    done = tenant.assistant.form(path + "/check-in", {})
    assert done.headers["Location"] == path + "?done=arrive_ticket"
    assert "Checked in" in tenant.assistant.page(done.headers["Location"]).text
    assert attendance(tenant, meeting)["Anna Żak"] == ("present", "check_in")


def test_companions_are_for_the_door_only(tenant, meeting):
    one = seated(tenant, meeting, "Ewa Ćma", companions=["Olga Ruta", "Piotr Sum"])
    path = ticket_path(tenant, one)
    assert tenant.public.get(path).json()["companions"] == 2
    assert "Olga Ruta" not in tenant.public.page(path).text
    assert "Olga Ruta" not in tenant.viewer.page(path).text
    page = tenant.assistant.page(path).text
    assert "Olga Ruta" in page and "Piotr Sum" in page
    boxes = re.findall(r'name="companions" value="([^"]+)"', page)
    assert tenant.assistant.post(path + "/check-in", {"companions": boxes[:1]}, 200).json()["state"] == "present"
    assert re.findall(r'name="companions" value="([^"]+)"', tenant.assistant.page(path).text) == boxes[1:], "who is there already is not asked for"
    tenant.assistant.post(path + "/check-in", {"companions": boxes}, 200)
    assert f'action="{path}/check-in"' not in tenant.assistant.page(path).text, "nobody is left to check in"
    tenant.assistant.post(path + "/check-in", {"companions": ["x"]}, 422)


def test_a_ticket_of_another_day(tenant):
    meeting = make_meeting(tenant)
    path = ticket_path(tenant, seated(tenant, meeting))
    ticket = tenant.public.get(path).json()
    assert (ticket["valid"], ticket["today"]) == (True, False)
    assert "notice bad" not in tenant.public.page(path).text, "to its bearer it is fine, only early"
    page = tenant.assistant.page(path).text
    assert "notice bad" in page and "This ticket is for another day" in page
    assert tenant.assistant.post(path + "/check-in", {}, 409).json()["code"] == "ticket_other_day"
    refused = tenant.assistant.form(path + "/check-in", {}, 409)
    assert "This ticket is for another day" in refused.text


def test_a_ticket_of_a_cancelled_meeting(tenant, meeting, path):
    tenant.owner.patch(f"meetings/{meeting['slug']}", {"status": "cancelled"}, 200, version="*")
    ticket = tenant.public.get(path).json()
    assert (ticket["valid"], ticket["fault"]) == (False, "cancelled")
    assert "notice bad" in tenant.public.page(path).text
    assert tenant.assistant.post(path + "/check-in", {}, 409).json()["code"] == "meeting_cancelled"


def test_a_replaced_link_takes_the_ticket_with_it(tenant, meeting, one, path):
    tenant.organiser.post(f"meetings/{meeting['slug']}/invitations/{one['id']}/revoke-link", {}, (200, 201, 204))
    for api in (tenant.public, tenant.assistant):
        assert api.get(path, 410).json()["code"] == "ticket_replaced"
        page = api.page(path, 410).text
        assert "notice bad" in page and "not valid any more" in page
    assert tenant.assistant.post(path + "/check-in", {}, 410).json()["code"] == "ticket_replaced"
    tenant.public.get(path + ".png", 410)


def test_a_withdrawn_invitation(tenant, meeting, one, path):
    tenant.organiser.delete(f"meetings/{meeting['slug']}/invitations/{one['id']}", version="*")
    assert tenant.assistant.get(path, 410).json()["code"] == "ticket_withdrawn"


def test_codes_that_are_none_of_ours(tenant, stranger, path):
    token = path.rsplit("/", 1)[1]
    for foreign in (f"/t/{tenant.slug}/{'A' * 46}", f"/t/{tenant.slug}/x", f"/t/{stranger.slug}/{token}", path[:-1]):
        assert tenant.public.get(foreign, 404).json()["code"] == "no_such_ticket"
    page = tenant.public.page(f"/t/{tenant.slug}/{'A' * 46}", 404).text
    assert "notice bad" in page and "No valid ticket" in page
    stranger.assistant.get(path, 404)
    stranger.assistant.post(path + "/check-in", {}, 404)


def test_a_phone_remembers_it(tenant, path):
    done = tenant.public.form(path + "/remember", {})
    assert done.headers["Location"] == path + "?done=remember_ticket"
    cookie = done.headers["Set-Cookie"]
    assert cookie.startswith("narada_ticket=" + path.rsplit("/", 1)[1] + ";")
    assert "Path=/here" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    tenant.public.form(path + "/remember", {}, 403, headers={"Origin": "https://elsewhere.example"})
    tenant.public.form(f"/t/{tenant.slug}/{'A' * 46}/remember", {}, 404)


def test_the_day_is_the_meetings_own(tenant):
    """Three hours around a meeting belong to its day, whatever the date is there."""
    for begins_in, lasts in ((2.5, 1), (-5, 2.5)):
        meeting = today(tenant, begins_in, lasts)
        assert tenant.public.get(ticket_path(tenant, seated(tenant, meeting))).json()["today"] is True
    past = make_meeting(tenant, starts_at=moment(-72), ends_at=moment(-70))
    assert tenant.public.get(ticket_path(tenant, seated(tenant, past))).json()["today"] is False


def test_mails_about_a_seat_bring_it_as_a_linked_picture(server, tenant):
    meeting = make_meeting(tenant)
    one = invite(tenant, meeting, "Ewa Ćma", email="ewa.cma@example.org", language="pl")
    tenant.public.post(link_path(one), {"response": "accepted"}, 200)
    due_now(server, "outbox", f"invitation_id = '{one['id']}'")
    (mail,) = of_kind(tenant, "confirmation")
    path = ticket_path(tenant, one)
    code = tenant.public.get(path).json()["ticket_code"]
    message = eml(server, mail)
    letter = html_of(message)
    picture = re.search(r'<img src="([^"]+)" alt="([^"]+)" width="180" height="180"', letter)
    assert picture[1] == f"{server.base_url}{path}.png"
    assert picture[2] == "Kod QR tego biletu"
    assert f'<a href="{server.base_url}{path}">' in letter and code in letter
    assert {server.base_url + path, code} <= set(text_of(message).split())
    loaded = requests.get(picture[1], timeout=30)
    assert (loaded.status_code, loaded.headers["Content-Type"]) == (200, "image/png")
    assert decoded(loaded.content) == server.base_url + path
    shown = tenant.organiser.page(f"outbox/{mail['id']}").text
    assert path in shown


def test_no_ticket_goes_with_an_answer_that_needs_none(server, tenant):
    meeting = make_meeting(tenant, format="hybrid", online_url="https://meet.example.org/x")
    for name, answer in (("Jan Łoś", {"response": "declined"}), ("Olga Ruta", {"mode": "online"})):
        one = invite(tenant, meeting, name, email=f"{answer.get('mode', 'no')}@example.org")
        tenant.public.post(link_path(one), answer, 200)
        due_now(server, "outbox", f"invitation_id = '{one['id']}'")
    for mail in of_kind(tenant, "confirmation", 2):
        assert "/t/" not in html_of(eml(server, mail)) and "/t/" not in text_of(eml(server, mail))
