"""test_live_groups.py: groups that a meeting follows, their quotas, and what the organiser sees of it."""

import concurrent.futures
import random

import pytest
import requests

from happenings import all_items, counts, invite, link_path, make_meeting


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant, capacity=100, waitlist=True)


@pytest.fixture
def path(meeting):
    return f"meetings/{meeting['slug']}/invitations"


@pytest.fixture
def group(tenant):
    return tenant.owner.create("groups", name="małopolskie gminy")


def join(tenant, group, **member):
    return tenant.owner.create(f"groups/{group['id']}/members", **member)


def leave(tenant, group, member):
    tenant.owner.delete(f"groups/{group['id']}/members/{member['id']}")


def invited(tenant, meeting, query=""):
    return {one["person"]["name"]: one for one in all_items(tenant.organiser, f"meetings/{meeting['slug']}/invitations?limit=500{query}")}


def changes(tenant, meeting):
    """[(change, name, kept)], the oldest first."""
    return [(one["change"], one["invitation"]["name"], one["kept"]) for one in all_items(tenant.viewer, f"meetings/{meeting['slug']}/groups/changes")][::-1]


def history(tenant, path, invitation):
    return [one["cause"] for one in all_items(tenant.organiser, f"{path}/{invitation['id']}/history")][::-1]


def test_who_joins_is_invited_and_who_leaves_is_not(tenant, meeting, path, group):
    first = join(tenant, group, person={"name": "Pierwsza"})
    tenant.organiser.create(path, group_id=group["id"], live=True)
    second = join(tenant, group, person={"name": "Druga"})
    assert set(invited(tenant, meeting)) == {"Pierwsza", "Druga"}
    leave(tenant, group, first)
    assert set(invited(tenant, meeting)) == {"Druga"} and set(invited(tenant, meeting, "&withdrawn=true")) == {"Pierwsza"}
    join(tenant, group, person_id=first["person_id"])
    assert set(invited(tenant, meeting)) == {"Pierwsza", "Druga"}
    assert changes(tenant, meeting) == [("joined", "Druga", False), ("left", "Pierwsza", False), ("joined", "Pierwsza", False)]
    assert history(tenant, path, invited(tenant, meeting)["Pierwsza"]) == ["invited", "left_group", "joined_group"]
    assert invited(tenant, meeting)["Druga"]["group"]["id"] == group["id"] and second["person_id"]
    assert all_items(tenant.viewer, f"meetings/{meeting['slug']}/groups/changes?limit=1")[0]["group"]["name"] == "małopolskie gminy"


def test_who_has_answered_stays_until_an_organiser_says_otherwise(tenant, meeting, path, group):
    member = join(tenant, group, person={"name": "Wójt"})
    tenant.organiser.create(path, group_id=group["id"], live=True)
    one = invited(tenant, meeting)["Wójt"]
    tenant.public.post(link_path(one), {"response": "accepted"})
    leave(tenant, group, member)
    assert invited(tenant, meeting)["Wójt"]["response"] == "accepted"
    assert changes(tenant, meeting) == [("left", "Wójt", True)]
    assert history(tenant, path, one) == ["invited", "answered", "left_group_kept"]
    assert "Have answered, but left their live group: 1" in tenant.organiser.page(path).text
    page = tenant.organiser.page(f"meetings/{meeting['slug']}/groups").text
    assert "left after answering; still invited" in page and "Withdraw the invitation" in page
    version = tenant.viewer.get(f"{path}/{one['id']}").json()["version"]
    tenant.organiser.form(f"{path}/{one['id']}", {"_if_match": version, "_return": f"/platforms/{tenant.slug}/meetings/{meeting['slug']}/groups"}, method="DELETE")
    assert counts(tenant, meeting)["invited"] == 0
    assert "still invited" not in tenant.organiser.page(f"meetings/{meeting['slug']}/groups").text
    join(tenant, group, person_id=one["person"]["id"])  # withdrawn by hand: that holds
    assert counts(tenant, meeting)["invited"] == 0


def test_an_organisation_brings_and_takes_its_people(tenant, meeting, path, group):
    here, there = (tenant.owner.create("organisations", name=name) for name in ("Gmina A", "Gmina B"))
    old = tenant.owner.create("people", name="Stara", organisation_id=here["id"])
    tenant.organiser.create(path, group_id=group["id"], live=True)
    member = join(tenant, group, organisation_id=here["id"])
    assert set(invited(tenant, meeting)) == {"Stara"}
    tenant.owner.create("people", name="Nowa", organisation_id=here["id"])
    coming = tenant.owner.create("people", name="Przechodzi", organisation_id=there["id"])
    assert set(invited(tenant, meeting)) == {"Nowa", "Stara"}
    tenant.owner.patch(f"people/{coming['id']}", {"organisation_id": here["id"]}, version="*")
    assert set(invited(tenant, meeting)) == {"Nowa", "Przechodzi", "Stara"}
    tenant.owner.patch(f"people/{old['id']}", {"organisation_id": there["id"]}, version="*")
    assert set(invited(tenant, meeting)) == {"Nowa", "Przechodzi"}
    leave(tenant, group, member)
    assert invited(tenant, meeting) == {}


def test_two_live_groups(tenant, meeting, path, group):
    other = tenant.owner.create("groups", name="samorządy")
    person = tenant.owner.create("people", name="W obu")
    members = [join(tenant, one, person_id=person["id"]) for one in (group, other)]
    for one in (group, other):
        tenant.organiser.create(path, group_id=one["id"], live=True)
    assert invited(tenant, meeting)["W obu"]["group"]["id"] == group["id"]
    leave(tenant, group, members[0])
    assert invited(tenant, meeting)["W obu"]["group"]["id"] == other["id"]
    leave(tenant, other, members[1])
    assert invited(tenant, meeting) == {}


def test_only_coming_meetings_follow(tenant, group):
    past = make_meeting(tenant, title="Minione", starts_at="2020-05-06T08:00:00Z", ends_at="2020-05-06T10:00:00Z")
    cancelled, draft, once = make_meeting(tenant, title="Odwołane"), make_meeting(tenant, title="Szkic", status="draft"), make_meeting(tenant, title="Raz")
    for one in (past, cancelled, draft):
        tenant.organiser.create(f"meetings/{one['slug']}/invitations", group_id=group["id"], live=True)
    tenant.organiser.create(f"meetings/{once['slug']}/invitations", group_id=group["id"])
    tenant.organiser.patch(f"meetings/{cancelled['slug']}", {"status": "cancelled"}, version="*")
    join(tenant, group, person={"name": "Nowa"})
    assert [len(invited(tenant, one)) for one in (past, cancelled, draft, once)] == [0, 0, 1, 0]


def test_making_a_group_live_brings_the_list_up_to_it(tenant, meeting, path, group):
    stays, goes = (join(tenant, group, person={"name": name}) for name in ("Zostaje", "Odchodzi"))
    tenant.organiser.create(path, group_id=group["id"])
    leave(tenant, group, goes)
    join(tenant, group, person={"name": "Nowa"})
    assert set(invited(tenant, meeting)) == {"Zostaje", "Odchodzi"} and stays["id"]
    url = f"meetings/{meeting['slug']}/groups/{group['id']}"
    tenant.organiser.patch(url, {"live": True}, version=tenant.viewer.get(url).json()["version"])
    assert set(invited(tenant, meeting)) == {"Zostaje", "Nowa"}
    tenant.organiser.patch(url, {"live": False}, version="*")
    join(tenant, group, person={"name": "Spóźniona"})
    assert set(invited(tenant, meeting)) == {"Zostaje", "Nowa"}


def test_who_joins_gets_the_mail_that_the_others_got(tenant, meeting, path, group):
    tenant.organiser.create(path, group_id=group["id"], live=True)
    join(tenant, group, person={"name": "Pierwsza", "email": "pierwsza@example.org"})
    assert invited(tenant, meeting)["Pierwsza"]["delivery"] == "draft"
    tenant.organiser.post(f"{path}/send", {"kind": "invitation"})
    join(tenant, group, person={"name": "Druga", "email": "druga@example.org"})
    assert invited(tenant, meeting)["Druga"]["delivery"] in ("queued", "sent")


def test_a_substitute_is_no_member_and_stays(tenant, meeting, path, group):
    member = join(tenant, group, person={"name": "Oryginał", "organisation": "Gmina"})
    tenant.organiser.create(path, group_id=group["id"], live=True)
    one = invited(tenant, meeting)["Oryginał"]
    tenant.organiser.create(f"{path}/{one['id']}/substitute", name="Zastępca")
    leave(tenant, group, member)
    join(tenant, group, person={"name": "Inna"})
    assert set(invited(tenant, meeting)) == {"Oryginał", "Zastępca", "Inna"}


def test_inviting_somebody_new_of_a_live_organisation_is_no_conflict(tenant, meeting, path, group):
    here = tenant.owner.create("organisations", name="Gmina A")
    join(tenant, group, organisation_id=here["id"])
    tenant.organiser.create(path, group_id=group["id"], live=True)
    made = invite(tenant, meeting, "Nowa", organisation="Gmina A")
    assert made["group"] is None and counts(tenant, meeting)["invited"] == 1


# ── Quotas ──


def test_at_most_two_per_municipality(tenant, meeting, path, group):
    for place in "AB":
        here = tenant.owner.create("organisations", name=f"Gmina {place}", kind="municipality")
        for n in range(3):
            tenant.owner.create("people", name=f"{place}{n}", organisation_id=here["id"])
        join(tenant, group, organisation_id=here["id"])
    made = tenant.organiser.create(path, group_id=group["id"], organisation_seats=2)
    assert made["invited"] == 6
    responses = {name: tenant.public.post(link_path(one), {"response": "accepted"}).json()["response"] for name, one in sorted(invited(tenant, meeting).items())}
    assert responses == {"A0": "accepted", "A1": "accepted", "A2": "waitlisted", "B0": "accepted", "B1": "accepted", "B2": "waitlisted"}
    url = f"meetings/{meeting['slug']}/groups/{group['id']}"
    shown = tenant.viewer.get(url).json()
    assert (shown["live"], shown["seats"], shown["organisation_seats"], shown["invited"], shown["accepted"], shown["heads"], shown["waitlisted"], shown["member_count"]) == (
        False, None, 2, 6, 4, 4, 2, 6)  # fmt: skip
    tenant.organiser.patch(url, {"organisation_seats": 3, "seats": 5}, version=shown["version"])
    assert counts(tenant, meeting)["accepted"] == 5 and invited(tenant, meeting)["A2"]["response"] == "accepted"
    below = tenant.organiser.patch(url, {"seats": 1}, version="*").json()
    assert (below["seats"], below["heads"]) == (1, 5)  # what was promised stays
    tenant.organiser.patch(url, {"seats": None, "organisation_seats": None}, version="*")
    assert counts(tenant, meeting)["accepted"] == 6
    tenant.organiser.patch(url, {"seats": 3}, 412, version=1)
    tenant.organiser.patch(url, {"seats": 0}, 422, version="*")
    tenant.organiser.patch(url, {"live": None}, 422, version="*")


def test_a_group_is_invited_no_more(tenant, meeting, path, group):
    join(tenant, group, person={"name": "Pierwsza"})
    join(tenant, group, person={"name": "Druga"})
    tenant.organiser.create(path, group_id=group["id"], live=True, seats=1)
    for one in invited(tenant, meeting).values():
        tenant.public.post(link_path(one), {"response": "accepted"})
    assert counts(tenant, meeting)["waitlisted"] == 1
    assert [one["name"] for one in all_items(tenant.viewer, f"meetings/{meeting['slug']}/groups?limit=1")] == ["małopolskie gminy"]
    url = f"meetings/{meeting['slug']}/groups/{group['id']}"
    tenant.organiser.delete(url, 428)
    tenant.organiser.delete(url, version=tenant.viewer.get(url).json()["version"])
    assert counts(tenant, meeting)["accepted"] == 2
    join(tenant, group, person={"name": "Trzecia"})
    assert counts(tenant, meeting)["invited"] == 2
    tenant.viewer.get(url, 404)
    tenant.organiser.patch(url, {"live": True}, 404, version="*")
    tenant.organiser.delete(url, 404, version="*")


def test_by_forms(tenant, meeting, path, group):
    tenant.organiser.create(path, group_id=group["id"])
    url, here = f"meetings/{meeting['slug']}/groups/{group['id']}", f"/platforms/{tenant.slug}/meetings/{meeting['slug']}/groups"
    page = tenant.organiser.page(url).text
    assert 'name="organisation_seats"' in page and "at most two people from each municipality" in page
    version = tenant.viewer.get(url).json()["version"]
    tenant.organiser.form(url, {"live": ["false", "true"], "seats": "", "organisation_seats": "2", "_if_match": version, "_return": here}, method="PATCH")
    shown = tenant.viewer.get(url).json()
    assert (shown["live"], shown["seats"], shown["organisation_seats"]) == (True, None, 2)
    wrong = tenant.organiser.form(url, {"seats": "0", "_if_match": shown["version"]}, 422, method="PATCH")
    assert 'aria-invalid="true"' in wrong.text
    assert "live" in tenant.viewer.page(here).text and 'name="seats"' not in tenant.viewer.page(url).text
    tenant.organiser.form(url, {"_if_match": shown["version"], "_return": here}, method="DELETE")
    assert "No group is invited yet" in tenant.organiser.page(here).text


# ── At once ──


def test_nobody_falls_between_joining_and_making_live(tenant, meeting, path, group):
    """Members are added while the group is made live: whoever is in it at the end is invited, and nobody waits for ever."""
    url = f"meetings/{meeting['slug']}/groups/{group['id']}"
    other = make_meeting(tenant, title="Inne")
    for one in (meeting, other):
        tenant.organiser.create(f"meetings/{one['slug']}/invitations", group_id=group["id"])

    def call(method, place, body, media="application/json"):
        headers = {"Authorization": f"Bearer {tenant.tokens['owner']}", "Content-Type": media, "If-Match": "*", "Accept": "application/json"}
        return requests.request(method, tenant.server.url(f"/platforms/{tenant.slug}/{place}"), json=body, headers=headers, timeout=120).status_code

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        sent = [pool.submit(call, "POST", f"groups/{group['id']}/members", {"person": {"name": f"Osoba {n:02}"}}) for n in range(40)]
        made = [pool.submit(call, "PATCH", f"meetings/{one['slug']}/groups/{group['id']}", {"live": True}, "application/merge-patch+json") for one in (meeting, other)]
        assert {one.result() for one in sent} == {201} and {one.result() for one in made} == {200}
    assert tenant.viewer.get(url).json()["live"]
    assert counts(tenant, meeting)["invited"] == counts(tenant, other)["invited"] == 40


@pytest.mark.parametrize("seed", range(3))
def test_the_list_is_the_group_and_whoever_answered(tenant, meeting, path, group, seed):
    """Members, organisations and people's organisations change at random; after each change the list is what a simple model says."""
    dice = random.Random(seed)
    organisations = [tenant.owner.create("organisations", name=f"Gmina {n}")["id"] for n in range(3)]
    works_at = {tenant.owner.create("people", name=f"Osoba {n}", organisation_id=organisations[n % 3])["id"]: organisations[n % 3] for n in range(6)}
    tenant.organiser.create(path, group_id=group["id"], live=True)
    members, answered = {}, set()

    def belongs(person):
        return person in members or works_at[person] in members

    def listed():
        return {one["person"]["id"]: one for one in all_items(tenant.organiser, f"{path}?limit=500")}

    for _ in range(30):
        act = dice.choice(("person", "organisation", "leave", "move", "answer"))
        person, organisation = dice.choice(list(works_at)), dice.choice(organisations)
        if act == "person" and person not in members:
            members[person] = join(tenant, group, person_id=person)
        elif act == "organisation" and organisation not in members:
            members[organisation] = join(tenant, group, organisation_id=organisation)
        elif act == "leave" and members:
            leave(tenant, group, members.pop(dice.choice(list(members))))
        elif act == "move":
            works_at[person] = dice.choice([*organisations, None])
            tenant.owner.patch(f"people/{person}", {"organisation_id": works_at[person]}, version="*")
        elif act == "answer" and person in (now := listed()):
            tenant.public.post(link_path(now[person]), {"response": dice.choice(("accepted", "declined", "tentative"))})
            answered.add(person)
        assert set(listed()) == {one for one in works_at if belongs(one) or one in answered}, act
