"""test_invitations.py: inviting people and groups, the list and its counts, answering on behalf, withdrawing, replacing a link."""

import pytest

from happenings import all_items, counts, invite, invite_many, link_path, make_meeting


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant)


@pytest.fixture
def path(meeting):
    return f"meetings/{meeting['slug']}/invitations"


def test_a_person_is_invited(tenant, meeting, path):
    made = tenant.organiser.post(
        path, {"person": {"name": "Jan Łoś", "email": "Jan.Los@example.org", "position": "wójt", "organisation": "Gmina Próbna"}}, 201
    )
    invitation = made.json()
    assert made.headers["Location"].endswith(f"{path}/{invitation['id']}")
    assert invitation["person"]["name"] == "Jan Łoś" and invitation["person"]["organisation"] == "Gmina Próbna"
    assert invitation["response"] == "needs_action" and invitation["responded_at"] is None and invitation["group"] is None
    assert (invitation["invited"], invitation["skipped"]) == (1, 0)
    assert f"/r/{tenant.slug}/" in invitation["rsvp_url"]
    read = tenant.viewer.get(f"{path}/{invitation['id']}").json()
    assert read["id"] == invitation["id"] and read["rsvp_url"] is None
    assert tenant.organiser.get(f"{path}/{invitation['id']}").json()["rsvp_url"] == invitation["rsvp_url"]


def test_the_same_address_is_the_same_person(tenant, path):
    first = tenant.organiser.create(path, person={"name": "Jan Łoś", "email": "jan.los@example.org"})
    again = tenant.organiser.post(path, {"person": {"name": "J. Łoś", "email": "JAN.LOS@EXAMPLE.ORG"}}, 409).json()
    assert again["code"] == "invitation_already"
    known = tenant.organiser.post(path, {"person_id": first["person"]["id"]}, 409).json()
    assert known["code"] == "invitation_already"
    assert len(all_items(tenant.viewer, "people")) == 1


def test_organisations_are_found_by_name(tenant, path):
    here = tenant.owner.create("organisations", name="Kraków", kind="municipality")
    made = tenant.organiser.create(path, person={"name": "Anna", "organisation": "krakow"})
    assert made["person"]["organisation_id"] == here["id"]


def test_somebody_known_is_invited_by_id(tenant, path):
    person = tenant.owner.create("people", name="Ewa Ćma")
    assert tenant.organiser.create(path, person_id=person["id"])["person"]["id"] == person["id"]


@pytest.mark.parametrize("body", [
    {}, {"person": {}}, {"person": {"name": ""}}, {"person": {"name": "A", "email": "not an address"}},
    {"person_id": "01890000-0000-7000-8000-000000000000"}, {"group_id": "01890000-0000-7000-8000-000000000000"}, {"person_id": "x"},
    {"person": {"name": "A"}, "group_id": "01890000-0000-7000-8000-000000000000"},
])  # fmt: skip
def test_what_can_not_be_invited(tenant, meeting, path, body):
    tenant.organiser.post(path, body, 422)
    assert counts(tenant, meeting)["invited"] == 0


def test_a_group_is_invited_with_its_organisations(tenant, meeting, path):
    municipality = tenant.owner.create("organisations", name="Gmina Próbna")
    inside = [tenant.owner.create("people", name=f"Osoba {n}", organisation_id=municipality["id"]) for n in range(3)]
    alone = tenant.owner.create("people", name="Osoba sama")
    group = tenant.owner.create("groups", name="małopolskie gminy")
    tenant.owner.create(f"groups/{group['id']}/members", organisation_id=municipality["id"])
    tenant.owner.create(f"groups/{group['id']}/members", person_id=alone["id"])
    tenant.owner.create(f"groups/{group['id']}/members", person_id=inside[0]["id"])  # by two ways, once
    tenant.organiser.create(path, person_id=inside[1]["id"])

    made = tenant.organiser.create(path, group_id=group["id"])
    assert (made["invited"], made["skipped"], made["id"]) == (3, 1, None)
    assert made["group"] == {"id": group["id"], "name": "małopolskie gminy"}
    again = tenant.organiser.create(path, group_id=group["id"])
    assert (again["invited"], again["skipped"]) == (0, 4)
    assert counts(tenant, meeting)["invited"] == 4

    listed = all_items(tenant.organiser, f"{path}?group_id={group['id']}")
    assert {one["person"]["id"] for one in listed} == {inside[0]["id"], inside[2]["id"], alone["id"]}
    assert tenant.public.get(f"meetings/{meeting['slug']}").json()["invited_groups"][0]["name"] == "małopolskie gminy"


def test_who_joins_a_group_later_is_invited_by_inviting_again(tenant, meeting, path):
    group = tenant.owner.create("groups", name="grupa")
    tenant.owner.create(f"groups/{group['id']}/members", person={"name": "Pierwsza"})
    assert tenant.organiser.create(path, group_id=group["id"])["invited"] == 1
    tenant.owner.create(f"groups/{group['id']}/members", person={"name": "Druga"})
    made = tenant.organiser.create(path, group_id=group["id"])
    assert (made["invited"], made["skipped"]) == (1, 1)


def test_the_list_is_sorted_filtered_and_paged(tenant, meeting, path):
    for name in ("Żak", "Zając", "Ćma", "Łapa", "Lato", "Czapla"):
        invite(tenant, meeting, name, organisation="Kraków" if name in ("Żak", "Lato") else None)
    names = [one["person"]["name"] for one in all_items(tenant.viewer, f"{path}?limit=2")]
    assert names == ["Czapla", "Ćma", "Lato", "Łapa", "Zając", "Żak"]
    assert [one["person"]["name"] for one in all_items(tenant.viewer, f"{path}?q=zajac")] == ["Zając"]
    assert [one["person"]["name"] for one in all_items(tenant.viewer, f"{path}?q=krakow")] == ["Lato", "Żak"]
    organisation = all_items(tenant.viewer, "organisations")[0]["id"]
    assert len(all_items(tenant.viewer, f"{path}?organisation_id={organisation}")) == 2
    assert all_items(tenant.viewer, f"{path}?response=accepted") == []


def test_answering_on_behalf(tenant, meeting, path):
    one = invite(tenant, meeting)
    url = f"{path}/{one['id']}"
    tenant.organiser.patch(url, {"response": "accepted"}, 428)
    answered = tenant.organiser.patch(url, {"response": "accepted", "note": "telefonicznie"}, version=one["version"]).json()
    assert answered["response"] == "accepted" and answered["responded_at"] and answered["note"] == "telefonicznie"
    tenant.organiser.patch(url, {"response": "declined"}, 412, version=one["version"])
    same = tenant.organiser.patch(url, {"response": "accepted"}, version=answered["version"]).json()
    assert same["version"] == answered["version"] and same["responded_at"] == answered["responded_at"]
    back = tenant.organiser.patch(url, {"response": "needs_action", "note": None}, version=answered["version"]).json()
    assert back["response"] == "needs_action" and back["responded_at"] is None and back["note"] is None
    tenant.organiser.patch(url, {"response": "delegated"}, 422, version=back["version"])
    tenant.assistant.patch(url, {"response": "declined"}, 403, version=back["version"])
    assert any(event["operation"] == "update_invitation" for event in all_items(tenant.owner, "audit"))


def test_withdrawing_and_inviting_again(tenant, meeting, path):
    one = invite(tenant, meeting, email="anna@example.org")
    tenant.public.post(link_path(one), {"response": "accepted"})
    version = tenant.viewer.get(f"{path}/{one['id']}").json()["version"]
    tenant.organiser.delete(f"{path}/{one['id']}", version=version)
    assert tenant.public.get(link_path(one), 410).json()["code"] == "invitation_withdrawn"
    tenant.public.post(link_path(one), {"response": "declined"}, 410)
    assert counts(tenant, meeting)["invited"] == 0 and counts(tenant, meeting)["withdrawn"] == 1
    kept = tenant.organiser.get(f"{path}/{one['id']}").json()
    assert kept["withdrawn_at"] and kept["response"] == "accepted" and kept["rsvp_url"] is None
    assert [item["id"] for item in all_items(tenant.viewer, f"{path}?withdrawn=true")] == [one["id"]]
    tenant.organiser.patch(f"{path}/{one['id']}", {"response": "declined"}, 409, version=kept["version"])
    tenant.organiser.send("POST", f"{path}/{one['id']}/revoke-link", 404)
    tenant.organiser.delete(f"{path}/{one['id']}", 404, version=kept["version"])

    again = tenant.organiser.create(path, person={"name": "Anna", "email": "anna@example.org"})
    assert again["id"] == one["id"] and again["response"] == "needs_action" and again["rsvp_url"] == one["rsvp_url"]
    assert tenant.public.get(link_path(one)).json()["response"] == "needs_action"


def test_replacing_a_link(tenant, meeting, path):
    one = invite(tenant, meeting)
    fresh = tenant.organiser.send("POST", f"{path}/{one['id']}/revoke-link", 200).json()
    assert fresh["rsvp_url"] != one["rsvp_url"]
    assert tenant.public.get(link_path(one), 410).json()["code"] == "link_revoked"
    tenant.public.get(link_path(fresh))


def test_nobody_is_invited_to_a_cancelled_meeting(tenant, meeting, path):
    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"status": "cancelled"}, version=meeting["version"])
    assert tenant.organiser.post(path, {"person": {"name": "A"}}, 409).json()["code"] == "meeting_cancelled"


def test_the_invitation_of_another_meeting(tenant, meeting, path):
    one = invite(tenant, make_meeting(tenant, title="Inne"))
    tenant.viewer.get(f"{path}/{one['id']}", 404)
    tenant.organiser.patch(f"{path}/{one['id']}", {"response": "accepted"}, 404, version=one["version"])
    tenant.organiser.delete(f"{path}/{one['id']}", 404, version=one["version"])
    tenant.organiser.send("POST", f"{path}/{one['id']}/revoke-link", 404)


# ── In the browser ──


def test_the_page_shows_counts_links_and_forms(tenant, meeting, path):
    one = invite(tenant, meeting, "Ewa <Ćma>")
    page = tenant.organiser.page(path, language="pl").text
    assert "Ewa &lt;Ćma&gt;" in page and one["rsvp_url"] in page and 'name="person.name"' in page and 'name="group_id"' in page
    seen = tenant.viewer.page(path, language="pl").text
    assert one["rsvp_url"] not in seen and 'name="person.name"' not in seen
    found = tenant.organiser.page(f"{path}?find=cma").text
    assert "Invited already" in found


def test_inviting_by_forms(tenant, meeting, path):
    here = f"/platforms/{tenant.slug}/{path}"
    answer = tenant.organiser.form(path, {"person.name": "Jan Łoś", "person.email": "jan@example.org", "person.position": "", "_return": here})
    assert answer.headers["Location"].endswith(f"{here}?done=create_invitation.invited-1.skipped-0")
    again = tenant.organiser.form(path, {"person.name": "Jan Łoś", "person.email": "jan@example.org", "_return": here}, 409)
    assert "invited already" in again.text and 'value="jan@example.org"' in again.text
    wrong = tenant.organiser.form(path, {"person.name": "", "person.email": "jan@"}, 422)
    assert 'value="jan@"' in wrong.text and 'aria-invalid="true"' in wrong.text
    group = tenant.owner.create("groups", name="grupa")
    tenant.owner.create(f"groups/{group['id']}/members", person={"name": "Druga"})
    tenant.organiser.form(path, {"group_id": group["id"], "_return": here})
    assert counts(tenant, meeting)["invited"] == 2


def test_answering_and_withdrawing_by_forms(tenant, meeting, path):
    one = invite(tenant, meeting)
    url = f"{path}/{one['id']}"
    assert one["rsvp_url"] in tenant.organiser.page(url).text
    tenant.organiser.form(url, {"response": "tentative", "note": "może", "_if_match": one["version"], "_return": f"/platforms/{tenant.slug}/{url}"}, method="PATCH")
    now = tenant.viewer.get(url).json()
    assert (now["response"], now["note"]) == ("tentative", "może")
    assert "answered on behalf" in tenant.organiser.page(url).text
    tenant.organiser.form(url, {"response": "accepted", "_if_match": one["version"]}, 412, method="PATCH")
    tenant.organiser.form(url, {"_if_match": now["version"], "_return": f"/platforms/{tenant.slug}/{path}"}, method="DELETE")
    assert counts(tenant, meeting)["withdrawn"] == 1


def test_many_are_invited_at_once(tenant, meeting):
    assert len(invite_many(tenant, meeting, 60)) == 60
