"""test_organisations.py: organisations: made, found, changed, deleted, as JSON, CSV and pages."""

import csv
import io


def names(api, path="organisations"):
    return [item["name"] for item in api.get(path).json()["items"]]


def test_made_read_changed_deleted(tenant):
    made = tenant.organiser.post("organisations", {"name": "Małopolska Agencja Rozwoju Regionalnego", "short_name": "MARR", "kind": "agency", "affiliation": "member"}, 201)
    marr = made.json()
    assert made.headers["Location"].endswith(f"/organisations/{marr['id']}")
    assert (marr["kind"], marr["affiliation"], marr["version"]) == ("agency", "member", 1)

    read = tenant.viewer.get(f"organisations/{marr['id']}")
    assert read.json()["name"] == marr["name"]
    changed = tenant.organiser.patch(f"organisations/{marr['id']}", {"city": "Kraków", "short_name": None}, 200, version=read.headers["ETag"]).json()
    assert (changed["city"], changed["short_name"], changed["version"]) == ("Kraków", None, 2)
    tenant.organiser.patch(f"organisations/{marr['id']}", {"city": "Nowy Sącz"}, 412, version=1)
    same = tenant.organiser.patch(f"organisations/{marr['id']}", {"city": "Kraków"}, 200, version=2).json()
    assert same["version"] == 2, "nothing changed, so the version stays"

    tenant.organiser.delete(f"organisations/{marr['id']}", 412, version=1)
    tenant.organiser.delete(f"organisations/{marr['id']}", 204, version=2)
    tenant.viewer.get(f"organisations/{marr['id']}", 404)


def test_sorted_as_in_polish_and_found_without_diacritics(tenant):
    for name in ("Zakopane", "Łapanów", "Lanckorona", "Świątniki Górne", "Sułkowice", "Ćmielów"):
        tenant.organiser.create("organisations", name=name, kind="municipality")
    assert names(tenant.viewer) == ["Ćmielów", "Lanckorona", "Łapanów", "Sułkowice", "Świątniki Górne", "Zakopane"]
    assert names(tenant.viewer, "organisations?q=lapanow") == ["Łapanów"]
    assert names(tenant.viewer, "organisations?q=GORNE+swiatniki") == ["Świątniki Górne"], "words in any order"
    assert names(tenant.viewer, "organisations?q=%25") == [], "a wildcard is a character"


def test_pages_of_a_list_hold_everything_once(tenant):
    for number in range(7):
        tenant.organiser.create("organisations", name=f"Gmina {number}")
    seen, url = [], "organisations?limit=3"
    while url:
        answer = tenant.viewer.get(url).json()
        seen += [item["name"] for item in answer["items"]]
        assert len(answer["items"]) <= 3
        url = answer["next"]
    assert seen == [f"Gmina {number}" for number in range(7)]


def test_filters(tenant):
    above = tenant.organiser.create("organisations", name="Urząd Marszałkowski", kind="public_authority", affiliation="partner")
    tenant.organiser.create("organisations", name="Departament", kind="public_authority", parent_id=above["id"])
    tenant.organiser.create("organisations", name="Firma", kind="company", affiliation="member")
    assert names(tenant.viewer, "organisations?kind=company") == ["Firma"]
    assert names(tenant.viewer, "organisations?affiliation=partner") == ["Urząd Marszałkowski"]
    below = tenant.viewer.get(f"organisations?parent={above['id']}").json()["items"]
    assert [(item["name"], item["parent"]) for item in below] == [("Departament", "Urząd Marszałkowski")]
    assert len(names(tenant.viewer, "organisations?kind=&affiliation=&q=")) == 3, "an empty field of a search form is no filter"


def test_a_name_is_there_once_whatever_its_case_and_accents(tenant):
    tenant.organiser.create("organisations", name="Łódź Klaster")
    problem = tenant.organiser.post("organisations", {"name": "lodz klaster"}, 409).json()
    assert problem["code"] == "organisation_name_taken"


def test_no_circle_above_an_organisation(tenant):
    a = tenant.organiser.create("organisations", name="A")
    b = tenant.organiser.create("organisations", name="B", parent_id=a["id"])
    c = tenant.organiser.create("organisations", name="C", parent_id=b["id"])
    assert tenant.organiser.patch(f"organisations/{a['id']}", {"parent_id": c["id"]}, 409, version=1).json()["code"] == "organisation_above_itself"
    tenant.organiser.patch(f"organisations/{a['id']}", {"parent_id": a["id"]}, (409, 422), version=1)


def test_what_others_refer_to_stays(tenant):
    above = tenant.organiser.create("organisations", name="A")
    tenant.organiser.create("people", name="Anna", organisation_id=above["id"])
    assert tenant.organiser.delete(f"organisations/{above['id']}", 409, version=1).json()["code"] == "organisation_in_use"


def test_all_mistakes_at_once(tenant):
    problem = tenant.organiser.post("organisations", {"name": " ", "kind": "shop", "website": "nowhere", "parent_id": 5, "colour": "red"}, 422).json()
    assert {error["pointer"] for error in problem["errors"]} == {"/name", "/kind", "/website", "/parent_id", "/colour"}


def test_a_note_is_for_organisers(tenant):
    made = tenant.organiser.create("organisations", name="A", note="secret")
    assert tenant.organiser.get(f"organisations/{made['id']}").json()["note"] == "secret"
    assert tenant.viewer.get(f"organisations/{made['id']}").json()["note"] is None
    assert "secret" not in tenant.viewer.get("organisations").text


def test_csv(tenant):
    tenant.organiser.create("organisations", name='Zażółć, "Sp. z o.o."', city="Kraków")
    tenant.organiser.create("organisations", name="Druga")
    answer = tenant.viewer.get("organisations.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"), newline="")))
    assert [row["name"] for row in rows] == ["Druga", 'Zażółć, "Sp. z o.o."']
    assert not any(name.startswith("_") for name in rows[0])
    excel = tenant.viewer.get("organisations.csv?excel=true").content
    assert excel.startswith(b"\xef\xbb\xbf") and b";" in excel.splitlines()[0]


def test_pages(tenant):
    made = tenant.organiser.form("organisations", {"name": "Gmina <b>Wieliczka</b>", "kind": "municipality", "affiliation": "none", "city": ""})
    page = made.headers["Location"].split("?")[0]
    shown = tenant.organiser.page(page).text
    assert "Gmina &lt;b&gt;Wieliczka" in shown and "<b>Wieliczka" not in shown
    assert "Delete" in shown and "Delete" not in tenant.viewer.page(page).text, "a viewer sees no forms"

    id = page.rsplit("/", 1)[1]
    tenant.organiser.create("people", name="Anna z Wieliczki", organisation_id=id)
    tenant.organiser.create("organisations", name="Szkoła", parent_id=id)
    shown = tenant.viewer.page(page, language="pl").text
    assert "Anna z Wieliczki" in shown and "Szkoła" in shown and "Organizacje podległe" in shown

    tenant.organiser.form(page, {"_if_match": "1", "name": "Wieliczka", "city": "Wieliczka"}, method="PATCH")
    assert tenant.viewer.get(f"organisations/{id}").json()["city"] == "Wieliczka"
    stale = tenant.organiser.form(page, {"_if_match": "1", "name": "Inna nazwa"}, 412, method="PATCH").text
    assert "Inna nazwa" in stale, "what was typed is still there"

    again = tenant.organiser.form("organisations", {"name": "wieliczka", "kind": "municipality", "affiliation": "none"}, 409, language="fi").text
    assert "Tämänniminen organisaatio on jo olemassa." in again and 'value="wieliczka"' in again
    refused = tenant.organiser.form(page, {"_if_match": "2"}, 409, method="DELETE").text
    assert "still refer to it" in refused
    for language, word in (("pl", "Organizacje"), ("en", "Organisations"), ("fi", "Organisaatiot")):
        assert f"<h1>{word}</h1>" in tenant.viewer.page("organisations", language=language).text
