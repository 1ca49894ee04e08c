"""test_registrations.py: people who were not invited register themselves; nothing counts before the address is confirmed, and no answer tells whose address it is."""

import concurrent.futures
import uuid

import pytest
import requests

from database import psql
from happenings import confirmation_path, counts, form_token, invite, link_path, make_meeting

CONFIRMED = {"response": "confirmed"}
KRYSIA = {"name": "Krystyna Łoś", "email": "krystyna@example.org", "organisation": "Gmina Próbna", "position": "sołtyska"}


def outbox(server, tenant):
    """[(kind, address)] of the mails that were queued, in their order; an invitation's has its person's."""
    rows = psql(server, "narada_owner", f"""
        set narada.platform_id = '{platform_id(server, tenant)}';
        select o.kind || '|' || coalesce(o.address, p.email) from outbox o
          left join invitation i on i.platform_id = o.platform_id and i.id = o.invitation_id left join person p on p.platform_id = i.platform_id and p.id = i.person_id
         where o.platform_id = platform_id() order by o.created_at, o.id""")
    return [tuple(row.split("|")) for row in rows]


def platform_id(server, tenant):
    return psql(server, "narada_owner", f"select id from platform where slug = '{tenant.slug}'")[0]


def registrations(tenant, meeting, **query):
    return tenant.viewer.get(f"meetings/{meeting['slug']}/registrations", params=query).json()["items"]


def register(tenant, meeting, expect=202, **members):
    return tenant.public.post(f"meetings/{meeting['slug']}/registrations", {**KRYSIA, **members}, expect)


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant, registration="open", contact_name="Biuro", contact_email="biuro@example.org")


def confirmed(server, tenant, meeting, expect=200, **members):
    """Registers and confirms; gives what the link answers."""
    register(tenant, meeting, **members)
    return tenant.public.post(confirmation_path(server, tenant, registrations(tenant, meeting)[0]["id"]), CONFIRMED, expect).json()


def change(tenant, meeting, **members):
    version = tenant.owner.get(f"meetings/{meeting['slug']}").json()["version"]
    return tenant.owner.patch(f"meetings/{meeting['slug']}", members, version=version).json()


def test_registering_counts_once_the_address_is_confirmed(server, tenant, meeting):
    assert register(tenant, meeting, note="wózek").json() == {}
    assert counts(tenant, meeting)["invited"] == 0 and outbox(server, tenant) == [("registration", KRYSIA["email"])]
    (one,) = registrations(tenant, meeting)
    assert (one["state"], one["email"], one["invitation_id"], one["confirmed_at"]) == ("unconfirmed", KRYSIA["email"], None, None)
    path = confirmation_path(server, tenant, one["id"])
    seen = tenant.public.get(path)
    assert seen.headers["Cache-Control"] == "no-store" and seen.headers["Referrer-Policy"] == "no-referrer"
    assert seen.json()["can_confirm"] is True and seen.json()["name"] == KRYSIA["name"] and seen.json()["rsvp_url"] is None
    now = tenant.public.post(path, CONFIRMED, 200).json()
    assert now["state"] == "registered" and now["can_confirm"] is False
    answer = tenant.public.get(link_path(now)).json()
    assert (answer["response"], answer["note"]) == ("accepted", "wózek") and answer["person"]["organisation"] == "Gmina Próbna"
    assert counts(tenant, meeting)["accepted"] == 1
    assert outbox(server, tenant)[-1] == ("registered", KRYSIA["email"])
    invitation = tenant.viewer.get(f"meetings/{meeting['slug']}/invitations/{registrations(tenant, meeting)[0]['invitation_id']}").json()
    assert invitation["person"]["email"] == KRYSIA["email"] and invitation["delivery"] in ("queued", "sent"), "the link is on its way: nobody needs to send it again"
    history = psql(server, "narada_owner", f"set narada.platform_id = '{platform_id(server, tenant)}'; select cause || '|' || to_response from invitation_event where platform_id = platform_id() order by id")
    assert history[:2] == ["registered|needs_action", "registered|accepted"]


def test_confirming_again_leads_to_where_it_stands(server, tenant, meeting):
    first = confirmed(server, tenant, meeting)
    path = confirmation_path(server, tenant, registrations(tenant, meeting)[0]["id"])
    tenant.public.post(link_path(first), {"response": "declined"})
    assert tenant.public.post(path, CONFIRMED, 200).json()["rsvp_url"] == first["rsvp_url"] == tenant.public.get(path).json()["rsvp_url"]
    assert tenant.public.get(link_path(first)).json()["response"] == "declined"
    assert [kind for kind, _ in outbox(server, tenant)].count("registered") == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_opening_the_link_changes_nothing(server, tenant, meeting, method, accept):
    register(tenant, meeting)
    (before,) = registrations(tenant, meeting)
    path = confirmation_path(server, tenant, before["id"])
    for opened in (path, path + "?utm_source=mail", path + "?anything=1"):
        tenant.public.send(method, opened, 204 if method == "OPTIONS" else 200, headers={"Accept": accept, "Sec-Purpose": "prefetch"})
    assert registrations(tenant, meeting) == [before] and counts(tenant, meeting)["invited"] == 0


def test_a_form_needs_the_token_of_the_page(server, tenant, meeting):
    register(tenant, meeting)
    path = confirmation_path(server, tenant, registrations(tenant, meeting)[0]["id"])
    page = tenant.public.page(path, language="pl")
    assert KRYSIA["name"] in page.text and KRYSIA["email"] in page.text and "Potwierdź zgłoszenie" in page.text
    for token in ({}, {"_form": "AAAA"}, {"_form": form_token(tenant.public.page(link_path(invite(tenant, meeting, "Inny"))))}):
        again = tenant.public.form(path, {**CONFIRMED, **token}, 403)
        assert "Potwierdź zgłoszenie" in again.text or "Confirm the registration" in again.text
    assert registrations(tenant, meeting)[0]["state"] == "unconfirmed"
    tenant.public.form(path, {"_form": form_token(page)}, 422)
    for body in (None, {}, {"response": "accepted"}):
        tenant.public.post(path, body, (400, 422))
    tenant.public.send("POST", path, (400, 415, 422))
    assert registrations(tenant, meeting)[0]["state"] == "unconfirmed"
    went = tenant.public.form(path, {**CONFIRMED, "_form": form_token(page)})
    assert f"/r/{tenant.slug}/" in went.headers["Location"] and went.headers["Location"].endswith("done=confirm_registration")
    assert "Zgłoszenie potwierdzone" in tenant.public.page(path, language="pl").text


def test_links_that_nobody_made(server, tenant, stranger, meeting):
    one = invite(tenant, meeting)
    register(tenant, meeting)
    token = confirmation_path(server, tenant, registrations(tenant, meeting)[0]["id"]).rsplit("/", 1)[1]
    invitation = link_path(one).rsplit("/", 1)[1]
    for path in (f"/confirm/{tenant.slug}/{invitation}", f"/r/{tenant.slug}/{token}", f"/confirm/{stranger.slug}/{token}", f"/confirm/{tenant.slug}/{token[:-1]}", f"/confirm/{tenant.slug}/x"):
        assert tenant.public.get(path, 404).json()["code"] == "no_such_link"
        tenant.public.post(path, {"response": "accepted"} if path.startswith("/r/") else CONFIRMED, 404)
    assert tenant.public.get(confirmation_path(server, tenant, str(uuid.uuid4())), 410).json()["code"] == "registration_expired"


def test_the_answer_does_not_tell_whose_address_it_is(server, tenant, meeting):
    one = invite(tenant, meeting, "Krystyna Łoś", email="KRYSTYNA@example.org")
    strangers = register(tenant, meeting, email="nobody@example.org")
    known = register(tenant, meeting)
    assert (known.status_code, known.content) == (strangers.status_code, strangers.content)
    assert set(known.headers) == set(strangers.headers)
    assert [each["email"] for each in registrations(tenant, meeting)] == ["nobody@example.org"]
    assert outbox(server, tenant)[-2:] == [("registration", "nobody@example.org"), ("registered", "KRYSTYNA@example.org")]
    register(tenant, meeting)
    assert len([kind for kind, _ in outbox(server, tenant) if kind == "registered"]) == 1, "once a day"
    assert tenant.public.get(link_path(one)).json()["response"] == "needs_action"


def test_nobodys_mailbox_is_flooded(server, tenant, meeting):
    other = make_meeting(tenant, title="Drugie", registration="open")
    for n in range(6):
        register(tenant, (meeting, other)[n % 2], email=("Flooded@example.org", "flooded@example.org")[n % 2])
    assert len(outbox(server, tenant)) == 3


def test_a_later_confirmation_takes_the_place_of_others(server, tenant, meeting):
    register(tenant, meeting, name="Kto inny")
    register(tenant, meeting)
    mine, others = registrations(tenant, meeting)
    tenant.public.post(confirmation_path(server, tenant, mine["id"]), CONFIRMED, 200)
    path = confirmation_path(server, tenant, others["id"])
    assert tenant.public.get(path, 410).json()["code"] == "registration_expired"
    tenant.public.post(path, CONFIRMED, 410)
    page = tenant.public.page(path, 410, language="pl")
    assert "Zgłoszenie wygasło" in page.text and path.rsplit("/", 1)[1] not in page.text.replace(f"{path}?lang=", "")
    assert counts(tenant, meeting)["invited"] == 1


def test_the_link_works_for_seven_days(server, tenant, meeting):
    register(tenant, meeting)
    register(tenant, meeting, email="other@example.org")
    young, old = registrations(tenant, meeting)
    psql(server, "narada_owner", f"update registration set created_at = now() - interval '8 days' where id = '{old['id']}'; update registration set created_at = now() - interval '6 days' where id = '{young['id']}'")
    tenant.public.get(confirmation_path(server, tenant, old["id"]), 410)
    tenant.public.post(confirmation_path(server, tenant, old["id"]), CONFIRMED, 410)
    tenant.public.post(confirmation_path(server, tenant, young["id"]), CONFIRMED, 200)
    assert [one["state"] for one in registrations(tenant, meeting, state="expired")] == ["expired"]


def test_the_janitor_deletes_what_led_to_nothing(server, tenant, meeting):
    for n in range(3):
        register(tenant, meeting, email=f"n{n}@example.org")
    counted, old, kept = registrations(tenant, meeting)
    tenant.public.post(confirmation_path(server, tenant, counted["id"]), CONFIRMED, 200)
    psql(server, "narada_owner", f"update registration set created_at = now() - interval '31 days' where id in ('{old['id']}', '{counted['id']}')")
    psql(server, "narada_service", "select sweep_registrations()")
    assert {one["id"] for one in registrations(tenant, meeting)} == {counted["id"], kept["id"]}
    assert tenant.public.get(confirmation_path(server, tenant, old["id"]), 410).json()["code"] == "registration_expired"


# ── When it is open ──


@pytest.mark.parametrize(("members", "code"), [
    ({"registration": "closed"}, "registration_closed"),
    ({"rsvp_closes_at": "2020-01-01T00:00:00Z"}, "registration_late"),
    ({"status": "cancelled"}, "meeting_cancelled"),
    ({"status": "held"}, "meeting_held"),
    ({"starts_at": "2019-12-17T09:00:00Z", "ends_at": "2019-12-17T12:00:00Z"}, "meeting_held"),
])  # fmt: skip
def test_a_meeting_that_takes_no_registrations(server, tenant, meeting, members, code):
    register(tenant, meeting, email="before@example.org")
    path = confirmation_path(server, tenant, registrations(tenant, meeting)[0]["id"])
    change(tenant, meeting, **members)
    assert register(tenant, meeting, 409).json()["code"] == code
    seen = tenant.public.get(path).json()
    assert seen["can_confirm"] is False and seen["closed_reason"]
    assert tenant.public.post(path, CONFIRMED, 409).json()["code"] == code
    page = tenant.public.page(f"meetings/{meeting['slug']}").text
    assert "create_registration-email" not in page
    assert "Confirm the registration" not in tenant.public.page(path).text
    assert len(registrations(tenant, meeting)) == 1 and counts(tenant, meeting)["invited"] == 0


def test_drafts_and_meetings_for_the_invited_are_not_there(tenant):
    for members in ({"status": "draft", "registration": "open"}, {"visibility": "invited"}):
        register(tenant, make_meeting(tenant, **members), 404)


@pytest.mark.parametrize("body", [{"name": " "}, {"email": "nonsense"}, {"email": None}, {"mode": "by_letter"}, {"note": "x" * 2001}])
def test_what_is_no_registration(tenant, meeting, body):
    register(tenant, meeting, 422, **body)
    assert registrations(tenant, meeting) == []


def test_the_way_of_coming(server, tenant, meeting):
    assert register(tenant, meeting, 422, mode="online").json()["code"] == "mode_not_offered"
    hybrid = make_meeting(tenant, title="Hybryda", format="hybrid", registration="open", online_url="https://meet.example.org/x")
    assert tenant.public.get(link_path(confirmed(server, tenant, hybrid, mode="online"))).json()["mode"] == "online"


def test_seats_of_the_chosen_way(server, tenant):
    meeting = make_meeting(tenant, format="hybrid", registration="open", capacity=1, online_capacity=2, online_url="https://meet.example.org/x")
    register(tenant, meeting, email="slow@example.org")
    slow = confirmation_path(server, tenant, registrations(tenant, meeting)[0]["id"])
    confirmed(server, tenant, meeting, email="quick@example.org", mode="in_person")
    assert tenant.public.get(slow).json()["closed_reason"] == "full" and tenant.public.post(slow, CONFIRMED, 409).json()["code"] == "meeting_full"
    for members in ({}, {"mode": "in_person"}):
        refused = register(tenant, meeting, 409, email="late@example.org", **members).json()
        assert refused["code"] == "meeting_full" and refused["errors"][0]["pointer"] == "/mode"
    page = tenant.public.form(f"/platforms/{tenant.slug}/meetings/{meeting['slug']}/registrations", {**KRYSIA, "mode": "in_person"}, 409).text
    assert "create_registration-mode-error" in page
    for n in range(2):
        assert tenant.public.get(link_path(confirmed(server, tenant, meeting, email=f"o{n}@example.org", mode="online"))).json()["response"] == "accepted"
    assert register(tenant, meeting, 409, mode="online").json()["code"] == "meeting_full"
    assert "All seats are taken" in tenant.public.page(f"meetings/{meeting['slug']}").text


# ── Seats ──


def test_the_waitlist_holds_for_the_registered_too(server, tenant):
    meeting = make_meeting(tenant, registration="open", capacity=1, waitlist=True)
    first = confirmed(server, tenant, meeting, email="first@example.org")
    second = confirmed(server, tenant, meeting, email="second@example.org")
    assert tenant.public.get(link_path(second)).json()["response"] == "waitlisted"
    tenant.public.post(link_path(first), {"response": "declined"})
    assert tenant.public.get(link_path(second)).json()["response"] == "accepted"


def test_a_full_meeting_takes_nobody(server, tenant):
    meeting = make_meeting(tenant, registration="open", capacity=1)
    register(tenant, meeting, email="slow@example.org")
    slow = confirmation_path(server, tenant, registrations(tenant, meeting)[0]["id"])
    confirmed(server, tenant, meeting, email="quick@example.org")
    assert tenant.public.get(slow).json()["closed_reason"] == "full"
    assert tenant.public.post(slow, CONFIRMED, 409).json()["code"] == "meeting_full"
    assert register(tenant, meeting, 409).json()["code"] == "meeting_full"
    assert "All seats are taken" in tenant.public.page(f"meetings/{meeting['slug']}").text
    assert (counts(tenant, meeting)["invited"], registrations(tenant, meeting, q="slow")[0]["state"]) == (1, "unconfirmed")
    change(tenant, meeting, capacity=2)
    assert tenant.public.post(slow, CONFIRMED, 200).json()["state"] == "registered"


def test_many_confirm_at_once_and_no_seat_is_given_twice(server, tenant):
    meeting = make_meeting(tenant, registration="open", capacity=5)
    for n in range(12):
        register(tenant, meeting, email=f"n{n}@example.org")
    paths = [server.url(confirmation_path(server, tenant, one["id"])) for one in registrations(tenant, meeting)]
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda path: requests.post(path, json=CONFIRMED, timeout=60), paths))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [409] * 7
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"meeting_full"}
    assert (counts(tenant, meeting)["accepted"], counts(tenant, meeting)["invited"]) == (5, 5)
    assert len(registrations(tenant, meeting, state="registered")) == 5


def test_one_link_opened_and_confirmed_by_many_counts_once(server, tenant, meeting):
    register(tenant, meeting)
    path = server.url(confirmation_path(server, tenant, registrations(tenant, meeting)[0]["id"]))
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: requests.post(path, json=CONFIRMED, timeout=60), range(10)))
    assert {answer.json()["state"] for answer in answers} == {"registered"} and len({answer.json()["rsvp_url"] for answer in answers}) == 1
    assert counts(tenant, meeting)["invited"] == 1 and [kind for kind, _ in outbox(server, tenant)] == ["registration", "registered"]


def test_a_quota_of_the_organisation(server, tenant):
    meeting = make_meeting(tenant, registration="open", organisation_quota=1)
    confirmed(server, tenant, meeting, email="a@example.org")
    assert confirmed(server, tenant, meeting, 409, email="b@example.org")["code"] == "quota_full"
    assert counts(tenant, meeting)["invited"] == 1


def test_somebody_known_to_the_platform_stays_as_they_are(server, tenant, meeting):
    known = tenant.owner.create("people", name="dr Krystyna Łoś", email="Krystyna@Example.org")
    confirmed(server, tenant, meeting)
    assert tenant.owner.get(f"people/{known['id']}").json()["name"] == "dr Krystyna Łoś"
    assert tenant.viewer.get(f"meetings/{meeting['slug']}/invitations").json()["items"][0]["person"]["id"] == known["id"]


def test_invited_in_the_meantime(server, tenant, meeting):
    register(tenant, meeting)
    path = confirmation_path(server, tenant, registrations(tenant, meeting)[0]["id"])
    one = invite(tenant, meeting, "Krystyna Łoś", email=KRYSIA["email"])
    tenant.public.post(link_path(one), {"response": "declined"})
    assert tenant.public.post(path, CONFIRMED, 200).json()["rsvp_url"] == one["rsvp_url"]
    assert tenant.public.get(link_path(one)).json()["response"] == "declined"


def test_whoever_was_uninvited_needs_an_organisers_word(server, tenant, meeting):
    one = invite(tenant, meeting, "Krystyna Łoś", email=KRYSIA["email"])
    tenant.organiser.delete(f"meetings/{meeting['slug']}/invitations/{one['id']}", version=one["version"])
    assert confirmed(server, tenant, meeting)["state"] == "awaiting_approval"
    assert counts(tenant, meeting)["invited"] == 0
    (waits,) = registrations(tenant, meeting)
    decide(tenant, meeting, waits, "approve")
    assert tenant.public.get(link_path(one)).json()["response"] == "accepted"
    current = tenant.viewer.get(f"meetings/{meeting['slug']}/invitations/{one['id']}").json()
    tenant.organiser.delete(f"meetings/{meeting['slug']}/invitations/{one['id']}", version=current["version"])
    seen = tenant.public.get(confirmation_path(server, tenant, waits["id"])).json()
    assert (seen["state"], seen["rsvp_url"]) == ("registered", None)
    assert "withdrew the invitation" in tenant.public.page(confirmation_path(server, tenant, waits["id"]) + "?lang=en").text


# ── Approval ──


@pytest.fixture
def choosy(tenant):
    return make_meeting(tenant, registration="approval", capacity=1, waitlist=True)


def decide(tenant, meeting, one, what, body=None, expect=200, role="organiser", version=None):
    headers = {"If-Match": f'"{version or one["version"]}"'}
    path = f"meetings/{meeting['slug']}/registrations/{one['id']}/{what}"
    if body is None:
        return tenant.api(role).send("POST", path, expect, headers=headers).json()
    return tenant.api(role).post(path, body, expect, headers=headers).json()


def test_approving(server, tenant, choosy):
    assert confirmed(server, tenant, choosy)["state"] == "awaiting_approval"
    (one,) = registrations(tenant, choosy, state="awaiting_approval")
    assert counts(tenant, choosy)["invited"] == 0
    assert decide(tenant, choosy, one, "approve", expect=412, version=99)["status"] == 412
    approved = decide(tenant, choosy, one, "approve")
    assert (approved["state"], approved["response"]) == ("registered", "accepted") and approved["decided_at"] and approved["decided_by"]
    assert outbox(server, tenant)[-1] == ("registered", KRYSIA["email"])
    assert decide(tenant, choosy, approved, "approve", expect=409)["code"] == "registration_decided"
    assert decide(tenant, choosy, approved, "refuse", {}, expect=409)["code"] == "registration_decided"
    read = tenant.viewer.get(f"meetings/{choosy['slug']}/registrations/{one['id']}").json()
    assert read == approved
    confirmed(server, tenant, choosy, email="next@example.org")
    assert decide(tenant, choosy, registrations(tenant, choosy)[0], "approve")["response"] == "waitlisted"


def test_refusing(server, tenant, choosy):
    confirmed(server, tenant, choosy)
    (one,) = registrations(tenant, choosy)
    decide(tenant, choosy, one, "refuse", {"reason": "x" * 1001}, expect=422)
    refused = decide(tenant, choosy, one, "refuse", {"reason": "Spotkanie jest dla gmin."})
    assert (refused["state"], refused["reason"], refused["invitation_id"]) == ("refused", "Spotkanie jest dla gmin.", None)
    assert outbox(server, tenant)[-1] == ("registration_refused", KRYSIA["email"])
    path = confirmation_path(server, tenant, one["id"])
    assert tenant.public.get(path).json()["reason"] == "Spotkanie jest dla gmin."
    assert "Spotkanie jest dla gmin." in tenant.public.page(path).text
    assert tenant.public.post(path, CONFIRMED, 200).json()["state"] == "refused"
    assert counts(tenant, choosy)["invited"] == 0


def test_what_can_not_be_decided(server, tenant, choosy, meeting):
    register(tenant, choosy)
    (one,) = registrations(tenant, choosy)
    assert decide(tenant, choosy, one, "approve", expect=409)["code"] == "registration_unconfirmed"
    assert decide(tenant, meeting, one, "approve", expect=404)["code"] == "not_found"
    tenant.viewer.get(f"meetings/{meeting['slug']}/registrations/{one['id']}", 404)


def test_approving_after_the_closing_time_is_the_organisers_to_do(server, tenant, choosy):
    confirmed(server, tenant, choosy)
    change(tenant, choosy, rsvp_closes_at="2020-01-01T00:00:00Z")
    assert decide(tenant, choosy, registrations(tenant, choosy)[0], "approve")["response"] == "accepted"
    confirmed_late = registrations(tenant, choosy)
    assert len(confirmed_late) == 1


def test_nothing_is_approved_for_a_cancelled_meeting(server, tenant, choosy):
    confirmed(server, tenant, choosy)
    change(tenant, choosy, status="cancelled")
    assert decide(tenant, choosy, registrations(tenant, choosy)[0], "approve", expect=409)["code"] == "meeting_cancelled"
    assert decide(tenant, choosy, registrations(tenant, choosy)[0], "refuse", {})["state"] == "refused"


def test_the_list_for_organisers(server, tenant, choosy):
    for n in range(3):
        register(tenant, choosy, email=f"n{n}@example.org", name=f"Osoba {n}")
    path = f"meetings/{choosy['slug']}/registrations"
    first = tenant.viewer.get(path + "?limit=2").json()
    rest = tenant.viewer.get(first["next"]).json()
    assert [one["email"] for one in first["items"] + rest["items"]] == ["n2@example.org", "n1@example.org", "n0@example.org"] and rest["next"] is None
    assert [one["email"] for one in registrations(tenant, choosy, q="osoba 1")] == ["n1@example.org"]
    tenant.public.post(confirmation_path(server, tenant, registrations(tenant, choosy, q="n1")[0]["id"]), CONFIRMED, 200)
    page = tenant.organiser.page(path)
    assert "n1@example.org" in page.text and "/approve" in page.text and page.text.count("/approve") == 1
    assert "/approve" not in tenant.viewer.page(path).text
    tenant.viewer.get("meetings/nie-ma/registrations", 404)


def test_deciding_by_the_forms_of_the_list(server, tenant, choosy):
    for n in range(2):
        confirmed(server, tenant, choosy, email=f"n{n}@example.org")
    refused, approved = registrations(tenant, choosy)
    path = f"/platforms/{tenant.slug}/meetings/{choosy['slug']}/registrations"
    went = tenant.organiser.form(f"{path}/{approved['id']}/approve", {"_if_match": approved["version"], "_return": path})
    assert went.headers["Location"] == f"{path}?done=approve_registration"
    tenant.organiser.form(f"{path}/{refused['id']}/refuse", {"_if_match": refused["version"], "_return": path, "reason": "Brak miejsc."})
    assert [one["state"] for one in registrations(tenant, choosy)] == ["refused", "registered"]
    assert "decided already" in tenant.organiser.form(f"{path}/{refused['id']}/refuse", {"_if_match": "*", "_return": path, "reason": ""}, 409).text


# ── The public page ──


def test_the_form_on_the_meetings_page(server, tenant, meeting):
    page = tenant.public.page(f"meetings/{meeting['slug']}", language="pl").text
    assert "Zgłoś udział" in page and "Administrator danych" in page and "biuro@example.org" in page
    path = f"/platforms/{tenant.slug}/meetings/{meeting['slug']}"
    went = tenant.public.form(f"{path}/registrations", KRYSIA)
    assert went.headers["Location"] == f"{path}?done=create_registration#register"
    assert "Prosimy sprawdzić pocztę" in tenant.public.page(f"{path}?done=create_registration", language="pl").text
    again = tenant.public.form(f"{path}/registrations", {**KRYSIA, "email": "nonsense"}, 422)
    assert KRYSIA["name"] in again.text and "create_registration-email-error" in again.text
    tenant.public.form(f"{path}/registrations", KRYSIA, 403, headers={"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"})


def test_nothing_about_the_registered_is_public(server, tenant, meeting):
    confirmed(server, tenant, meeting, note="wózek")
    register(tenant, meeting, email="other@example.org")
    for path in (f"meetings/{meeting['slug']}", f"meetings/{meeting['slug']}.ics"):
        for accept in ("text/html", "application/json", "text/calendar"):
            answer = tenant.public.send("GET", path, headers={"Accept": accept})
            assert KRYSIA["email"] not in answer.text and "Krystyna" not in answer.text and "other@example.org" not in answer.text
    tenant.public.get(f"meetings/{meeting['slug']}/registrations", 401)


def test_the_page_says_why_there_is_no_form(tenant):
    by_invitation = make_meeting(tenant)
    assert "Participation is by invitation" in tenant.public.page(f"meetings/{by_invitation['slug']}").text
    late = make_meeting(tenant, title="Po terminie", registration="open", rsvp_closes_at="2020-01-01T00:00:00Z")
    assert "Registration has closed" in tenant.public.page(f"meetings/{late['slug']}").text
    queue = make_meeting(tenant, title="Kolejka", registration="open", capacity=1, waitlist=True)
    one = invite(tenant, queue)
    tenant.public.post(link_path(one), {"response": "accepted"})
    assert "a place on the waitlist" in tenant.public.page(f"meetings/{queue['slug']}").text
