"""test_imports.py: inviting by lists as people really send them: read, looked at, corrected, run in the background, taken back."""

import concurrent.futures
import io
import time
import uuid
import zipfile

import openpyxl
import pytest
import requests

from database import psql
from happenings import all_items, counts, invite, link_path, make_meeting

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADER = "Imię i nazwisko;E-mail;Telefon;Stanowisko;Instytucja;Uwagi\r\n"


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant)


@pytest.fixture
def path(meeting):
    return f"meetings/{meeting['slug']}/imports"


def upload(tenant, path, content, media="text/csv", expect=201, **params):
    content = content.encode() if isinstance(content, str) else content
    return tenant.organiser.send("POST", path, expect, headers={"Content-Type": media}, data=content, params=params).json()


def workbook(rows, **more):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, change in more.items():
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def wait(tenant, path, one, *states):
    """The import once it is in one of these states."""
    until = time.monotonic() + 60
    while (now := tenant.organiser.get(f"{path}/{one['id']}").json())["state"] not in states:
        assert time.monotonic() < until, now
        time.sleep(0.05)
    return now


def run(tenant, path, one, expect="done"):
    begun = tenant.organiser.send("POST", f"{path}/{one['id']}/run", 200).json()
    assert begun["state"] == "running" and begun["started_at"]
    return wait(tenant, path, one, "done", "failed") if expect else begun


def undo(tenant, path, one):
    tenant.organiser.send("POST", f"{path}/{one['id']}/undo", 200)
    return wait(tenant, path, one, "undone", "failed")


def rows(tenant, path, one, **params):
    query = "&".join(f"{name}={value}" for name, value in {"limit": 500, **params}.items())
    return all_items(tenant.organiser, f"{path}/{one['id']}/rows?{query}")


def tally(one):
    """The outcomes that there are."""
    found = dict(one["counts"])
    total = found.pop("rows")
    assert sum(found.values()) == total
    return {name: number for name, number in found.items() if number}


def fields(one):
    return [column["field"] for column in one["columns"]]


def invitees(tenant, meeting):
    return {one["person"]["email"]: one for one in all_items(tenant.organiser, f"meetings/{meeting['slug']}/invitations?limit=500")}


# ── Files as people's programs make them ──

PEOPLE = "Żaneta Gęś;zaneta@example.org;600 700 800;wójt;Gmina Łąka;\"dieta:\r\n\"\"bez\"\" glutenu\"\r\nJan Kowalski;jan@example.org;;;;\r\n"


@pytest.mark.parametrize("bytes_of, encoding, separator", [
    (lambda text: text.encode("cp1250"), "windows-1250", "semicolon"),
    (lambda text: b"\xef\xbb\xbf" + text.encode(), "utf-8", "semicolon"),
    (lambda text: text.encode("iso-8859-2"), "iso-8859-2", "semicolon"),
    (lambda text: b"\xff\xfe" + text.replace(";", "\t").encode("utf-16le"), "utf-16le", "tab"),
    (lambda text: b"\xfe\xff" + text.replace(";", "\t").encode("utf-16be"), "utf-16be", "tab"),
    (lambda text: text.replace(";", ",").encode(), "utf-8", "comma"),
    (lambda text: text.replace(";", "\t").encode(), "utf-8", "tab"),
    (lambda text: text.replace(";", "|").replace("\r\n", "\n").encode(), "utf-8", "pipe"),
])  # fmt: skip
def test_a_csv_of_any_kind(tenant, meeting, path, bytes_of, encoding, separator):
    one = upload(tenant, path, bytes_of(HEADER + PEOPLE), file_name="lista gości.csv")
    assert (one["state"], one["format"], one["file_name"]) == ("preview", "csv", "lista gości.csv")
    assert (one["encoding"], one["separator"], one["with_header"]) == (encoding, separator, True)
    assert fields(one) == ["name", "email", "phone", "position", "organisation", "note"]
    assert one["columns"][0] == {"heading": "Imię i nazwisko", "field": "name", "samples": ["Żaneta Gęś", "Jan Kowalski"]}
    assert tally(one) == {"new": 2} and counts(tenant, meeting)["invited"] == 0

    done = run(tenant, path, one)
    assert tally(done) == {"invited": 2} and done["handled"] == 2 and done["finished_at"]
    person = tenant.organiser.get(f"people/{invitees(tenant, meeting)['zaneta@example.org']['person']['id']}").json()
    assert (person["name"], person["phone"], person["position"], person["organisation"]) == ("Żaneta Gęś", "600 700 800", "wójt", "Gmina Łąka")
    assert person["note"] == 'dieta:\n"bez" glutenu'


def test_a_workbook(tenant, meeting, path):
    def more(book):
        sheet = book.active
        sheet["A5"], sheet["B5"] = "Ewa Formuła", '="ewa"&"@example.org"'
        sheet.row_dimensions[3].hidden = True
        book.create_sheet("inny").append(["nie ten"])

    import datetime

    content = workbook([
        ["Nazwisko", "Imię", "Adres e-mail", "Nr telefonu", "Data", "Organizacja"],
        ["Łoś", "Jan", "JAN@example.org", 48600700800, datetime.date(2026, 11, 24), "Urząd"],
        ["Ukryta", "Ola", "ola@example.org", None, None, None],
        ["de Vries", "Åsa", "asa@example.org", 123.5, None, None],
    ])  # fmt: skip
    one = upload(tenant, path, content, XLSX, file_name="lista.xlsx")
    assert (one["format"], one["encoding"], one["separator"], one["sheet"], one["hidden_rows"]) == ("xlsx", None, None, "Sheet", 0)
    assert fields(one) == ["last_name", "first_name", "email", "phone", "ignore", "organisation"]
    assert one["columns"][3]["samples"] == ["48600700800", "123.5"] and one["columns"][4]["samples"] == ["2026-11-24"]
    empty = upload(tenant, path, workbook([], more=lambda book: book.create_sheet("Lista").append(["a@example.org"])), XLSX)
    assert empty["sheet"] == "Lista" and tally(empty) == {"new": 1}
    hidden = upload(tenant, path, workbook([["Name", "E-mail"], ["A", "a@example.org"], ["B", "b@example.org"]], hide=more), XLSX)
    assert hidden["hidden_rows"] == 1 and [row["row"] for row in rows(tenant, path, hidden)] == [2, 5]

    run(tenant, path, one)
    found = invitees(tenant, meeting)
    assert set(found) == {"JAN@example.org", "ola@example.org", "asa@example.org"}
    assert found["JAN@example.org"]["person"]["name"] == "Jan Łoś" and found["asa@example.org"]["person"]["name"] == "Åsa de Vries"
    assert tenant.organiser.get(f"people/{found['JAN@example.org']['person']['id']}").json()["sort_name"] == "Łoś Jan"


def test_what_a_formula_gave(tenant, path):
    sheet = """<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
        <row r="1"><c r="A1" t="inlineStr"><is><t>E-mail</t></is></c></row>
        <row r="2"><c r="A2" t="str"><f>"ewa"&amp;"@example.org"</f><v>ewa@example.org</v></c></row></sheetData></worksheet>"""
    source, out = zipfile.ZipFile(io.BytesIO(workbook([["E-mail"]]))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.namelist():
            target.writestr(item, sheet if item == "xl/worksheets/sheet1.xml" else source.read(item))
    one = upload(tenant, path, out.getvalue(), XLSX)
    assert [row["email"] for row in rows(tenant, path, one)] == ["ewa@example.org"]


def test_addresses_pasted_from_a_mail(tenant, meeting, path):
    text = 'Jan Łoś <jan@example.org>; "Nowak, Ola" <ola@example.org>;\n mailto:ewa@example.org.'
    one = tenant.organiser.create(path, text=text)
    assert (one["format"], one["with_header"], fields(one)) == ("addresses", False, ["name", "email"])
    assert [(row["name"], row["email"]) for row in rows(tenant, path, one)] == [
        ("Jan Łoś", "jan@example.org"), ("Nowak, Ola", "ola@example.org"), ("ewa@example.org", "ewa@example.org")]  # fmt: skip
    run(tenant, path, one)
    assert counts(tenant, meeting)["invited"] == 3


def test_decomposed_letters_and_what_is_not_seen(tenant, path):
    one = upload(tenant, path, "Name;E-mail\n\u00a0Zaja\u0328c\u200b; jan@example.org\u00a0\n'+48 x;ola@example.org")
    assert [row["name"] for row in rows(tenant, path, one)] == ["Zając", "+48 x"]


# ── What is wrong with a row ──


def test_each_row_has_its_own_fate(tenant, meeting, path):
    text = (
        "Name;E-mail;Phone;Language\n"
        "A;a@example.org;4.86E+10;polski\n"  # the spreadsheet rounded it away
        "B;b@@example.org;;\n"
        ";;600;\n"
        "C;c@example.org, d@example.org;;\n"
        "D;A@EXAMPLE.ORG;;\n"
        "E;Ewa <e@example.org>;;klingon\n"
        + "x" * 201 + ";long@example.org;;\n"
        "F;;;fi\n"
    )  # fmt: skip
    one = upload(tenant, path, text)
    found = {row["row"]: (row["outcome"], row["code"]) for row in rows(tenant, path, one)}
    assert found == {
        2: ("new", "import_phone_damaged"), 3: ("error", "import_bad_email"), 4: ("error", "import_nobody"), 5: ("error", "import_two_addresses"),
        6: ("duplicate", None), 7: ("new", "import_language_unknown"), 8: ("error", "import_too_long"), 9: ("new", None),
    }  # fmt: skip
    assert [row["row"] for row in rows(tenant, path, one, outcome="error")] == [3, 4, 5, 8]
    done = run(tenant, path, one)
    assert tally(done) == {"invited": 3, "error": 4, "duplicate": 1} and done["handled"] == 8
    assert set(invitees(tenant, meeting)) == {"a@example.org", "e@example.org", None}
    report = tenant.organiser.get(f"{path}/{one['id']}/rows.csv?excel=true").content.decode("utf-8-sig").splitlines()
    assert report[0].startswith("row;outcome;code;name;email") and len(report) == 9
    assert report[2].startswith("3;error;import_bad_email;B;b@@example.org;")


def test_an_error_nobody_thought_of_stops_only_its_row(server, tenant, meeting, path):
    psql(server, "narada_owner", f"alter table person add constraint no_devils check (name <> 'Devil {tenant.slug}') not valid")
    try:
        one = upload(tenant, path, f"Name;E-mail\nA;a@example.org\nDevil {tenant.slug};d@example.org\nB;b@example.org\n")
        assert tally(run(tenant, path, one)) == {"invited": 2, "error": 1}
        assert [row["code"] for row in rows(tenant, path, one, outcome="error")] == ["import_row_failed"]
    finally:
        psql(server, "narada_owner", "alter table person drop constraint no_devils")


# ── Nothing twice ──


def test_people_are_known_by_their_address(tenant, meeting, path):
    known = tenant.owner.create("people", name="Jan Łoś", email="Jan.Los@Example.org", position="wójt")
    invited = invite(tenant, meeting, "Ola", email="ola@example.org")
    tenant.organiser.patch(f"meetings/{meeting['slug']}/invitations/{invited['id']}", {"response": "accepted"}, version=invited["version"])
    one = upload(tenant, path, "Name;E-mail;Position\nJ. Los;jan.los@example.ORG;\nAleksandra;OLA@example.org;szefowa\nNowa;nowa@example.org;\n")
    assert tally(one) == {"matched": 1, "already_invited": 1, "new": 1}
    assert tally(run(tenant, path, one)) == {"invited": 2, "already_invited": 1}
    found = invitees(tenant, meeting)
    assert found["Jan.Los@Example.org"]["person"]["id"] == known["id"]
    person = tenant.organiser.get(f"people/{known['id']}").json()
    assert (person["name"], person["position"]) == ("Jan Łoś", "wójt")  # an empty cell deletes nothing
    assert found["ola@example.org"]["response"] == "accepted"  # and nobody's answer is touched


def test_the_same_file_again(tenant, meeting, path):
    text = "Name;E-mail;Company\nA;a@example.org;X\nB;;Y\nB;;Z\nB;;Y\n"
    first = run(tenant, path, upload(tenant, path, text))
    assert tally(first) == {"invited": 3, "duplicate": 1}
    again = upload(tenant, path, text)
    assert tally(again) == {"already_invited": 3, "duplicate": 1}
    assert tally(run(tenant, path, again)) == {"already_invited": 3, "duplicate": 1}
    assert counts(tenant, meeting)["invited"] == 3 and len(all_items(tenant.viewer, "people")) == 3


def test_two_lists_at_once(tenant, meeting, path):
    lists = [upload(tenant, path, "E-mail\n" + "".join(f"p{n}@example.org\n" for n in order)) for order in (range(600), range(599, -1, -1))]
    for one in lists:
        run(tenant, path, one, expect=None)
    done = [tally(wait(tenant, path, one, "done", "failed")) for one in lists]
    assert sum(one.get("invited", 0) for one in done) == 600 and sum(one.get("already_invited", 0) for one in done) == 600
    assert counts(tenant, meeting)["invited"] == 600


def test_a_row_that_was_invited_meanwhile(tenant, meeting, path):
    one = upload(tenant, path, "Name;E-mail\nA;a@example.org\n")
    invite(tenant, meeting, "A", email="A@example.org")
    assert tally(run(tenant, path, one)) == {"already_invited": 1}


def test_who_was_withdrawn_is_invited_anew(tenant, meeting, path):
    invited = invite(tenant, meeting, "A", email="a@example.org")
    tenant.organiser.delete(f"meetings/{meeting['slug']}/invitations/{invited['id']}", version=invited["version"])
    one = upload(tenant, path, "E-mail\na@example.org\n")
    assert tally(one) == {"matched": 1} and tally(run(tenant, path, one)) == {"invited": 1}
    assert counts(tenant, meeting)["invited"] == 1


# ── Correcting how it was understood ──


def change(tenant, path, one, expect=200, **body):
    return tenant.organiser.patch(f"{path}/{one['id']}", body, expect, version=one["version"]).json()


def test_another_mapping(tenant, path):
    one = upload(tenant, path, "x;y;z\nJan;jan@example.org;600\n")
    assert one["with_header"] is False and fields(one) == ["name", "email", "ignore"] and tally(one) == {"new": 1, "error": 1}
    two = change(tenant, path, one, with_header=True, mapping=["name", "email", "phone"])
    assert tally(two) == {"new": 1} and two["columns"][2] == {"heading": "z", "field": "phone", "samples": ["600"]}
    assert rows(tenant, path, two)[0]["phone"] == "600"
    assert change(tenant, path, two, 422, mapping=["email", "email", "phone"])["code"] == "import_column_twice"
    assert change(tenant, path, two, 422, mapping=["name", "email"])["code"] == "import_mapping_length"
    assert change(tenant, path, two, 422, mapping=["phone", "ignore", "ignore"])["code"] == "import_needs_column"
    change(tenant, path, two, 422, mapping=["name", "email", "shoe size"])
    change(tenant, path, one, 412, with_header=True)


def test_the_same_headings_are_understood_the_same_again(tenant, stranger, path):
    text = "Gość;Kontakt;Rola\nJan;jan@example.org;wójt\n"
    one = upload(tenant, path, text)
    assert (one["with_header"], fields(one)) == (True, ["ignore", "email", "position"])
    change(tenant, path, one, mapping=["name", "email", "note"])
    assert fields(upload(tenant, path, text)) == ["ignore", "email", "position"]  # nobody has run it yet
    run(tenant, path, one)
    assert fields(upload(tenant, path, text)) == ["name", "email", "note"]
    assert fields(upload(tenant, path, text.replace("Rola", "Funkcja"))) == ["ignore", "email", "position"]
    there = make_meeting(stranger)
    assert fields(upload(stranger, f"meetings/{there['slug']}/imports", text)) == ["ignore", "email", "position"]


def test_without_names_or_addresses_nothing_is_run(tenant, path):
    one = upload(tenant, path, "a;b\n1;2\n")
    one = change(tenant, path, one, 422, mapping=["ignore", "ignore"])
    lists = upload(tenant, path, "1;2\n3;4\n")
    assert fields(lists) == ["ignore", "ignore"]
    assert tenant.organiser.send("POST", f"{path}/{lists['id']}/run", 422).json()["code"] == "import_needs_column"


def test_another_encoding_and_separator(tenant, path):
    text = "Name;E-mail\nŁoś, Jan;jan@example.org\nGęś, Ewa;ewa@example.org\n".encode("cp1250")
    one = upload(tenant, path, text, encoding="iso-8859-2", separator="comma")
    assert (one["encoding"], one["separator"]) == ("iso-8859-2", "comma")
    begun = change(tenant, path, one, encoding="windows-1250", separator="semicolon")
    two = wait(tenant, path, begun, "preview")
    assert (two["encoding"], two["separator"], two["problem"]) == ("windows-1250", "semicolon", None)
    assert [row["name"] for row in rows(tenant, path, two)] == ["Łoś, Jan", "Gęś, Ewa"] and fields(two) == ["name", "email"]
    three = wait(tenant, path, change(tenant, path, two, encoding="utf-8"), "preview")
    assert (three["problem"], three["encoding"]) == ("list_bad_encoding", "windows-1250") and tally(three) == {"new": 2}
    four = wait(tenant, path, change(tenant, path, three, separator=None), "preview")
    assert (four["problem"], four["separator"]) == (None, "semicolon")


def test_a_workbook_says_itself_how_it_is_written(tenant, path):
    one = upload(tenant, path, workbook([["E-mail"], ["a@example.org"]]), XLSX)
    assert change(tenant, path, one, 409, encoding="utf-8")["code"] == "import_is_workbook"


def test_only_a_preview_can_be_changed_or_run(tenant, path):
    one = run(tenant, path, upload(tenant, path, "E-mail\na@example.org\n"))
    assert change(tenant, path, one, 409, with_header=False)["code"] == "import_not_in_preview"
    assert tenant.organiser.send("POST", f"{path}/{one['id']}/run", 409).json()["code"] == "import_not_in_preview"


# ── What is no list ──


def zip_bomb():
    source, out = zipfile.ZipFile(io.BytesIO(workbook([["E-mail"]]))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.namelist():
            content = source.read(item)
            if item == "xl/worksheets/sheet1.xml":
                content = content.replace(b"<sheetData>", b"<sheetData>" + b" " * (100 * 1024 * 1024))
            target.writestr(item, content)
    return out.getvalue()


def one_long_text_everywhere(rows=600):
    """A small workbook whose cells all refer to one text."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = '<Relationship Id="{}" Type="' + kinds + '/{}" Target="{}"/>'
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts = {
        "_rels/.rels": relations.format(relation.format("a", "officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": relations.format(relation.format("b", "worksheet", "worksheets/sheet1.xml") + relation.format("c", "sharedStrings", "sharedStrings.xml")),
        "xl/workbook.xml": f'<workbook {space} xmlns:r="{kinds}"><sheets><sheet name="Lista" sheetId="1" r:id="b"/></sheets></workbook>',
        "xl/sharedStrings.xml": f"<sst {space}><si><t>{'x' * 30000}</t></si></sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {space}><sheetData>" + '<row><c t="s"><v>0</v></c></row>' * rows + "</sheetData></worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize("content, media, code", [
    (lambda: b" \r\n;;\r\n", "text/csv", "list_empty"),
    (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "text/csv", "list_not_text"),
    (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), XLSX, "list_old_excel"),
    (lambda: b"%PDF-1.7\n", "text/csv", "list_not_a_list"),
    (lambda: b"Name;E-mail\n\"A;a@example.org\n", "text/csv", "list_unclosed_quote"),
    (lambda: b"a@example.org\n" * 20002, "text/csv", "list_too_many_rows"),
    (lambda: b";".join([b"x"] * 101), "text/csv", "list_too_many_columns"),
    (lambda: b"E-mail;x\n;" + b"x" * 40000, "text/csv", "list_cell_too_long"),
    (lambda: workbook([["E-mail"]])[:-200], XLSX, "xlsx_broken"),
    (lambda: workbook([["E-mail"], ["a@example.org"]]).replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet9.xml"), XLSX, "xlsx_broken"),
    (zip_bomb, XLSX, "xlsx_too_large"),
    (one_long_text_everywhere, XLSX, "xlsx_too_large"),
])  # fmt: skip
def test_what_is_wrong_is_named(tenant, path, content, media, code):
    assert upload(tenant, path, content(), media, 422)["code"] == code
    assert all_items(tenant.organiser, path) == []


def test_an_encoding_that_it_is_not_written_in(tenant, path):
    assert upload(tenant, path, "Łoś".encode("cp1250"), expect=422, encoding="utf-8")["code"] == "list_bad_encoding"


def test_a_document_type(tenant, path):
    source, out = zipfile.ZipFile(io.BytesIO(workbook([["E-mail"]]))), io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for item in source.namelist():
            content = source.read(item)
            if item == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + content.split(b"?>", 1)[-1]
            target.writestr(item, content)
    assert upload(tenant, path, out.getvalue(), XLSX, 422)["code"] == "xlsx_forbidden"


def test_how_large_a_list_may_be(server, tenant, path):
    line = "Name;E-mail;Note\n" + "".join(f"A;a{n}@example.org;{'x' * 3000}\n" for n in range(1000))
    assert tally(upload(tenant, path, line)) == {"new": 1000}
    upload(tenant, path, "x" * (8 * 1024 * 1024 + 1), expect=413)
    tenant.organiser.send("POST", "people", 413, headers={"Content-Type": "application/json"}, data=b'{"name": "' + b"x" * 1100000 + b'"}')
    tenant.public.send("POST", path, 413, headers={"Content-Type": "text/csv"}, data=line.encode())


def test_nothing_is_read_for_who_may_not(tenant, stranger, path):
    for api, status in ((tenant.public, 401), (tenant.viewer, 403), (tenant.assistant, 403), (stranger.owner, 404)):
        api.send("POST", f"/platforms/{tenant.slug}/{path}", status, headers={"Content-Type": XLSX}, data=b"PK\3\4 broken")


# ── Ten thousand ──


def test_ten_thousand_rows(tenant, meeting, path):
    known = tenant.owner.create("people", name="Jan Łoś", email="P77@example.org")
    lines = [f"Osoba {n};p{n}@example.org;{600000000 + n};Gmina {n % 300}" for n in range(9990)]
    lines += ["Zła;zly adres;;"] * 4 + [f"Znowu;P{n}@Example.org;;" for n in range(6)]
    one = upload(tenant, path, ("Imię i nazwisko;E-mail;Telefon;Gmina\n" + "\n".join(lines)).encode("cp1250"))
    assert one["counts"]["rows"] == 10000 and tally(one) == {"new": 9989, "matched": 1, "error": 4, "duplicate": 6}
    run(tenant, path, one, expect=None)
    assert 'http-equiv="refresh"' in tenant.organiser.page(f"{path}/{one['id']}").text  # without JavaScript
    assert tenant.organiser.delete(f"{path}/{one['id']}", 409, version="*").json()["code"] == "import_at_work"
    seen = set()
    while (now := tenant.organiser.get(f"{path}/{one['id']}").json())["state"] == "running":
        seen.add(now["handled"])
        time.sleep(0.02)
    assert now["state"] == "done" and now["handled"] == 10000 and tally(now) == {"invited": 9990, "error": 4, "duplicate": 6}
    assert len(seen) > 2 and max(seen) <= 10000, seen
    assert counts(tenant, meeting)["invited"] == 9990
    assert tenant.organiser.get(f"people/{known['id']}").json()["name"] == "Jan Łoś"
    again = upload(tenant, path, ("E-mail\n" + "\n".join(f"P{n}@EXAMPLE.org" for n in range(9990))))
    assert tally(again) == {"already_invited": 9990}
    assert tally(undo(tenant, path, now)) == {"withdrawn": 9990, "error": 4, "duplicate": 6}
    assert counts(tenant, meeting)["invited"] == 0 and [one["id"] for one in all_items(tenant.viewer, "people")] == [known["id"]]


# ── Taking back ──


def test_a_list_is_taken_back_as_a_whole(tenant, meeting, path):
    known = tenant.owner.create("people", name="Znana", email="znana@example.org")
    before = invite(tenant, meeting, "Wcześniej", email="przed@example.org")
    one = run(tenant, path, upload(tenant, path, "Name;E-mail\nA;a@example.org\nB;b@example.org\nC;c@example.org\nD;d@example.org\nZ;znana@example.org\nP;przed@example.org\n"))
    assert tally(one) == {"invited": 5, "already_invited": 1}
    found = invitees(tenant, meeting)
    answered, grouped, edited = (found[f"{letter}@example.org"] for letter in "bcd")
    tenant.organiser.patch(f"meetings/{meeting['slug']}/invitations/{answered['id']}", {"response": "declined"}, version=answered["version"])
    group = tenant.owner.create("groups", name="grupa")
    tenant.owner.create(f"groups/{group['id']}/members", person_id=grouped["person"]["id"])
    tenant.owner.patch(f"people/{edited['person']['id']}", {"position": "wójt"}, version=1)
    back = undo(tenant, path, one)
    assert back["state"] == "undone" and tally(back) == {"withdrawn": 4, "invited": 1, "already_invited": 1}
    assert [row["email"] for row in rows(tenant, path, one, outcome="invited")] == ["b@example.org"]
    assert rows(tenant, path, one, outcome="invited")[0]["code"] == "import_kept_answered"
    left = invitees(tenant, meeting)
    assert set(left) == {"b@example.org", "przed@example.org"} and left["przed@example.org"]["id"] == before["id"]
    people = {person["email"] for person in all_items(tenant.viewer, "people")}
    assert people == {"b@example.org", "c@example.org", "d@example.org", "znana@example.org", "przed@example.org"}
    tenant.public.page(link_path(found["znana@example.org"]), 410)
    assert tenant.organiser.send("POST", f"{path}/{one['id']}/undo", 409).json()["code"] == "import_not_done"
    assert tally(run(tenant, path, upload(tenant, path, "Name;E-mail\nA;a@example.org\nZ;znana@example.org\n"))) == {"invited": 2}


def test_what_was_not_run_can_not_be_taken_back(tenant, path):
    one = upload(tenant, path, "E-mail\na@example.org\n")
    assert tenant.organiser.send("POST", f"{path}/{one['id']}/undo", 409).json()["code"] == "import_not_done"


def test_throwing_a_list_away(tenant, meeting, path):
    one = upload(tenant, path, "E-mail\na@example.org\n")
    tenant.organiser.delete(f"{path}/{one['id']}", 412, version=77)
    tenant.organiser.delete(f"{path}/{one['id']}", version=one["version"])
    tenant.organiser.get(f"{path}/{one['id']}", 404)
    done = run(tenant, path, upload(tenant, path, "E-mail\na@example.org\n"))
    tenant.organiser.delete(f"{path}/{done['id']}", version=done["version"])
    assert counts(tenant, meeting)["invited"] == 1


# ── Around it ──


def test_the_history_says_imported(tenant, meeting, path):
    run(tenant, path, upload(tenant, path, "E-mail\na@example.org\n"))
    one = invitees(tenant, meeting)["a@example.org"]
    event = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/{one['id']}/history").json()["items"][0]
    assert (event["cause"], event["by_service"]) == ("imported", False) and event["by"]


def test_bytes_go_once_it_is_run_and_rows_later(server, tenant, path):
    one = upload(tenant, path, "E-mail\na@example.org\n")
    kept = lambda: psql(server, "narada_owner", f"select content is not null from import where id = '{one['id']}'")
    assert kept() == ["t"]
    run(tenant, path, one)
    assert kept() == ["f"]
    psql(server, "narada_service", "select sweep_imports()")
    assert len(rows(tenant, path, one)) == 1
    psql(server, "narada_owner", f"update import set expires_at = now() - interval '1 second' where id = '{one['id']}'")
    psql(server, "narada_service", "select sweep_imports()")
    tenant.organiser.get(f"{path}/{one['id']}", 404)
    assert psql(server, "narada_owner", f"select count(*) from import_row where import_id = '{one['id']}'") == ["0"]


def test_a_cancelled_meeting(tenant, meeting, path):
    one = upload(tenant, path, "E-mail\na@example.org\n")
    tenant.owner.patch(f"meetings/{meeting['slug']}", {"status": "cancelled"}, version=meeting["version"])
    assert upload(tenant, path, "E-mail\na@example.org\n", expect=409)["code"] == "meeting_cancelled"
    failed = run(tenant, path, one)
    assert (failed["state"], failed["problem"]) == ("failed", "meeting_cancelled") and tally(failed) == {"new": 1}


def test_the_lists_of_a_meeting(tenant, stranger, meeting, path):
    ids = [upload(tenant, path, f"E-mail\na{n}@example.org\n")["id"] for n in range(3)]
    assert [one["id"] for one in all_items(tenant.organiser, f"{path}?limit=2")] == ids[::-1]
    elsewhere = f"meetings/{make_meeting(tenant, title='Inne')['slug']}/imports"
    assert all_items(tenant.organiser, elsewhere) == []
    for suffix, method in (("", "GET"), ("/rows", "GET"), ("/run", "POST"), ("/undo", "POST")):
        tenant.organiser.send(method, f"{elsewhere}/{ids[0]}{suffix}", 404)
        stranger.owner.send(method, f"/platforms/{tenant.slug}/{path}/{ids[0]}{suffix}", 404)
    tenant.organiser.get(f"{path}/{uuid.uuid4()}", 404)
    there = make_meeting(stranger)
    assert all_items(stranger.organiser, f"meetings/{there['slug']}/imports") == []
    stranger.organiser.get(f"meetings/{there['slug']}/imports/{ids[0]}", 404)


# ── In the browser ──


def multipart(fields, file=None):
    """(Content-Type, body) as a browser sends a form with a file."""
    parts = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
    if file is not None:
        parts.append((f'name="file"; filename="{file[0]}"', file[1]))
    body = b"".join(b"--xyz\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + content + b"\r\n" for head, content in parts)
    return "multipart/form-data; boundary=xyz", body + b"--xyz--\r\n"


def post_form(tenant, path, fields, file=None, expect=303, language="pl"):
    media, body = multipart(fields, file)
    headers = {"Accept": "text/html", "Accept-Language": language, "Content-Type": media, "Origin": tenant.server.base_url}
    return tenant.organiser.send("POST", path, expect, headers=headers, data=body)


def test_uploading_correcting_and_running_by_forms(tenant, meeting, path):
    assert f"/{path}" in tenant.organiser.page(f"meetings/{meeting['slug']}/invitations").text
    assert 'enctype="multipart/form-data"' in tenant.organiser.page(path).text
    made = post_form(tenant, path, {}, ("C:\\lista.csv", "Osoba;Kontakt\r\nJan Łoś;jan@example.org\r\nOla;zły\r\n".encode("cp1250")))
    here = made.headers["Location"].split("?")[0]
    page = tenant.organiser.page(here, language="pl").text
    assert "lista.csv" in page and "Windows-1250" in page and "To nie jest adres e-mail." in page and "http-equiv" not in page
    one = tenant.organiser.get(here).json()
    tenant.organiser.form(here, {"mapping": ["name", "email"], "with_header": "true", "encoding": "windows-1250", "separator": "semicolon", "_if_match": one["version"],
                                 "_return": here}, method="PATCH")  # fmt: skip
    wrong = tenant.organiser.form(here, {"mapping": ["email", "email"], "_if_match": one["version"] + 1}, 422, method="PATCH", language="pl")
    assert "Dwie kolumny nie mogą zawierać tego samego." in wrong.text
    tenant.organiser.form(f"{here}/run", {"_return": here})
    assert tally(wait(tenant, path, one, "done")) == {"invited": 1, "error": 1}
    assert "/undo" in tenant.organiser.page(here).text
    listed = tenant.organiser.page(f"{here}/rows?outcome=error").text
    assert "zły" in listed and "Jan Łoś" not in listed
    tenant.organiser.form(f"{here}/undo", {"_return": here})
    done = wait(tenant, path, one, "undone")
    tenant.organiser.form(here, {"_if_match": done["version"], "_return": f"/platforms/{tenant.slug}/{path}"}, method="DELETE")


def test_a_refused_file_is_said_on_the_page(tenant, path):
    for file in (("a.pdf", b"%PDF-1.7"), ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1")):
        page = post_form(tenant, path, {}, file, 422).text
        assert "form-problem" in page and ("Excel" in page) and 'enctype="multipart/form-data"' in page
    nothing = post_form(tenant, path, {}, ("", b""), 422, language="en").text
    assert "form-problem" in nothing
    pasted = tenant.organiser.form(path, {"text": '"Jan;jan@example.org'}, 422, language="fi")
    assert "lainausmerkki" in pasted.text and "&quot;Jan;jan@example.org" in pasted.text
    elsewhere = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    media, body = multipart({}, ("a.csv", b"E-mail\na@example.org"))
    tenant.organiser.send("POST", path, 403, headers={"Content-Type": media, **elsewhere}, data=body)


def test_large_files_are_read_a_few_at_a_time(tenant, path):
    """Each takes many times its bytes of memory: the rest is asked to come again, and nothing else waits for them."""
    rows = b"".join(b"Osoba %d;osoba.%d@example.org;%s\n" % (n, n, b"x" * 600) for n in range(3000))
    url, headers = tenant.server.url(tenant.organiser.path(path)), {"Authorization": f"Bearer {tenant.tokens['organiser']}", "Content-Type": "text/csv", "Accept": "application/json"}
    with concurrent.futures.ThreadPoolExecutor(24) as clients:
        replies = list(clients.map(lambda _: requests.post(url, data=b"name;email;note\n" + rows, headers=headers, timeout=120), range(24)))
    busy = [reply for reply in replies if reply.status_code == 503]
    assert {reply.status_code for reply in replies} == {201, 503} and {reply.json()["code"] for reply in busy} == {"busy"}
    assert all(int(reply.headers["Retry-After"]) > 0 for reply in busy)
    upload(tenant, path, b"name;email;note\n" + rows)
