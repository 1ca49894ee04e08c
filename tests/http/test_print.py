"""test_print.py: what is printed of a meeting, read back by other programs, and certificates that can be verified."""

import base64
import re
import struct
import zlib

import pytest

from database import psql
from entrance import seated, ticket_path
from happenings import invite, link_path, make_meeting
from paper import codes, facts, fonts, language, pages, pdf, structure, text

NAMES = "Adam Åkerlund Ämmälä Ącki Czapla Ćma Kowalski Lato Łapa Nowak Ögren Öhman Sowa Śliwa Zając Zyga Źródło Żak".split()
IN_FINNISH = "Ącki Adam Ćma Czapla Kowalski Łapa Lato Nowak Śliwa Sowa Zając Żak Źródło Zyga Åkerlund Ämmälä Ögren Öhman".split()
HOSTILE = ["<script>alert(1)</script>", "'; drop table person; --", "%s%n & <b>x</b>", "(nawias) \\ ukośnik )", "Zażółć «gęślą» „jaźń”", "Ольга Ωmega", "W" * 200]
PAPER = ["sign-in-sheet", "badges", "name-cards", "agenda", "certificates", "report", "attendees", "attendance"]


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant, theme="Źródła i łąki")


@pytest.fixture
def path(meeting):
    return f"meetings/{meeting['slug']}"


def png(width=400, height=60, colour=b"\x00\x33\x99"):
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\x00" + colour * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AN//Z"
)


def upload(tenant, strip, content, media, expect=200):
    return tenant.organiser.send("POST", f"print-settings/logos/{strip}", expect, headers={"Content-Type": media}, data=content)


def came(tenant, meeting, one, state="present"):
    return tenant.assistant.post(f"meetings/{meeting['slug']}/attendance", {"person_id": one["person"]["id"], "state": state}).json()


@pytest.mark.parametrize("what", PAPER)
def test_every_paper_is_a_document_for_everybody(tenant, meeting, path, what):
    came(tenant, meeting, seated(tenant, meeting, "Łucja Żółć", organisation="Gmina Źrebię", position="wójt"))
    tenant.organiser.create(f"{path}/agenda", title="Otwarcie: łąki", duration_minutes=15)
    content = pdf(tenant.assistant, f"{path}/{what}.pdf?lang=pl")
    about = facts(content)
    assert about["Tagged"] == "yes" and about["Title"] and about["Creator"] == "Narada"
    assert language(content) == "pl"
    used = fonts(content)
    assert used and all(re.match(r"^[A-Z]{6}\+Lato-", name) for name, *_ in used)
    assert all(rest == ["yes", "yes", "yes"] for _, *rest in used)  # embedded, a subset, with Unicode
    assert structure(content)[0] == "Document"
    assert ("Otwarcie: łąki" if what == "agenda" else "Łucja Żółć") in " ".join(text(content).split())


@pytest.mark.parametrize("code, title", [("pl", "Lista obecności"), ("en", "Attendance sheet"), ("fi", "Läsnäololista")])
def test_a_sheet_speaks_the_language_asked_for(tenant, path, code, title):
    content = pdf(tenant.assistant, f"{path}/sign-in-sheet.pdf?lang={code}")
    assert facts(content)["Title"] == f"{title} – Źródła i łąki"
    assert (language(content), title in text(content)) == (code, True)


@pytest.mark.parametrize("code, order", [("pl", NAMES), ("fi", IN_FINNISH)])
def test_names_are_in_the_order_of_the_readers_language(tenant, meeting, path, code, order):
    for name in sorted(NAMES):
        seated(tenant, meeting, name)
    for what in ("sign-in-sheet", "name-cards"):
        seen = [word for word in text(pdf(tenant.assistant, f"{path}/{what}.pdf?lang={code}"), "-layout").split() if word in NAMES]
        assert list(dict.fromkeys(seen)) == order


def test_the_sheet_of_a_long_list(tenant, meeting, path):
    group = tenant.owner.create("groups", name="Wszyscy")
    for n in range(60):
        tenant.owner.create(f"groups/{group['id']}/members", person={"name": f"Osoba {n:03}", "email": f"osoba.{n}@example.org"})
    tenant.organiser.create(f"{path}/invitations", group_id=group["id"])
    content = pdf(tenant.assistant, f"{path}/sign-in-sheet.pdf?lang=pl&who=expected&blank=7")
    every = pages(content)
    assert len(every) == int(facts(content)["Pages"]) > 3
    for number, page in enumerate(every, 1):
        assert f"strona {number} z {len(every)}" in page
    assert all("Imię i nazwisko" in page and "Podpis" in page for page in every if re.search(r"^ *\d+ ", page, re.M))
    numbers = [int(n) for page in every for n in re.findall(r"^ {0,12}(\d+)(?: +Osoba \d+.*)? *$", page, re.M)]
    assert numbers == list(range(1, 68))
    assert "@" not in text(content) and "@" in text(pdf(tenant.assistant, f"{path}/sign-in-sheet.pdf?who=expected&email=true"))


def test_the_sheet_holds_who_is_expected(tenant, meeting, path):
    seated(tenant, meeting, "Anna Przyjęła")
    tenant.public.post(link_path(invite(tenant, meeting, "Ewa Odmowa")), {"response": "declined"}, 200)
    invite(tenant, meeting, "Jan Milczek")
    tenant.assistant.post(f"{path}/attendance", {"person": {"name": "Ktoś Zdrogi"}, "recorded_as": "walk_in"})
    names = ["Anna Przyjęła", "Ewa Odmowa", "Jan Milczek", "Ktoś Zdrogi"]
    on = lambda query: [name in text(pdf(tenant.assistant, f"{path}/sign-in-sheet.pdf?{query}")) for name in names]
    assert on("") == [True, False, False, True]
    assert on("who=expected") == [True, False, True, True]
    assert on("who=came") == [False, False, False, True]


def test_companions_stand_below_their_host(tenant):
    meeting = make_meeting(tenant, companions_allowed=2)
    seated(tenant, meeting, "Zofia Żak", companions=["Adam Towarzysz"])
    seated(tenant, meeting, "Bogna Ćma")
    seen = text(pdf(tenant.assistant, f"meetings/{meeting['slug']}/sign-in-sheet.pdf"))
    assert seen.index("Bogna Ćma") < seen.index("Zofia Żak") < seen.index("Adam Towarzysz")


def test_a_column_for_signatures_a_day(tenant):
    meeting = make_meeting(tenant, starts_at="2031-05-06T08:00:00Z", ends_at="2031-05-08T10:00:00Z")
    seen = " ".join(text(pdf(tenant.assistant, f"meetings/{meeting['slug']}/sign-in-sheet.pdf?lang=pl")).split())
    assert all(day in seen for day in ("6.05.2031", "7.05.2031", "8.05.2031")) and seen.count("Podpis ") == 4


def test_paper_is_as_wide_as_asked(tenant, path):
    size = lambda query: facts(pdf(tenant.assistant, f"{path}/{query}"))["Page size"]
    assert size("sign-in-sheet.pdf").startswith("841.89 x 595.276")
    assert size("sign-in-sheet.pdf?orientation=portrait").startswith("595.276 x 841.89")
    assert size("name-cards.pdf?size=large").startswith("841.89 x 595.276")
    tenant.assistant.get(f"{path}/sign-in-sheet.pdf?orientation=square", 422)
    tenant.assistant.get(f"{path}/sign-in-sheet.pdf?blank=201", 422)
    tenant.assistant.get(f"{path}/badges.pdf?start=0", 422)


def test_badges_have_the_tickets_code(server, tenant, meeting, path):
    one = seated(tenant, meeting, "Anna Żak", organisation="Gmina Śliwa")
    invite(tenant, meeting, "Jan Bez Miejsca")
    assert codes(pdf(tenant.assistant, f"{path}/badges.pdf?who=expected")) == [server.base_url + ticket_path(tenant, one)]


@pytest.mark.parametrize("sheet, labels", [("plain_90x55", 10), ("plain_a6", 4), ("L4784", 27), ("L4785", 10), ("C32011", 10), ("L7163", 14)])
def test_a_sheet_of_labels_is_filled_from_where_it_was_begun(tenant, meeting, path, sheet, labels):
    for name in ("Anna Żak", "Ewa Ćma"):
        seated(tenant, meeting, name)
    count = lambda start: len(pages(pdf(tenant.assistant, f"{path}/badges.pdf?sheet={sheet}&start={start}")))
    assert (count(1), count(labels - 1), count(labels)) == (1, 1, 2)


def test_hostile_and_long_names_stand_on_everything(tenant, meeting, path):
    for name in HOSTILE:
        came(tenant, meeting, seated(tenant, meeting, name, organisation="Ż" * 180, position="ś" * 150))
    for what in ("sign-in-sheet.pdf", "badges.pdf?sheet=L4784", "name-cards.pdf", "certificates.pdf", "report.pdf", "attendees.pdf"):
        content = pdf(tenant.assistant, f"{path}/{what}")
        seen = re.sub(r"\s+", "", text(content, "-raw"))
        for name in HOSTILE[:-1]:
            assert re.sub(r"\s+", "", name) in seen, (what, name)
        assert "W" * 20 in seen
    assert any("DejaVu" in name for name, *_ in fonts(content)) or all("Lato" in name for name, *_ in fonts(content))


def test_the_agenda_on_paper(tenant, meeting, path):
    one = tenant.organiser.create(f"{path}/agenda", title="Otwarcie", duration_minutes=30)
    tenant.organiser.create(f"{path}/agenda", title="Łąki i źródła", duration_minutes=45, abstract="Słowo " * 400)
    tenant.organiser.create(f"{path}/speakers", person={"name": "Ewa Ćma", "position": "prezes"}, agenda_item_id=one["id"], role="speaker")
    seen = text(pdf(tenant.public, f"{path}/agenda.pdf?lang=fi"), "-layout")
    assert "10.00–10.30" in seen and "10.30–11.15" in seen and "Ewa Ćma, prezes" in seen
    assert seen.count("Słowo") == 400
    assert "sivu 1 / " in seen


def test_logos_and_the_funders_text(tenant, path):
    bare = pdf(tenant.assistant, f"{path}/sign-in-sheet.pdf")
    assert upload(tenant, "top", png(), "image/png").json()["has_logo_top"] is True
    assert upload(tenant, "bottom", JPEG, "image/jpeg").json()["has_logo_bottom"] is True
    made = tenant.organiser.patch("print-settings", {"funder_text": "Dofinansowane przez Unię Europejską", "project_title": "Łąki", "project_number": "FE-1/25"}, version="*").json()
    assert (made["funder_text"], made["project_title"], made["project_number"]) == ("Dofinansowane przez Unię Europejską", "Łąki", "FE-1/25")
    content = pdf(tenant.assistant, f"{path}/sign-in-sheet.pdf?blank=100&lang=pl")
    assert all("Dofinansowane przez Unię Europejską" in page for page in pages(content))
    assert "Projekt: Łąki · Nr FE-1/25" in text(content)
    assert b"/DCTDecode" in content and b"/DCTDecode" not in bare
    assert facts(content)["Tagged"] == "yes" and structure(content).count("Figure") >= 2
    tenant.organiser.patch(f"{path}/print-settings", {"project_title": "Inny projekt"}, version="*")
    assert tenant.organiser.get("print-settings").json()["project_title"] == "Łąki"
    assert tenant.organiser.get(f"{path}/print-settings").json() == {"funder_text": None, "project_title": "Inny projekt", "project_number": None, "version": 1}
    other = text(pdf(tenant.assistant, f"{path}/report.pdf?lang=pl"))
    assert "Projekt: Inny projekt · Nr FE-1/25" in other and "Łąki ·" not in other
    for strip in ("top", "bottom"):
        tenant.organiser.delete(f"print-settings/logos/{strip}")
    assert b"/DCTDecode" not in pdf(tenant.assistant, f"{path}/sign-in-sheet.pdf")


def test_what_is_no_picture(tenant):
    too_large = png()[:16] + struct.pack(">II", 9000, 9000) + png()[24:]
    for content in (b"GIF89a" + b"x" * 40, png()[:20], b"\xff\xd8\xff", too_large, b"x"):
        assert upload(tenant, "top", content, "image/png", 422).json()["code"] == "not_a_picture"
    assert upload(tenant, "top", png() + b"x" * 1_000_000, "image/png", 422).json()["code"] == "picture_too_big"
    tenant.organiser.post("print-settings/logos/top", {"picture": base64.b64encode(png()).decode()}, 200)
    assert tenant.organiser.post("print-settings/logos/top", {"picture": "abc"}, 422).json()["code"] == "not_a_picture"
    tenant.organiser.post("print-settings/logos/left", {"picture": "abcd"}, 404)


def test_a_broken_picture_breaks_no_paper(tenant, path):
    upload(tenant, "top", png()[:60], "image/png")
    assert "Attendance sheet" in text(pdf(tenant.assistant, f"{path}/sign-in-sheet.pdf?lang=en"))


def verify_path(content, server):
    return codes(content)[0].removeprefix(server.base_url)


def test_a_certificate_is_true_as_long_as_the_attendance_says_so(server, tenant, meeting, path):
    here = came(tenant, meeting, seated(tenant, meeting, "Anna Żak", organisation="Gmina Śliwa", language="fi"))
    content = pdf(tenant.assistant, f"{path}/attendance/{here['id']}/certificate.pdf", headers={"Accept-Language": "pl"})
    assert "Osallistumistodistus" in text(content) and "Anna Żak" in text(content)
    assert "Certificate of attendance" in text(pdf(tenant.assistant, f"{path}/attendance/{here['id']}/certificate.pdf?lang=en"))
    link = verify_path(content, server)
    printed = tenant.assistant.get(f"{path}/attendance/{here['id']}/certificate").json()
    assert (printed["certificate_url"], printed["language"], printed["remote"]) == (server.base_url + link, "fi", False)
    assert f'{here["id"]}/certificate.pdf"' in tenant.assistant.page(f"{path}/attendance/{here['id']}").text
    said = tenant.public.get(link).json()
    assert (said["name"], said["organisation"], said["state"], said["meeting"]["title"]) == ("Anna Żak", "Gmina Śliwa", "present", "Spotkanie próbne")
    answer = tenant.public.page(link, language="pl")
    assert "Anna Żak" in answer.text and "To zaświadczenie jest prawdziwe." in answer.text
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    here = tenant.assistant.patch(f"{path}/attendance/{here['id']}", {"state": "absent"}, version="*").json()
    assert tenant.public.get(link, 410).json()["code"] == "certificate_over"
    assert tenant.assistant.get(f"{path}/attendance/{here['id']}/certificate.pdf", 410).json()["code"] == "certificate_over"
    tenant.assistant.patch(f"{path}/attendance/{here['id']}", {"state": "remote"}, version="*")
    assert tenant.public.get(link).json()["state"] == "remote"


def test_a_guessed_certificate_is_none(server, tenant, meeting, path):
    one = seated(tenant, meeting, "Anna Żak")
    here = came(tenant, meeting, one)
    link = verify_path(pdf(tenant.assistant, f"{path}/attendance/{here['id']}/certificate.pdf"), server)
    for wrong in (link[:-1] + ("A" if link[-1] != "A" else "B"), f"/verify/{tenant.slug}/abc", f"/verify/{tenant.slug}/" + link_path(one).rsplit("/", 1)[1]):
        assert tenant.public.get(wrong, 404).json()["code"] == "no_such_certificate"
    token = link.rsplit("/", 1)[1]
    tenant.public.get(f"/r/{tenant.slug}/{token}", 404)
    tenant.public.get(f"/t/{tenant.slug}/{token}", 404)


def test_certificates_are_for_who_was_there(tenant, meeting, path):
    for name, state in (("Anna Żak", "present"), ("Ewa Ćma", "remote"), ("Jan Sowa", "absent"), ("Zyta Lato", "excused")):
        came(tenant, meeting, seated(tenant, meeting, name), state)
    content = pdf(tenant.assistant, f"{path}/certificates.pdf?lang=pl")
    assert [("Ewa Ćma" in page, "Anna Żak" in page) for page in pages(content)] == [(False, True), (True, False)]
    assert "zdalnie, w spotkaniu" in pages(content)[1]


def test_the_report_adds_up(tenant, meeting, path):
    came(tenant, meeting, seated(tenant, meeting, "Anna Żak", organisation="Gmina Śliwa"))
    seated(tenant, meeting, "Ewa Ćma", organisation="Gmina Śliwa")
    invite(tenant, meeting, "Jan Sowa")
    tenant.assistant.post(f"{path}/attendance", {"person": {"name": "Ktoś Zdrogi"}, "recorded_as": "walk_in"})
    seen = text(pdf(tenant.viewer, f"{path}/report.pdf?lang=en"), "-layout")
    row = lambda start: re.search(rf"^ *{start} +(.*)$", seen, re.M)[1].split()
    assert row("Invited") == ["3"] and row("Came") == ["2"]
    assert row("Accepted") == ["2", "(67%)"] and row("No answer") == ["1", "(33%)"]
    assert row("Without invitation") == ["1"] and row("No-shows") == ["1"]
    assert row(r"Gmina Śliwa(?= +2 +2)") == ["2", "2", "2", "0", "1", "1"]  # of the table; the chart has its own
    assert "Ktoś Zdrogi" in seen and "Ewa Ćma" not in seen


def test_lists_as_pdf(tenant, meeting, path):
    seated(tenant, meeting, "Anna Żak", email="anna@example.org", organisation="Gmina Śliwa")
    for what in ("people", "organisations", f"{path}/attendees"):
        content = pdf(tenant.viewer, f"{what}.pdf?lang=pl")
        assert ("Gmina Śliwa" in text(content), "anna@example.org" in text(content)) == (True, False)
    assert "anna@example.org" in text(pdf(tenant.viewer, f"{path}/attendees.pdf?columns=name,email"))
    assert tenant.viewer.get(f"{path}/attendees.pdf?columns=nothing", 422).json()["errors"][0]["code"] == "unknown_column"
    assert "Anna Żak" not in text(pdf(tenant.viewer, f"{path}/attendees.pdf?response=declined"))
    assert "tak" not in text(pdf(tenant.viewer, f"{path}/attendees.pdf?lang=pl&attended=false")).split()


def test_the_same_day_gives_the_same_file(tenant, meeting, path):
    seated(tenant, meeting, "Anna Żak")
    one, two = (tenant.assistant.get(f"{path}/sign-in-sheet.pdf") for _ in range(2))
    assert one.content == two.content
    tenant.assistant.get(f"{path}/sign-in-sheet.pdf", 304, headers={"If-None-Match": one.headers["ETag"]})
    assert one.headers["Content-Disposition"].startswith("inline; filename=\"sign-in-sheet.pdf\"; filename*=UTF-8''2031-05-06")
    assert not tenant.assistant.send("HEAD", f"{path}/sign-in-sheet.pdf", 200).content


def test_who_may_print(tenant, path):
    for what in ("sign-in-sheet", "badges", "name-cards", "certificates"):
        tenant.viewer.get(f"{path}/{what}.pdf", 403)
        tenant.public.get(f"{path}/{what}.pdf", 401)
    tenant.public.get(f"{path}/report.pdf", 401)
    upload(tenant, "top", png(), "image/png")
    tenant.assistant.get("print-settings", 403)
    tenant.assistant.get("meetings/nie-ma/sign-in-sheet.pdf", 404)


def test_the_page_with_choices(tenant, meeting, path):
    page = tenant.assistant.page(f"{path}/print", language="pl").text
    for what in ("sign-in-sheet", "badges", "name-cards", "agenda", "report"):
        assert f'{path}/{what}.pdf"' in page
    assert f"{path}/certificates.pdf" not in page  # nobody came yet
    assert f'{path}/print"' in tenant.assistant.page(path).text
    form = {"_method": "PATCH", "_if_match": "0", "_return": f"/platforms/{tenant.slug}/{path}/print", "project_title": "Łąki"}
    tenant.organiser.form(f"{path}/print-settings", form)
    assert 'value="Łąki"' in tenant.organiser.page(f"{path}/print").text
    assert "Print settings" in tenant.organiser.page("print-settings").text


def test_five_hundred_names(tenant, meeting, path):
    psql(tenant.server, "narada_owner", f"""
        select set_config('narada.platform_id', id::text, false) from platform where slug = '{tenant.slug}';
        with made as (insert into person (name) select 'Osoba ' || lpad(n::text, 4, '0') from generate_series(1, 500) n returning id)
        insert into attendance (meeting_id, person_id) select '{meeting['id']}', id from made""")
    for what in ("sign-in-sheet.pdf?blank=0", "badges.pdf?sheet=L4784", "name-cards.pdf", "certificates.pdf", "report.pdf"):
        seen = re.findall(r"Osoba\s+(\d{4})", text(pdf(tenant.assistant, f"{path}/{what}")))
        assert sorted(set(seen)) == [f"{n:04}" for n in range(1, 501)]
    assert int(facts(pdf(tenant.assistant, f"{path}/certificates.pdf"))["Pages"]) == 500


def test_more_than_paper_holds(tenant):
    psql(tenant.server, "narada_owner", f"""
        select set_config('narada.platform_id', id::text, false) from platform where slug = '{tenant.slug}';
        insert into person (name) select 'Osoba ' || n from generate_series(1, 5001) n""")
    assert tenant.viewer.get("people.pdf", 422).json()["code"] == "too_many_for_paper"
    assert "Osoba 77" in text(pdf(tenant.viewer, "people.pdf?q=osoba 77"))


def test_of_nobody_there_is_a_page_that_says_so(tenant, meeting, path):
    said = {"badges": "Nobody is here yet.", "name-cards": "Nobody is here yet.", "certificates": "Nobody is recorded as present.", "attendees": "This list is empty.",
            "report": "Nobody was invited yet, and nobody came.", "agenda": "There is no agenda yet."}  # fmt: skip
    for what, words in said.items():
        content = pdf(tenant.assistant, f"{path}/{what}.pdf?lang=en")
        assert words in text(content) and len(pages(content)) == 1, what


def test_a_certificate_names_the_project(tenant, meeting, path):
    tenant.owner.patch("print-settings", {"project_title": "GOZ w gminach", "project_number": "FEMP.01"}, version="*")
    came(tenant, meeting, seated(tenant, meeting))
    assert "Project: GOZ w gminach · No. FEMP.01" in text(pdf(tenant.assistant, f"{path}/certificates.pdf?lang=en"))


def test_a_week_on_upright_paper_leaves_names_whole(tenant):
    meeting = make_meeting(tenant, starts_at="2031-05-05T08:00:00Z", ends_at="2031-05-10T10:00:00Z")
    seated(tenant, meeting, "Anna Kowalska-Wiśniewska", organisation="Gmina Śliwa", position="specjalistka", email="anna@example.org")
    seen = pages(pdf(tenant.assistant, f"meetings/{meeting['slug']}/sign-in-sheet.pdf?lang=pl&orientation=portrait&email=true&blank=2"))
    assert len(seen) == 6  # a day each, since addresses take the rest
    for number, page in enumerate(seen):
        assert f"{5 + number}.05.2031" in page and "specjalistka" in page and "anna@example.org" in page and "Gmina Śliwa" in page and "Podpis organizatora" in page
    landscape = pages(pdf(tenant.assistant, f"meetings/{meeting['slug']}/sign-in-sheet.pdf?lang=pl&blank=2"))
    assert len(landscape) == 1 and all(f"{day}.05.2031" in landscape[0] for day in range(5, 11))
