"""test_register.py: who came to what, against a model; the numbers of meetings, worked out by hand; as page, table, workbook, paper and picture."""

import csv
import io
import random
import re
import subprocess
import xml.etree.ElementTree

import openpyxl
import pytest

from attended import bring, held, person
from database import psql
from happenings import all_items, invite

STATES = ("present", "remote", "excused", "absent")


def register(tenant, query="", where="register"):
    return {row["name"]: row for row in all_items(tenant.viewer, f"{where}?from=2020-01-01&limit=7{query}")}


def test_the_register_is_what_a_model_says(tenant):
    dice = random.Random(20191217)
    organisations = ["Gmina Łąka", "Klaster", None]
    people = [person(tenant, f"Osoba {n:02}", dice.choice(organisations)) for n in range(12)]
    meetings = [held(tenant, f"2020-0{n}-10", f"Spotkanie {n}") for n in range(1, 6)]
    known = {}
    for meeting in meetings:
        for one in people:
            if dice.random() < 0.7:
                tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", person_id=one["id"])
                known[one["name"], meeting["slug"]] = "unrecorded"
            if meeting is not meetings[2] and dice.random() < 0.6:
                state = dice.choice(STATES)
                bring(tenant, meeting, one, state)
                if state != "absent" or (one["name"], meeting["slug"]) in known:  # nobody stays away from what they were not invited to, but for who is excused
                    known[one["name"], meeting["slug"]] = state
    taken = {m["slug"] for m in meetings if any(known.get((p["name"], m["slug"])) in ("present", "remote") for p in people)}
    rows = register(tenant)
    for one in people:
        cells = [known.get((one["name"], m["slug"])) for m in meetings]
        cells = ["not_taken" if c == "unrecorded" and m["slug"] not in taken else c for c, m in zip(cells, meetings)]
        if not any(cells):
            assert one["name"] not in rows
            continue
        row = rows[one["name"]]
        assert row["cells"] == cells
        counted, came = [c for c in cells if c and c != "not_taken"], [c for c in cells if c in ("present", "remote")]
        assert (row["counted"], row["came"]) == (len(counted), len(came))
        assert row["percentage"] == (round(100 * len(came) / len(counted), 1) if counted else None)
        assert [row[s] for s in STATES] == [cells.count(s) for s in STATES] and row["unrecorded"] == cells.count("unrecorded")
        seen = [m["starts_at"] for m, c in zip(meetings, cells) if c in ("present", "remote")]
        assert row["last_seen"] == (seen[-1] if seen else None)
    assert [m["slug"] for m in all_items(tenant.viewer, "register/meetings?from=2020-01-01")] == [m["slug"] for m in meetings]
    best = ("present", "remote", "excused", "absent", "unrecorded", "not_taken")
    whole = register(tenant, "&by=organisation")
    assert set(whole) == {p["organisation"] for p in people if p["organisation"] and p["name"] in rows}
    for name, row in whole.items():
        mine = [rows[p["name"]] for p in people if p["organisation"] == name and p["name"] in rows]
        assert row["people"] == len(mine)
        for n, cell in enumerate(row["cells"]):
            states = [m["cells"][n] for m in mine if m["cells"][n]]
            assert cell == (min(states, key=best.index) if states else None)


def test_who_sent_a_substitute_is_not_counted(tenant):
    meeting = held(tenant, "2020-03-10")
    one, other = invite(tenant, meeting, name="Anna Żak"), invite(tenant, meeting, name="Jan Lis")
    tenant.organiser.post(f"meetings/{meeting['slug']}/invitations/{one['id']}/substitute", {"name": "Zofia Ćma", "email": "zofia@example.org"}, (200, 201))
    bring(tenant, meeting, other["person"], "present")
    rows = register(tenant)
    assert rows["Anna Żak"]["cells"] == ["delegated"] and rows["Anna Żak"]["counted"] == 0 and rows["Anna Żak"]["percentage"] is None
    assert rows["Zofia Ćma"]["cells"] == ["unrecorded"] and rows["Zofia Ćma"]["percentage"] == 0
    bring(tenant, meeting, one["person"], "absent")
    assert register(tenant)["Anna Żak"]["cells"] == ["delegated"]
    gone = invite(tenant, meeting, name="Ewa Sum")
    bring(tenant, meeting, gone["person"], "absent")
    version = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/{gone['id']}").json()["version"]
    tenant.organiser.delete(f"meetings/{meeting['slug']}/invitations/{gone['id']}", (200, 204), version=version)
    assert "Ewa Sum" not in register(tenant)


def test_who_is_excused_was_expected(tenant):
    first, second = held(tenant, "2020-03-10"), held(tenant, "2020-04-10")
    only, other = person(tenant, "Łucja Ćma", "Gmina Łąka"), person(tenant, "Jan Lis")
    for meeting in (first, second):
        bring(tenant, meeting, other, "present")
    bring(tenant, first, only, "excused")
    bring(tenant, second, only, "absent")  # nobody expected that person there
    row = register(tenant)["Łucja Ćma"]
    assert row["cells"] == ["excused", None] and (row["excused"], row["counted"], row["percentage"], row["last_seen"]) == (1, 1, 0, None)
    assert list(register(tenant, "&q=łucja")) == list(register(tenant, "&below=50")) == ["Łucja Ćma"]
    assert register(tenant, "&by=organisation")["Gmina Łąka"]["cells"] == ["excused", None]
    for suffix in ("csv", "json"):
        assert "Łucja Ćma" in tenant.viewer.get(f"register.{suffix}?year=2020").text


def test_the_time_to_answer_is_that_of_the_first_answer(tenant, server):
    meeting = held(tenant, "2020-03-10")
    one = invite(tenant, meeting, name="Anna Żak")
    here = f"meetings/{meeting['slug']}/invitations/{one['id']}"
    for response in ("declined", "accepted"):
        tenant.organiser.patch(here, {"response": response}, version=tenant.organiser.get(here).json()["version"])
    psql(server, "narada_owner", f"select set_config('narada.platform_id', id::text, false) from platform where slug = '{tenant.slug}';"
         f"update invitation set created_at = created_at - interval '50 hours', responded_at = responded_at + interval '10 days' where id = '{one['id']}'")
    assert all_items(tenant.viewer, f"meetings/{meeting['slug']}/statistics")[0]["median_hours"] == 50


def test_many_meetings_on_paper(tenant, tmp_path):
    one = person(tenant, "Łucja Ćma", "Gmina o dosyć długiej nazwie")
    days = [f"2020-{month:02}-{day:02}" for month in range(1, 13) for day in (5, 15, 25, 28)]
    for day in days:
        meeting = held(tenant, day)
        bring(tenant, meeting, one, "present")
    (tmp_path / "register.pdf").write_bytes(tenant.viewer.get("register.pdf?year=2020&lang=pl").content)
    text = subprocess.run(["pdftotext", "-layout", tmp_path / "register.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert all(f"{day} " in text for day in days) and text.count("✓") == len(days) + 1  # one is in the legend
    assert "✓ obecność" in text and "5.01.2020 – 28.12.2020" in text
    assert re.search(r"100 +28\.12\.2020 ", text)  # on one line, and without the hour
    assert len(re.findall(r"^ *2020-\d\d-\d\d +Spotkanie$", text, re.M)) == len(days)  # what the days stand for
    assert text.count("Łucja Ćma") > 1 and text.count("Gmina o dosyć") == 1


def test_only_what_is_asked_for(tenant):
    series = tenant.organiser.create("series", title="Rada")
    first, second = held(tenant, "2020-03-10", series_id=series["id"]), held(tenant, "2021-03-10")
    tenant.organiser.create("meetings", title="Szkic", starts_at="2020-04-10T09:00:00Z", ends_at="2020-04-10T10:00:00Z")
    held(tenant, "2099-01-10")
    one, other = person(tenant, "Anna", "Gmina"), person(tenant, "Jan")
    for meeting in (first, second):
        tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", person_id=one["id"])
        bring(tenant, meeting, one, "present")
    tenant.organiser.create(f"meetings/{second['slug']}/invitations", person_id=other["id"])
    assert [row["cells"] for row in register(tenant).values()] == [["present", "present"], [None, "unrecorded"]]
    assert register(tenant, "&year=2021")["Anna"]["cells"] == ["present"]
    assert list(register(tenant, "&to=2020-12-31")) == ["Anna"]
    assert list(register(tenant, f"&series={series['id']}")) == ["Anna"] == list(register(tenant, where=f"series/{series['id']}/register"))
    assert list(register(tenant, "&below=50")) == ["Jan"] == list(register(tenant, "&q=jan"))
    group = tenant.organiser.create("groups", name="Gminy")
    tenant.organiser.post(f"groups/{group['id']}/members", {"organisation_id": one["organisation_id"]}, 201)
    assert list(register(tenant, f"&group={group['id']}")) == ["Anna"] == list(register(tenant, f"&organisation={one['organisation_id']}"))
    for part in ("register", "statistics", "statistics/trend.svg"):
        tenant.viewer.get(f"series/{one['id']}/{part}", 404)
    assert [row["slug"] for row in all_items(tenant.viewer, f"series/{series['id']}/statistics?from=2020-01-01")] == [first["slug"]]
    assert "10.03.20" in tenant.viewer.get(f"series/{series['id']}/statistics/trend.svg?year=2020").text
    assert all_items(tenant.viewer, "register") == []  # the last twelve months


def test_the_register_as_files(tenant, tmp_path):
    one = person(tenant, "Łucja Ćma", "Gmina")
    for month in (3, 4):
        meeting = held(tenant, f"2020-0{month}-10", "Rada, wiosna")
        tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", person_id=one["id"])
        bring(tenant, meeting, one, "excused" if month == 3 else "remote")
    table = list(csv.reader(io.StringIO(tenant.viewer.get("register.csv?year=2020").text)))
    assert table[0][-2:] == ["2020-03-10 Rada, wiosna", "2020-04-10 Rada, wiosna"] and table[1][-2:] == ["excused", "remote"]
    book = openpyxl.load_workbook(io.BytesIO(tenant.viewer.get("register.xlsx?year=2020&headers=pl").content))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[1][-2:] == ("usprawiedliwienie", "zdalnie") and 50 in rows[1]
    (tmp_path / "register.pdf").write_bytes(tenant.viewer.get("register.pdf?year=2020&lang=pl").content)
    text = subprocess.run(["pdftotext", "-layout", tmp_path / "register.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert "Rejestr obecności" in text and "Łucja Ćma" in text and "●" in text


def test_files_of_a_series_and_a_meeting_speak_as_those_of_the_platform(tenant, tmp_path):
    series = tenant.organiser.create("series", title="Rada Programowa")
    meeting = held(tenant, "2020-03-10", series_id=series["id"])
    bring(tenant, meeting, person(tenant, "Łucja Ćma", "Gmina"), "remote")
    answer = tenant.viewer.get(f"series/{series['id']}/register.xlsx?year=2020&headers=pl")
    assert "Rejestr%20obecno%C5%9Bci" in answer.headers["Content-Disposition"]
    head, row = openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)
    assert "Nazwa" in head and row[-1] == "zdalnie"
    for path, title in ((f"series/{series['id']}/register", "Rejestr obecności"), (f"series/{series['id']}/statistics", "Statystyki"), (f"meetings/{meeting['slug']}/statistics", "Statystyki")):
        (tmp_path / "list.pdf").write_bytes(tenant.viewer.get(f"{path}.pdf?lang=pl" + ("&year=2020" if "series" in path else "")).content)
        text = subprocess.run(["pdftotext", "-layout", tmp_path / "list.pdf", "-"], capture_output=True, text=True, check=True).stdout
        assert text.split("\n")[0].strip() == title and ("Rada Programowa" in text or "series" not in path)
        assert text.count("\f") == 1 and meeting["id"] not in text


def test_the_register_by_organisation_on_paper_has_no_person(tenant, tmp_path):
    meeting = held(tenant, "2020-03-10")
    bring(tenant, meeting, person(tenant, "Łucja Ćma", "Gmina Łąka"), "present")
    (tmp_path / "register.pdf").write_bytes(tenant.viewer.get("register.pdf?year=2020&lang=pl&by=organisation").content)
    text = subprocess.run(["pdftotext", "-layout", tmp_path / "register.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert text.count("Gmina Łąka") == 1 and "Imię" not in text and "Ostatnio" in text


def test_the_page_says_how_often_and_when_last(tenant):
    one = person(tenant, "Łucja Ćma", "Gmina")
    for day, state in (("2020-03-10", "present"), ("2020-04-10", "remote"), ("2020-05-10", "excused")):
        bring(tenant, held(tenant, day, "Rada <1>"), one, state)
    page = tenant.viewer.page("register?year=2020", headers={"Accept-Language": "en"}).text
    row = re.search(r"<th scope=\"row\">Łucja Ćma.*?</tr>", page, re.S)[0]
    assert [re.sub(r"<[^>]*>", " ", cell).split() for cell in re.findall(r"<td.*?</td>", row, re.S)[:6]] == [["66.7", "%", "2", "/", "3"], ["10", "Apr", "2020"], ["1"], ["1"], ["1"], ["0"]]
    assert page.count("Rada &lt;1&gt;</a>") == 3  # what the days stand for


def test_the_numbers_of_a_meeting(tenant):
    meeting = held(tenant, "2020-03-10")
    here = f"meetings/{meeting['slug']}"
    guests = [invite(tenant, meeting, name=name, organisation=organisation) for name, organisation in
              (("A", "Gmina"), ("B", "Gmina"), ("C", "Klaster"), ("D", None), ("E", None))]
    for guest, response in zip(guests, ("accepted", "accepted", "declined", "tentative")):
        version = tenant.organiser.get(f"{here}/invitations/{guest['id']}").json()["version"]
        tenant.organiser.patch(f"{here}/invitations/{guest['id']}", {"response": response}, version=version)

    def numbers():
        return {(row["of"], row["name"]): row for row in all_items(tenant.viewer, f"{here}/statistics")}

    assert numbers()["meeting", "Spotkanie"]["no_shows"] == 0  # nobody was recorded: nothing is known
    bring(tenant, meeting, guests[0]["person"], "remote")
    bring(tenant, meeting, guests[4]["person"], "excused")
    tenant.assistant.create(f"{here}/attendance", person={"name": "Z ulicy"})
    whole = numbers()["meeting", "Spotkanie"]
    assert {key: whole[key] for key in ("invited", "answered", "accepted", "tentative", "declined", "came", "remote", "excused", "no_shows", "walk_ins")} == {
        "invited": 5, "answered": 4, "accepted": 2, "tentative": 1, "declined": 1, "came": 2, "remote": 1, "excused": 1, "no_shows": 1, "walk_ins": 1}
    assert (numbers()["organisation", "Gmina"]["invited"], numbers()["organisation", "Gmina"]["came"], numbers()["organisation", "Klaster"]["declined"]) == (2, 1, 1)
    trend = all_items(tenant.viewer, "statistics?year=2020")
    assert [(row["slug"], row["came"], row["no_shows"]) for row in trend] == [(meeting["slug"], 2, 1)]
    page = tenant.viewer.page(f"{here}/statistics").text
    assert "people.svg" in page and "No-shows" in page
    assert re.search(r"Gmina<br><span[^>]*>organisation<", page)  # a group may bear the same name


@pytest.mark.parametrize("path", ["meetings/{}/statistics/people.svg", "meetings/{}/statistics/answers.svg", "statistics/trend.svg?year=2020"])
def test_pictures_say_what_they_show(tenant, path):
    meeting = held(tenant, "2020-03-10", "<Rada> & „Łąka”")
    invite(tenant, meeting, name="A")
    picture = tenant.viewer.get(path.format(meeting["slug"]), headers={"Accept-Language": "pl"})
    root = xml.etree.ElementTree.fromstring(picture.content)
    assert root.find("{http://www.w3.org/2000/svg}title").text and root.find("{http://www.w3.org/2000/svg}desc").text
    assert picture.headers["Content-Type"].startswith("image/svg+xml") and "script" not in picture.text
