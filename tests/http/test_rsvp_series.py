"""test_rsvp_series.py: all coming dates of a series at once, with exceptions; one that is full or closed does not lose the others."""

import concurrent.futures
import json
import re

import pytest
import requests

from happenings import counts, form_token, invite, link_path, make_meeting


@pytest.fixture
def series(tenant):
    return tenant.organiser.create("series", title="Spotkania międzysektorowe")


def dated(tenant, series, month, **members):
    """A meeting of the series, in 2031."""
    at = f"2031-{month:02}-06"
    body = {"title": f"Spotkanie {month}", "starts_at": f"{at}T08:00:00Z", "ends_at": f"{at}T10:00:00Z", "series_id": series["id"], **members}
    return make_meeting(tenant, **body)


@pytest.fixture
def person(tenant):
    return tenant.organiser.create("people", name="Jan Łoś", email="jan@example.org")


def invited(tenant, meeting, person):
    return tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", person_id=person["id"])


@pytest.fixture
def dates(tenant, series, person):
    """Three dates, and the invitations of one person to each."""
    meetings = [dated(tenant, series, month) for month in (3, 4, 5)]
    return meetings, [invited(tenant, meeting, person) for meeting in meetings]


def seen(tenant, invitation):
    return tenant.public.get(link_path(invitation) + "/series").json()["items"]


def answer(tenant, invitation, response=None, expect=200, **exceptions):
    """answer(…, "accepted", except_=[(meeting, "declined")])"""
    body = {"response": response} if response else {}
    if "except_" in exceptions:
        body["except"] = [{"meeting_id": meeting["id"], "response": own} for meeting, own in exceptions["except_"]]
    return tenant.public.post(link_path(invitation) + "/series", body, expect).json()


def told(answered):
    return [(item["response"], item["refused"]) for item in answered["items"]]


def test_the_coming_dates_of_one_person(tenant, series, person, dates):
    meetings, invitations = dates
    other = invite(tenant, meetings[0], "Ewa Sowa")
    dated(tenant, series, 6)  # not invited
    make_past = {"starts_at": "2020-01-06T08:00:00Z", "ends_at": "2020-01-06T10:00:00Z"}
    invited(tenant, dated(tenant, series, 7, **make_past), person)
    invited(tenant, dated(tenant, series, 8, status="draft"), person)
    cancelled = dated(tenant, series, 9)
    invited(tenant, cancelled, person)
    tenant.organiser.patch(f"meetings/{cancelled['slug']}", {"status": "cancelled"}, version="*")
    invited(tenant, make_meeting(tenant, title="Poza cyklem"), person)
    withdrawn = dated(tenant, series, 10)
    tenant.organiser.delete(f"meetings/{withdrawn['slug']}/invitations/{invited(tenant, withdrawn, person)['id']}", version="*")
    for opened in invitations:
        items = seen(tenant, opened)
        assert [item["meeting"]["title"] for item in items] == ["Spotkanie 3", "Spotkanie 4", "Spotkanie 5"]
        assert {(item["response"], item["can_answer"], item["closed_reason"], item["seats"], item["refused"]) for item in items} == {("needs_action", True, None, "free", None)}
    assert [item["meeting"]["title"] for item in seen(tenant, other)] == ["Spotkanie 3"]


def test_without_a_series_there_are_no_dates(tenant):
    one = invite(tenant, make_meeting(tenant))
    assert seen(tenant, one) == []
    assert answer(tenant, one, "accepted")["items"] == []
    assert "/series" not in tenant.public.page(link_path(one)).text
    assert "There are no coming dates." in tenant.public.page(link_path(one) + "/series").text


def test_looking_changes_nothing(tenant, dates):
    meetings, invitations = dates
    for method in ("GET", "HEAD", "OPTIONS"):
        tenant.public.send(method, link_path(invitations[0]) + "/series", 204 if method == "OPTIONS" else 200)
    assert [item["response"] for item in seen(tenant, invitations[0])] == ["needs_action"] * 3


def test_yes_to_all_with_exceptions(tenant, dates):
    meetings, invitations = dates
    answered = answer(tenant, invitations[1], "accepted", except_=[(meetings[2], "declined"), (meetings[0], "keep")])
    assert told(answered) == [("needs_action", None), ("accepted", None), ("declined", None)]
    assert told(answer(tenant, invitations[0], except_=[(meetings[0], "tentative")])) == [("tentative", None), ("accepted", None), ("declined", None)]
    answered = answer(tenant, invitations[2], "accepted")
    assert told(answered) == [("accepted", None)] * 3  # all means all
    history = tenant.organiser.get(f"meetings/{meetings[1]['slug']}/invitations/{invitations[1]['id']}").json()
    assert history["response"] == "accepted" and history["responded_at"] == answered["items"][1]["responded_at"]


def test_one_full_one_closed_one_declined(tenant, series, person):
    free, full, queue, closed, declined = (dated(tenant, series, 1), dated(tenant, series, 2, capacity=1), dated(tenant, series, 3, capacity=1, waitlist=True),
                                           dated(tenant, series, 4, rsvp_closes_at="2020-01-01T00:00:00Z"), dated(tenant, series, 5))  # fmt: skip
    mine = {meeting["slug"]: invited(tenant, meeting, person) for meeting in (free, full, queue, closed, declined)}
    for meeting in (full, queue):
        tenant.public.post(link_path(invite(tenant, meeting, "Ewa Sowa")), {"response": "accepted"})
    tenant.public.post(link_path(mine[declined["slug"]]), {"response": "declined"})
    opened = mine[free["slug"]]
    before = seen(tenant, opened)
    assert [(item["seats"], item["can_answer"], item["closed_reason"]) for item in before] == [
        ("free", True, None), ("full", True, None), ("waitlist", True, None), ("free", False, "deadline"), ("free", True, None),
    ]  # fmt: skip
    answered = answer(tenant, opened, "accepted", except_=[(declined, "keep")])
    assert told(answered) == [("accepted", None), ("needs_action", "meeting_full"), ("waitlisted", None), ("needs_action", None), ("declined", None)]
    assert counts(tenant, full)["accepted"] == 1 and counts(tenant, queue)["waitlisted"] == 1 and counts(tenant, closed)["needs_action"] == 1
    # Asked for by name, a closed date says why not; and what was refused before is not said again.
    answered = answer(tenant, opened, except_=[(closed, "accepted"), (declined, "accepted")])
    assert told(answered) == [("accepted", None), ("needs_action", None), ("waitlisted", None), ("needs_action", "answers_closed"), ("accepted", None)]


def test_a_delegated_date_is_not_answered(tenant, dates):
    meetings, invitations = dates
    tenant.public.post(f"{link_path(invitations[0])}/substitute", {"name": "Ewa Sowa", "email": "ewa@example.org"}, (200, 201))
    items = seen(tenant, invitations[1])
    assert (items[0]["response"], items[0]["can_answer"], items[0]["closed_reason"]) == ("delegated", False, "delegated")
    assert told(answer(tenant, invitations[1], "declined")) == [("delegated", None), ("declined", None), ("declined", None)]
    assert told(answer(tenant, invitations[1], except_=[(meetings[0], "accepted")]))[0] == ("delegated", "delegated")
    # The substitute's link opens the substitute's date, and no other of whoever sent them.
    theirs = next(one for one in tenant.organiser.get(f"meetings/{meetings[0]['slug']}/invitations").json()["items"] if one["person"]["name"] == "Ewa Sowa")
    assert [item["meeting"]["id"] for item in seen(tenant, theirs)] == [meetings[0]["id"]]
    assert answer(tenant, theirs, except_=[(meetings[1], "accepted")], expect=422)["errors"][0]["code"] == "series_date_gone"


def test_what_is_no_answer(tenant, stranger, dates):
    meetings, invitations = dates
    path = link_path(invitations[0]) + "/series"
    for body in ({"response": "waitlisted"}, {"response": None}, {"except": [{"response": "accepted"}]}, {"except": [{"meeting_id": "x"}]}, {"response": "accepted", "note": "x"}):
        tenant.public.post(path, body, 422)
    for body in ({}, {"except": []}, {"except": [{"meeting_id": meetings[0]["id"]}]}, {"except": [{"meeting_id": meetings[0]["id"], "response": "keep"}]}):
        assert tenant.public.post(path, body, 422).json()["errors"][0] == {"pointer": "/response", "code": "required", "detail": "An answer must be given."}
    twice = [{"meeting_id": meetings[0]["id"], "response": "accepted"}, {"meeting_id": meetings[0]["id"], "response": "declined"}]
    assert tenant.public.post(path, {"except": twice}, 422).json()["errors"][0]["code"] == "repeated"
    gone = [{"meeting_id": "01900000-0000-7000-8000-000000000000", "response": "accepted"}]
    assert tenant.public.post(path, {"response": "accepted", "except": gone}, 422).json()["errors"][0]["code"] == "series_date_gone"
    assert [item["response"] for item in seen(tenant, invitations[0])] == ["needs_action"] * 3
    tenant.public.get(path.replace(f"/r/{tenant.slug}/", f"/r/{stranger.slug}/"), 404)
    tenant.public.get(path.replace("/series", "x/series"), 404)


def test_links_that_do_not_open(tenant, dates):
    meetings, invitations = dates
    path = link_path(invitations[0]) + "/series"
    tenant.organiser.send("POST", f"meetings/{meetings[0]['slug']}/invitations/{invitations[0]['id']}/revoke-link", 200)
    assert tenant.public.get(path, 410).json()["code"] == "link_revoked"
    assert tenant.public.post(path, {"response": "accepted"}, 410).json()["code"] == "link_revoked"
    assert len(seen(tenant, invitations[1])) == 3
    tenant.organiser.delete(f"meetings/{meetings[1]['slug']}/invitations/{invitations[1]['id']}", version="*")
    assert tenant.public.post(link_path(invitations[1]) + "/series", {"response": "accepted"}, 410).json()["code"] == "invitation_withdrawn"
    assert len(seen(tenant, invitations[2])) == 2


def test_a_draft_shows_nothing(tenant, series, person):
    draft = invited(tenant, dated(tenant, series, 3, status="draft"), person)
    assert tenant.public.get(link_path(draft) + "/series", 404).json()["code"] == "not_published"
    assert tenant.public.post(link_path(draft) + "/series", {"response": "accepted"}, 404).json()["code"] == "not_published"


def test_many_answer_all_dates_at_once(tenant, series):
    """Forty people and six dates with five seats each, yes and no crossing, by whichever link: nobody waits for ever, and no date has too many."""
    people = [tenant.organiser.create("people", name=f"Osoba {n}") for n in range(40)]
    group = tenant.organiser.create("groups", name="Wszyscy")
    for one in people:
        tenant.organiser.create(f"groups/{group['id']}/members", person_id=one["id"])
    meetings = [dated(tenant, series, month, capacity=5, waitlist=month % 2 == 0) for month in range(1, 7)]
    links = []
    for meeting in meetings:
        tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", group_id=group["id"])
        links.append([one["rsvp_url"] for one in tenant.organiser.get(f"meetings/{meeting['slug']}/invitations?limit=500").json()["items"]])
    headers = {"Content-Type": "application/json", "Accept": "application/json"}

    def send(task):
        n, response = task
        return requests.post(links[n % 6][n] + "/series", data=json.dumps({"response": response}), headers=headers, timeout=120).status_code

    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        statuses = set(pool.map(send, [(n, response) for response in ("accepted", "declined", "accepted") for n in range(40)]))
    assert statuses == {200}
    for meeting in meetings:
        now = counts(tenant, meeting)
        assert now["accepted"] <= 5 and now["seats_left"] >= 0


# ── The page ──


def test_the_page_says_whose_dates_they_are(tenant, series, dates):
    meetings, invitations = dates
    path = link_path(invitations[0])
    assert f'href="{path}/series"' in tenant.public.page(path).text
    page = tenant.public.page(path + "/series", language="pl")
    assert page.headers["Cache-Control"] == "no-store" and page.headers["Referrer-Policy"] == "no-referrer"
    assert "Uczestnik: <strong>Jan Łoś</strong>" in page.text and "Spotkania międzysektorowe" in page.text and "noindex" in page.text
    assert page.text.count("<select") == 3 and "checked" not in page.text  # nothing that a bare submit would confirm
    assert "<script" not in page.text.split("<main")[1]


def test_answering_by_the_form(tenant, series, dates):
    meetings, invitations = dates
    full = dated(tenant, series, 7, capacity=1)
    tenant.public.post(link_path(invite(tenant, full, "Ewa Sowa")), {"response": "accepted"})
    last = tenant.organiser.get("people?q=Jan").json()["items"][0]
    invited(tenant, full, last)
    tenant.public.post(link_path(invitations[2]), {"response": "declined"})
    path = link_path(invitations[0]) + "/series"
    page = tenant.public.page(path)
    assert page.text.count('value="keep" selected') == 1  # what was answered stays, unless it is said otherwise
    fields = {"_form": form_token(page), "_return": path, "response": "accepted"}
    for n, (meeting, own) in enumerate(zip([*meetings, full], ("", "tentative", "keep", ""))):
        fields |= {f"except.{n}.meeting_id": meeting["id"], f"except.{n}.response": own}
    answered = tenant.public.form(path, fields)
    assert answered.headers["Location"].endswith(f"{path}?done=answer_rsvp_series")
    assert [item["response"] for item in seen(tenant, invitations[0])] == ["accepted", "tentative", "declined", "needs_action"]
    page = tenant.public.page(path + "?done=answer_rsvp_series").text
    assert "Your answers are saved." in page and "Not saved:" in page and "All seats are taken." in page


def test_the_form_counts_only_what_can_be_answered(tenant, series, person, dates):
    meetings, invitations = dates
    tenant.organiser.patch(f"meetings/{meetings[1]['slug']}", {"rsvp_closes_at": "2020-01-01T00:00:00Z"}, version="*")
    page = tenant.public.page(link_path(invitations[0]) + "/series").text
    assert re.findall(r'name="(except\.\d+)\.meeting_id" value="([^"]+)"', page) == [("except.0", meetings[0]["id"]), ("except.1", meetings[2]["id"])]


def test_a_form_that_says_nothing_keeps_what_was_typed(tenant, dates):
    meetings, invitations = dates
    path = link_path(invitations[0]) + "/series"
    token = form_token(tenant.public.page(path))
    keep = {"except.0.meeting_id": meetings[0]["id"], "except.0.response": "keep"}
    page = tenant.public.form(path, {"_form": token, **keep}, 422).text
    assert "This is required." in page and page.count('value="keep" selected') == 1
    page = tenant.public.form(path, {"_form": "AAAA", "response": "tentative", **keep}, 403).text
    assert 'value="tentative" checked' in page and page.count('value="keep" selected') == 1
    stolen = form_token(tenant.public.page(link_path(invitations[1]) + "/series"))
    tenant.public.form(path, {"_form": stolen, "response": "accepted"}, 403)  # each link has its own
    assert [item["response"] for item in seen(tenant, invitations[0])] == ["needs_action"] * 3
