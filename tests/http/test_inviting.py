"""test_inviting.py: whom an organiser can begin from: people, an organisation, those of another meeting; and what the list then shows and finds."""

import time

import pytest

from happenings import all_items, counts, invite, link_path, make_meeting

NOBODY = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant, format="hybrid", companions_allowed=3)


@pytest.fixture
def path(meeting):
    return f"meetings/{meeting['slug']}/invitations"


def names(tenant, path):
    return [one["person"]["name"] for one in all_items(tenant.organiser, path)]


def test_many_people_at_once(tenant, meeting, path):
    people = [tenant.owner.create("people", name=f"Osoba {n}")["id"] for n in range(4)]
    tenant.organiser.create(path, person_id=people[0])
    made = tenant.organiser.create(path, person_ids=people + people[:2])
    assert (made["invited"], made["skipped"], made["id"], made["group"]) == (3, 1, None, None)
    assert counts(tenant, meeting)["invited"] == 4


def test_the_page_tells_how_many(tenant, meeting, path):
    people = [tenant.owner.create("people", name=f"Osoba {n}", email=f"osoba.{n}@example.org")["id"] for n in range(3)]
    here = f"/platforms/{tenant.slug}/{path}"
    for wanted, told, words in (([people[0]], "invited-1.skipped-0", ["Invited: 1."]), (people, "invited-2.skipped-1", ["Invited: 2.", "Skipped, already on the list: 1.", "Go to sending"]),
                                (people, "invited-0.skipped-3", ["Nobody new was invited.", "already on the list: 3."])):  # fmt: skip
        answer = tenant.organiser.form(path, {"person_ids": wanted, "_return": here})
        assert answer.headers["Location"].endswith(f"?done=create_invitation.{told}")
        page = tenant.organiser.page(f"{path}?done=create_invitation.{told}").text
        assert all(word in page for word in words)
    for bent in ("create_invitation.", "create_invitation..", "create_invitation.invited", "create_invitation.invited-", "create_invitation.invited--1.-", "create_invitation.invited-x", ".-1"):
        tenant.organiser.page(f"{path}?done={bent}")


def test_whose_invitation_was_withdrawn_is_invited_again(tenant, meeting, path):
    one = tenant.organiser.create(path, person={"name": "Anna Żak"})
    tenant.organiser.delete(f"{path}/{one['id']}", version="*")
    page = tenant.organiser.page(f"{path}/{one['id']}").text
    assert "Invite again" in page and f'name="person_id" value="{one["person"]["id"]}"' in page
    assert "Invite again" not in tenant.viewer.page(f"{path}/{one['id']}").text
    answer = tenant.organiser.form(path, {"person_id": one["person"]["id"], "_return": f"/platforms/{tenant.slug}/{path}"})
    assert answer.headers["Location"].endswith("invited-1.skipped-0") and names(tenant, path) == ["Anna Żak"]


def test_an_organisation_stands_for_its_own_people(tenant, meeting, path):
    county = tenant.owner.create("organisations", name="Powiat")
    below = tenant.owner.create("organisations", name="Gmina", parent_id=county["id"])
    for n in range(2):
        tenant.owner.create("people", name=f"Powiat {n}", organisation_id=county["id"])
    tenant.owner.create("people", name="Gmina", organisation_id=below["id"])
    made = tenant.organiser.create(path, organisation_id=county["id"])
    assert (made["invited"], made["skipped"]) == (2, 0)
    assert names(tenant, path) == ["Powiat 0", "Powiat 1"]
    empty = tenant.owner.create("organisations", name="Pusta")
    assert tenant.organiser.post(path, {"organisation_id": empty["id"]}, 422).json()["code"] == "organisation_without_people"


def test_those_of_an_earlier_meeting(tenant, meeting, path):
    earlier = make_meeting(tenant, title="Poprzednie")
    invited = {name: invite(tenant, earlier, name) for name in ("Przyszła", "Nie przyszła", "Odmówiła", "Wycofana")}
    for name, response in (("Przyszła", "accepted"), ("Nie przyszła", "accepted"), ("Odmówiła", "declined"), ("Wycofana", "accepted")):
        tenant.public.post(link_path(invited[name]), {"response": response})
    tenant.organiser.delete(f"meetings/{earlier['slug']}/invitations/{invited['Wycofana']['id']}", version="*")
    tenant.assistant.create(f"meetings/{earlier['slug']}/attendance", person_id=invited["Przyszła"]["person"]["id"])
    tenant.assistant.create(f"meetings/{earlier['slug']}/attendance", person={"name": "Z ulicy"})
    tenant.assistant.create(f"meetings/{earlier['slug']}/attendance", person={"name": "Usprawiedliwiona"}, state="excused")
    for who, expected in (("attended", {"Przyszła", "Z ulicy"}), ("accepted", {"Przyszła", "Nie przyszła"}), ("invited", {"Przyszła", "Nie przyszła", "Odmówiła"})):
        target = make_meeting(tenant, title=f"Następne {who}")
        made = tenant.organiser.create(f"meetings/{target['slug']}/invitations", from_meeting_id=earlier["id"], who=who)
        assert set(names(tenant, f"meetings/{target['slug']}/invitations")) == expected and made["invited"] == len(expected)
    tenant.organiser.post(path, {"from_meeting_id": earlier["id"]}, 422)


@pytest.mark.parametrize("body,code", [
    ({"person_ids": [NOBODY]}, "no_such_person"), ({"organisation_id": NOBODY}, "no_such_organisation"),
    ({"from_meeting_id": NOBODY, "who": "invited"}, "no_such_meeting"), ({"group_id": NOBODY, "live": True}, "no_such_group"),
])  # fmt: skip
def test_what_is_not_there(tenant, meeting, path, body, code):
    refused = tenant.organiser.post(path, body, 422).json()
    assert refused["code"] == code
    assert counts(tenant, meeting)["invited"] == 0


@pytest.mark.parametrize("body", [{"person_ids": []}, {"from_meeting_id": NOBODY, "who": "everybody"}, {"organisation_id": NOBODY, "group_id": NOBODY}, {"group_id": NOBODY, "seats": 0}])
def test_what_makes_no_sense(tenant, path, body):
    tenant.organiser.post(path, body, 422)


def test_another_tenants_people_are_not_there(tenant, stranger, path):
    theirs = stranger.owner.create("people", name="Obca")
    tenant.organiser.post(path, {"person_ids": [theirs["id"]]}, 422)
    elsewhere = make_meeting(stranger, title="Obce")
    tenant.organiser.post(path, {"from_meeting_id": elsewhere["id"], "who": "invited"}, 422)


def test_inviting_anew_begins_anew(tenant, meeting, path):
    one = invite(tenant, meeting, "Anna", email="anna@example.org")
    tenant.public.post(link_path(one), {"response": "accepted", "mode": "online", "note": "tak"})
    tenant.public.post(f"{link_path(one)}/details", {"companions": [{"name": "Jan"}, {"name": "Ewa"}]})
    tenant.organiser.send("POST", f"{path}/{one['id']}/send", 200)
    while (shown := tenant.organiser.get(f"{path}/{one['id']}").json())["delivery"] == "queued":
        time.sleep(0.1)
    assert (shown["mode"], shown["companions"], shown["on_behalf"], shown["held_back"], shown["details_missing"]) == ("online", ["Jan", "Ewa"], False, False, 0)
    assert shown["delivery"] == "sent" and shown["sent_at"]
    tenant.organiser.delete(f"{path}/{one['id']}", version="*")
    made = tenant.organiser.create(path, person_ids=[one["person"]["id"]])
    assert made["invited"] == 1
    anew = tenant.organiser.get(f"{path}/{one['id']}").json()
    assert (anew["response"], anew["companions"], anew["delivery"], anew["sent_at"], anew["withdrawn_at"]) == ("needs_action", [], "draft", None, None)


def test_the_list_is_filtered(tenant, meeting, path):
    by_link, by_phone, silent = (invite(tenant, meeting, name) for name in ("Link", "Telefon", "Cisza"))
    tenant.public.post(link_path(by_link), {"response": "accepted", "mode": "online"})
    answered = tenant.organiser.patch(f"{path}/{by_phone['id']}", {"response": "declined"}, version="*").json()
    assert answered["on_behalf"] is True
    assert names(tenant, f"{path}?on_behalf=true") == ["Telefon"]
    assert names(tenant, f"{path}?on_behalf=false") == ["Cisza", "Link"]
    assert names(tenant, f"{path}?mode=online") == ["Link"]
    assert names(tenant, f"{path}?delivery=draft") == ["Cisza", "Link", "Telefon"] and names(tenant, f"{path}?delivery=sent") == []
    tenant.organiser.patch(f"{path}/{by_phone['id']}", {"response": "needs_action"}, version="*")
    assert names(tenant, f"{path}?on_behalf=true") == []
    tenant.viewer.get(f"{path}?delivery=lost", 422)
    tenant.viewer.get(f"{path}?mode=carrier_pigeon", 422)


def test_who_lacks_details_is_found(tenant, meeting, path):
    asked = invite(tenant, meeting, "Pytana")
    tenant.organiser.create(f"meetings/{meeting['slug']}/questions", kind="short_text", label="Dieta?", required=True, shown_for=["accepted"])
    tenant.public.post(link_path(asked), {"response": "accepted"})
    invite(tenant, meeting, "Milcząca")
    assert names(tenant, f"{path}?details_missing=true") == ["Pytana"]
    assert names(tenant, f"{path}?details_missing=false") == ["Milcząca"]
    assert "Details missing: 1" in tenant.organiser.page(path).text


def test_a_substitute_and_the_original_name_each_other(tenant, meeting, path):
    one = invite(tenant, meeting, "Oryginał")
    other = tenant.organiser.create(f"{path}/{one['id']}/substitute", name="Zastępca")
    assert other["delegated_from"] == {"id": one["id"], "name": "Oryginał"}
    assert tenant.viewer.get(f"{path}/{one['id']}").json()["delegated_to"] == {"id": other["id"], "name": "Zastępca"}
    page = tenant.organiser.page(path).text
    assert "sends: <a" in page and "in place of: <a" in page


def test_by_forms(tenant, meeting, path):
    here = f"/platforms/{tenant.slug}/{path}"
    office = tenant.owner.create("organisations", name="Urząd Miasta")
    people = [tenant.owner.create("people", name=f"Osoba {n}", organisation_id=office["id"])["id"] for n in range(3)]
    page = tenant.organiser.page(f"{path}?find=urzad").text
    assert page.count('name="person_ids"') == 3 and 'name="organisation_id"' in page
    tenant.organiser.form(path, {"person_ids": people[:2], "_return": here})
    assert counts(tenant, meeting)["invited"] == 2
    tenant.organiser.form(path, {"organisation_id": office["id"], "_return": here})
    assert counts(tenant, meeting)["invited"] == 3
    later = make_meeting(tenant, title="Następne")
    there = f"meetings/{later['slug']}/invitations"
    assert f'value="{meeting["id"]}"' in tenant.organiser.page(there).text
    tenant.organiser.form(there, {"from_meeting_id": meeting["id"], "who": "invited", "_return": here})
    assert counts(tenant, later)["invited"] == 3
    group = tenant.owner.create("groups", name="gminy")
    tenant.organiser.form(path, {"group_id": group["id"], "live": ["false", "true"], "seats": "", "organisation_seats": "2", "_return": here})
    shown = tenant.viewer.get(f"meetings/{meeting['slug']}/groups/{group['id']}").json()
    assert (shown["live"], shown["seats"], shown["organisation_seats"]) == (True, None, 2)
    assert "Nothing found" in tenant.organiser.page(f"{path}?delivery=failed").text


# ── On the lists ──


def test_companions_are_on_the_lists(tenant, meeting, path):
    coming, declined = invite(tenant, meeting, "Żak Anna", organisation="Gmina"), invite(tenant, meeting, "Ewa")
    for one, response in ((coming, "accepted"), (declined, "declined")):
        tenant.public.post(link_path(one), {"response": "accepted"})
        tenant.public.post(f"{link_path(one)}/details", {"companions": [{"name": f"Towarzysz {n} {one['person']['name']}"} for n in (1, 2)]})
        tenant.public.post(link_path(one), {"response": response})
    listed = all_items(tenant.viewer, f"meetings/{meeting['slug']}/attendees?limit=2")
    assert [(one["name"], one["companion_of"]) for one in listed] == [
        ("Ewa", None), ("Żak Anna", None), ("Towarzysz 1 Żak Anna", "Żak Anna"), ("Towarzysz 2 Żak Anna", "Żak Anna")]  # fmt: skip
    assert [one["mode"] for one in listed] == ["in_person"] * 4 and listed[2]["organisation"] == "Gmina" and listed[2]["response"] == "accepted"
    assert [one["name"] for one in all_items(tenant.viewer, f"meetings/{meeting['slug']}/attendees?q=towarzysz+2")] == ["Towarzysz 2 Żak Anna"]
    assert len(tenant.viewer.get(f"meetings/{meeting['slug']}/attendees.csv").text.splitlines()) == 5
    tenant.assistant.create(f"meetings/{meeting['slug']}/attendance", person_id=coming["person"]["id"])
    assert [one["name"] for one in all_items(tenant.viewer, f"meetings/{meeting['slug']}/attendees?attended=true")] == ["Żak Anna"]
    door = tenant.assistant.page(f"meetings/{meeting['slug']}/check-in").text
    assert "Towarzysz 1 Żak Anna" in door and "Towarzysz 2 Żak Anna" in door
