"""test_lists_out.py: lists as files for people and programs: CSV, workbooks, cards, calendars; read back by other programs."""

import csv
import datetime
import io
import re
import subprocess
import urllib.parse
import zipfile
from zoneinfo import ZoneInfo

import icalendar
import openpyxl
import pytest
import vobject

from asking import answer, ask, coming
from database import psql
from happenings import invite, make_meeting

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HOSTILE = ['=HYPERLINK("http://evil.example","x")', "+1+cmd|' /C calc'!A0", "@SUM(1)", "<script>alert(1)</script>", "'; drop table person; --", "_x0041_ i _x000D_", "＝1+1", 'a"b;c,d']


def book_of(response):
    assert response.headers["Content-Type"] == XLSX
    assert int(response.headers["Content-Length"]) == len(response.content)
    return openpyxl.load_workbook(io.BytesIO(response.content))


def table(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def columns_of(sheet):
    """{heading: its cells}"""
    rows = table(sheet)
    return {name: [row[n] for row in rows[1:]] for n, name in enumerate(rows[0])}


def rows_of(response, separator=","):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), delimiter=separator))


def saved_as(response):
    found = re.search(r"filename\*=UTF-8''(\S+)$", response.headers["Content-Disposition"])
    return urllib.parse.unquote(found[1])


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant, title="Walne zgromadzenie: „Łódź”/2031")


@pytest.fixture
def path(meeting):
    return f"meetings/{meeting['slug']}"


@pytest.fixture
def people(tenant, meeting, path):
    """Somebody who answered and came, with an answer to a question; and others with names that mean harm."""
    diet = ask(tenant, meeting, "single_choice", "Dieta, =jaka?")
    number = ask(tenant, meeting, "number", "Ile osób?")
    anna = coming(tenant, meeting, "Anna Żak", email="anna@example.org", position="wójt", organisation="Gmina A")
    answer(tenant, anna, diet, choices=["weganska"])
    answer(tenant, anna, number, number=2.5)
    tenant.assistant.create(f"{path}/attendance", person_id=anna["person"]["id"], arrived_at="2031-05-06T08:05:30Z", note="o czasie")
    for n, name in enumerate(HOSTILE):
        invite(tenant, meeting, name, email=f"zly.{n}@example.org")
    return {"anna": anna}


# ── Columns, headings, separators: the same for every table ──


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_columns_are_chosen(tenant, people, path, suffix):
    file = tenant.viewer.get(f"{path}/attendees.{suffix}?columns=email,name")
    rows = rows_of(file) if suffix == "csv" else table(book_of(file).active)
    assert rows[0] == ["email", "name"] and ["anna@example.org", "Anna Żak"] in rows and len(rows) == 2 + len(HOSTILE)
    same = tenant.viewer.get(f"{path}/attendees.{suffix}?columns=email&columns=name")
    assert (rows_of(same) if suffix == "csv" else table(book_of(same).active)) == rows


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_unknown_column_is_refused_by_name(tenant, path, suffix, method):
    file = tenant.viewer.send(method, f"{path}/attendees.{suffix}?columns=name,haslo,_cursor", 422)
    if method == "GET":
        errors = file.json()["errors"]
        assert [one["code"] for one in errors] == ["unknown_column", "unknown_column"] and all(one["pointer"] == "?columns" for one in errors)
        assert "`haslo`" in errors[0]["detail"] and "companion_of" in errors[0]["detail"] and "_cursor" not in errors[0]["detail"].split("There are:")[1]
    repeated = tenant.viewer.get(f"{path}/attendees.{suffix}?columns=name&columns=name", 422).json()["errors"]
    assert repeated[0]["code"] == "repeated"
    tenant.viewer.get(f"{path}/attendees.{suffix}?columns={','.join(['name'] * 2000)}", (414, 422))


def test_separators_and_the_byte_order_mark(tenant, people, path):
    plain = tenant.viewer.get(f"{path}/attendees.csv?columns=name,email").content
    assert plain.startswith(b"name,email\r\n")
    assert tenant.viewer.get(f"{path}/attendees.csv?columns=name,email&separator=semicolon").content.startswith(b"name;email\r\n")
    assert tenant.viewer.get(f"{path}/attendees.csv?columns=name,email&separator=tab").content.startswith(b"name\temail\r\n")
    assert tenant.viewer.get(f"{path}/attendees.csv?columns=name,email&bom=true").content.startswith(b"\xef\xbb\xbfname,email\r\n")
    assert tenant.viewer.get(f"{path}/attendees.csv?columns=name,email&excel=true").content.startswith(b"\xef\xbb\xbfname;email\r\n")
    assert tenant.viewer.get(f"{path}/attendees.csv?columns=name,email&excel=true&separator=tab").content.startswith(b"\xef\xbb\xbfname\temail\r\n")
    assert tenant.viewer.get(f"{path}/attendees.csv?separator=pipe", 422).json()["errors"][0]["pointer"] == "?separator"


@pytest.mark.parametrize("query", ["excel=true", "bom=true", "separator=semicolon", "separator=tab", "headers=pl"])
def test_a_csv_for_a_spreadsheet_holds_no_formula(tenant, people, path, query):
    separator = {"excel=true": ";", "separator=semicolon": ";", "separator=tab": "\t"}.get(query, ",")
    rows = rows_of(tenant.viewer.get(f"{path}/attendees.csv?{query}"), separator)
    assert len(rows) == 2 + len(HOSTILE)
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "@", "＝")]
    assert {"'" + name for name in HOSTILE if name[0] in "=+@＝"} <= {row[0] for row in rows}


def test_a_plain_csv_is_bare(tenant, people, path):
    assert set(HOSTILE) <= {row[0] for row in rows_of(tenant.viewer.get(f"{path}/attendees.csv"))}


def test_telephone_numbers_stay_readable(tenant):
    tenant.organiser.create("people", name="Jan", phone="+48 600 100 200")
    tenant.organiser.create("people", name="Ewa", phone="0048 12")
    assert "+48 600 100 200" in rows_of(tenant.viewer.get("people.csv?columns=name,phone"))[2]
    assert " +48 600 100 200" in rows_of(tenant.viewer.get("people.csv?columns=name,phone&excel=true"), ";")[2]
    sheet = book_of(tenant.viewer.get("people.xlsx?columns=name,phone")).active
    assert columns_of(sheet)["phone"] == ["0048 12", "+48 600 100 200"] and sheet["B2"].data_type == "s" and sheet["B2"].number_format == "@"


@pytest.mark.parametrize("language, name, response, yes", [("pl", "Imię i nazwisko", "obecność potwierdzona", "tak"), ("fi", "Nimi", "osallistuu", "kyllä"), ("en", "Name", "accepted", "yes")])
def test_headings_and_choices_in_words(tenant, people, path, language, name, response, yes):
    words = {row[0]: row for row in rows_of(tenant.viewer.get(f"{path}/attendees.csv?headers={language}&columns=name,response,attended"))}
    assert name in words and words["Anna Żak"][2] == yes
    bare = {row[0]: row for row in rows_of(tenant.viewer.get(f"{path}/attendees.csv?headers=names&columns=name,response,attended"))}
    assert "name" in bare and bare["Anna Żak"] == ["Anna Żak", "accepted", "true"] and (words["Anna Żak"][1] != "accepted" or language == "en")
    assert name in columns_of(book_of(tenant.viewer.get(f"{path}/attendees.xlsx?headers={language}")).active)


def test_every_column_has_its_words(tenant, meeting, people, path):
    lists = ["people", "organisations", f"{path}/attendees", f"{path}/invitations", f"{path}/attendance", f"{path}/agenda", f"{path}/speakers", f"{path}/answers"]
    for one in lists:
        names = rows_of(tenant.organiser.get(f"{one}.csv"))[0]
        for language in ("pl", "fi"):
            words = rows_of(tenant.organiser.get(f"{one}.csv?headers={language}"))[0]
            # A question is headed by its own words; what begins like a formula is guarded.
            left = [word for name, word in zip(names, words) if name == word and re.fullmatch("[a-z_]+", name)]
            assert len(words) == len(names) and left in ([], ["id"] if language == "en" else []), f"{one} in {language}: {left}"


def test_questions_are_columns(tenant, people, path):
    for one in ("attendees", "answers"):
        rows = rows_of(tenant.organiser.get(f"{path}/{one}.csv"))
        assert rows[0][-2:] == ["Dieta, =jaka?", "Ile osób?"]
        anna = next(row for row in rows if "Anna Żak" in row)
        assert anna[-2:] == ["wegańska", "2.5"]
        sheet = columns_of(book_of(tenant.organiser.get(f"{path}/{one}.xlsx")).active)
        place = sheet["name"].index("Anna Żak")
        assert sheet["Ile osób?"][place] == 2.5 and sheet["Dieta, =jaka?"][place] == "wegańska"
    chosen = rows_of(tenant.organiser.get(f"{path}/attendees.csv?columns=answers,name"))
    assert chosen[0] == ["Dieta, =jaka?", "Ile osób?", "name"]


def test_sensitive_answers_are_for_organisers(tenant, meeting, path):
    asked = ask(tenant, meeting, "short_text", "Choroby?", sensitive=True)
    one = coming(tenant, meeting)
    answer(tenant, one, asked, text="tajne")
    assert "tajne" in tenant.organiser.get(f"{path}/attendees.csv").text
    for api, suffix in ((tenant.viewer, "csv"), (tenant.assistant, "csv")):
        assert "Choroby" not in api.get(f"{path}/attendees.{suffix}").text
    assert "Choroby?" not in columns_of(book_of(tenant.viewer.get(f"{path}/attendees.xlsx")).active)
    assert "Choroby?" not in columns_of(book_of(tenant.assistant.get(f"{path}/workbook.xlsx?headers=en"))["Attendees"])


def test_a_saved_file_says_what_it_is(tenant, people, path):
    for suffix in ("csv", "xlsx", "vcf"):
        for method in ("GET", "HEAD"):
            file = tenant.viewer.send(method, f"{path}/attendees.{suffix}", 200, headers={"Accept-Language": "pl"})
            assert f'attachment; filename="attendees.{suffix}"' in file.headers["Content-Disposition"]
            assert saved_as(file) == f"2031-05-06 Walne zgromadzenie  „Łódź” 2031 – Lista uczestników.{suffix}"
            assert file.headers["X-Content-Type-Options"] == "nosniff"
    file = tenant.viewer.get("people.csv", headers={"Accept-Language": "fi"})
    assert saved_as(file) == f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d} Platform {tenant.slug} – Henkilöt.csv"


def test_a_long_title_makes_no_long_name(tenant):
    meeting = make_meeting(tenant, title="Ż" * 200)
    name = saved_as(tenant.viewer.get(f"meetings/{meeting['slug']}/attendees.csv"))
    assert len(name.encode()) < 200 and "Ż – " in name


# ── Workbooks ──


def test_a_workbook(tenant, meeting, people, path):
    book = book_of(tenant.viewer.get(f"{path}/attendees.xlsx", headers={"Accept-Language": "pl"}))
    assert book.sheetnames == ["Lista uczestników"]
    sheet = book.active
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == f"A1:O{len(HOSTILE) + 2}" and sheet["A1"].font.bold
    cells = columns_of(sheet)
    place = cells["name"].index("Anna Żak")
    assert cells["arrived_at"][place] == datetime.datetime(2031, 5, 6, 10, 5, 30) and sheet.cell(place + 2, 9).number_format == "yyyy\\-mm\\-dd hh:mm"
    assert cells["attended"][place] is True and cells["position"][place] == "wójt"
    answered = datetime.datetime.fromisoformat(rows_of(tenant.viewer.get(f"{path}/attendees.csv?q=zak"))[1][6].replace("Z", "+00:00"))
    local = answered.astimezone(ZoneInfo("Europe/Warsaw")).replace(tzinfo=None)
    assert abs(cells["responded_at"][place] - local) < datetime.timedelta(seconds=2)
    assert book.properties.title == f"{meeting['title']} – Lista uczestników" and book.properties.creator == f"Platform {tenant.slug}" and book.properties.created.year >= 2025
    widths = {letter: sheet.column_dimensions[letter].width for letter in "ABH"}
    assert widths["A"] > 30 and widths["H"] < 20


def test_hostile_names_are_texts_in_a_workbook(tenant, people, path):
    file = tenant.viewer.get(f"{path}/attendees.xlsx")
    sheet = book_of(file).active
    assert set(HOSTILE) - {"_x0041_ i _x000D_"} <= set(columns_of(sheet)["name"])
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    text = zipfile.ZipFile(io.BytesIO(file.content)).read("xl/worksheets/sheet1.xml").decode()
    assert "_x005F_x0041_ i _x005F_x000D_" in text and "<f>" not in text and "<script>" not in text and "hyperlink" not in text


def test_filters_hold_for_files(tenant, people, path):
    assert columns_of(book_of(tenant.viewer.get(f"{path}/attendees.xlsx?attended=true")).active)["name"] == ["Anna Żak"]
    assert columns_of(book_of(tenant.viewer.get(f"{path}/invitations.xlsx?response=accepted&limit=1")).active)["name"] == ["Anna Żak"]
    assert [row[1] for row in rows_of(tenant.viewer.get(f"{path}/answers.csv?q=zak"))] == ["name", "Anna Żak"]
    assert len(columns_of(book_of(tenant.viewer.get(f"{path}/invitations.xlsx?limit=1")).active)["name"]) == 1 + len(HOSTILE)
    tenant.viewer.get(f"{path}/invitations.xlsx?response=perhaps", 422)


def test_nobody_on_the_list(tenant, meeting, path):
    sheet = book_of(tenant.viewer.get(f"{path}/invitations.xlsx")).active
    assert sheet["A1"].value == "id" and sheet.max_row == 1
    assert tenant.viewer.get(f"{path}/attendees.vcf").text == ""


def test_links_are_for_those_who_may_hand_them_on(tenant, people, path):
    link = people["anna"]["rsvp_url"]
    assert link in columns_of(book_of(tenant.organiser.get(f"{path}/invitations.xlsx")).active)["rsvp_url"]
    assert link in tenant.organiser.get(f"{path}/invitations.csv").text
    assert set(columns_of(book_of(tenant.viewer.get(f"{path}/invitations.xlsx")).active)["rsvp_url"]) == {None}


def test_the_other_lists(tenant, meeting, people, path):
    item = tenant.organiser.create(f"{path}/agenda", title="=Otwarcie", duration_minutes=30)
    tenant.organiser.create(f"{path}/speakers", person_id=people["anna"]["person"]["id"], agenda_item_id=item["id"], role="moderator")
    agenda = columns_of(book_of(tenant.public.get(f"{path}/agenda.xlsx")).active)
    assert agenda["title"] == ["=Otwarcie"] and agenda["begins_at"] == [datetime.datetime(2031, 5, 6, 10)] and agenda["duration_minutes"] == [30]
    assert agenda["speakers"] == ["Anna Żak"]
    speakers = rows_of(tenant.public.get(f"{path}/speakers.csv?headers=pl&columns=name,role,agenda_item"))
    assert speakers[1] == ["Anna Żak", "moderacja", "'=Otwarcie"]
    came = rows_of(tenant.assistant.get(f"{path}/attendance.csv"))
    assert dict(zip(*came))["state"] == "present" and dict(zip(*came))["note"] == "o czasie"
    assert columns_of(book_of(tenant.assistant.get(f"{path}/attendance.xlsx?state=absent")).active)["name"] == []
    assert columns_of(book_of(tenant.viewer.get("organisations.xlsx")).active)["name"] == ["Gmina A"]


def test_the_whole_meeting(tenant, meeting, people, path):
    tenant.organiser.create(f"{path}/agenda", title="Otwarcie", duration_minutes=30)
    file = tenant.assistant.get(f"{path}/workbook.xlsx?headers=pl")
    book = book_of(file)
    assert book.sheetnames == ["Spotkanie", "Program", "Wystąpienia", "Zaproszenia", "Lista uczestników", "Obecność", "Odpowiedzi na pytania"]
    facts = dict(table(book["Spotkanie"]))
    assert facts["Tytuł"] == meeting["title"] and facts["Początek"] == datetime.datetime(2031, 5, 6, 10) and facts["Zaproszeni"] == 1 + len(HOSTILE) and facts["Udział"] == 1
    assert columns_of(book["Program"])["Tytuł"] == ["Otwarcie"] and "Anna Żak" in columns_of(book["Obecność"])["Imię i nazwisko"]
    assert "Ile osób?" in columns_of(book["Odpowiedzi na pytania"]) and columns_of(book["Wystąpienia"])["Rola"] == []
    assert saved_as(file).endswith("– całe spotkanie.xlsx") and "workbook.xlsx" in file.headers["Content-Disposition"]
    tenant.viewer.get(f"{path}/workbook.xlsx", 403)
    tenant.assistant.get("meetings/nie-ma/workbook.xlsx", 404)
    assert not tenant.assistant.send("HEAD", f"{path}/workbook.xlsx", 200).content


def test_libreoffice_reads_it(tenant, meeting, people, path, tmp_path):
    (tmp_path / "book.xlsx").write_bytes(tenant.organiser.get(f"{path}/workbook.xlsx?headers=pl").content)
    soffice = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "book.xlsx")]
    subprocess.run(soffice, check=True, capture_output=True, timeout=120)
    text = subprocess.run(["pdftotext", "-layout", str(tmp_path / "book.pdf"), "-"], check=True, capture_output=True, text=True).stdout
    assert "Anna Żak" in text and "=HYPERLINK" in text and "Imię i nazwisko" in text and "2031-05-06 10:00" in text


def test_who_may_not_read_gets_no_file(tenant, people, path):
    tenant.public.get(f"{path}/attendees.xlsx", 401)
    tenant.public.get(f"{path}/attendees.vcf", 401)
    tenant.viewer.get(f"{path}/attendance.xlsx", 403)
    tenant.viewer.get("meetings/nie-ma/attendees.xlsx", 404)
    tenant.viewer.get("meetings/nie-ma/attendance.csv", 403)
    tenant.public.get(f"{path}/agenda.xlsx", 401, headers={"Authorization": "Bearer nonsense"})


def test_a_draft_is_not_for_everybody(tenant):
    draft = make_meeting(tenant, status="draft")
    for suffix in ("csv", "xlsx", "ics"):
        tenant.public.get(f"meetings/{draft['slug']}/agenda.{suffix}", 404)


# ── Cards and calendars ──


def test_cards(tenant):
    tenant.organiser.create("people", name="dr hab. Anna Żak-Źdźbło", email="anna@example.org", phone="+48 600 100 200", position="wójt; gospodarz, „pierwsza”", organisation="Gmina Łęg\\Ż")
    tenant.organiser.create("people", name="Jan de Vries", sort_name="de Vries, Jan")
    tenant.organiser.create("people", name="Ż" * 60 + " " + "Ó" * 60)
    file = tenant.viewer.get("people.vcf")
    assert file.headers["Content-Type"] == "text/vcard; charset=utf-8"
    lines = file.content.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    assert [line.decode() for line in lines], "folded between characters"
    cards = {card.fn.value: card for card in vobject.readComponents(file.content.decode())}
    assert len(cards) == 3
    anna = cards["dr hab. Anna Żak-Źdźbło"]
    assert (anna.version.value, anna.n.value.family, anna.n.value.given, anna.n.value.prefix) == ("3.0", "Żak-Źdźbło", "Anna", "dr hab.")
    assert (anna.email.value, anna.tel.value, anna.title.value, anna.org.value) == ("anna@example.org", "+48 600 100 200", "wójt; gospodarz, „pierwsza”", ["Gmina Łęg\\Ż"])
    assert anna.uid.value.startswith("urn:uuid:")
    assert (cards["Jan de Vries"].n.value.family, cards["Jan de Vries"].n.value.given) == ("de Vries", "Jan")
    assert b"BEGIN:VCARD" in tenant.viewer.get("people.vcf?q=vries").content and tenant.viewer.get("people.vcf?q=vries").content.count(b"END:VCARD") == 1
    assert tenant.viewer.get("people", headers={"Accept": "text/vcard"}).content == file.content


def test_cards_of_those_who_come(tenant, people, path):
    cards = list(vobject.readComponents(tenant.viewer.get(f"{path}/attendees.vcf?attended=true").content.decode()))
    assert [(card.fn.value, card.org.value) for card in cards] == [("Anna Żak", ["Gmina A"])]
    hostile = list(vobject.readComponents(tenant.viewer.get(f"{path}/attendees.vcf").content.decode()))
    assert {card.fn.value for card in hostile} == {*HOSTILE, "Anna Żak"}


def test_the_agenda_as_calendar(tenant, meeting, path):
    first = tenant.organiser.create(f"{path}/agenda", title="Otwarcie; powitanie", duration_minutes=30, abstract="Wiersz\ndrugi")
    tenant.organiser.create(f"{path}/agenda", title="Dyskusja", starts_at="2031-05-06T09:00:00Z")
    tenant.organiser.create(f"{path}/agenda", title="Podsumowanie")  # nobody knows when
    file = tenant.public.get(f"{path}/agenda.ics")
    events = icalendar.Calendar.from_ical(file.content).walk("VEVENT")
    assert [str(one["SUMMARY"]) for one in events] == ["Otwarcie; powitanie", "Dyskusja"]
    begins, ends = events[0]["DTSTART"].dt, events[0]["DTEND"].dt
    assert (begins.isoformat(), ends.isoformat()) == ("2031-05-06T10:00:00+02:00", "2031-05-06T10:30:00+02:00")
    assert str(events[0]["UID"]) == f"{first['id']}@narada" and "drugi" in str(events[0]["DESCRIPTION"])
    vobject.readOne(file.content.decode())
    changed = tenant.organiser.patch(f"{path}/agenda/{first['id']}", {"title": "Otwarcie"}, version=first["version"]).json()
    again = icalendar.Calendar.from_ical(tenant.public.get(f"{path}/agenda.ics").content).walk("VEVENT")[0]
    assert again["UID"] == events[0]["UID"] and again["SEQUENCE"] == changed["version"] - 1 > events[0]["SEQUENCE"]
    assert str(icalendar.Calendar.from_ical(file.content)["X-WR-CALNAME"]) == meeting["title"]


# ── What takes long ──


@pytest.fixture(scope="module")
def crowd(make_tenant):
    """So many people that a page tells of the workbook in the making."""
    tenant = make_tenant()
    psql(tenant.server, "narada_owner", f"""
        select set_config('narada.platform_id', id::text, false) from platform where slug = '{tenant.slug}';
        insert into person (name) select 'Osoba ' || n from generate_series(1, 6000) n""")
    return tenant, make_meeting(tenant)


def test_a_page_counts_the_rows_and_leads_to_the_file(crowd):
    tenant, _ = crowd
    page = tenant.viewer.page("people.xlsx?progress=true&columns=name", language="pl")
    assert "Przygotowywanie pliku" in page.text and page.text.rstrip().endswith("</html>")
    link = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', page.text)[1]
    assert f'href="{link}"' in page.text and "Gotowe wiersze: 6000" in page.text
    file = tenant.viewer.get(link)
    assert len(columns_of(book_of(file).active)["name"]) == 6000 and saved_as(file).endswith("Osoby.xlsx")
    assert tenant.viewer.get(link).content == file.content, "it can be fetched again"
    tenant.organiser.get(link, 404)
    tenant.public.get(link, 401)
    assert tenant.viewer.get(link[:-8] + "aaa.xlsx", 404).json()["code"] == "file_gone"


def test_what_is_short_is_the_file_at_once(crowd):
    tenant, meeting = crowd
    book_of(tenant.viewer.get(f"meetings/{meeting['slug']}/attendees.xlsx?progress=true"))
    book_of(tenant.viewer.get("people.xlsx?columns=name"))


def test_faults_come_before_the_page(crowd):
    tenant, _ = crowd
    tenant.viewer.get("people.xlsx?progress=true&columns=haslo", 422)
    tenant.viewer.get("people.xlsx?progress=perhaps", 422)


# ── Pages ──


def test_what_a_page_offers_is_what_the_file_has(tenant, meeting, people, path):
    for one in ("people", "organisations", *(f"{path}/{name}" for name in ("attendees", "invitations", "attendance", "agenda", "speakers", "answers"))):
        page = tenant.organiser.page(one, language="pl").text
        offered = re.findall(r'name="columns" value="([a-z_]+)"', page)
        # The columns of the two questions come together, last.
        assert [name for name in offered if name != "answers"] == [name for name in rows_of(tenant.organiser.get(f"{one}.csv"))[0] if "?" not in name], one
        query = "&".join(f"columns={name}" for name in re.findall(r'name="columns" value="([a-z_]+)" checked', page))
        assert book_of(tenant.organiser.get(f"{one}.xlsx?progress=true&headers=pl&separator=&{query}")).active.max_column >= 4
        assert page.index(f"{one}.xlsx") < page.index(f"{one}.csv"), "XLSX comes first"


def test_files_of_a_filtered_page_are_filtered(tenant, people, path):
    page = tenant.organiser.page(f"{path}/invitations?response=accepted&q=a%26b&limit=10&lang=en").text
    assert '<input type="hidden" name="response" value="accepted">' in page and '<input type="hidden" name="q" value="a&amp;b">' in page
    assert 'type="hidden" name="limit"' not in page and 'type="hidden" name="lang"' not in page
