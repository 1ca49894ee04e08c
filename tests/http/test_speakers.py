"""test_speakers.py: who has a part in a meeting or in an item of its agenda."""

import pytest


@pytest.fixture
def meeting(tenant):
    return tenant.organiser.create("meetings", title="Spotkanie", starts_at="2027-03-10T09:00:00Z", ends_at="2027-03-10T12:00:00Z", status="published")


@pytest.fixture
def speakers(meeting):
    return f"meetings/{meeting['slug']}/speakers"


def test_a_person_of_the_register(tenant, speakers):
    person = tenant.organiser.create("people", name="Barbara Przykład", email="barbara@example.org", position="dyrektor", organisation="Agencja Przykład")
    answer = tenant.organiser.post(speakers, {"person_id": person["id"], "role": "special_guest"}, 201)
    speaker = answer.json()
    assert answer.headers["Location"].endswith(f"/speakers/{speaker['id']}")
    assert (speaker["name"], speaker["position"], speaker["organisation"], speaker["agenda_item_id"]) == ("Barbara Przykład", "dyrektor", "Agencja Przykład", None)
    assert "barbara@example.org" not in tenant.public.get(speakers).text
    page = tenant.public.page(speakers.removesuffix("/speakers")).text
    assert "Special guests" in page and "Barbara Przykład" in page and "dyrektor" in page
    refused = tenant.organiser.post(speakers, {"person_id": person["id"], "role": "special_guest"}, 409).json()
    assert refused["code"] == "speaker_already"


def test_a_person_written_out_is_found_or_made(tenant, speakers):
    first = tenant.organiser.create(speakers, person={"name": "Romana Przykład", "organisation": "Agencja Przykład", "position": "finanse"})
    again = tenant.organiser.create(speakers, person={"name": "romana przyklad"}, role="moderator")
    assert again["person_id"] == first["person_id"] and first["organisation"] == "Agencja Przykład"
    by_mail = tenant.organiser.create("people", name="Jan Inny", email="Jan@Example.org")
    assert tenant.organiser.create(speakers, person={"name": "Kto inny", "email": "jan@example.org"})["person_id"] == by_mail["id"]
    namesake = tenant.organiser.create(speakers, person={"name": "Romana Przykład", "organisation": "Inna Agencja"})
    assert namesake["person_id"] != first["person_id"]


def test_an_organisation_speaks_too(tenant, speakers):
    organisation = tenant.organiser.create("organisations", name="Klaster Przykład")
    speaker = tenant.organiser.create(speakers, organisation_id=organisation["id"], role="host")
    assert (speaker["name"], speaker["person_id"], speaker["organisation"]) == ("Klaster Przykład", None, None)


def test_exactly_one_is_named(tenant, speakers):
    organisation = tenant.organiser.create("organisations", name="Klaster Przykład")
    for body in ({"role": "speaker"}, {"organisation_id": organisation["id"], "person": {"name": "Jan"}}):
        refused = tenant.organiser.post(speakers, body, 422).json()
        assert refused["errors"][0]["code"] == "speaker_somebody"


@pytest.mark.parametrize("member, code", [("person_id", "no_such_person"), ("organisation_id", "no_such_organisation")])
def test_who_is_not_there(tenant, speakers, member, code):
    refused = tenant.organiser.post(speakers, {member: "01900000-0000-7000-8000-000000000000"}, 422).json()
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == (f"/{member}", code)


def test_a_part_in_an_item(tenant, meeting, speakers):
    item = tenant.organiser.create(f"meetings/{meeting['slug']}/agenda", title="Wykład")
    speaker = tenant.organiser.create(speakers, person={"name": "Jan Kowalski"}, agenda_item_id=item["id"])
    shown = tenant.public.get(f"meetings/{meeting['slug']}/agenda").json()["items"][0]["speakers"]
    assert [(one["id"], one["name"], one["role"]) for one in shown] == [(speaker["id"], "Jan Kowalski", "speaker")]
    other = tenant.organiser.create("meetings", title="Inne", starts_at=meeting["starts_at"], ends_at=meeting["ends_at"])
    refused = tenant.organiser.post(f"meetings/{other['slug']}/speakers", {"person": {"name": "Jan"}, "agenda_item_id": item["id"]}, 422).json()
    assert refused["errors"][0]["code"] == "no_such_item"
    tenant.organiser.delete(f"meetings/{meeting['slug']}/agenda/{item['id']}", version="*")
    tenant.organiser.get(f"{speakers}/{speaker['id']}", 404)


def test_the_position_as_shown(tenant, speakers):
    speaker = tenant.organiser.create(speakers, person={"name": "Jan Kowalski", "position": "kierownik", "organisation": "Urząd"})
    path = f"{speakers}/{speaker['id']}"
    changed = tenant.organiser.patch(path, {"position_shown": "ekspert", "organisation_shown": "Gmina", "rank": 3}, version=1).json()
    assert (changed["position"], changed["organisation"], changed["rank"], changed["version"]) == ("ekspert", "Gmina", 3, 2)
    cleared = tenant.organiser.patch(path, {"position_shown": None}, version=2).json()
    assert cleared["position"] == "kierownik"
    tenant.organiser.patch(path, {"role": "host"}, 428)
    tenant.organiser.patch(path, {"role": "host"}, 412, version=1)
    tenant.organiser.patch(path, {"role": "emperor"}, 422, version=3)
    refused = tenant.organiser.patch(path, {"agenda_item_id": "01900000-0000-7000-8000-000000000000"}, 422, version=3).json()
    assert refused["errors"][0]["code"] == "no_such_item"
    tenant.organiser.delete(path, 412, version=1)
    tenant.organiser.delete(path, version=3)
    tenant.organiser.get(path, 404)
    tenant.viewer.get(f"people/{speaker['person_id']}")  # the person stays


def test_the_order_is_by_importance_then_rank(tenant, meeting, speakers):
    item = tenant.organiser.create(f"meetings/{meeting['slug']}/agenda", title="Wykład")
    for name, more in (("D", {"agenda_item_id": item["id"]}), ("C", {"role": "moderator"}), ("B", {"role": "special_guest", "rank": 2}), ("A", {"role": "special_guest", "rank": 1})):
        tenant.organiser.create(speakers, person={"name": f"Osoba {name}"}, **more)
    assert [one["name"][-1] for one in tenant.public.get(speakers).json()["items"]] == ["A", "B", "C", "D"]


def test_forms(tenant, meeting, speakers):
    organisation = tenant.organiser.create("organisations", name="Klaster Przykład")
    page = tenant.organiser.page(speakers).text
    assert "Klaster Przykład" in page and 'name="person.name"' in page
    empty = {"person_id": "", "organisation_id": "", "person.name": "", "person.email": "", "person.position": "", "person.organisation": "", "agenda_item_id": "", "role": "speaker"}
    tenant.organiser.form(speakers, {**empty, "person.name": "Anna Nowak", "person.email": "anna@example.org", "role": "special_guest"})
    tenant.organiser.form(speakers, {**empty, "organisation_id": organisation["id"]})
    assert [one["name"] for one in tenant.public.get(speakers).json()["items"]] == ["Anna Nowak", "Klaster Przykład"]
    back = tenant.organiser.form(speakers, {**empty, "person.name": "Anna Nowak", "person.email": "to-nie-adres"}, 422).text
    assert 'value="to-nie-adres"' in back and 'href="#create_speaker-person-email"' in back
    tenant.organiser.form(speakers, empty, 422)
    speaker = tenant.public.get(speakers).json()["items"][0]
    path = f"{speakers}/{speaker['id']}"
    assert "Anna Nowak" in tenant.organiser.page(path).text
    tenant.organiser.form(path, {"role": "moderator", "agenda_item_id": "", "position_shown": "prowadzenie", "rank": "0", "_if_match": "1"}, method="PATCH")
    assert tenant.public.get(path).json()["position"] == "prowadzenie"
    assert "<form" not in tenant.public.page(path).text.split("<main", 1)[1].split("</main>")[0]
    tenant.organiser.form(path, {"_if_match": "2"}, method="DELETE")
    tenant.public.get(path, 404)
