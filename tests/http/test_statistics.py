"""test_statistics.py: what a report to a funder says of a meeting and of a year, worked out by hand: as page, JSON, table, workbook, paper and picture."""

import csv
import io
import re
import uuid
import xml.etree.ElementTree

import openpyxl
import pytest

from attended import bring, held, person
from database import psql
from entrance import moment, seated, today
from happenings import all_items, invite
from paper import pages, pdf, text

SVG = "{http://www.w3.org/2000/svg}"
CHARTS = ("people", "responses", "speed", "answers", "organisations", "groups")


def as_owner(server, tenant, sql):
    return psql(server, "narada_owner", f"select set_config('narada.platform_id', id::text, false) from platform where slug = '{tenant.slug}'; {sql}")


def answer(tenant, meeting, one, response="accepted"):
    tenant.organiser.patch(f"meetings/{meeting['slug']}/invitations/{one['id']}", {"response": response}, version="*")


def whole(tenant, meeting):
    return all_items(tenant.viewer, f"meetings/{meeting['slug']}/statistics")[0]


def answered_after(server, tenant, one, hours, reminded_after=None):
    """As if that person had been asked ten days before the meeting, and answered so many hours later."""
    as_owner(server, tenant, f"""
        update invitation i set created_at = m.starts_at - interval '10 days', reminded_at = m.starts_at - interval '10 days' + {reminded_after or 'null'} * interval '1 hour'
          from meeting m where m.platform_id = i.platform_id and m.id = i.meeting_id and i.id = '{one['id']}';
        update invitation_event e set at = m.starts_at - interval '10 days' + {hours} * interval '1 hour'
          from meeting m where m.platform_id = e.platform_id and m.id = e.meeting_id and e.invitation_id = '{one['id']}' and e.to_response <> 'needs_action'""")


@pytest.fixture
def year(tenant, server):
    """A meeting of 10 March 2020 at which four of six answered: after 1, 2, 30 and 200 hours; the deadline came after 168, a reminder to two of them after 100."""
    meeting = held(tenant, "2020-03-10", "Rada <1> & „Łąka”", quorum=3)
    as_owner(server, tenant, f"update meeting set rsvp_closes_at = starts_at - interval '3 days' where id = '{meeting['id']}'")
    guests = [invite(tenant, meeting, name=f"Osoba {n}", organisation="Gmina Łąka" if n < 3 else None) for n in range(6)]
    for guest, hours, reminded, response in zip(guests, (1, 2, 30, 200), (None, None, None, 100), ("accepted", "accepted", "declined", "accepted")):
        answer(tenant, meeting, guest, response)
        answered_after(server, tenant, guest, hours, reminded)
    as_owner(server, tenant, f"update invitation set created_at = timestamptz '2020-02-29 09:00Z', reminded_at = timestamptz '2020-03-04 13:00Z' where id = '{guests[4]['id']}'")
    for guest in (guests[0], guests[5]):
        bring(tenant, meeting, guest["person"], "present")
    return meeting


def test_how_fast_and_after_what(tenant, year):
    row = whole(tenant, year)
    assert [row[name] for name in ("invited", "answered", "on_time", "reminded", "answered_reminded")] == [6, 4, 3, 2, 1]
    assert [row[f"{name}_hours"] for name in ("quarter", "median", "three_quarters")] == [1.8, 16, 72.5]
    assert (row["accepted"], row["came"], row["no_shows"]) == (3, 2, 2)
    assert (row["quorum"], row["quorum_present"]) == (3, 2)
    organisation = next(one for one in all_items(tenant.viewer, f"meetings/{year['slug']}/statistics") if one["of"] == "organisation")
    assert (organisation["invited"], organisation["on_time"], organisation["quorum"]) == (3, 3, None)


def test_the_time_to_answer_begins_when_the_invitation_was_sent(tenant, server, year):
    one = invite(tenant, year, name="Z mailem")
    answer(tenant, year, one)
    answered_after(server, tenant, one, 50)
    as_owner(server, tenant, f"update invitation set sent_at = created_at + interval '49 hours' where id = '{one['id']}'")
    assert whole(tenant, year)["median_hours"] == 2  # of 1, 1, 2, 30 and 200
    as_owner(server, tenant, f"update invitation set sent_at = created_at + interval '60 hours' where id = '{one['id']}'")  # once more, after the answer
    assert whole(tenant, year)["median_hours"] == 30


def test_companions_are_heads_and_not_people(tenant):
    meeting = today(tenant, companions_allowed=2)
    anna = seated(tenant, meeting, companions=["Jan", "Maria"])
    seated(tenant, meeting, "Ewa Sum")
    roster = all_items(tenant.assistant, f"meetings/{meeting['slug']}/check-in/roster")
    jan = next(one for one in roster if one["name"] == "Anna Żak")["companions"][0]["id"]
    arrive = lambda **members: {"id": str(uuid.uuid4()), "kind": "arrive", "at": moment(-0.1), "person_id": anna["person"]["id"], **members}
    tenant.assistant.post(f"meetings/{meeting['slug']}/check-in/actions", {"actions": [arrive(), arrive(companion_id=jan)], "device": "tablet"}, 200)
    row = whole(tenant, meeting)
    assert (row["accepted"], row["companions"], row["heads_expected"]) == (2, 2, 4)
    assert (row["came"], row["heads_came"], row["no_shows"], row["walk_ins"]) == (1, 2, 1, 0)
    assert (row["on_time"], row["quorum"], row["quorum_present"]) == (None, None, None)


def test_every_representation_says_the_same(tenant, year):
    path = f"meetings/{year['slug']}/statistics"
    row = whole(tenant, year)
    line = next(csv.DictReader(io.StringIO(tenant.viewer.get(f"{path}.csv").text)))
    assert {name: "" if value is None else str(value).removesuffix(".0") for name, value in row.items()} == {name: value.removesuffix(".0") for name, value in line.items()}
    book = list(openpyxl.load_workbook(io.BytesIO(tenant.viewer.get(f"{path}.xlsx?headers=names").content)).active.iter_rows(values_only=True))
    assert {name: value for name, value in zip(book[0], book[1]) if name not in ("of", "name")} == {name: value for name, value in row.items() if name not in ("of", "name")}
    page = tenant.viewer.page(path, headers={"Accept-Language": "en"}).text
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    assert facts["Expected, with companions"] == "3" and facts["Came, with companions"] == "2 (67%)" and facts["Answered in time (7 Mar 2020)"] == "3 (75%)"
    assert facts["Hours until people had answered"] == "a quarter: 1.8 · half: 16 · three quarters: 72.5" and facts["Answered after a reminder"] == "1"
    assert re.search(r"<tr><th scope=\"row\">Within an hour</th><td>0</td><td>0%</td></tr>", page) and re.search(r">Within a day</th><td>2</td><td>33%<", page)
    assert re.search(r"notice warn\">Quorum: 3\. Invited people present: 2\.", page)
    seen = text(pdf(tenant.viewer, f"meetings/{year['slug']}/report.pdf?lang=en"), "-layout")
    said = lambda label: re.search(rf"^ *{label} +(.*)$", seen, re.M)[1].split()
    assert said("Expected, with companions") == ["3"] and said("Came, with companions") == ["2", "(67%)"] and said("Answered in time") == ["3", "(75%)"]
    in_polish = text(pdf(tenant.viewer, f"meetings/{year['slug']}/report.pdf?lang=pl"), "-layout")
    assert re.search(r"Godziny do trzech czwartych odpowiedzi +72,5$", in_polish, re.M) and said("Hours until three quarters had answered") == ["72.5"]
    assert said("Hours until half had answered") == ["16"] and said("No-shows") == ["2"] and said("Within a day") == ["2", "(33%)"]


def test_the_report_has_the_charts_of_the_page(tenant, year):
    series = tenant.organiser.create("series", title="Rada")
    before = held(tenant, "2020-01-10", series_id=series["id"])
    tenant.organiser.patch(f"meetings/{year['slug']}", {"series_id": series["id"]}, version="*")
    bring(tenant, before, person(tenant, "Ktoś"), "present")
    held(tenant, "2020-06-10", series_id=series["id"])
    content = pdf(tenant.viewer, f"meetings/{year['slug']}/report.pdf?lang=en")
    seen = text(content)
    for chart in ("From invitation to attendance", "What people answered", "Time to answer", "Answers day by day", "Meeting by meeting", "By organisation"):
        assert chart in seen, chart
    assert "Reminder (2)" in seen and "Deadline" in seen
    assert "10 Jan 20" in seen and "10 Mar 20" in seen and "10 Jun 20" not in seen  # what came later is of later reports
    alone = text(pdf(tenant.viewer, f"meetings/{before['slug']}/report.pdf?lang=en"))
    assert "Meeting by meeting" not in alone and len(pages(content)) < 6


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_says_what_it_shows(tenant, year, chart, narrow):
    picture = tenant.viewer.get(f"meetings/{year['slug']}/statistics/{chart}.svg?lang=pl" + ("&narrow=true" if narrow else ""))
    root = xml.etree.ElementTree.fromstring(picture.content)
    assert root.find(f"{SVG}title").text and (root.find(f"{SVG}desc").text or chart == "groups")
    assert float(root.get("width")) == (360 if narrow else 720)
    for words in root.iter(f"{SVG}text"):
        assert float(words.get("font-size")) >= 12 and 0 <= float(words.get("x")) <= float(root.get("width"))
    assert "script" not in picture.text and "default-src 'none'" in picture.headers["Content-Security-Policy"]


def test_the_curve_has_the_deadline_and_the_reminders(tenant, year):
    picture = tenant.viewer.get(f"meetings/{year['slug']}/statistics/answers.svg?lang=en").text
    assert ">Reminder (2)<" in picture and ">Deadline<" in picture and ">29 Feb<" in picture


def test_a_meeting_without_anybody_is_there_with_nothing(tenant):
    meeting = held(tenant, "2020-03-10")
    row = whole(tenant, meeting)
    assert (row["invited"], row["came"], row["walk_ins"], row["no_shows"], row["median_hours"]) == (0, 0, 0, 0, None)
    assert [one["slug"] for one in all_items(tenant.viewer, "statistics?year=2020")] == [meeting["slug"]]
    assert "people.svg" not in tenant.viewer.page(f"meetings/{meeting['slug']}/statistics").text
    for path in ("statistics/people.svg", "statistics/answers.svg", "statistics/organisations.svg"):
        xml.etree.ElementTree.fromstring(tenant.viewer.get(f"meetings/{meeting['slug']}/{path}").content)
    assert "Nobody" in text(pdf(tenant.viewer, f"meetings/{meeting['slug']}/report.pdf?lang=en"))


def test_of_many_organisations_the_largest_are_drawn(tenant):
    meeting = held(tenant, "2020-03-10")
    for n in range(15):
        for head in range(1 + (n == 14)):
            invite(tenant, meeting, name=f"Osoba {n} {head}", organisation=f"Gmina {n:02}")
    picture = tenant.viewer.get(f"meetings/{meeting['slug']}/statistics/organisations.svg?lang=en").text
    drawn = re.findall(r">(Gmina \d\d|Others)<", picture)
    assert drawn == ["Gmina 14"] + [f"Gmina {n:02}" for n in range(11)] + ["Others"]
    assert len([one for one in all_items(tenant.viewer, f"meetings/{meeting['slug']}/statistics") if one["of"] == "organisation"]) == 15


def test_a_year_counts_nobody_twice(tenant):
    series = tenant.organiser.create("series", title="Rada")
    first, second = held(tenant, "2020-03-10", series_id=series["id"]), held(tenant, "2020-04-10")
    held(tenant, "2020-05-10")
    one, other = person(tenant, "Anna", "Gmina"), person(tenant, "Jan", "Gmina")
    for meeting in (first, second):
        tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", person_id=one["id"])
        bring(tenant, meeting, one, "present")
    bring(tenant, second, other, "remote")
    summary = lambda query: tenant.viewer.get(f"statistics/summary?{query}").json()
    assert summary("year=2020") == {"meetings": 3, "meetings_taken": 2, "invited": 2, "answered": 0, "accepted": 0, "came": 3, "heads_came": 3, "no_shows": 0,
                                    "people_invited": 1, "people_came": 2, "organisations_came": 1}  # fmt: skip
    assert summary(f"series={series['id']}&year=2020")["people_came"] == 1 and summary("year=2019")["meetings"] == 0
    for path in ("statistics?year=2020", f"series/{series['id']}/statistics?year=2020"):
        page = tenant.viewer.page(path, headers={"Accept-Language": "en"}).text
        assert re.search(rf"<strong>{2 if path.startswith('statistics') else 1}</strong> People who came", page)


def test_another_platform_sees_no_numbers(tenant, make_tenant, year):
    other = make_tenant()
    assert all_items(other.viewer, "statistics?year=2020") == [] and other.viewer.get("statistics/summary?year=2020").json()["people_came"] == 0
    for part in ("statistics", *(f"statistics/{chart}.svg" for chart in CHARTS)):
        other.viewer.get(f"meetings/{year['slug']}/{part}", 404)
