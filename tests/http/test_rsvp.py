"""test_rsvp.py: the invitee's link: reading changes nothing, answering does, once, and only with a right link."""

import base64
import datetime

import icalendar
import pytest

from happenings import counts, form_token, invite, link_path, make_meeting


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant, theme="Miasta i gminy", purpose="Poznanie", contact_name="Biuro", contact_email="biuro@example.org", online_url="https://meet.example.org/x")


@pytest.fixture
def one(tenant, meeting):
    return invite(tenant, meeting, "Jan Łoś", email="jan@example.org", position="wójt", organisation="Gmina Próbna")


def audit_length(tenant):
    return len(tenant.owner.get("audit?limit=500").json()["items"])


def test_what_the_invitee_sees(tenant, meeting, one):
    seen = tenant.public.get(link_path(one))
    view = seen.json()
    assert seen.headers["Cache-Control"] == "no-store" and seen.headers["Referrer-Policy"] == "no-referrer"
    assert view["person"] == {"name": "Jan Łoś", "position": "wójt", "organisation": "Gmina Próbna"}
    assert view["meeting"]["slug"] == meeting["slug"] and view["meeting"]["starts_at"] == meeting["starts_at"]
    assert (view["response"], view["can_answer"], view["closed_reason"]) == ("needs_action", True, None)
    assert view["meeting"]["online_url"] is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("accept", ["application/json", "text/html", "text/calendar"])
def test_looking_changes_nothing(tenant, meeting, one, method, accept):
    before = counts(tenant, meeting), audit_length(tenant), tenant.viewer.get(f"meetings/{meeting['slug']}/invitations/{one['id']}").json()
    for path in (link_path(one), link_path(one) + "?response=accepted", link_path(one) + "?utm_source=mail"):
        tenant.public.send(method, path, 204 if method == "OPTIONS" else 200, headers={"Accept": accept})
    assert (counts(tenant, meeting), audit_length(tenant), tenant.viewer.get(f"meetings/{meeting['slug']}/invitations/{one['id']}").json()) == before


def test_answering_and_changing_the_answer(tenant, meeting, one):
    yes = tenant.public.post(link_path(one), {"response": "accepted", "note": "przyjazd 10:15"}, 200).json()
    assert yes["response"] == "accepted" and yes["note"] == "przyjazd 10:15" and yes["responded_at"]
    assert yes["meeting"]["online_url"] == "https://meet.example.org/x"
    again = tenant.public.post(link_path(one), {"response": "accepted"}, 200).json()
    assert again == yes
    no = tenant.public.post(link_path(one), {"response": "declined"}, 200).json()
    assert no["response"] == "declined" and no["note"] == "przyjazd 10:15" and no["responded_at"] > yes["responded_at"]
    assert tenant.public.post(link_path(one), {"response": "tentative", "note": None}, 200).json()["note"] is None
    assert counts(tenant, meeting)["tentative"] == 1
    shown = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/{one['id']}").json()
    assert shown["response"] == "tentative"


@pytest.mark.parametrize("body", [{}, {"response": "needs_action"}, {"response": "waitlisted"}, {"response": None}, {"response": "accepted", "note": "x" * 2001}, {"response": "accepted", "name": "X"}])
def test_what_is_no_answer(tenant, meeting, one, body):
    tenant.public.post(link_path(one), body, 422)
    assert counts(tenant, meeting)["needs_action"] == 1


def test_bodies_that_are_not_even_json(tenant, one):
    tenant.public.post(link_path(one), b'{"response": ', 400)
    tenant.public.post(link_path(one), b'{"response": "accepted", "response": "declined"}', 400)
    tenant.public.send("POST", link_path(one), 415, headers={"Content-Type": "text/plain"}, data=b"accepted")


def test_links_that_nobody_made(tenant, stranger, meeting, one):
    token = link_path(one).rsplit("/", 1)[1]
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    broken = []
    for at in (0, 15, 16, 17, 18, len(raw) - 1):
        changed = bytearray(raw)
        changed[at] ^= 1
        broken.append(base64.urlsafe_b64encode(changed).rstrip(b"=").decode())
    broken += [token[:-1], token + "A", token[1:], "x", "A" * len(token), token.swapcase()]
    for guess in broken:
        assert tenant.public.get(f"/r/{tenant.slug}/{guess}", 404).json()["code"] == "no_such_link"
        tenant.public.post(f"/r/{tenant.slug}/{guess}", {"response": "accepted"}, 404)
    tenant.public.get(f"/r/{stranger.slug}/{token}", 404)
    tenant.public.get(f"/r/no-such-platform/{token}", 404)
    page = tenant.public.page(f"/r/{tenant.slug}/{broken[0]}", 404, language="pl").text
    assert "nie prowadzi do żadnego zaproszenia" in page
    assert counts(tenant, meeting)["needs_action"] == 1


def test_a_token_of_the_platform_is_no_link(tenant, one):
    tenant.owner.get(f"/r/{tenant.slug}/{tenant.tokens['owner']}", 404)


# ── The page ──


def test_the_page_is_for_a_person_and_in_their_language(tenant, meeting):
    someone = invite(tenant, meeting, "Matti Niemi", language="fi")
    page = tenant.public.send("GET", link_path(someone), 200, headers={"Accept": "text/html", "Accept-Language": "en"})
    assert 'lang="fi"' in page.text and "Osallistuja: <strong>Matti Niemi</strong>" in page.text and "Kyllä, tulen" in page.text
    assert 'lang="en"' in tenant.public.page(link_path(someone) + "?lang=en").text
    assert "<script" not in page.text.split("<main")[1] and "noindex" in page.text


def test_who_got_a_forwarded_link_may_register_where_that_is_open(tenant, meeting, one):
    register = f'href="/platforms/{tenant.slug}/meetings/{meeting["slug"]}#register"'
    assert register not in tenant.public.page(link_path(one)).text
    change(tenant, meeting, registration="open")
    assert register in tenant.public.page(link_path(one)).text


def test_answering_by_the_form(tenant, meeting, one):
    path = link_path(one)
    page = tenant.public.page(path, language="pl")
    assert page.text.count('name="response"') == 3 and "Uczestnik: <strong>Jan Łoś</strong>" in page.text
    fields = {"response": "accepted", "note": "winda", "_form": form_token(page), "_return": path}
    answer = tenant.public.form(path, fields)
    assert answer.headers["Location"].endswith(f"{path}?done=answer_rsvp")
    confirmed = tenant.public.page(path + "?done=answer_rsvp", headers={"Accept-Language": "pl"}).text
    assert 'role="status"' in confirmed and f"{path}.ics" in confirmed and "winda" in confirmed
    tenant.public.form(path, fields)  # pressed twice
    tenant.public.form(path, {**fields, "response": "declined", "note": ""})  # the back button, and another answer; the note emptied
    now = tenant.public.get(path).json()
    assert (now["response"], now["note"]) == ("declined", None)


def test_a_form_without_its_token_is_shown_again(tenant, meeting, one):
    for token in ({}, {"_form": ""}, {"_form": "AAAA"}):
        page = tenant.public.form(link_path(one), {"response": "accepted", "note": "zostaje", **token}, 403)
        assert "zostaje" in page.text and 'name="_form"' in page.text and "choose your answer once more" in page.text
    other = invite(tenant, meeting, "Inna osoba")
    stolen = form_token(tenant.public.page(link_path(other)))
    tenant.public.form(link_path(one), {"response": "accepted", "_form": stolen}, 403)
    tenant.public.form(link_path(one), {"response": "accepted", "_form": form_token(tenant.public.page(link_path(one)))}, 403, headers={"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"})
    assert counts(tenant, meeting)["needs_action"] == 2


def test_a_bare_form_post_answers_nothing(tenant, meeting, one):
    token = form_token(tenant.public.page(link_path(one)))
    tenant.public.form(link_path(one), {"_form": token}, 422)
    tenant.public.form(link_path(one), {"_form": token, "response": "perhaps"}, 422)
    assert counts(tenant, meeting)["needs_action"] == 1


def test_the_calendar_file(tenant, meeting, one):
    file = tenant.public.get(link_path(one) + ".ics")
    assert file.headers["Content-Type"].startswith("text/calendar")
    event = icalendar.Calendar.from_ical(file.text).walk("VEVENT")[0]
    assert event["UID"] == icalendar.Calendar.from_ical(tenant.public.get(f"meetings/{meeting['slug']}.ics").text).walk("VEVENT")[0]["UID"]
    assert event["DTSTART"].dt == datetime.datetime(2031, 5, 6, 8, tzinfo=datetime.timezone.utc)
    assert link_path(one) not in file.text.replace("\r\n ", "")


# ── When answers are taken ──


def change(tenant, meeting, **members):
    version = tenant.owner.get(f"meetings/{meeting['slug']}").json()["version"]
    return tenant.owner.patch(f"meetings/{meeting['slug']}", members, version=version).json()


def test_a_draft_is_not_yet_published(tenant):
    draft = make_meeting(tenant, status="draft")
    one = invite(tenant, draft)
    assert tenant.public.get(link_path(one), 404).json()["code"] == "not_published"
    tenant.public.post(link_path(one), {"response": "accepted"}, 404)
    assert "nie jest jeszcze ogłoszone" in tenant.public.page(link_path(one), 404, language="pl").text
    tenant.public.send("GET", link_path(one) + ".ics", 404)
    change(tenant, draft, status="published")
    assert tenant.public.get(link_path(one)).json()["can_answer"] is True


def test_the_draft_of_another_meeting_hides_nothing(tenant, one):
    make_meeting(tenant, title="Szkic", status="draft")
    assert tenant.public.get(link_path(one)).json()["can_answer"] is True


def test_a_cancelled_meeting_says_so_and_keeps_answers(tenant, meeting, one):
    tenant.public.post(link_path(one), {"response": "accepted"})
    change(tenant, meeting, status="cancelled", cancelled_reason="Choroba prelegentów")
    seen = tenant.public.get(link_path(one)).json()
    assert (seen["response"], seen["can_answer"], seen["closed_reason"]) == ("accepted", False, "cancelled")
    assert tenant.public.post(link_path(one), {"response": "declined"}, 409).json()["code"] == "meeting_cancelled"
    page = tenant.public.page(link_path(one), language="pl").text
    assert "Choroba prelegentów" in page and 'name="response"' not in page
    event = icalendar.Calendar.from_ical(tenant.public.get(link_path(one) + ".ics").text).walk("VEVENT")[0]
    assert event["STATUS"] == "CANCELLED"
    assert counts(tenant, meeting)["accepted"] == 1


def test_after_the_closing_time(tenant, meeting, one):
    tenant.public.post(link_path(one), {"response": "tentative"})
    change(tenant, meeting, rsvp_closes_at="2020-01-01T00:00:00Z")
    seen = tenant.public.get(link_path(one)).json()
    assert (seen["response"], seen["can_answer"], seen["closed_reason"]) == ("tentative", False, "deadline")
    assert tenant.public.post(link_path(one), {"response": "accepted"}, 409).json()["code"] == "answers_closed"
    page = tenant.public.page(link_path(one)).text
    assert "biuro@example.org" in page and 'name="response"' not in page
    path = f"meetings/{meeting['slug']}/invitations/{one['id']}"
    version = tenant.organiser.get(path).json()["version"]
    assert tenant.organiser.patch(path, {"response": "accepted"}, version=version).json()["response"] == "accepted"


def test_a_past_day_alone_closes_nothing(tenant):
    past = make_meeting(tenant, starts_at="2019-12-17T09:00:00Z", ends_at="2019-12-17T12:00:00Z")
    one = invite(tenant, past)
    assert tenant.public.post(link_path(one), {"response": "accepted"}).json()["response"] == "accepted"
    change(tenant, past, status="held")
    assert tenant.public.post(link_path(one), {"response": "declined"}, 409).json()["code"] == "meeting_held"


def test_the_demo_can_be_tried(server, tenant):
    links = server.demo["rsvp_urls"]
    assert len(links) >= 3
    view = tenant.public.get(links[-1]).json()
    assert view["meeting"]["theme"] == "Miasta i gminy w obiegu zamkniętym" and view["can_answer"] is True
    assert tenant.public.post(links[-1], {"response": "tentative"}).json()["response"] == "tentative"
