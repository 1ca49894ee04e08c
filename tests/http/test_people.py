"""test_people.py: people, and the organisations that are found or made by their name."""

import csv
import io


def names(api, path="people"):
    return [item["name"] for item in api.get(path).json()["items"]]


def test_made_read_changed_deleted(tenant):
    anna = tenant.organiser.create("people", name="dr hab. Anna Kowalska", sort_name="Kowalska Anna", email="Anna@Example.org", phone="+48 12 000 00 00", position="dyrektor", language="pl")
    assert tenant.viewer.get(f"people/{anna['id']}").json()["email"] == "Anna@Example.org", "as it was typed"
    changed = tenant.organiser.patch(f"people/{anna['id']}", {"position": None, "note": "x"}, 200, version=1).json()
    assert (changed["position"], changed["note"], changed["version"]) == (None, "x", 2)
    assert tenant.viewer.get(f"people/{anna['id']}").json()["note"] is None
    tenant.organiser.delete(f"people/{anna['id']}", 204, version=2)
    tenant.organiser.get(f"people/{anna['id']}", 404)


def test_the_organisation_by_name_is_found_or_made(tenant):
    marr = tenant.organiser.create("organisations", name="Małopolska Agencja Rozwoju Regionalnego")
    anna = tenant.organiser.create("people", name="Anna", organisation="malopolska agencja rozwoju regionalnego")
    assert (anna["organisation_id"], anna["organisation"]) == (marr["id"], marr["name"])
    jan = tenant.organiser.create("people", name="Jan", organisation="Nowa Spółka")
    assert jan["organisation"] == "Nowa Spółka" and jan["organisation_id"]
    assert len(tenant.viewer.get("organisations").json()["items"]) == 2

    jan = tenant.organiser.patch(f"people/{jan['id']}", {"organisation": "Trzecia"}, 200, version=1).json()
    assert jan["organisation"] == "Trzecia"
    jan = tenant.organiser.patch(f"people/{jan['id']}", {"organisation": None}, 200, version=2).json()
    assert jan["organisation_id"] is None
    both = tenant.organiser.create("people", name="Ewa", organisation_id=marr["id"], organisation="Nowa Spółka")
    assert both["organisation_id"] == marr["id"]
    assert tenant.organiser.post("people", {"name": "X", "organisation_id": "01890000-0000-7000-8000-000000000000"}, 409).json()["code"] == "person_organisation"


def test_search_filters_and_order(tenant):
    marr = tenant.organiser.create("organisations", name="Agencja Rozwoju")
    anna = tenant.organiser.create("people", name="Anna Żak", sort_name="Żak Anna", organisation_id=marr["id"])
    tenant.organiser.create("people", name="Łukasz Ćwik", sort_name="Ćwik Łukasz", email="lukasz@example.org")
    tenant.organiser.create("people", name="Zofia Czapla", sort_name="Czapla Zofia", position="kierowniczka")
    assert names(tenant.viewer) == ["Zofia Czapla", "Łukasz Ćwik", "Anna Żak"]
    assert names(tenant.viewer, "people?q=cwik+lukasz") == ["Łukasz Ćwik"]
    assert names(tenant.viewer, "people?q=kierownicz") == ["Zofia Czapla"]
    assert names(tenant.viewer, "people?q=agencja") == ["Anna Żak"], "by the organisation's name too"
    assert names(tenant.viewer, f"people?organisation_id={marr['id']}") == ["Anna Żak"]
    group = tenant.organiser.create("groups", name="Grupa")
    tenant.organiser.post(f"groups/{group['id']}/members", {"person_id": anna["id"]}, 201)
    assert names(tenant.viewer, f"people?group_id={group['id']}") == ["Anna Żak"]

    first = tenant.viewer.get("people?limit=2").json()
    rest = tenant.viewer.get(first["next"]).json()
    assert [item["name"] for item in first["items"] + rest["items"]] == names(tenant.viewer) and rest["next"] is None


def test_an_address_is_one_persons(tenant):
    tenant.organiser.create("people", name="Anna", email="anna@example.org")
    assert tenant.organiser.post("people", {"name": "Druga", "email": "ANNA@example.org"}, 409).json()["code"] == "person_email_taken"


def test_who_was_invited_stays(tenant):
    anna = tenant.organiser.create("people", name="Anna", email="anna@example.org")
    meeting = tenant.organiser.create("meetings", title="Spotkanie", starts_at="2031-05-06T08:00:00Z", ends_at="2031-05-06T10:00:00Z", time_zone="Europe/Warsaw")
    tenant.organiser.post(f"meetings/{meeting['id']}/invitations", {"person_id": anna["id"]}, 201)
    assert tenant.organiser.delete(f"people/{anna['id']}", 409, version=1).json()["code"] == "person_in_use"
    assert "Spotkanie" in tenant.viewer.page(f"people/{anna['id']}").text


def test_csv(tenant):
    tenant.organiser.create("people", name="Anna", organisation="Gmina", position="=1+1", phone="+48 12 000")
    rows = list(csv.DictReader(io.StringIO(tenant.viewer.get("people.csv").content.decode(), newline="")))
    assert (rows[0]["name"], rows[0]["organisation"]) == ("Anna", "Gmina")
    excel = tenant.viewer.get("people.csv?excel=true").content.decode("utf-8-sig")
    assert ";=1+1" not in excel, "a formula is not one when Excel opens it"


def test_pages(tenant):
    tenant.organiser.create("organisations", name="Gmina Skawina")
    listed = tenant.organiser.page("people", language="pl").text
    assert '<option value="Gmina Skawina">' in listed and "Dodaj osobę" in listed
    made = tenant.organiser.form("people", {"name": "Anna Nowak", "email": "", "organisation": "gmina skawina", "language": "fi"})
    page = made.headers["Location"].split("?")[0]
    shown = tenant.organiser.page(page, language="pl").text
    assert "Gmina Skawina" in shown and "fiński" in shown
    id = page.rsplit("/", 1)[1]
    tenant.organiser.form(page, {"_if_match": "1", "name": "Anna Nowak", "organisation": "", "language": ""}, method="PATCH")
    person = tenant.viewer.get(f"people/{id}").json()
    assert (person["organisation"], person["language"]) == (None, None), "an emptied field is emptied"
    again = tenant.organiser.form("people", {"name": "", "email": "nonsense"}, 422).text
    assert 'value="nonsense"' in again and "Write an e-mail address" in again and "This is required" in again
    gone = tenant.organiser.form(page, {"_if_match": "2"}, method="DELETE")
    assert gone.headers["Location"].split("?")[0].endswith("/people")
    tenant.organiser.get(f"people/{id}", 404)
