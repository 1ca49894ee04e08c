"""test_groups.py: groups, and who belongs to them."""


def test_made_read_changed_deleted(tenant):
    group = tenant.organiser.create("groups", name="małopolskie gminy", description="Zapraszane razem", external_id="g-1")
    assert group["member_count"] == 0
    assert [item["name"] for item in tenant.viewer.get("groups?q=malopolskie").json()["items"]] == ["małopolskie gminy"]
    assert tenant.organiser.post("groups", {"name": "Malopolskie Gminy"}, 409).json()["code"] == "group_name_taken"
    changed = tenant.organiser.patch(f"groups/{group['id']}", {"description": None}, 200, version=1).json()
    assert (changed["description"], changed["version"]) == (None, 2)
    tenant.organiser.delete(f"groups/{group['id']}", 204, version=2)
    tenant.viewer.get(f"groups/{group['id']}", 404)


def test_members_of_three_kinds(tenant):
    group = tenant.organiser.create("groups", name="Grupa")
    members = f"groups/{group['id']}/members"
    anna = tenant.organiser.create("people", name="Anna", email="anna@example.org", position="wójt", organisation="Gmina")
    firma = tenant.organiser.create("organisations", name="Firma")

    by_id = tenant.organiser.post(members, {"person_id": anna["id"]}, 201)
    assert by_id.json()["name"] == "Anna" and by_id.json()["organisation"] == "Gmina" and by_id.json()["organisation_id"] is None
    assert tenant.viewer.get(by_id.headers["Location"]).json() == by_id.json()
    whole = tenant.organiser.create(members, organisation_id=firma["id"])
    assert (whole["name"], whole["person_id"], whole["organisation_id"]) == ("Firma", None, firma["id"])
    written = tenant.organiser.create(members, person={"name": "Jan", "email": "jan@example.org", "organisation": "Nowa"})
    assert (written["name"], written["organisation"]) == ("Jan", "Nowa")

    assert [item["name"] for item in tenant.viewer.get(members).json()["items"]] == ["Anna", "Firma", "Jan"]
    assert [item["name"] for item in tenant.viewer.get(members + "?q=firm").json()["items"]] == ["Firma"]
    assert tenant.viewer.get(f"groups/{group['id']}").json()["member_count"] == 3
    assert tenant.organiser.post(members, {"person": {"name": "Inna", "email": "ANNA@example.org"}}, 409).json()["code"] == "group_member_already"
    tenant.organiser.post(members, {"person_id": anna["id"], "organisation_id": firma["id"]}, 422)
    tenant.organiser.post(members, {"person": {"email": "no-name@example.org"}}, 422)
    assert tenant.organiser.post(members, {"person_id": firma["id"]}, 409).json()["code"] == "group_member_person"

    tenant.organiser.delete(f"{members}/{whole['id']}", 204)
    tenant.organiser.delete(f"{members}/{whole['id']}", 404)
    assert tenant.viewer.get(f"groups/{group['id']}").json()["member_count"] == 2
    tenant.viewer.get(f"organisations/{firma['id']}", 200)


def test_a_group_that_was_invited_stays(tenant):
    group = tenant.organiser.create("groups", name="Grupa")
    tenant.organiser.create(f"groups/{group['id']}/members", person={"name": "Jan", "email": "jan@example.org"})
    meeting = tenant.organiser.create("meetings", title="Spotkanie", starts_at="2031-05-06T08:00:00Z", ends_at="2031-05-06T10:00:00Z", time_zone="Europe/Warsaw")
    tenant.organiser.post(f"meetings/{meeting['id']}/invitations", {"group_id": group["id"]}, 201)
    assert tenant.organiser.delete(f"groups/{group['id']}", 409, version=1).json()["code"] == "group_in_use"


def test_pages(tenant):
    made = tenant.organiser.form("groups", {"name": "Członkowie", "description": ""})
    page = made.headers["Location"].split("?")[0]
    anna = tenant.organiser.create("people", name="Anna Kowalska", organisation="Gmina")
    found = tenant.organiser.page(page + "?find=kowalska").text
    assert f'value="{anna["id"]}"' in found and "Gmina" in found
    assert "all people of the organisation" in tenant.organiser.page(page + "?find=gmina").text
    assert "Nothing found." in tenant.organiser.page(page + "?find=nikogo").text
    assert "Anna Kowalska" not in tenant.viewer.page(page + "?find=kowalska").text
    back = tenant.organiser.form(page + "/members", {"person_id": anna["id"], "_return": page.replace(tenant.server.base_url, "")})
    assert "/groups/" in back.headers["Location"] and "/members/" not in back.headers["Location"]
    tenant.organiser.form(page + "/members", {"person.name": "Jan Nowy", "person.email": "jan@example.org", "person.organisation": ""})
    shown = tenant.viewer.page(page, language="pl").text
    assert "Jan Nowy" in shown and "Członkowie: 2" in shown and "Usuń" not in shown
    assert "Already in the group." in tenant.organiser.page(page + "?find=kowalska").text
    again = tenant.organiser.form(page + "/members", {"person_id": anna["id"]}, 409, language="pl").text
    assert "Już jest w tej grupie." in again
    again = tenant.organiser.form(page + "/members", {"person.name": "Zła", "person.email": "nonsense"}, 422).text
    assert 'value="Zła"' in again
    assert "Członkowie" in tenant.viewer.page("groups", language="pl").text
