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


def say(tenant, invitation, response="accepted", **more):
    """Answers by the link; gives what the response is then."""
    return tenant.public.post(link_path(invitation), {"response": response, **more}, 200).json()["response"]


def now(tenant, invitation):
    return tenant.public.get(link_path(invitation)).json()["response"]


def change(tenant, meeting, expect=200, **members):
    return tenant.organiser.patch(f"meetings/{meeting['slug']}", members, expect, version="*").json()


def promotions(tenant, meeting, invitation):
    """What the history says made room for this invitation, each time it was promoted."""
    events = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/{invitation['id']}/history").json()["items"]
    return [event["detail"]["freed"] for event in events if event["cause"] == "promoted"]


def test_places_in_the_queue(tenant, full):
    meeting, people = full
    third = tenant.public.post(link_path(people[2]), {"response": "accepted"}).json()
    fourth = tenant.public.post(link_path(people[3]), {"response": "accepted"}).json()
    assert (third["queue_number"], third["waiting_ahead"], fourth["queue_number"], fourth["waiting_ahead"]) == (1, 0, 2, 1)
    assert tenant.public.post(link_path(people[2]), {"response": "accepted"}).json() == third  # asking again keeps the place
    assert "Place on the waitlist: 2" in tenant.public.page(link_path(people[3])).text

    say(tenant, people[0], "declined")  # a seat is free, and the first in the queue has it at once
    assert now(tenant, people[2]) == "accepted" and promotions(tenant, meeting, people[2]) == ["declined"]
    assert say(tenant, people[4]) == "waitlisted"
    assert tenant.public.get(link_path(people[3])).json()["waiting_ahead"] == 0
    assert counts(tenant, meeting)["accepted"] == 2


def test_an_organiser_passes_the_queue_but_not_the_capacity(tenant):
    meeting = make_meeting(tenant, capacity=3, waitlist=True, companions_allowed=2)
    path = f"meetings/{meeting['slug']}/invitations"
    one, party, third = (invite(tenant, meeting, name) for name in ("Sama", "Z dwojgiem", "Trzecia"))
    say(tenant, one)
    tenant.public.post(f"{link_path(party)}/details", {"companions": [{"name": "Ola"}, {"name": "Piotr"}]})
    assert say(tenant, party) == "waitlisted"
    assert say(tenant, third) == "waitlisted"  # two seats are free, and somebody waits for three
    assert tenant.organiser.patch(f"{path}/{third['id']}", {"response": "accepted"}, version="*").json()["response"] == "accepted"
    assert tenant.organiser.patch(f"{path}/{party['id']}", {"response": "accepted"}, version="*").json()["response"] == "waitlisted"
    assert counts(tenant, meeting)["heads"] == 2


def test_maybe_takes_no_seat(tenant, full):
    meeting, people = full
    assert say(tenant, people[0], "tentative") == "tentative"
    assert counts(tenant, meeting)["seats_left"] == 1
    assert say(tenant, people[4]) == "accepted"


def test_the_capacity_can_not_go_below_who_accepted(tenant, full):
    meeting, people = full
    say(tenant, people[2])
    assert change(tenant, meeting, 409, capacity=1)["code"] == "capacity_below_accepted"
    change(tenant, meeting, capacity=3)
    assert now(tenant, people[2]) == "accepted" and promotions(tenant, meeting, people[2]) == ["limits"]
    say(tenant, people[3])
    change(tenant, meeting, capacity=None)
    assert now(tenant, people[3]) == "accepted" and promotions(tenant, meeting, people[3]) == ["limits"]
    assert say(tenant, people[4]) == "accepted"


# ── Promotion ──


@pytest.fixture
def waiting(tenant, full):
    """The same, where two wait."""
    meeting, people = full
    assert [say(tenant, one) for one in people[2:4]] == ["waitlisted", "waitlisted"]
    return meeting, people


def test_each_promotion_is_mailed_once(tenant):
    meeting = make_meeting(tenant, capacity=1, waitlist=True)
    first, second = (invite(tenant, meeting, name, email=f"{name.lower()}@example.org") for name in ("Ada", "Bea"))
    assert [say(tenant, first), say(tenant, second)] == ["accepted", "waitlisted"]

    def mailed():
        return [mail["invitation_id"] for mail in tenant.organiser.get(f"outbox?kind=promotion&meeting_id={meeting['id']}").json()["items"]]

    assert mailed() == []
    say(tenant, first, "declined")
    say(tenant, second)
    assert mailed() == [second["id"]]
    say(tenant, second, "declined")
    say(tenant, first)
    assert say(tenant, second) == "waitlisted" and mailed() == [second["id"]]
    say(tenant, first, "declined")
    assert mailed() == [second["id"]] * 2


def test_a_seat_is_given_when_an_invitation_is_withdrawn(tenant, waiting):
    meeting, people = waiting
    tenant.organiser.delete(f"meetings/{meeting['slug']}/invitations/{people[1]['id']}", version="*")
    assert (now(tenant, people[2]), now(tenant, people[3])) == ("accepted", "waitlisted")
    assert promotions(tenant, meeting, people[2]) == ["withdrawn"]


def test_a_seat_is_given_when_a_substitute_declines(tenant, waiting):
    meeting, people = waiting
    tenant.public.post(f"{link_path(people[0])}/substitute", {"name": "Zastępca", "email": "zastepca@example.org"}, 200)
    assert counts(tenant, meeting)["accepted"] == 2
    substitute = next(one for one in all_items(tenant.organiser, f"meetings/{meeting['slug']}/invitations") if one["person"]["name"] == "Zastępca")
    assert say(tenant, substitute, "declined") == "declined"
    assert (now(tenant, people[2]), now(tenant, people[3])) == ("accepted", "waitlisted")


def test_seats_are_given_in_order_as_far_as_they_go(tenant, waiting):
    meeting, people = waiting
    say(tenant, people[4])
    change(tenant, meeting, capacity=4)
    assert [now(tenant, one) for one in people[2:]] == ["accepted", "accepted", "waitlisted"]
    change(tenant, meeting, waitlist=False)  # who waits goes on waiting, nobody new does
    assert now(tenant, people[4]) == "waitlisted"
    assert tenant.public.post(link_path(invite(tenant, meeting, "Późna")), {"response": "accepted"}, 409).json()["code"] == "meeting_full"


def test_seats_are_given_after_the_deadline_too(tenant, waiting):
    meeting, people = waiting
    change(tenant, meeting, rsvp_closes_at="2020-01-01T00:00:00Z")
    path = f"meetings/{meeting['slug']}/invitations/{people[0]['id']}"
    tenant.organiser.patch(path, {"response": "declined"}, version="*")
    assert now(tenant, people[2]) == "accepted"


@pytest.mark.parametrize("status", ["held", "cancelled"])
def test_no_seats_are_given_when_all_is_over(tenant, waiting, status):
    meeting, people = waiting
    change(tenant, meeting, status=status)
    tenant.organiser.patch(f"meetings/{meeting['slug']}/invitations/{people[0]['id']}", {"response": "declined"}, version="*")
    change(tenant, meeting, capacity=10)
    assert counts(tenant, meeting)["waitlisted"] == 2


def test_who_was_put_back_is_passed_over(tenant, waiting):
    meeting, people = waiting
    path = f"meetings/{meeting['slug']}/invitations"
    say(tenant, people[0], "declined")
    assert tenant.organiser.patch(f"{path}/{people[2]['id']}", {"response": "waitlisted"}, version="*").json()["held_back"]
    assert (now(tenant, people[2]), now(tenant, people[3])) == ("waitlisted", "accepted")  # the seat went to the next
    say(tenant, people[1], "declined")
    assert now(tenant, people[2]) == "waitlisted" and say(tenant, people[2]) == "waitlisted"
    assert say(tenant, people[4]) == "accepted"  # one who is passed over keeps nobody waiting
    change(tenant, meeting, capacity=3)
    assert tenant.organiser.patch(f"{path}/{people[2]['id']}", {"response": "accepted"}, version="*").json()["response"] == "accepted"


def test_the_room_and_online_have_queues_of_their_own(tenant):
    meeting = make_meeting(tenant, format="hybrid", capacity=1, online_capacity=1, waitlist=True)
    people = [invite(tenant, meeting, f"Osoba {n}") for n in range(5)]
    said = [say(tenant, one, mode=mode) for one, mode in zip(people, ("in_person", "in_person", "online", "online", "in_person"))]
    assert said == ["accepted", "waitlisted", "accepted", "waitlisted", "waitlisted"]
    say(tenant, people[2], "declined")
    assert [now(tenant, one) for one in people[1:]] == ["waitlisted", "declined", "accepted", "waitlisted"]
    assert tenant.public.get(link_path(people[4])).json()["waiting_ahead"] == 1
    assert say(tenant, people[1], mode="online") == "waitlisted"  # waits for another kind of seat now
    change(tenant, meeting, online_capacity=2)
    assert [now(tenant, one) for one in people[1:]] == ["accepted", "declined", "accepted", "waitlisted"]


def test_a_party_waits_for_seats_for_all_and_keeps_its_turn(tenant):
    meeting = make_meeting(tenant, capacity=3, waitlist=True, companions_allowed=2)
    first, second, party, late = (invite(tenant, meeting, name) for name in ("Pierwsza", "Druga", "Z dwojgiem", "Późna"))
    tenant.public.post(f"{link_path(party)}/details", {"companions": [{"name": "Ola"}, {"name": "Piotr"}]})
    assert [say(tenant, one) for one in (first, second, party)] == ["accepted", "accepted", "waitlisted"]
    assert say(tenant, late) == "waitlisted"  # there is a seat, and the party's turn before
    say(tenant, first, "declined")
    assert (now(tenant, party), now(tenant, late)) == ("waitlisted", "waitlisted")
    tenant.public.post(f"{link_path(party)}/details", {"companions": [{"name": "Ola"}]})  # two fit
    assert (now(tenant, party), now(tenant, late)) == ("accepted", "waitlisted")
    assert counts(tenant, meeting)["heads"] == 3


def test_who_is_over_a_quota_is_passed_over(tenant):
    meeting = make_meeting(tenant, capacity=2, waitlist=True, organisation_quota=1)
    first, colleague, other = (invite(tenant, meeting, name, organisation=organisation) for name, organisation in (("Ada", "Gmina"), ("Bea", "Gmina"), ("Cyryl", "Klaster")))
    assert [say(tenant, one) for one in (first, colleague, other)] == ["accepted", "waitlisted", "accepted"]
    change(tenant, meeting, capacity=3)
    assert now(tenant, colleague) == "waitlisted"
    say(tenant, first, "declined")
    assert now(tenant, colleague) == "accepted"
    assert say(tenant, first) == "waitlisted"
    change(tenant, meeting, organisation_quota=None)
    assert now(tenant, first) == "accepted"


def test_a_substitute_of_another_organisation_leaves_room_in_the_quota(tenant):
    meeting = make_meeting(tenant, capacity=5, waitlist=True, organisation_quota=1)
    tenant.owner.create("people", name="Ewa", email="ewa@example.org", organisation="Klaster")
    first, colleague = (invite(tenant, meeting, name, organisation="Gmina") for name in ("Ada", "Bea"))
    assert [say(tenant, one) for one in (first, colleague)] == ["accepted", "waitlisted"]
    tenant.public.post(f"{link_path(first)}/substitute", {"name": "Ewa", "email": "ewa@example.org"}, 200)
    assert now(tenant, colleague) == "accepted" and promotions(tenant, meeting, colleague) == ["delegated"]


def test_who_changes_the_organisation_leaves_room_in_the_quota(tenant):
    meeting = make_meeting(tenant, capacity=5, waitlist=True, organisation_quota=1)
    first, colleague = (invite(tenant, meeting, name, organisation="Gmina") for name in ("Ada", "Bea"))
    assert [say(tenant, one) for one in (first, colleague)] == ["accepted", "waitlisted"]
    tenant.organiser.patch(f"people/{first['person']['id']}", {"organisation_id": None}, version="*")
    assert now(tenant, colleague) == "accepted" and promotions(tenant, meeting, colleague) == ["limits"]


def test_who_waits_over_a_quota_gives_the_place_to_a_substitute_who_is_not(tenant):
    meeting = make_meeting(tenant, capacity=5, waitlist=True, organisation_quota=1)
    tenant.owner.create("people", name="Ewa", email="ewa@example.org", organisation="Klaster")
    first, colleague = (invite(tenant, meeting, name, organisation="Gmina") for name in ("Ada", "Bea"))
    assert [say(tenant, one) for one in (first, colleague)] == ["accepted", "waitlisted"]
    tenant.public.post(f"{link_path(colleague)}/substitute", {"name": "Ewa", "email": "ewa@example.org"}, 200)
    assert counts(tenant, meeting)["accepted"] == 2


def test_a_lowered_quota_moves_nobody_who_has_a_seat(tenant):
    """It keeps others out: whoever is in may go online, or send a colleague."""
    meeting = make_meeting(tenant, format="hybrid", waitlist=True)
    people = [invite(tenant, meeting, name, organisation="Gmina") for name in ("Ada", "Bea", "Cela")]
    assert [say(tenant, one) for one in people[:2]] == ["accepted", "accepted"]
    change(tenant, meeting, organisation_quota=1)
    assert say(tenant, people[2]) == "waitlisted"
    assert say(tenant, people[0], mode="online") == "accepted"
    tenant.public.post(f"{link_path(people[1])}/substitute", {"name": "Nowy", "email": "nowy@example.org"}, 200)
    assert counts(tenant, meeting)["accepted"] == 2


def test_the_history_is_in_the_order_in_which_it_happened(tenant, full):
    """Also where one request writes several events within a millisecond."""
    meeting, people = full
    made = tenant.public.post(f"{link_path(people[0])}/substitute", {"name": "Nowy", "email": "nowy@example.org"}, 200).json()
    assert made["response"] == "delegated"
    substitute = next(one for one in all_items(tenant.organiser, f"meetings/{meeting['slug']}/invitations") if one["person"]["name"] == "Nowy")
    events = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/{substitute['id']}/history").json()["items"]
    assert [event["at"] for event in events] == sorted((event["at"] for event in events), reverse=True)
    assert events[-1]["from_response"] is None


def test_the_page_says_that_it_is_full(tenant, full):
    meeting, people = full
    assert "puts you on the waitlist" in tenant.public.page(link_path(people[4])).text
    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"waitlist": False}, version="*")
    assert "All seats are taken." in tenant.public.page(link_path(people[4])).text
    assert tenant.public.post(link_path(people[4]), {"response": "accepted"}, 409).json()["code"] == "meeting_full"
