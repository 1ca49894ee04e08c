"""test_imports_of_all.py: lists in of every other kind: looked at, run, run again without doubles, and taken back to exactly what was before."""

import io
import time

import openpyxl
import pytest

from database import psql
from happenings import all_items, invite, make_meeting
from test_imports import XLSX, workbook

KINDS = ("people", "organisations", "groups", "agenda", "attendance")


def place(kind, meeting=None):
    return f"meetings/{meeting['slug']}/list-imports/{kind}" if kind in ("agenda", "attendance") else f"imports/{kind}"


def upload(tenant, kind, content, meeting=None, media="text/csv", expect=201, **params):
    content = content.encode() if isinstance(content, str) else content
    answer = tenant.organiser.send("POST", place(kind, meeting), expect, headers={"Content-Type": media}, data=content, params=params)
    if expect == 201:
        assert answer.headers["Location"].endswith(f"/imports/lists/{answer.json()['id']}")
    return answer.json()


def at(one):
    return f"imports/lists/{one['id']}"


def wait(tenant, one, *states):
    until = time.monotonic() + 60
    while (now := tenant.organiser.get(at(one)).json())["state"] not in states:
        assert time.monotonic() < until, now
        time.sleep(0.05)
    return now


def run(tenant, one):
    assert tenant.organiser.send("POST", f"{at(one)}/run", 200).json()["state"] == "running"
    return wait(tenant, one, "done", "failed")


def undo(tenant, one):
    tenant.organiser.send("POST", f"{at(one)}/undo", 200)
    return wait(tenant, one, "undone", "failed")


def rows(tenant, one, **params):
    query = "&".join(f"{name}={value}" for name, value in {"limit": 500, **params}.items())
    return all_items(tenant.organiser, f"{at(one)}/rows?{query}")


def fates(tenant, one):
    return {row["row"]: (row["outcome"], row["code"]) for row in rows(tenant, one)}


def tally(one):
    found = dict(one["counts"])
    total = found.pop("rows")
    assert sum(found.values()) == total
    return {name: number for name, number in found.items() if number}


def fields(one):
    return [column["field"] for column in one["columns"]]


def change(tenant, one, expect=200, **body):
    return tenant.organiser.patch(at(one), body, expect, version=one["version"]).json()


def snapshot(tenant, *paths):
    """What there is, but for versions and times of change."""
    return [[{name: value for name, value in item.items() if name not in ("version", "updated_at")} for item in all_items(tenant.organiser, path)] for path in paths]


# ── People ──

PEOPLE = (
    "Imię i nazwisko;E-mail;Telefon;Stanowisko;Instytucja;Język;Uwagi;Identyfikator zewnętrzny\r\n"
    "Żaneta Gęś;zaneta@example.org;600 700 800;wójt;Gmina Łąka;polski;dieta;HR-1\r\n"
    "Jan Kowalski;;;;Gmina Łąka;;;\r\n"
    "Åsa Öhman;asa@example.org;'+358 40 1234;;;suomi;;\r\n"
)


def test_people_come_and_come_again(tenant):
    one = upload(tenant, "people", PEOPLE, file_name="osoby.csv")
    assert (one["kind"], one["meeting_id"], one["state"], one["file_name"]) == ("people", None, "preview", "osoby.csv")
    assert fields(one) == ["name", "email", "phone", "position", "organisation", "language", "note", "external_id"]
    assert tally(one) == {"new": 3} and all_items(tenant.viewer, "people") == []
    done = run(tenant, one)
    assert tally(done) == {"made": 3} and done["handled"] == 3
    people = {person["name"]: person for person in all_items(tenant.organiser, "people")}
    zaneta = people["Żaneta Gęś"]
    assert (zaneta["email"], zaneta["phone"], zaneta["position"], zaneta["organisation"], zaneta["language"], zaneta["note"], zaneta["external_id"]) == (
        "zaneta@example.org", "600 700 800", "wójt", "Gmina Łąka", "pl", "dieta", "HR-1")  # fmt: skip
    assert people["Åsa Öhman"]["phone"] == "+358 40 1234"
    before = snapshot(tenant, "people", "organisations")
    again = upload(tenant, "people", PEOPLE)
    assert tally(again) == {"same": 3} and tally(run(tenant, again)) == {"same": 3}
    assert snapshot(tenant, "people", "organisations") == before
    assert tally(undo(tenant, again)) == {"same": 3} and snapshot(tenant, "people", "organisations") == before
    assert tally(undo(tenant, done)) == {"taken_back": 3}
    assert snapshot(tenant, "people", "organisations") == [[], []]


def test_only_what_the_list_says_is_changed_and_put_back(tenant):
    known = tenant.owner.create("people", name="Jan Łoś", email="Jan.Los@Example.org", position="wójt", organisation="Gmina Łąka", phone="+48 600 700 800", note="stara")
    before = snapshot(tenant, "people", "organisations")
    one = upload(tenant, "people", "Name;E-mail;Phone;Position;Organisation;Note\nJ. Łoś;jan.los@example.ORG;48600700800;;Nowy Urząd;\n")
    assert rows(tenant, one)[0]["changes"] == {"name": ["Jan Łoś", "J. Łoś"], "email": ["Jan.Los@Example.org", "jan.los@example.ORG"], "organisation": ["Gmina Łąka", "Nowy Urząd"]}
    assert rows(tenant, one)[0]["target_id"] == known["id"] and tally(one) == {"change": 1}
    assert tally(run(tenant, one)) == {"changed": 1}
    now = tenant.organiser.get(f"people/{known['id']}").json()
    assert (now["name"], now["phone"], now["position"], now["organisation"], now["note"]) == ("J. Łoś", "+48 600 700 800", "wójt", "Nowy Urząd", "stara")
    assert tally(undo(tenant, one)) == {"taken_back": 1}
    assert snapshot(tenant, "people", "organisations") == before


def test_what_somebody_changed_since_stays_and_is_said(tenant):
    jan, ola = (tenant.owner.create("people", name=name, email=f"{name}@example.org", position="dawne") for name in ("Jan", "Ola"))
    one = run(tenant, upload(tenant, "people", "Name;E-mail;Position;Phone\nJan;jan@example.org;nowe;1\nOla;ola@example.org;nowe;2\nEwa;ewa@example.org;nowe;3\nIza;iza@example.org;;\n"))
    made = {person["name"]: person for person in all_items(tenant.organiser, "people")}
    tenant.owner.patch(f"people/{jan['id']}", {"position": "jeszcze inne"}, version=made["Jan"]["version"])
    tenant.owner.patch(f"people/{made['Ewa']['id']}", {"position": "jeszcze inne"}, version=1)
    group = tenant.owner.create("groups", name="grupa")
    tenant.owner.create(f"groups/{group['id']}/members", person_id=made["Iza"]["id"])
    back = undo(tenant, one)
    assert fates(tenant, back) == {2: ("kept", "import_kept_changed"), 3: ("taken_back", None), 4: ("kept", "import_kept_used"), 5: ("kept", "import_kept_used")}
    now = {person["name"]: person for person in all_items(tenant.organiser, "people")}
    assert (now["Jan"]["position"], now["Jan"]["phone"]) == ("jeszcze inne", None)  # what nobody touched is put back all the same
    assert (now["Ola"]["position"], now["Ola"]["phone"]) == ("dawne", None) and now["Ola"]["id"] == ola["id"]
    assert set(now) == {"Jan", "Ola", "Ewa", "Iza"}


def test_by_which_key_a_person_is_known(tenant):
    a = tenant.owner.create("people", name="A", email="a@example.org", external_id="1")
    b = tenant.owner.create("people", name="B", email="b@example.org")
    tenant.owner.create("people", name="Jan Nowak", email="jn1@example.org", organisation="X")
    tenant.owner.create("people", name="Jan Nowak", email="jn2@example.org", organisation="Y")
    text = (
        "Id;External id;Name;E-mail;Organisation;Position\n"
        f"{a['id']};;A;;;by id\n"
        ";;B;B@EXAMPLE.ORG;;by mail\n"
        ";2;;a@example.org;;\n"  # that address has another number
        ";;Jan Nowak;;;who of both\n"
        ";;Jan Nowak;;x;the one\n"
        "not an id;;C;;;\n"
        ";9;;;;\n"
        ";1;A2;;;again\n"
    )  # fmt: skip
    one = upload(tenant, "people", text)
    assert fates(tenant, one) == {
        2: ("change", None), 3: ("change", None), 4: ("error", "import_keys_disagree"), 5: ("error", "import_ambiguous"), 6: ("change", None),
        7: ("error", "import_bad_id"), 8: ("error", "import_nobody"), 9: ("duplicate", None),
    }  # fmt: skip
    run(tenant, one)
    assert tenant.organiser.get(f"people/{a['id']}").json()["position"] == "by id" and tenant.organiser.get(f"people/{b['id']}").json()["position"] == "by mail"


def test_what_is_wrong_with_a_row_of_people(server, tenant):
    text = "Name;E-mail;Phone;Language\nA;a@example.org;4.86E+10;polski\nB;b@@example.org;;\n;;600;\n" + "x" * 201 + ";long@example.org;;\nE;e@example.org;;klingon\nF;f@example.org;;lt\n"
    one = upload(tenant, "people", text)
    assert fates(tenant, one) == {
        2: ("new", "import_phone_damaged"), 3: ("error", "import_bad_email"), 4: ("error", "import_nobody"), 5: ("error", "import_too_long"), 6: ("new", "import_language_unknown"), 7: ("new", None),
    }  # fmt: skip
    psql(server, "narada_owner", f"alter table person add constraint no_devils check (name <> 'Devil {tenant.slug}') not valid")
    try:
        two = upload(tenant, "people", f"Name\nA B\nDevil {tenant.slug}\nC D\n")
        assert tally(run(tenant, two)) == {"made": 2, "error": 1}
        assert [row["code"] for row in rows(tenant, two, outcome="error")] == ["import_row_failed"]
    finally:
        psql(server, "narada_owner", "alter table person drop constraint no_devils")


def test_an_address_alone_renames_nobody(tenant):
    tenant.owner.create("people", name="Jan Łoś", email="jan@example.org")
    one = upload(tenant, "people", "E-mail;Position\njan@example.org;wójt\nnowa@example.org;\n")
    run(tenant, one)
    assert {person["name"] for person in all_items(tenant.viewer, "people")} == {"Jan Łoś", "nowa@example.org"}


@pytest.mark.parametrize("suffix, media", [("xlsx", XLSX), ("csv", "text/csv"), ("csv?excel=true", "text/csv"), ("xlsx?headers=pl", XLSX), ("csv?headers=fi&bom=true", "text/csv"), ("xlsx?headers=en", XLSX)])
def test_our_own_export_changes_nothing(tenant, suffix, media):
    tenant.owner.create("people", name="Łoś, Jan", sort_name="Łoś Jan", email="jan@example.org", phone="+48 600 700 800", position="=szef", organisation="Gmina; \"Łąka\"", language="sv",
                        note="dwie\nlinie", external_id="007")  # fmt: skip
    tenant.owner.create("people", name="@bez adresu", phone="-5", organisation="Inna")
    tenant.owner.create("people", name="Ola")
    before = snapshot(tenant, "people", "organisations")
    content = tenant.organiser.get(f"people.{suffix}", headers={"Accept": "*/*"}).content
    one = upload(tenant, "people", content, media=media)
    assert tally(one) == {"same": 3}, [row["changes"] for row in rows(tenant, one)]
    assert tally(run(tenant, one)) == {"same": 3} and snapshot(tenant, "people", "organisations") == before


@pytest.mark.parametrize("suffix, media", [("xlsx", XLSX), ("csv", "text/csv"), ("xlsx?headers=pl", XLSX), ("csv?headers=fi&excel=true", "text/csv")])
def test_organisations_out_and_in_change_nothing(tenant, suffix, media):
    above = tenant.owner.create("organisations", name="Województwo", kind="public_authority", affiliation="partner")
    tenant.owner.create("organisations", name="Gmina Łąka", short_name="GŁ", kind="municipality", affiliation="member", parent_id=above["id"], city="Łąka", website="https://laka.example", external_id="TERYT-1")
    content = tenant.organiser.get(f"organisations.{suffix}", headers={"Accept": "*/*"}).content
    one = upload(tenant, "organisations", content, media=media)
    assert tally(one) == {"same": 2}, [row["changes"] for row in rows(tenant, one)]


# ── Organisations ──

ORGANISATIONS = (
    "Nazwa;Skrót;Rodzaj;Członkostwo;Jednostka nadrzędna;Miejscowość;Strona internetowa\n"
    "Gmina Łąka;GŁ;gmina;tak;Powiat;Łąka;laka.example\n"
    "Powiat;;urząd;nie;Województwo;;\n"
    "Województwo;;urząd;;;;https://woj.example\n"
    "Dziwna;;smok;;;;\n"
    "gmina łąka;;;;;;\n"
    ";X;;;;;\n"
    "Sama;;;;sama;;\n"
)


def test_organisations_with_those_above_them(tenant):
    one = upload(tenant, "organisations", ORGANISATIONS)
    assert fields(one) == ["name", "short_name", "kind", "affiliation", "parent", "city", "website"]
    assert fates(tenant, one) == {
        2: ("new", None), 3: ("new", None), 4: ("new", None), 5: ("new", "import_word_unknown"), 6: ("duplicate", None), 7: ("error", "import_no_name"), 8: ("error", "organisation_own_parent"),
    }  # fmt: skip
    assert tally(run(tenant, one)) == {"made": 4, "duplicate": 1, "error": 2}
    found = {one["name"]: one for one in all_items(tenant.organiser, "organisations")}
    assert (found["Gmina Łąka"]["kind"], found["Gmina Łąka"]["affiliation"], found["Gmina Łąka"]["parent"], found["Gmina Łąka"]["website"]) == ("municipality", "member", "Powiat", "https://laka.example")
    assert found["Powiat"]["parent"] == "Województwo" and found["Powiat"]["kind"] == "public_authority" and len(found) == 4
    again = upload(tenant, "organisations", ORGANISATIONS)
    assert tally(again) == {"same": 4, "duplicate": 1, "error": 2}
    assert tally(undo(tenant, one)) == {"taken_back": 4, "duplicate": 1, "error": 2}
    assert all_items(tenant.viewer, "organisations") == []


def test_an_organisation_is_renamed_by_its_key(tenant):
    old = tenant.owner.create("organisations", name="Stara", external_id="K1")
    other = tenant.owner.create("organisations", name="Inna")
    one = upload(tenant, "organisations", "External id;Organisation name\nK1;Nowa\nK2;Inna\n")
    assert fates(tenant, one) == {2: ("change", None), 3: ("change", None)}
    run(tenant, one)
    assert tenant.organiser.get(f"organisations/{old['id']}").json()["name"] == "Nowa" and tenant.organiser.get(f"organisations/{other['id']}").json()["external_id"] == "K2"
    disagree = upload(tenant, "organisations", "External id;Organisation name\nK1;Inna\n")
    assert fates(tenant, disagree) == {2: ("error", "import_keys_disagree")}
    tenant.owner.create("organisations", name="Stara")  # the name is taken now
    assert fates(tenant, undo(tenant, one)) == {2: ("kept", "import_kept_changed"), 3: ("taken_back", None)}


@pytest.mark.parametrize("headers", ["names", "en", "pl", "fi"])
def test_every_choice_is_understood_in_every_language(tenant, meeting, headers):
    kinds = ("company", "municipality", "public_authority", "agency", "university", "cluster", "association", "other")
    for n, kind in enumerate(kinds):
        tenant.owner.create("organisations", name=f"O {kind}", kind=kind, affiliation=("member", "partner", "none")[n % 3])
    for kind in ("talk", "panel", "break", "discussion", "vote", "other"):
        tenant.owner.create(f"meetings/{meeting['slug']}/agenda", title=kind, kind=kind, duration_minutes=30)
    for state in ("present", "remote", "excused", "absent"):
        person = tenant.owner.create("people", name=f"P {state}")
        tenant.owner.create(f"meetings/{meeting['slug']}/attendance", person_id=person["id"], state=state)
    for kind, where in (("organisations", "organisations"), ("agenda", f"meetings/{meeting['slug']}/agenda"), ("attendance", f"meetings/{meeting['slug']}/attendance")):
        content = tenant.organiser.get(f"{where}.csv?headers={headers}&excel=true", headers={"Accept": "*/*"}).content
        one = upload(tenant, kind, content, meeting)
        assert set(tally(one)) == {"same"}, (kind, fates(tenant, one), [row["changes"] for row in rows(tenant, one)])


# ── Groups ──

GROUPS = (
    "Grupa;Opis;Członek;E-mail;Organizacja\n"
    "Gminy;wszystkie gminy;Jan Łoś;jan@example.org;Gmina Łąka\n"
    "Gminy;;;ola@example.org;\n"
    "gminy;;;;Powiat\n"
    "Pusta;nikogo;;;\n"
    "Gminy;;J. Łoś;JAN@example.org;\n"
    ";;Sam;;\n"
    "Gminy;;;zły adres;\n"
)


def members(tenant, name):
    group = next(group for group in all_items(tenant.viewer, "groups") if group["name"] == name)
    return sorted(member["name"] for member in all_items(tenant.organiser, f"groups/{group['id']}/members"))


def test_groups_with_their_members(tenant):
    tenant.owner.create("people", name="Aleksandra", email="Ola@example.org")
    before = snapshot(tenant, "groups", "people", "organisations")
    one = upload(tenant, "groups", GROUPS)
    assert fields(one) == ["group", "description", "name", "email", "organisation"]
    assert fates(tenant, one) == {
        2: ("new", None), 3: ("new", None), 4: ("new", None), 5: ("new", None), 6: ("duplicate", None), 7: ("error", "import_no_name"), 8: ("error", "import_bad_email"),
    }  # fmt: skip
    assert tally(run(tenant, one)) == {"made": 4, "duplicate": 1, "error": 2}
    assert members(tenant, "Gminy") == ["Aleksandra", "Jan Łoś", "Powiat"] and members(tenant, "Pusta") == []
    assert next(group for group in all_items(tenant.viewer, "groups") if group["name"] == "Gminy")["description"] == "wszystkie gminy"
    again = upload(tenant, "groups", GROUPS)
    assert tally(again) == {"same": 4, "duplicate": 1, "error": 2}, fates(tenant, again)
    assert tally(undo(tenant, one)) == {"taken_back": 4, "duplicate": 1, "error": 2}
    assert snapshot(tenant, "groups", "people", "organisations") == before


def test_a_group_there_is_gets_members_and_loses_none(tenant):
    group = tenant.owner.create("groups", name="Gminy", external_id="G1", description="stary opis")
    tenant.owner.create(f"groups/{group['id']}/members", person={"name": "Stała", "email": "stala@example.org"})
    before = snapshot(tenant, "groups", "people", f"groups/{group['id']}/members")
    one = upload(tenant, "groups", "External id;Group;Description;E-mail\nG1;;nowy opis;nowa@example.org\nG1;;nowy opis;stala@example.org\nG2;Gminy;;\n")
    assert fates(tenant, one) == {2: ("new", None), 3: ("change", None), 4: ("error", "import_keys_disagree")}
    run(tenant, one)
    assert members(tenant, "Gminy") == ["Stała", "nowa@example.org"] and all_items(tenant.viewer, "groups")[0]["description"] == "nowy opis"
    assert tally(undo(tenant, one)) == {"taken_back": 1, "same": 1, "error": 1}  # the second row had nothing left to say
    assert snapshot(tenant, "groups", "people", f"groups/{group['id']}/members") == before


def test_the_list_of_groups_itself_comes_back(tenant):
    tenant.owner.create("groups", name="Gminy", description="opis")
    table = "name,description,external_id\nGminy,opis,\n"
    assert tally(upload(tenant, "groups", table)) == {"same": 1}


@pytest.mark.parametrize("suffix, media", [("xlsx", XLSX), ("csv", "text/csv"), ("csv?excel=true", "text/csv"), ("xlsx?headers=pl", XLSX), ("csv?headers=fi&bom=true", "text/csv"), ("xlsx?headers=en", XLSX)])
def test_groups_with_their_members_out_and_in_change_nothing(tenant, make_tenant, suffix, media):
    for name, external_id in (("Gminy", "G;1"), ("=Rada, programowa", None), ("Pusta", None)):
        tenant.owner.create("groups", name=name, external_id=external_id, description=f"opis\n{name}")
    gminy, rada = (next(one for one in all_items(tenant.viewer, "groups") if one["name"].endswith(end)) for end in ("Gminy", "programowa"))
    for group, member in ((gminy, {"name": "Łoś, Jan", "email": "Jan@example.org", "organisation": "Gmina Łąka"}), (gminy, {"name": "Bez Adresu", "organisation": "Inna"}), (rada, {"name": "Ola"})):
        tenant.owner.create(f"groups/{group['id']}/members", person=member)
    inna = next(one for one in all_items(tenant.viewer, "organisations") if one["name"] == "Inna")
    tenant.owner.create(f"groups/{rada['id']}/members", organisation_id=inna["id"])
    before = snapshot(tenant, "groups", "people", "organisations", f"groups/{gminy['id']}/members", f"groups/{rada['id']}/members")
    content = tenant.viewer.get(f"groups.{suffix}", headers={"Accept": "*/*"}).content
    one = upload(tenant, "groups", content, media=media)
    assert tally(run(tenant, one)) == {"same": 5}, [(row["changes"], row["code"], row["outcome"]) for row in rows(tenant, one)]
    assert snapshot(tenant, "groups", "people", "organisations", f"groups/{gminy['id']}/members", f"groups/{rada['id']}/members") == before
    # And elsewhere it makes the same.
    other = make_tenant()
    assert tally(run(other, upload(other, "groups", content, media=media))) == {"made": 5}
    assert [members(other, one["name"]) for one in all_items(other.viewer, "groups")] == [members(tenant, one["name"]) for one in all_items(tenant.viewer, "groups")]


# ── Agenda ──

AGENDA = (
    "Początek;Koniec;Tytuł;Rodzaj;Prelegenci;Opis\n"
    "9:00;9.15;Otwarcie;;Anna Żak (Urząd);\n"
    "09:15;10:00;Obieg zamknięty;wykład;Jan Kowalski, Ewa Nowak;\"linia\nlinia\"\n"
    "10:00;10:30;Przerwa;kawa;;\n"
)


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant, starts_at="2031-05-06T07:00:00Z", ends_at="2031-05-07T14:00:00Z")


def agenda(tenant, meeting):
    return tenant.organiser.get(f"meetings/{meeting['slug']}/agenda").json()["items"]


def test_an_agenda(tenant, meeting):
    one = upload(tenant, "agenda", AGENDA, meeting)
    assert fields(one) == ["start", "end", "title", "kind", "speakers", "abstract"] and one["meeting_id"] == meeting["id"]
    assert tally(one) == {"new": 3} and agenda(tenant, meeting) == []
    assert tally(run(tenant, one)) == {"made": 3}
    items = agenda(tenant, meeting)
    assert [(item["title"], item["kind"], item["starts_at"], item["duration_minutes"], [s["name"] for s in item["speakers"]]) for item in items] == [
        ("Otwarcie", "talk", "2031-05-06T07:00:00Z", 15, ["Anna Żak"]),
        ("Obieg zamknięty", "talk", "2031-05-06T07:15:00Z", 45, ["Jan Kowalski", "Ewa Nowak"]),
        ("Przerwa", "break", "2031-05-06T08:00:00Z", 30, []),
    ]  # fmt: skip
    assert items[0]["speakers"][0]["organisation"] == "Urząd" and items[1]["abstract"] == "linia\nlinia"
    again = upload(tenant, "agenda", AGENDA, meeting)
    assert tally(again) == {"same": 3}, rows(tenant, again)
    assert tally(undo(tenant, one)) == {"taken_back": 3}
    assert agenda(tenant, meeting) == [] and snapshot(tenant, "people", "organisations") == [[], []]


def test_an_agenda_in_a_workbook_with_days_and_durations(tenant, meeting):
    import datetime

    content = workbook([
        ["Date", "Start", "Title", "Duration", "Speakers"],
        [datetime.date(2031, 5, 7), datetime.time(9, 30), "Second day", "1 h 30 min", "A One; B, Two"],
        [None, datetime.datetime(2031, 5, 7, 11, 0), "Whole moment", 45, None],
        [None, None, "Follows", datetime.time(0, 20), None],
    ])  # fmt: skip
    one = upload(tenant, "agenda", content, meeting, XLSX)
    assert run(tenant, one)["counts"]["made"] == 3
    items = agenda(tenant, meeting)
    assert [(item["title"], item["starts_at"], item["duration_minutes"]) for item in items] == [
        ("Second day", "2031-05-07T07:30:00Z", 90), ("Whole moment", "2031-05-07T09:00:00Z", 45), ("Follows", None, 20)]  # fmt: skip
    assert [speaker["name"] for speaker in items[0]["speakers"]] == ["A One", "B, Two"]


def test_items_there_are_are_changed_as_shown_and_put_back(tenant, meeting):
    path = f"meetings/{meeting['slug']}/agenda"
    kept = tenant.owner.create(path, title="Otwarcie", duration_minutes=10, abstract="opis", kind="talk")
    tenant.owner.create(path, title="Pytania")
    tenant.owner.create(path, title="Pytania")
    before = agenda(tenant, meeting)
    one = upload(tenant, "agenda", "Title;Duration;Kind;Speakers\notwarcie;20;panel;Anna Żak\nPytania;5;;\nNowy;;;\n", meeting)
    assert fates(tenant, one) == {2: ("change", None), 3: ("error", "import_ambiguous"), 4: ("new", None)}
    assert rows(tenant, one)[0]["changes"] == {"duration": [10, 20], "kind": ["talk", "panel"], "title": ["Otwarcie", "otwarcie"], "speakers": [None, "Anna Żak"]}
    run(tenant, one)
    now = agenda(tenant, meeting)
    assert (now[0]["id"], now[0]["duration_minutes"], now[0]["kind"], now[0]["abstract"], len(now)) == (kept["id"], 20, "panel", "opis", 4)
    assert tally(undo(tenant, one)) == {"taken_back": 2, "error": 1}
    strip = lambda items: [{k: v for k, v in item.items() if k not in ("version", "updated_at")} for item in items]
    assert strip(agenda(tenant, meeting)) == strip(before)


def test_what_is_wrong_with_an_item(tenant, meeting):
    for name in ("X", "Y"):
        tenant.owner.create("people", name="Jan Nowak", organisation=name)
    text = "Title;Start;End;Duration;Kind;Speakers;Date\n;9:00;;;;;\nA;25:00;;;;;\nB;;;dwie chwile;;;\nC;10:00;9:00;;;;\nD;;;;smok;;\nE;;;;;Jan Nowak;\nF;02:30;;;;;30.03.2031\nG;9:00;;;;;31.02.2031\n"
    one = upload(tenant, "agenda", text, meeting)
    assert fates(tenant, one) == {
        2: ("error", "import_no_title"), 3: ("error", "import_bad_time"), 4: ("error", "import_bad_duration"), 5: ("error", "import_bad_duration"), 6: ("new", "import_word_unknown"),
        7: ("new", None), 8: ("error", "import_bad_time"), 9: ("error", "import_bad_time"),
    }  # fmt: skip
    run(tenant, one)
    assert fates(tenant, one)[7] == ("error", "import_ambiguous") and [item["title"] for item in agenda(tenant, meeting)] == ["D"]


@pytest.mark.parametrize("suffix, media", [("xlsx", XLSX), ("csv", "text/csv"), ("xlsx?headers=pl", XLSX)])
def test_an_agenda_out_and_in_changes_nothing(tenant, meeting, suffix, media):
    run(tenant, upload(tenant, "agenda", AGENDA, meeting))
    content = tenant.organiser.get(f"meetings/{meeting['slug']}/agenda.{suffix}", headers={"Accept": "*/*"}).content
    one = upload(tenant, "agenda", content, meeting, media)
    assert tally(one) == {"same": 3}, [(row["changes"], row["code"]) for row in rows(tenant, one)]


# ── Attendance ──

# As conferencing tools write it: one row each time somebody joins.
CALL = (
    "Name (Original Name),User Email,Join Time,Leave Time\n"
    "Żak Anna,ANNA@example.org,05/06/2031 08:58:12 AM,05/06/2031 09:30:00 AM\n"
    "Anna (telefon),anna@example.org,05/06/2031 09:35:00 AM,05/06/2031 12:01:00 PM\n"
    "kowalski jan,,05/06/2031 09:05:00 AM,05/06/2031 10:00:00 AM\n"
    "Jan Nowak,,05/06/2031 09:05:00 AM,\n"
    "iPad,,05/06/2031 09:06:00 AM,05/06/2031 09:07:00 AM\n"
    "Ewa,ewa@example.org,05/06/2031 10:00:00 AM,05/06/2031 09:00:00 AM\n"
)


def attendance(tenant, meeting):
    items = all_items(tenant.organiser, f"meetings/{meeting['slug']}/attendance")
    return {item["person"]["name"]: (item["state"], item["arrived_at"], item["left_at"]) for item in items}


@pytest.fixture
def online(tenant):
    meeting = make_meeting(tenant, starts_at="2031-05-06T07:00:00Z", ends_at="2031-05-06T11:00:00Z", format="online")
    invite(tenant, meeting, "Anna Żak", email="Anna@example.org")
    invite(tenant, meeting, "Jan Kowalski")
    for name in "XY":
        tenant.owner.create("people", name="Jan Nowak", organisation=name)
    return meeting


def test_attendance_of_a_call(tenant, online):
    one = upload(tenant, "attendance", CALL, online)
    assert fields(one) == ["name", "email", "join", "leave"]
    assert fates(tenant, one) == {
        2: ("new", None), 3: ("duplicate", "import_put_together"), 4: ("new", None), 5: ("error", "import_ambiguous"), 6: ("error", "import_not_known"),
        7: ("error", "attendance_left_before_arrival"),
    }  # fmt: skip
    assert attendance(tenant, online) == {}
    assert tally(run(tenant, one)) == {"made": 2, "duplicate": 1, "error": 3}
    there = {"Anna Żak": ("remote", "2031-05-06T06:58:12Z", "2031-05-06T10:01:00Z"), "Jan Kowalski": ("remote", "2031-05-06T07:05:00Z", "2031-05-06T08:00:00Z")}
    assert attendance(tenant, online) == there
    again = upload(tenant, "attendance", CALL, online)
    assert tally(again) == {"same": 2, "duplicate": 1, "error": 3}, rows(tenant, again)
    assert tally(run(tenant, again)) == {"same": 2, "duplicate": 1, "error": 3} and attendance(tenant, online) == there
    assert tally(undo(tenant, one)) == {"taken_back": 2, "duplicate": 1, "error": 3}
    assert attendance(tenant, online) == {} and len(all_items(tenant.viewer, "people")) == 4


def test_who_is_not_known_may_be_recorded_by_choice(tenant, online):
    people = snapshot(tenant, "people")
    one = change(tenant, upload(tenant, "attendance", CALL, online), walk_ins=True)
    assert one["walk_ins"] and fates(tenant, one)[6] == ("new", None) and fates(tenant, one)[5] == ("error", "import_ambiguous")
    run(tenant, one)
    assert set(attendance(tenant, online)) == {"Anna Żak", "Jan Kowalski", "iPad"}
    assert tally(undo(tenant, one)) == {"taken_back": 3, "duplicate": 1, "error": 2}
    assert attendance(tenant, online) == {} and snapshot(tenant, "people") == people


def test_a_list_with_words_for_attendance(tenant, online):
    text = "Nazwisko;Imię;Obecność;Wejście\nŻak;Anna;tak;10:15\nKowalski;Jan;nieobecny;\nNowak;Jan;może;\n"
    one = upload(tenant, "attendance", text, online)
    assert fates(tenant, one) == {2: ("new", None), 3: ("new", None), 4: ("error", "import_bad_state")}
    run(tenant, one)
    assert attendance(tenant, online) == {"Anna Żak": ("present", "2031-05-06T08:15:00Z", None), "Jan Kowalski": ("absent", None, None)}
    wrong = upload(tenant, "attendance", "Name;Join\nAnna Żak;99:99\n", online)
    assert fates(tenant, wrong) == {2: ("error", "import_bad_time")}


@pytest.mark.parametrize("suffix, media", [("xlsx", XLSX), ("csv", "text/csv"), ("csv?headers=pl&excel=true", "text/csv")])
def test_attendance_out_and_in_changes_nothing(tenant, online, suffix, media):
    run(tenant, upload(tenant, "attendance", CALL, online))
    content = tenant.organiser.get(f"meetings/{online['slug']}/attendance.{suffix}", headers={"Accept": "*/*"}).content
    one = upload(tenant, "attendance", content, online, media)
    assert tally(one) == {"same": 2}, [(row["changes"], row["code"]) for row in rows(tenant, one)]


# ── Around it ──


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("headers", ["names", "en", "pl", "fi"])
def test_the_empty_table_is_understood(tenant, meeting, kind, headers):
    page = tenant.organiser.page(place(kind, meeting)).text
    columns = page.split("imports/template.csv?", 1)[1].split("columns=", 1)[1].split('"', 1)[0].split("&", 1)[0]
    for suffix, media in (("csv", "text/csv"), ("xlsx", XLSX)):
        content = tenant.organiser.get(f"imports/template.{suffix}?headers={headers}&columns={columns}", headers={"Accept": "*/*"}).content
        one = upload(tenant, kind, content, meeting, media)
        assert one["with_header"] and fields(one) == columns.replace("organisation_name", "name").split(","), (headers, suffix)


@pytest.mark.parametrize("kind", KINDS)
def test_corrections_and_refusals(tenant, meeting, stranger, kind):
    one = upload(tenant, kind, "1;2\n3;4\n", meeting)
    width = len(fields(one))
    assert change(tenant, one, 422, mapping=["ignore"] * width)["code"] == ("import_needs_column" if kind in ("people", "attendance") else "import_needs_name")
    assert change(tenant, one, 422, mapping=["ignore"] * (width + 1))["code"] == "import_mapping_length"
    assert change(tenant, one, 422, mapping=["note", "note"])["code"] == "import_column_twice"
    wrong = "city" if kind != "organisations" else "email"
    assert change(tenant, one, 422, mapping=[wrong, "ignore"])["code"] == "import_no_such_column"
    tenant.organiser.patch(at(one), {"with_header": True}, 412, version=77)
    assert tenant.organiser.send("POST", f"{at(one)}/undo", 409).json()["code"] == "import_not_done"
    assert tenant.organiser.send("POST", f"{at(one)}/run", 422).json()["code"].startswith("import_needs_")
    key = {"people": "name", "organisations": "name", "groups": "group", "agenda": "title", "attendance": "name"}[kind]
    two = change(tenant, one, mapping=[key, "ignore"], with_header=False)
    assert fields(two) == [key, "ignore"] and two["counts"]["rows"] == 2
    two = run(tenant, two)
    assert change(tenant, two, 409, with_header=True)["code"] == "import_not_in_preview"
    assert tenant.organiser.send("POST", f"{at(one)}/run", 409).json()["code"] == "import_not_in_preview"
    undo(tenant, two)
    for method, suffix in (("GET", ""), ("GET", "/rows"), ("POST", "/run"), ("POST", "/undo")):
        stranger.owner.send(method, f"/platforms/{tenant.slug}/{at(one)}{suffix}", 404)
        stranger.owner.send(method, f"/platforms/{stranger.slug}/{at(one)}{suffix}", 404)
    tenant.organiser.delete(at(one), version="*")
    tenant.organiser.get(at(one), 404)


def test_each_operation_finds_its_own_lists_only(tenant, meeting):
    invitations = tenant.organiser.create(f"meetings/{meeting['slug']}/imports", text="E-mail\na@example.org\n")
    of_agenda = upload(tenant, "agenda", "Title\nA\n", meeting)
    for suffix, method in (("", "GET"), ("/rows", "GET"), ("/run", "POST"), ("/undo", "POST")):
        tenant.organiser.send(method, f"imports/lists/{invitations['id']}{suffix}", 404)
        tenant.organiser.send(method, f"meetings/{meeting['slug']}/imports/{of_agenda['id']}{suffix}", 404)
    assert [one["id"] for one in all_items(tenant.organiser, f"meetings/{meeting['slug']}/imports")] == [invitations["id"]]
    assert [one["id"] for one in all_items(tenant.organiser, place("agenda", meeting))] == [of_agenda["id"]]
    assert all_items(tenant.organiser, place("attendance", meeting)) == [] and all_items(tenant.organiser, "imports/people") == []


def test_headings_are_remembered_by_kind(tenant):
    one = change(tenant, upload(tenant, "people", "Osoba;Skąd\nJan;Urząd\n"), mapping=["name", "organisation"], with_header=True)
    run(tenant, one)
    assert fields(upload(tenant, "people", "Osoba;Skąd\nOla;Urząd\n")) == ["name", "organisation"]
    assert fields(upload(tenant, "groups", "Osoba;Skąd\nOla;Urząd\n")) == ["name", "ignore"]


def test_another_encoding_guesses_the_columns_of_its_kind(tenant):
    one = upload(tenant, "organisations", "Nazwa;Miejscowość\nGmina Łąka;Łąka\n".encode("cp1250"), encoding="iso-8859-2")
    begun = change(tenant, one, encoding="windows-1250")
    two = wait(tenant, begun, "preview")
    assert fields(two) == ["name", "city"] and rows(tenant, two)[0]["says"] == {"name": "Gmina Łąka", "city": "Łąka"}


def test_ten_thousand_people(tenant):
    lines = [f"Osoba {n};p{n}@example.org;Gmina {n % 300}" for n in range(10000)]
    one = upload(tenant, "people", "Name;E-mail;Organisation\n" + "\n".join(lines))
    assert tally(one) == {"new": 10000}
    assert tenant.organiser.send("POST", f"{at(one)}/run", 200).json()["state"] == "running"
    assert 'http-equiv="refresh"' in tenant.organiser.page(at(one)).text
    assert tenant.organiser.delete(at(one), 409, version="*").json()["code"] == "import_at_work"
    seen = set()
    while (now := tenant.organiser.get(at(one)).json())["state"] == "running":
        seen.add(now["handled"])
        time.sleep(0.1)
    assert now["state"] == "done" and tally(now) == {"made": 10000} and len(seen) > 1
    assert tally(upload(tenant, "people", "Name;E-mail;Organisation\n" + "\n".join(lines))) == {"same": 10000}
    tenant.organiser.send("POST", f"{at(one)}/undo", 200)
    until = time.monotonic() + 120
    while (back := tenant.organiser.get(at(one)).json())["state"] == "undoing":
        assert time.monotonic() < until
        time.sleep(0.1)
    assert tally(back) == {"taken_back": 10000} and snapshot(tenant, "people", "organisations") == [[], []]


def test_the_report_as_csv(tenant):
    one = run(tenant, upload(tenant, "people", "Name;E-mail\nA;a@example.org\nB;zły\n"))
    report = tenant.organiser.get(f"{at(one)}/rows.csv?excel=true", headers={"Accept": "*/*"}).content.decode("utf-8-sig").splitlines()
    assert report[0].startswith("row;outcome;code;name;") and report[2].startswith("3;error;import_bad_email;B;")


def test_by_forms_in_three_languages(tenant, meeting):
    from test_imports import post_form

    for kind in KINDS:
        for language in ("pl", "en", "fi"):
            assert 'enctype="multipart/form-data"' in tenant.organiser.page(place(kind, meeting), language=language).text
        refused = post_form(tenant, place(kind, meeting), {}, ("a.pdf", b"%PDF-1.7"), 422).text
        assert "form-problem" in refused and 'enctype="multipart/form-data"' in refused
    for where in ("people", "organisations", "groups", f"meetings/{meeting['slug']}/agenda", f"meetings/{meeting['slug']}/attendance"):
        assert "imports/" in tenant.organiser.page(where).text
        assert "/imports/people" not in tenant.viewer.page("people").text
    made = post_form(tenant, "imports/people", {}, ("osoby.csv", "Osoba;Kontakt\r\nJan Łoś;jan@example.org\r\nOla;zły\r\n".encode("cp1250")))
    here = made.headers["Location"].split("?")[0]
    page = tenant.organiser.page(here, language="pl").text
    assert "osoby.csv" in page and "To nie jest adres e-mail." in page
    one = tenant.organiser.get(here).json()
    tenant.organiser.form(here, {"mapping": ["name", "email"], "with_header": "true", "encoding": "windows-1250", "separator": "semicolon", "_if_match": one["version"], "_return": here}, method="PATCH")
    tenant.organiser.form(f"{here}/run", {"_return": here})
    assert tally(wait(tenant, one, "done")) == {"made": 1, "error": 1}
    assert "zły" in tenant.organiser.page(f"{here}/rows?outcome=error").text
    tenant.organiser.form(f"{here}/undo", {"_return": here})
    done = wait(tenant, one, "undone")
    tenant.organiser.form(here, {"_if_match": done["version"], "_return": f"/platforms/{tenant.slug}/imports/people"}, method="DELETE")
