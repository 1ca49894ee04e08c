"""test_capacity.py: seats are never given twice, whoever comes at once; the waitlist has one order."""

import concurrent.futures
import datetime
import json

import pytest
import requests

from happenings import all_items, counts, invite, invite_many, link_path, make_meeting


def answer(url, response):
    """A plain request, so that many threads can send it."""
    answered = requests.post(url, data=json.dumps({"response": response}), headers={"Content-Type": "application/json", "Accept": "application/json"}, timeout=120)
    return answered.status_code, answered.json()


def answer_at_once(invitations, response="accepted"):
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        return list(pool.map(lambda one: answer(one["rsvp_url"], response), invitations))


def test_two_hundred_accept_fifty_seats(tenant):
    meeting = make_meeting(tenant, capacity=50)
    answers = answer_at_once(invite_many(tenant, meeting, 200))
    accepted = [body for status, body in answers if status == 200]
    refused = [body for status, body in answers if status == 409]
    assert len(accepted) == 50 and all(body["response"] == "accepted" for body in accepted)
    assert len(refused) == 150 and all(body["code"] == "meeting_full" for body in refused)
    now = counts(tenant, meeting)
    assert (now["accepted"], now["needs_action"], now["seats_left"]) == (50, 150, 0)


def test_two_hundred_accept_fifty_seats_with_a_waitlist(tenant):
    meeting = make_meeting(tenant, capacity=50, waitlist=True)
    answers = answer_at_once(invite_many(tenant, meeting, 200))
    assert all(status == 200 for status, _ in answers)
    responses = [body["response"] for _, body in answers]
    assert (responses.count("accepted"), responses.count("waitlisted")) == (50, 150)
    queue = sorted(body["queue_number"] for _, body in answers if body["response"] == "waitlisted")
    assert queue == list(range(1, 151))
    now = counts(tenant, meeting)
    assert (now["accepted"], now["waitlisted"]) == (50, 150)
    waiting = sorted((one["queue_number"], one["responded_at"]) for one in all_items(tenant.organiser, f"meetings/{meeting['slug']}/invitations?response=waitlisted&limit=500"))
    answered = [datetime.datetime.fromisoformat(at) for _, at in waiting]  # as text, a second without trailing zeros would sort last
    assert answered == sorted(answered)  # the order of answering


def test_answers_that_cross(tenant):
    """The same people accept and decline at once; what is left fits the seats."""
    meeting = make_meeting(tenant, capacity=5)
    invitations = invite_many(tenant, meeting, 20)
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        sent = [pool.submit(answer, one["rsvp_url"], response) for one in invitations * 3 for response in ("accepted", "declined")]
        assert {status.result()[0] for status in sent} <= {200, 409}
    assert counts(tenant, meeting)["accepted"] <= 5


@pytest.fixture
def full(tenant):
    meeting = make_meeting(tenant, capacity=2, waitlist=True)
    people = [invite(tenant, meeting, f"Osoba {n}") for n in range(5)]
    for one in people[:2]:
        assert tenant.public.post(link_path(one), {"response": "accepted"}).json()["response"] == "accepted"
    return meeting, people


def test_places_in_the_queue(tenant, full):
    meeting, people = full
    third = tenant.public.post(link_path(people[2]), {"response": "accepted"}).json()
    fourth = tenant.public.post(link_path(people[3]), {"response": "accepted"}).json()
    assert (third["queue_number"], third["waiting_ahead"], fourth["queue_number"], fourth["waiting_ahead"]) == (1, 0, 2, 1)
    assert tenant.public.post(link_path(people[2]), {"response": "accepted"}).json() == third  # asking again keeps the place
    assert "Place on the waitlist: 2" in tenant.public.page(link_path(people[3])).text

    tenant.public.post(link_path(people[0]), {"response": "declined"})  # a seat is free, and the first in the queue may take it
    assert tenant.public.post(link_path(people[4]), {"response": "accepted"}).json()["response"] == "waitlisted"
    assert tenant.public.post(link_path(people[3]), {"response": "accepted"}).json()["response"] == "waitlisted"
    assert tenant.public.post(link_path(people[2]), {"response": "accepted"}).json()["response"] == "accepted"
    assert counts(tenant, meeting)["accepted"] == 2


def test_an_organiser_passes_the_queue_but_not_the_capacity(tenant, full):
    meeting, people = full
    path = f"meetings/{meeting['slug']}/invitations"
    tenant.public.post(link_path(people[2]), {"response": "accepted"})
    assert tenant.organiser.patch(f"{path}/{people[4]['id']}", {"response": "accepted"}, version="*").json()["response"] == "waitlisted"
    tenant.organiser.delete(f"{path}/{people[0]['id']}", version="*")  # withdrawing frees the seat
    assert tenant.organiser.patch(f"{path}/{people[4]['id']}", {"response": "accepted"}, version="*").json()["response"] == "accepted"
    assert counts(tenant, meeting)["accepted"] == 2


def test_maybe_takes_no_seat(tenant, full):
    meeting, people = full
    assert tenant.public.post(link_path(people[0]), {"response": "tentative"}).json()["response"] == "tentative"
    assert counts(tenant, meeting)["seats_left"] == 1
    assert tenant.public.post(link_path(people[4]), {"response": "accepted"}).json()["response"] == "accepted"


def test_the_capacity_can_not_go_below_who_accepted(tenant, full):
    meeting, people = full
    tenant.public.post(link_path(people[2]), {"response": "accepted"})
    url = f"meetings/{meeting['slug']}"
    refused = tenant.organiser.patch(url, {"capacity": 1}, 409, version="*").json()
    assert refused["code"] == "capacity_below_accepted"
    tenant.organiser.patch(url, {"capacity": 3}, version="*")
    assert tenant.public.post(link_path(people[2]), {"response": "accepted"}).json()["response"] == "accepted"
    tenant.organiser.patch(url, {"capacity": None}, version="*")
    assert tenant.public.post(link_path(people[4]), {"response": "accepted"}).json()["response"] == "accepted"


def test_the_page_says_that_it_is_full(tenant, full):
    meeting, people = full
    assert "puts you on the waitlist" in tenant.public.page(link_path(people[4])).text
    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"waitlist": False}, version="*")
    assert "All seats are taken." in tenant.public.page(link_path(people[4])).text
    assert tenant.public.post(link_path(people[4]), {"response": "accepted"}, 409).json()["code"] == "meeting_full"
