"""test_mail_in.py: answers from calendars, proposals, bounces and everything else that comes by mail, over HTTP."""

import concurrent.futures

import pytest

from database import psql
from happenings import all_items, invite, link_path, make_meeting
from calendars import calendar_in
from incoming import address, became, hand_over, reply, sample
from mailbox import eml, text_of
from test_mail_flows import only
from test_mail_kinds import due_now, of_kind, sent_before
from test_mailings import mails, path_of, settled


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant, title="Forum", language="en")


@pytest.fixture
def one(tenant, meeting):
    return invite(tenant, meeting, "Anna Nowak", email="anna@example.org")


def response(tenant, invitation):
    return tenant.public.get(link_path(invitation)).json()["response"]


def incoming(tenant, **params):
    return tenant.owner.get("incoming-mail", params=params).json()["items"]


def history(tenant, meeting, invitation):
    return tenant.organiser.get(f"{path_of(meeting, invitation)}/history").json()["items"]


def uid(invitation):
    return f"{invitation['meeting_id']}@narada"


def change(tenant, meeting, **members):
    version = tenant.owner.get(f"meetings/{meeting['slug']}").json()["version"]
    return tenant.owner.patch(f"meetings/{meeting['slug']}", members, version=version).json()


# ── Answers ──


@pytest.mark.parametrize("partstat, answer", [("ACCEPTED", "accepted"), ("TENTATIVE", "tentative"), ("DECLINED", "declined")])
def test_an_answer_is_taken(server, tenant, meeting, one, partstat, answer):
    taken = hand_over(tenant, reply(server, one, partstat, lines=["COMMENT:Będę o 9\\, może później"]))
    assert (taken["kind"], *became(taken)) == ("reply", "answered", None)
    shown = tenant.viewer.get(path_of(meeting, one)).json()
    assert (shown["response"], shown["note"], shown["on_behalf"]) == (answer, "Będę o 9, może później", False)
    latest = history(tenant, meeting, one)[0]
    assert (latest["cause"], latest["by_invitee"], latest["to_response"]) == ("answered_by_mail", True, answer)
    (kept,) = incoming(tenant)
    assert kept["person"]["email"] == "anna@example.org" and kept["event"]["partstat"] == partstat and kept["raw"] is None and not kept["open"]


@pytest.mark.parametrize("partstat", ["NEEDS-ACTION", "X-PERHAPS", "COMPLETED"])
def test_what_is_no_answer_changes_nothing(server, tenant, one, partstat):
    hand_over(tenant, reply(server, one))
    assert became(hand_over(tenant, reply(server, one, partstat, stamp="20261124T110000Z"))) == ("unchanged", None)
    assert response(tenant, one) == "accepted"


@pytest.mark.parametrize("name, answer", [("outlook_com", "declined"), ("gmail", "tentative"), ("apple", "accepted"), ("thunderbird", "accepted")])
def test_answers_as_mail_programs_write_them(server, tenant, one, name, answer):
    assert hand_over(tenant, sample(name, address(server, "reply", one["id"]), uid(one)))["outcome"] == "answered"
    assert response(tenant, one) == answer


def test_an_answer_comes_within_json_and_by_the_envelope(server, tenant, one):
    message = reply(server, one, to="rsvp@narada.example.org")
    to = address(server, "reply", one["id"]).upper()
    taken = tenant.owner.post("mail-in", {"message": message.replace("\r\n", "\n")}, 200, params={"recipient": to}).json()
    assert became(taken) == ("answered", None) and response(tenant, one) == "accepted"


def test_a_replay_does_nothing(server, tenant, one):
    message = reply(server, one)
    first = hand_over(tenant, message)
    tenant.public.post(link_path(one), {"response": "declined"}, 200)
    again = hand_over(tenant, "Received: from elsewhere\r\n" + message)
    assert again["outcome"] == "duplicate" and again["id"] == first["id"]
    assert response(tenant, one) == "declined" and len(incoming(tenant)) == 1


def test_a_mail_that_comes_many_times_at_once_is_taken_once(server, tenant, one):
    message = reply(server, one)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        outcomes = sorted(taken["outcome"] for taken in pool.map(lambda _: hand_over(tenant, message), range(8)))
    assert outcomes == ["answered"] + ["duplicate"] * 7


def test_an_answer_is_confirmed_as_one_by_the_page_is(server, tenant, one):
    hand_over(tenant, reply(server, one))
    (mail,) = mails(tenant, kind="confirmation")
    assert mail["to"]["email"] == "anna@example.org"


def test_an_older_answer_loses_to_a_newer_one(server, tenant, one):
    hand_over(tenant, reply(server, one, "DECLINED", stamp="20261124T120000Z", sequence=1))
    assert became(hand_over(tenant, reply(server, one, "ACCEPTED", stamp="20261124T110000Z", sequence=1))) == ("stale", None)
    assert became(hand_over(tenant, reply(server, one, "ACCEPTED", stamp="20261124T130000Z", sequence=0))) == ("stale", None)
    assert response(tenant, one) == "declined"
    # A newer sequence wins over a newer clock.
    assert hand_over(tenant, reply(server, one, "TENTATIVE", stamp="20261124T090000Z", sequence=2))["outcome"] == "answered"
    assert response(tenant, one) == "tentative"


@pytest.mark.parametrize("on_the_page", [True, False])
def test_an_answer_by_mail_that_comes_late_loses_to_a_newer_one_given_otherwise(server, tenant, meeting, one, on_the_page):
    if on_the_page:
        tenant.public.post(link_path(one), {"response": "declined"}, 200)
    else:
        tenant.organiser.patch(path_of(meeting, one), {"response": "declined"}, version=one["version"])
    assert became(hand_over(tenant, reply(server, one, stamp="20200101T000000Z"))) == ("stale", None)
    assert response(tenant, one) == "declined"
    now = psql(server, "narada_owner", "select to_char((now() - interval '2 minutes') at time zone 'UTC', 'YYYYMMDD\"T\"HH24MISS\"Z\"')")[0]
    assert hand_over(tenant, reply(server, one, "TENTATIVE", stamp=now))["outcome"] == "answered"
    assert response(tenant, one) == "tentative"


def test_a_clock_that_is_ahead_shuts_nobody_out(server, tenant, one):
    hand_over(tenant, reply(server, one, "DECLINED", stamp="20990101T000000Z"))
    psql(server, "narada_owner", f"select set_config('narada.platform_id', (select platform_id::text from incoming_mail where invitation_id = '{one['id']}'), false);"
         f"update invitation_reply set dtstamp = dtstamp - interval '1 hour' where invitation_id = '{one['id']}'")  # fmt: skip
    now = psql(server, "narada_owner", "select to_char(now() at time zone 'UTC', 'YYYYMMDD\"T\"HH24MISS\"Z\"')")[0]
    assert hand_over(tenant, reply(server, one, "ACCEPTED", stamp=now))["outcome"] == "answered"
    assert response(tenant, one) == "accepted"


def test_an_answer_to_an_earlier_time_is_taken_and_shown_as_such(server, tenant, meeting, one):
    change(tenant, meeting, starts_at="2031-05-06T07:00:00Z")
    assert became(hand_over(tenant, reply(server, one))) == ("answered", "old_revision")
    assert history(tenant, meeting, one)[0]["detail"]["old_revision"] is True


# ── Who may answer ──


def test_an_answer_from_another_address_waits_for_the_organiser(server, tenant, meeting, one):
    taken = hand_over(tenant, reply(server, one, email="anna.nowak@alias.example.org"))
    assert became(taken) == ("pending", "other_address") and response(tenant, one) == "needs_action"
    (waiting,) = incoming(tenant, show="open")
    assert waiting["can_accept"] and waiting["event"]["attendee"] == "anna.nowak@alias.example.org"
    accepted = tenant.organiser.send("POST", f"incoming-mail/{taken['id']}/accept", 200).json()
    assert accepted["decided_as"] == "accepted" and not accepted["open"]
    shown = tenant.viewer.get(path_of(meeting, one)).json()
    assert (shown["response"], shown["on_behalf"]) == ("accepted", True)
    assert tenant.organiser.send("POST", f"incoming-mail/{taken['id']}/accept", 409).json()["code"] == "nothing_to_decide"
    assert tenant.organiser.send("POST", f"incoming-mail/{taken['id']}/dismiss", 409).json()["code"] == "nothing_to_decide"


@pytest.mark.parametrize("partstat", ["ACCEPTED", 'DELEGATED;DELEGATED-TO="mailto:mallory@example.net"'])
def test_who_got_the_mail_from_the_invitee_does_not_answer_in_their_name(server, tenant, meeting, one, partstat):
    taken = hand_over(tenant, reply(server, one, partstat, sender="mallory@example.net"))
    assert became(taken) == ("pending", "other_address") and tenant.viewer.get(path_of(meeting, one)).json()["response"] == "needs_action"
    (waiting,) = incoming(tenant, show="open")
    assert (waiting["from"], waiting["event"]["attendee"]) == ("mallory@example.net", "anna@example.org")


@pytest.mark.parametrize("senders", ["anna@example.org, mallory@example.net", "mallory@example.net, anna@example.org", "anna@example.org\r\nFrom: mallory@example.net",
    "Friends: anna@example.org, mallory@example.net;", '"anna@example.org" <mallory@example.net>', "anna@example.org <mallory@example.net>", ""])  # fmt: skip
def test_a_mail_of_several_senders_is_nobodys_own(server, tenant, meeting, one, senders):
    assert became(hand_over(tenant, reply(server, one, sender=senders or "<>"))) == ("pending", "other_address")


@pytest.mark.parametrize("invited", ["jan@Żółw.example", "jan@xn--w-uga1v8h.example"])
@pytest.mark.parametrize("answering", ["Jan@xn--w-uga1v8h.example", "jan@żółw.example"])
def test_an_address_is_the_same_however_its_domain_is_written(server, tenant, meeting, invited, answering):
    one = invite(tenant, meeting, "Jan", email=invited)
    assert became(hand_over(tenant, reply(server, one, email=answering))) == ("answered", None)


def test_an_answer_that_waits_can_be_dismissed(server, tenant, one):
    taken = hand_over(tenant, reply(server, one, email="other@example.org"))
    assert tenant.organiser.send("POST", f"incoming-mail/{taken['id']}/dismiss", 200).json()["decided_as"] == "dismissed"
    assert incoming(tenant, show="open") == [] and response(tenant, one) == "needs_action"


def test_an_answer_that_waits_is_refused_like_any(server, tenant, meeting, one):
    taken = hand_over(tenant, reply(server, one, email="other@example.org"))
    change(tenant, meeting, capacity=1, waitlist=False)
    tenant.public.post(link_path(invite(tenant, meeting, "Ewa")), {"response": "accepted"}, 200)
    assert tenant.organiser.send("POST", f"incoming-mail/{taken['id']}/accept", 409).json()["code"] == "meeting_full"
    assert len(incoming(tenant, show="open")) == 1


@pytest.mark.parametrize("why, more", [
    ("other_meeting", {"uid": "somebody-elses@example.org"}),
    ("instance", {"lines": ["RECURRENCE-ID:20310506T080000Z"]}),
    ("no_attendee", {"partstat": ""}),
    ("no_delegate", {"partstat": "DELEGATED"}),
])  # fmt: skip
def test_a_doubtful_answer_waits_and_can_not_be_taken_as_it_is(server, tenant, one, why, more):
    taken = hand_over(tenant, reply(server, one, **more))
    assert became(taken) == ("pending", why) and response(tenant, one) == "needs_action"
    assert tenant.organiser.send("POST", f"incoming-mail/{taken['id']}/accept", 409).json()["code"] == "no_answer_in_mail"


def test_a_spoofed_answer_changes_nothing(server, tenant, meeting, one):
    for to in ("rsvp@narada.example.org", address(server, "reply", one["id"])[:-40] + "a" * 21 + "@narada.example.org", address(server, "bounce", one["id"])):
        assert became(hand_over(tenant, reply(server, one, to=to))) == ("unmatched", "no_token")
    assert response(tenant, one) == "needs_action"
    # It is kept for owners, and nobody else sees it.
    kept = incoming(tenant, show="unmatched")
    assert len(kept) == 3 and "BEGIN:VCALENDAR" in tenant.owner.get(f"incoming-mail/{kept[0]['id']}").json()["raw"]
    assert tenant.organiser.get("incoming-mail").json()["items"] == []
    tenant.organiser.get(f"incoming-mail/{kept[0]['id']}", 404)
    tenant.organiser.send("POST", f"incoming-mail/{kept[0]['id']}/dismiss", 404)


def test_a_token_of_another_platform_is_none_here(server, tenant, stranger, one):
    assert became(hand_over(stranger, reply(server, one))) == ("unmatched", "no_token")
    assert response(tenant, one) == "needs_action"


# ── The same rules as on the page ──


def test_without_a_seat_the_answer_waits_in_the_queue(server, tenant, meeting, one):
    change(tenant, meeting, capacity=1, waitlist=True)
    first = invite(tenant, meeting, "Ewa", email="ewa@example.org")
    hand_over(tenant, reply(server, first))
    assert became(hand_over(tenant, reply(server, one))) == ("waitlisted", None)
    assert response(tenant, one) == "waitlisted"
    assert hand_over(tenant, reply(server, one, stamp="20261124T110000Z"))["outcome"] == "unchanged"
    hand_over(tenant, reply(server, first, "DECLINED", stamp="20261124T110000Z"))
    assert response(tenant, one) == "accepted"


@pytest.mark.parametrize("why, members", [
    ("answers_closed", {"rsvp_closes_at": "2020-01-01T00:00:00Z"}),
    ("meeting_cancelled", {"status": "cancelled"}),
    ("meeting_held", {"status": "held"}),
    ("meeting_full", {"capacity": 1, "waitlist": False}),
])  # fmt: skip
def test_what_is_refused_is_told(server, tenant, meeting, one, why, members):
    if why == "meeting_full":
        tenant.public.post(link_path(invite(tenant, meeting, "Ewa")), {"response": "accepted"}, 200)
    change(tenant, meeting, **members)
    assert became(hand_over(tenant, reply(server, one, headers=["Reply-To: elsewhere@example.org"]))) == ("refused", why)
    assert response(tenant, one) == "needs_action"
    (mail,) = only(tenant, "reply_outcome")
    assert mail["to"]["email"] == "anna@example.org"
    message = eml(server, mail)
    assert message["Subject"] == "Answer not taken: Forum" and link_path(one) in text_of(message)
    words = {"answers_closed": "The time to answer is over", "meeting_cancelled": "cancelled", "meeting_held": "is over", "meeting_full": "All seats are taken."}
    assert words[why] in text_of(message)


@pytest.mark.parametrize("header", ["Auto-Submitted: auto-generated", "Return-Path: <>", "List-Id: <a.example.org>", "Precedence: bulk"])
def test_no_machine_is_told(server, tenant, meeting, one, header):
    change(tenant, meeting, rsvp_closes_at="2020-01-01T00:00:00Z")
    assert became(hand_over(tenant, reply(server, one, headers=[header]))) == ("refused", "answers_closed")
    assert mails(tenant, kind="reply_outcome") == []


def test_nobody_is_told_without_end(server, tenant, meeting, one):
    change(tenant, meeting, rsvp_closes_at="2020-01-01T00:00:00Z")
    for minute in range(10, 18):
        hand_over(tenant, reply(server, one, stamp=f"20261124T10{minute}00Z"))
    assert settled(tenant) and len(mails(tenant, kind="reply_outcome")) == 5


def test_an_answer_to_a_withdrawn_invitation_is_refused(server, tenant, meeting, one):
    tenant.organiser.delete(path_of(meeting, one), version=one["version"])
    assert became(hand_over(tenant, reply(server, one))) == ("refused", "invitation_withdrawn")


def test_an_address_goes_with_the_link_it_was_told_with(server, tenant, meeting, one):
    """Who replaces a link has a reason: somebody else may have had the mail."""
    before, after = (address(server, "reply", one["id"], version) for version in (1, 2))
    tenant.organiser.send("POST", path_of(meeting, one, "revoke-link"), 200)
    assert became(hand_over(tenant, reply(server, one, to=before))) == ("refused", "link_revoked")
    assert became(hand_over(tenant, reply(server, one, to=before, method="COUNTER", lines=["DTSTART:20310507T080000Z"]))) == ("refused", "link_revoked")
    assert tenant.viewer.get(path_of(meeting, one)).json()["response"] == "needs_action"
    told = only(tenant, "reply_outcome", 2)
    assert {mail["to"]["email"] for mail in told} == {"anna@example.org"} and "replaced by a newer one" in text_of(eml(server, told[0]))
    assert became(hand_over(tenant, reply(server, one, to=after))) == ("answered", None)
    assert became(hand_over(tenant, reply(server, one, "DECLINED", to=address(server, "reply", one["id"], 3), stamp="20261124T110000Z"))) == ("refused", "link_revoked")


def test_the_calendar_of_whose_answer_was_not_taken_says_what_holds(server, tenant, meeting, one):
    mailed(tenant, meeting, one)
    hand_over(tenant, reply(server, one, "DECLINED"))
    change(tenant, meeting, rsvp_closes_at="2020-01-01T00:00:00Z")
    assert became(hand_over(tenant, reply(server, one, stamp="20261124T110000Z"))) == ("refused", "answers_closed")
    event = calendar_in(eml(server, only(tenant, "reply_outcome")[0]), "REQUEST")
    assert event["ATTENDEE"].params["PARTSTAT"] == "DECLINED" and event["UID"] == uid(one)


def test_who_was_told_of_no_meeting_gets_none_with_a_refusal(server, tenant, meeting, one):
    change(tenant, meeting, status="cancelled")
    hand_over(tenant, reply(server, one))
    assert "text/calendar" not in eml(server, only(tenant, "reply_outcome")[0]).as_string()


# ── Substitutes ──


def test_a_substitute_comes_by_mail(server, tenant, meeting, one):
    hand_over(tenant, reply(server, one))
    assert became(hand_over(tenant, sample("delegated", address(server, "reply", one["id"]), uid(one)))) == ("answered", None)
    shown = {item["person"]["email"]: item for item in all_items(tenant.organiser, f"meetings/{meeting['slug']}/invitations")}
    assert shown["anna@example.org"]["response"] == "delegated"
    assert shown["ewa@example.org"]["response"] == "accepted" and shown["ewa@example.org"]["person"]["name"] == "Ewa Lis"
    assert became(hand_over(tenant, reply(server, one, stamp="20261124T120000Z", sequence=1))) == ("refused", "delegated")


def test_where_none_are_taken_the_invitee_is_told(server, tenant, meeting, one):
    change(tenant, meeting, substitutes=False)
    assert became(hand_over(tenant, sample("delegated", address(server, "reply", one["id"]), uid(one)))) == ("refused", "substitutes_not_allowed")
    assert response(tenant, one) == "needs_action"
    assert "does not take substitutes" in text_of(eml(server, only(tenant, "reply_outcome")[0]))


def test_nobody_has_many_substitutes_mailed(server, tenant, meeting, one):
    for n in range(21):
        sent = reply(server, one, "DELEGATED", stamp=f"20261124T10{10 + n}00Z", lines=[f"ATTENDEE;CN=S{n}:mailto:s{n}@example.org"])
        taken = hand_over(tenant, sent)
        if n < 20:
            assert taken["outcome"] == "answered", n
            tenant.public.delete(f"{link_path(one)}/substitute", 204)
    assert became(taken) == ("refused", "too_many_substitutes")


# ── Proposals, and what people write ──


@pytest.mark.parametrize("name, starts_at, comment", [
    ("exchange_counter", "2027-07-14T12:00:00Z", "Tylko po południu."), ("google_counter", "2027-01-15T09:00:00Z", "Friday suits better"),
])  # fmt: skip
def test_a_proposal_goes_to_the_organiser_and_changes_nothing(server, tenant, meeting, one, name, starts_at, comment):
    change(tenant, meeting, contact_name="Biuro", contact_email="biuro@example.org")
    taken = hand_over(tenant, sample(name, address(server, "reply", one["id"]), uid(one)))
    assert (taken["kind"], taken["outcome"]) == ("counter", "proposal") and response(tenant, one) == "needs_action"
    shown = tenant.organiser.get(f"incoming-mail/{taken['id']}").json()
    assert (shown["event"]["starts_at"], shown["event"]["comment"], shown["event"]["planned_starts_at"]) == (starts_at, comment, "2031-05-06T08:00:00Z")
    assert shown["open"] and not shown["can_accept"]
    (mail,) = only(tenant, "incoming_waits")
    assert mail["to"]["email"] == "biuro@example.org" and f"/platforms/{tenant.slug}/incoming-mail?show=open" in text_of(eml(server, mail))
    assert tenant.organiser.send("POST", f"incoming-mail/{taken['id']}/accept", 409).json()["code"] == "no_answer_in_mail"
    page = tenant.organiser.page(f"incoming-mail/{taken['id']}").text
    assert comment in page and "Proposed" in page
    tenant.organiser.form(f"incoming-mail/{taken['id']}/dismiss", {}, 303)
    assert incoming(tenant, show="open") == []


def proposed(server, tenant, one, name="exchange_counter"):
    return hand_over(tenant, sample(name, address(server, "reply", one["id"]), uid(one)))["id"]


def test_who_proposed_another_time_is_told_that_it_stays(server, tenant, meeting, one):
    mailed(tenant, meeting, one)
    taken = proposed(server, tenant, one)
    page = tenant.organiser.page(f"incoming-mail/{taken}").text
    assert "Move the meeting to this time" in page and "Refuse the proposal" in page
    refused = tenant.organiser.send("POST", f"incoming-mail/{taken}/refuse", 200).json()
    assert (refused["decided_as"], refused["open"]) == ("refused", False)
    message = eml(server, only(tenant, "proposal_refused")[0])
    assert message["Subject"] == "The time stays: Forum" and "6 May 2031" in text_of(message) and "14 July 2027" in text_of(message)
    event = calendar_in(message, "DECLINECOUNTER")
    assert event["UID"] == uid(one) and event["DTSTART"].dt.isoformat().startswith("2031-05-06") and event["ATTENDEE"] == "mailto:anna@example.org"
    for way in ("refuse", "adopt", "dismiss"):
        assert tenant.organiser.send("POST", f"incoming-mail/{taken}/{way}", 409).json()["code"] == "nothing_to_decide"
    assert tenant.viewer.get(f"meetings/{meeting['slug']}").json()["starts_at"] == "2031-05-06T08:00:00Z"


def test_a_proposal_that_is_taken_moves_the_meeting_for_everybody(server, tenant, meeting, one):
    other = invite(tenant, meeting, "Ewa", email="ewa@example.org")
    sent_before(server, meeting)
    taken = proposed(server, tenant, one)
    answer = tenant.organiser.form(f"incoming-mail/{taken}/adopt", {}, 303)
    assert "done=adopt_proposal" in answer.headers["Location"]
    moved = tenant.viewer.get(f"meetings/{meeting['slug']}").json()
    assert moved["starts_at"] == "2027-07-14T12:00:00Z" and tenant.organiser.get(f"incoming-mail/{taken}").json()["decided_as"] == "accepted"
    due_now(server, "planned_mail", f"meeting_id = '{meeting['id']}'")
    both = of_kind(tenant, "changed", 2)
    assert {mail["to"]["email"] for mail in both} == {one["person"]["email"], other["person"]["email"]}
    assert all(calendar_in(eml(server, mail), "REQUEST")["SEQUENCE"] == 1 for mail in both)


@pytest.mark.parametrize("lines, why", [
    (["DTSTART:20200507T080000Z", "DTEND:20200507T090000Z"], "proposal_is_past"), (["COMMENT:Some other day"], "no_time_proposed"),
])  # fmt: skip
def test_not_every_proposal_can_be_taken(server, tenant, meeting, one, lines, why):
    taken = hand_over(tenant, reply(server, one, method="COUNTER", lines=lines))
    assert taken["outcome"] == "proposal"
    assert tenant.organiser.send("POST", f"incoming-mail/{taken['id']}/adopt", 409).json()["code"] == why
    change(tenant, meeting, status="cancelled")
    ahead = hand_over(tenant, reply(server, one, method="COUNTER", lines=["DTSTART:20310507T080000Z", "DTEND:20310507T090000Z"], stamp="20261124T110000Z"))
    assert tenant.organiser.send("POST", f"incoming-mail/{ahead['id']}/adopt", 409).json()["code"] == "meeting_cancelled"


def test_a_proposal_for_another_meeting_moves_none(server, tenant, meeting, one):
    lines = ["DTSTART:20310507T080000Z", "DTEND:20310507T090000Z"]
    taken = hand_over(tenant, reply(server, one, method="COUNTER", uid="somebody-elses@example.org", lines=lines))
    assert became(taken) == ("pending", "other_meeting")
    for way in ("adopt", "refuse", "accept"):
        tenant.organiser.send("POST", f"incoming-mail/{taken['id']}/{way}", 409)
    page = tenant.organiser.page(f"incoming-mail/{taken['id']}").text
    assert "about another meeting" in page and "Move the meeting to this time" not in page and "Refuse the proposal" not in page
    tenant.organiser.form(f"incoming-mail/{taken['id']}/dismiss", {}, 303)
    assert tenant.viewer.get(f"meetings/{meeting['slug']}").json()["starts_at"] == "2031-05-06T08:00:00Z"


def test_what_a_person_writes_is_for_the_organiser_to_read(server, tenant, meeting, one):
    taken = hand_over(tenant, sample("person", address(server, "reply", one["id"])))
    assert (taken["kind"], taken["outcome"]) == ("other", "message") and response(tenant, one) == "needs_action"
    shown = tenant.organiser.get(f"incoming-mail/{taken['id']}").json()
    assert shown["excerpt"] == "Dzień dobry, czy jest parking?" and shown["subject"] == "Accepted: Posiedzenie"


@pytest.mark.parametrize("name", ["out_of_office", "read_receipt"])
def test_automatic_replies_do_nothing(server, tenant, meeting, one, name):
    before = history(tenant, meeting, one)
    taken = hand_over(tenant, sample(name, address(server, "reply", one["id"])))
    assert (taken["kind"], taken["outcome"]) == ("automatic", "ignored")
    assert history(tenant, meeting, one) == before and mails(tenant) == [] and incoming(tenant) == [] and len(incoming(tenant, show="ignored")) == 1


# ── Bounces ──


def mailed(tenant, meeting, one):
    """The invitation's mail, once it was sent."""
    tenant.organiser.send("POST", f"{path_of(meeting, one)}/send", 200)
    return only(tenant, "invitation")[0]


@pytest.mark.parametrize("name, why, status", [
    ("dsn_postfix", "address", "5.1.1"), ("dsn_exchange", "address", "5.1.10"), ("dsn_gmail", "address", "5.1.1"), ("dsn_exim", "other", "5.0.0"),
    ("dsn_full", "full", "5.2.2"), ("bounce_text", "address", "5.1.1"),
])  # fmt: skip
def test_a_bounce_marks_the_invitation_and_the_mail(server, tenant, meeting, one, name, why, status):
    mail = mailed(tenant, meeting, one)
    taken = hand_over(tenant, sample(name, address(server, "bounce", mail["id"])))
    assert (taken["kind"], *became(taken)) == ("bounce", "bounced", why)
    shown = tenant.viewer.get(path_of(meeting, one)).json()
    assert shown["delivery"] == "bounced" and status in shown["delivery_error"] and shown["response"] == "needs_action"
    assert tenant.organiser.get(f"outbox/{mail['id']}").json()["state"] == "bounced"
    assert history(tenant, meeting, one)[0]["cause"] == "bounced"
    (kept,) = incoming(tenant, show="bounced")
    assert kept["mail_id"] == mail["id"] and kept["bounce"]["status"] == status
    assert kept["id"] in tenant.organiser.page("incoming-mail").text
    # Mended, it is sent again.
    tenant.organiser.send("POST", f"outbox/{mail['id']}/retry", 200)


@pytest.mark.parametrize("name, state, reason", [("dsn_postfix", "dropped", "address_bounced"), ("dsn_full", "sent", None), ("dsn_exim", "sent", None)])
def test_only_an_address_that_does_not_exist_is_mailed_no_more(server, tenant, meeting, one, name, state, reason):
    mail = mailed(tenant, meeting, one)
    hand_over(tenant, sample(name, address(server, "bounce", mail["id"])))
    remind = {"kind": "reminder", "again": True}
    tenant.organiser.post(f"meetings/{meeting['slug']}/invitations/send", remind, 200)
    assert settled(tenant)
    assert [(mail["state"], mail["reason"]) for mail in mails(tenant, kind="reminder")] == [(state, reason)]
    # A corrected address is another one.
    person = tenant.owner.get(f"people/{one['person']['id']}").json()
    tenant.owner.patch(f"people/{person['id']}", {"email": "anna.nowa@example.org"}, version=person["version"])
    tenant.organiser.post(f"meetings/{meeting['slug']}/invitations/send", remind, 200)
    assert settled(tenant) and mails(tenant, kind="reminder")[0]["state"] == "sent"


def test_a_delay_is_no_bounce(server, tenant, meeting, one):
    mail = mailed(tenant, meeting, one)
    assert became(hand_over(tenant, sample("dsn_delayed", address(server, "bounce", mail["id"])))) == ("delayed", "delayed")
    assert tenant.viewer.get(path_of(meeting, one)).json()["delivery"] == "sent"


def test_a_bounce_that_comes_too_late_leaves_the_corrected_address_alone(server, tenant, meeting, one):
    mail = mailed(tenant, meeting, one)
    person = tenant.owner.get(f"people/{one['person']['id']}").json()
    tenant.owner.patch(f"people/{person['id']}", {"email": "anna.nowa@example.org"}, version=person["version"])
    assert hand_over(tenant, sample("dsn_postfix", address(server, "bounce", mail["id"])))["outcome"] == "bounced"
    assert tenant.viewer.get(path_of(meeting, one)).json()["delivery"] == "sent"


def test_a_forged_bounce_marks_nothing(server, tenant, meeting, one):
    mail = mailed(tenant, meeting, one)
    for to in ("rsvp@narada.example.org", address(server, "reply", one["id"]), address(server, "reply", mail["id"])):
        assert became(hand_over(tenant, sample("dsn_postfix", to))) == ("unmatched", "no_token")
        psql(server, "narada_owner", f"select set_config('narada.platform_id', (select platform_id::text from outbox where id = '{mail['id']}'), false);"
             "update incoming_mail set seen_as = id::text where kind = 'bounce'")  # fmt: skip
    assert tenant.viewer.get(path_of(meeting, one)).json()["delivery"] == "sent"


# ── Whatever it is ──


HOSTILE = [
    (b"\x00\xff\xfe rubbish", "no_mail"),
    (b"From: a@example.org\nContent-Type: text/calendar; method=REPLY\nContent-Transfer-Encoding: base64\n\n*&^%$not base64\n", "bad_calendar"),
    (b"From: a@example.org\nContent-Type: text/calendar; charset=x-none\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\n\xff\xfe\n", "bad_calendar"),
    (b"From: a@example.org\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nRRULE:FREQ=SECONDLY\nEND:VEVENT\nEND:VCALENDAR\n", "other_method"),
    (b"From: a@example.org\n" + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000)), "too_deep"),
    (b"From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: text/plain\n\nx\n" * 3000, "too_many_parts"),
    (b"From: a@example.org\nSubject: =?x-none?B?////?=\n\nText\n", "no_token"),
    (b"From: a@example.org\n\n" + b"x" * 5_000_000, "no_token"),
]  # fmt: skip


@pytest.mark.parametrize("message, why", HOSTILE, ids=[f"{n}_{why}" for n, (_, why) in enumerate(HOSTILE)])
def test_hostile_mail_is_kept_for_the_operator(server, tenant, message, why):
    taken = hand_over(tenant, message)
    assert became(taken) == ("unmatched", why)
    kept = tenant.owner.get(f"incoming-mail/{taken['id']}").json()
    assert kept["raw"] and len(kept["raw"]) <= 4 * 262144
    assert "The mail as it came" in tenant.owner.page(f"incoming-mail/{taken['id']}").text


def test_a_mail_is_not_empty_and_not_endless(tenant):
    assert tenant.owner.send("POST", "mail-in", 400, headers={"Content-Type": "message/rfc822"}, data=b"").json()["code"] == "no_body"
    tenant.owner.send("POST", "mail-in", 413, headers={"Content-Type": "message/rfc822"}, data=b"x" * 9_000_000)
    tenant.owner.send("POST", "mail-in", 415, headers={"Content-Type": "text/plain"}, data=b"x")
    for role in ("organiser", "assistant", "viewer"):
        tenant.api(role).send("POST", "mail-in", 403, headers={"Content-Type": "message/rfc822"}, data=b"x")


def test_the_list_is_searched_and_narrowed(server, tenant, meeting, one):
    other = make_meeting(tenant, title="Inne")
    two = invite(tenant, other, "Jan Kos", email="jan@example.org")
    hand_over(tenant, reply(server, one))
    hand_over(tenant, reply(server, two, "DECLINED"))
    hand_over(tenant, reply(server, two, email="x@example.org"))
    assert [item["person"]["name"] for item in incoming(tenant, meeting_id=other["id"])] == ["Jan Kos", "Jan Kos"]
    assert [item["person"]["name"] for item in incoming(tenant, q="nowak")] == ["Anna Nowak"]
    assert [item["outcome"] for item in incoming(tenant, show="pending")] == ["pending"]
    first = tenant.organiser.get("incoming-mail", params={"limit": 2}).json()
    assert len(first["items"]) == 2 and len(tenant.organiser.get(first["next"]).json()["items"]) == 1
    assert "Anna Nowak" in tenant.organiser.page("incoming-mail").text


def test_what_is_old_is_swept(server, tenant):
    hand_over(tenant, b"From: a@example.org\n\nText\n")
    enter = f"select set_config('narada.platform_id', (select id::text from platform where slug = '{tenant.slug}'), false);"
    psql(server, "narada_owner", enter + "update incoming_mail set received_at = now() - interval '91 days'; select sweep_incoming_mail()")
    assert incoming(tenant)[0]["outcome"] == "unmatched"
    assert tenant.owner.get(f"incoming-mail/{incoming(tenant)[0]['id']}").json()["raw"] is None
    psql(server, "narada_owner", enter + "update incoming_mail set received_at = now() - interval '366 days'; select sweep_incoming_mail()")
    assert incoming(tenant) == []
