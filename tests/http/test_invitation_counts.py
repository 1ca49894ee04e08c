"""test_invitation_counts.py: numbers that add up, whatever happened; who has not answered; heads to cater for; the quorum."""

import random

import pytest

from happenings import all_items, counts, invite, link_path, make_meeting

PARTS = ("invited", "delivered", "needs_action", "accepted", "tentative", "declined", "delegated", "waitlisted", "companions", "heads")
RESPONSES = ("needs_action", "accepted", "tentative", "declined", "delegated", "waitlisted")


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant, format="hybrid", capacity=12, online_capacity=4, waitlist=True, companions_allowed=2)


@pytest.fixture
def path(meeting):
    return f"meetings/{meeting['slug']}/invitations"


def check_sums(now):
    assert sum(now[response] for response in RESPONSES) == now["invited"]
    assert now["not_sent"] + now["queued"] + now["delivered"] + now["failed"] + now["bounced"] == now["invited"]
    assert now["accepted"] + now["companions"] == now["heads"] == now["in_person"] + now["online"]
    for parts in (now["groups"], now["organisations"]):
        for name in PARTS:
            assert sum(part[name] for part in parts) == now[name], name
        for part in parts:
            assert part["invited"] == sum(part[response] for response in RESPONSES) and part["heads"] == part["accepted"] + part["companions"]
        assert len({part["id"] for part in parts}) == len(parts)


def at_random(tenant, path, dice, one):
    """Something that may happen to an invitation."""
    act = dice.choice(("answer", "answer", "answer", "companions", "substitute", "on_behalf", "withdraw", "again"))
    link, url = link_path(one), f"{path}/{one['id']}"
    if act == "answer":
        tenant.public.post(link, {"response": dice.choice(("accepted", "accepted", "declined", "tentative")), "mode": dice.choice(("in_person", "online"))}, (200, 409, 410))
    elif act == "companions":
        tenant.public.post(f"{link}/details", {"companions": [{"name": "Ktoś"}] * dice.randint(0, 2)}, (200, 409, 410))
    elif act == "substitute":
        tenant.organiser.post(f"{url}/substitute", {"name": "Zastępca", "organisation": dice.choice(("Gmina 0", "Gmina 9"))}, (201, 409))
    elif act == "on_behalf":
        tenant.organiser.patch(url, {"response": dice.choice(("accepted", "declined", "needs_action"))}, (200, 409), version="*")
    elif act == "withdraw":
        tenant.organiser.delete(url, (204, 404), version="*")
    else:
        tenant.organiser.post(path, {"person_ids": [one["person"]["id"]]})


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_numbers_add_up(tenant, meeting, path, seed):
    dice = random.Random(seed)
    groups = [tenant.owner.create("groups", name=f"Grupa {n}") for n in range(3)]
    for n in range(24):
        member = {"name": f"Osoba {n:02}"}
        if dice.random() < 0.7:
            member["organisation"] = f"Gmina {n % 5}"
        if n % 6 == 0:
            invite(tenant, meeting, **member)
        else:
            tenant.owner.create(f"groups/{groups[n % 3]['id']}/members", person=member)
    for group in groups:
        tenant.organiser.create(path, group_id=group["id"], **({"organisation_seats": 3} if dice.random() < 0.5 else {}))
    known = all_items(tenant.organiser, f"{path}?limit=500")
    for n in range(60):
        at_random(tenant, path, dice, dice.choice(known))
        if n % 10 == 9:
            check_sums(counts(tenant, meeting))
    now = counts(tenant, meeting)
    assert now["heads"] <= 16 and now["online"] <= 4
    listed = all_items(tenant.viewer, f"{path}?limit=500")
    assert len(listed) == now["invited"] and sum(1 + len(one["companions"]) for one in listed if one["response"] == "accepted") == now["heads"]
    unanswered = all_items(tenant.viewer, f"{path}/unanswered?limit=2")
    assert sum(one["number"] for one in unanswered) == now["needs_action"] == sum(len(one["invitations"]) for one in unanswered)


def test_nobody_is_invited(tenant, meeting, path):
    now = counts(tenant, meeting)
    assert (now["invited"], now["groups"], now["organisations"], now["quorum_present"]) == (0, [], [], None)
    assert now["expected_heads"] == {"heads": 0, "expected": None, "meetings": 0, "promised": 0, "kept": 0, "kinds": []}
    assert "There is no estimate yet" in tenant.viewer.page(f"{path}/counts").text
    assert "Everybody has answered" in tenant.organiser.page(f"{path}/unanswered").text


def test_the_page_of_numbers(tenant, meeting, path):
    invite(tenant, meeting, "Anna", organisation="Gmina <A>")
    invite(tenant, meeting, "Ewa")
    page = tenant.viewer.page(f"{path}/counts").text
    assert "Gmina &lt;A&gt;" in page and "without an organisation" in page and "invited as persons" in page and "Together" in page


# ── Who has not answered ──


def test_who_has_not_answered(tenant, meeting, path):
    group = tenant.owner.create("groups", name="gminy")
    for name, organisation in (("Żak", "Łódź"), ("Czapla", "Łódź"), ("Ćma", "Kraków"), ("Sowa", None)):
        tenant.owner.create(f"groups/{group['id']}/members", person={"name": name, "organisation": organisation, "email": f"{len(name)}{name[0].lower()}@example.org".replace("ż", "z").replace("ć", "c")})
    tenant.organiser.create(path, group_id=group["id"])
    answered = invite(tenant, meeting, "Odpowiada", organisation="Łódź")
    tenant.public.post(link_path(answered), {"response": "tentative"})
    invite(tenant, meeting, "Sama", organisation="Łódź")

    def listed(query=""):
        found = all_items(tenant.viewer, f"{path}/unanswered?limit=1{query}")
        return [((one["organisation"] or {}).get("name"), [i["person"]["name"] for i in one["invitations"]]) for one in found]

    assert listed() == [("Kraków", ["Ćma"]), ("Łódź", ["Czapla", "Sama", "Żak"]), (None, ["Sowa"])]
    assert listed(f"&group_id={group['id']}") == [("Kraków", ["Ćma"]), ("Łódź", ["Czapla", "Żak"]), (None, ["Sowa"])]
    assert listed("&q=lodz+zak") == [("Łódź", ["Żak"])]
    lodz = all_items(tenant.viewer, "organisations?q=lodz")[0]["id"]
    assert listed(f"&organisation_id={lodz}") == [("Łódź", ["Czapla", "Sama", "Żak"])]
    assert all_items(tenant.viewer, f"{path}/unanswered")[0]["invitations"][0]["group"]["name"] == "gminy"


def test_reminding_a_choice_of_them(tenant, meeting, path):
    chosen, other = (invite(tenant, meeting, name, email=f"{name.lower()}@example.org") for name in ("Anna", "Ewa"))
    invite(tenant, meeting, "Bez adresu")
    page = tenant.organiser.page(f"{path}/unanswered").text
    assert page.count('name="invitation_ids"') == 2 and "no e-mail address" in page
    here = f"/platforms/{tenant.slug}/{path}/unanswered"
    sent = tenant.organiser.form(f"{path}/send", {"kind": "reminder", "which": "chosen", "invitation_ids": [chosen["id"]], "_return": here})
    assert sent.headers["Location"].endswith(f"{here}?done=send_invitations.queued-1.without_email-0.skipped-0")
    assert tenant.viewer.get(f"{path}/{chosen['id']}").json()["delivery"] in ("queued", "sent")
    assert tenant.viewer.get(f"{path}/{other['id']}").json()["delivery"] == "draft"
    told = tenant.organiser.page(f"{path}/unanswered?done=send_invitations.queued-1.without_email-0.skipped-0").text
    assert "Messages on their way: 1." in told and "Without an e-mail address" not in told
    again = tenant.organiser.form(f"{path}/send", {"kind": "reminder", "which": "chosen", "invitation_ids": [chosen["id"]], "_return": here})
    assert again.headers["Location"].endswith("?done=send_invitations.queued-0.without_email-0.skipped-1"), "once a day at most"
    told = tenant.organiser.page(f"{path}/unanswered?done=send_invitations.queued-0.without_email-0.skipped-1").text
    assert "No message was sent." in told and "is not needed: 1." in told
    seen = tenant.viewer.page(f"{path}/unanswered").text
    assert "Anna" in seen and 'name="invitation_ids"' not in seen


# ── How many to cater for ──


def held(tenant, number, attended):
    """An earlier meeting that `attended` were at; gives a function that has somebody accept it, and come or not."""
    earlier = make_meeting(tenant, title=f"Wcześniejsze {number}", starts_at=f"2024-0{number}-06T08:00:00Z", ends_at=f"2024-0{number}-06T10:00:00Z")

    def accept(person, came):
        one = tenant.organiser.create(f"meetings/{earlier['slug']}/invitations", person_id=person["id"])
        tenant.organiser.patch(f"meetings/{earlier['slug']}/invitations/{one['id']}", {"response": "accepted"}, version="*")
        if attended:
            tenant.assistant.create(f"meetings/{earlier['slug']}/attendance", person_id=person["id"], state="present" if came else "absent")

    return accept


def test_expected_heads(tenant, meeting, path):
    firm, town = tenant.owner.create("organisations", name="Firma", kind="company"), tenant.owner.create("organisations", name="Miasto", kind="municipality")
    reliable, never, fresh = (tenant.owner.create("people", name=name, organisation_id=at["id"]) for name, at in (("Zawsze", firm), ("Nigdy", town), ("Nowa", firm)))
    for number in (1, 2):
        accept = held(tenant, number, True)
        accept(reliable, True)
        accept(never, False)
    held(tenant, 3, False)(never, True)  # no attendance was taken: says nothing
    for person in (reliable, never, fresh):
        one = tenant.organiser.create(path, person_id=person["id"])
        tenant.public.post(link_path(one), {"response": "accepted"})
    online = invite(tenant, meeting, "Zdalna")
    tenant.public.post(link_path(online), {"response": "accepted", "mode": "online"})
    one = next(one for one in all_items(tenant.organiser, path) if one["person"]["name"] == "Zawsze")
    tenant.public.post(f"{link_path(one)}/details", {"companions": [{"name": "Ktoś"}]})

    expected = counts(tenant, meeting)["expected_heads"]
    # Everybody: (2 + 1) / (4 + 2) = 1/2. Firms: (2 + 2/2) / (2 + 2) = 3/4; towns: (0 + 2/2) / 4 = 1/4.
    # Reliable: (2 + 2 * 3/4) / 4 = 7/8, twice with the companion; never: (0 + 2 * 1/4) / 4 = 1/8; somebody new of a firm: 3/4.
    assert (expected["heads"], expected["expected"], expected["meetings"], expected["promised"], expected["kept"]) == (4, 2.6, 2, 4, 2)
    assert expected["kinds"] == [
        {"kind": "company", "heads": 3, "expected": 2.5, "promised": 2, "kept": 2}, {"kind": "municipality", "heads": 1, "expected": 0.1, "promised": 2, "kept": 0}]  # fmt: skip
    page = tenant.viewer.page(f"{path}/counts").text
    assert "About this many heads (an estimate): <strong>3</strong>" in page and "2 (50 %)" in page


# ── Quorum ──


def test_the_quorum(tenant):
    meeting = make_meeting(tenant, quorum=2, companions_allowed=5)
    path = f"meetings/{meeting['slug']}/invitations"
    people = [invite(tenant, meeting, f"Osoba {n}") for n in range(3)]
    tenant.public.post(link_path(people[0]), {"response": "accepted"})
    tenant.public.post(f"{link_path(people[0])}/details", {"companions": [{"name": "Jan"}, {"name": "Ewa"}]})
    now = counts(tenant, meeting)
    assert (now["quorum"], now["quorum_reached"], now["quorum_present"]) == (2, False, 0)  # companions decide nothing
    for page in (path, f"{path}/counts", f"meetings/{meeting['slug']}"):
        assert "That is not enough yet." in tenant.organiser.page(page).text
    assert "Quorum" not in tenant.public.page(f"meetings/{meeting['slug']}").text
    tenant.public.post(link_path(people[1]), {"response": "accepted"})
    assert counts(tenant, meeting)["quorum_reached"] is True and "That is enough." in tenant.organiser.page(path).text

    attendance = f"meetings/{meeting['slug']}/attendance"
    tenant.assistant.create(attendance, person_id=people[2]["person"]["id"])
    tenant.assistant.create(attendance, person={"name": "Z ulicy"})
    assert counts(tenant, meeting)["quorum_present"] == 1 and "There is no quorum yet." in tenant.assistant.page(attendance).text
    tenant.assistant.create(attendance, person_id=people[0]["person"]["id"], state="remote")
    assert counts(tenant, meeting)["quorum_present"] == 2 and "There is a quorum." in tenant.assistant.page(attendance).text
