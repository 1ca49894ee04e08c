"""test_attendance.py: the door, and the list in which invitation, answer and attendance meet."""

import csv
import io

import pytest

from happenings import all_items, invite, link_path, make_meeting

HEADER = ["name", "position", "organisation", "email", "groups", "response", "responded_at", "attended", "arrived_at", "note", "mode", "companion_of", "agenda_items"]


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant)


@pytest.fixture
def path(meeting):
    return f"meetings/{meeting['slug']}/attendance"


def test_who_was_invited_checks_in(tenant, meeting, path):
    one = invite(tenant, meeting)
    made = tenant.assistant.post(path, {"person_id": one["person"]["id"]}, 201)
    here = made.json()
    assert (here["state"], here["recorded_as"], here["person"]["id"]) == ("present", "check_in", one["person"]["id"])
    assert here["arrived_at"] and here["left_at"] is None
    assert tenant.assistant.get(made.headers["Location"]).json() == here
    assert tenant.assistant.post(path, {"person_id": one["person"]["id"]}, 409).json()["code"] == "attendance_already"


def test_who_was_not_invited_walks_in(tenant, meeting, path):
    here = tenant.assistant.create(path, person={"name": "Ewa Ćma", "email": "ewa@example.org", "organisation": "Gmina"}, arrived_at="2031-05-06T08:10:00Z", note="z kolegą")
    assert (here["recorded_as"], here["arrived_at"], here["note"]) == ("walk_in", "2031-05-06T08:10:00Z", "z kolegą")
    assert here["person"]["organisation"] == "Gmina"
    tenant.assistant.post(path, {"person": {"name": "E. Ćma", "email": "EWA@example.org"}}, 409)


def test_excused_and_absent_have_not_arrived(tenant, meeting, path):
    for state in ("excused", "absent"):
        assert tenant.assistant.create(path, person={"name": state}, state=state)["arrived_at"] is None
    assert [one["state"] for one in all_items(tenant.assistant, f"{path}?state=excused")] == ["excused"]
    assert [one["person"]["name"] for one in all_items(tenant.assistant, f"{path}?q=ABSENT")] == ["absent"]


def test_corrections(tenant, meeting, path):
    one = invite(tenant, meeting)
    here = tenant.assistant.create(path, person_id=one["person"]["id"])
    url = f"{path}/{here['id']}"
    noted = tenant.assistant.patch(url, {"note": "spóźnienie"}, version=here["version"]).json()
    assert noted["recorded_as"] == "check_in" and noted["note"] == "spóźnienie"
    fixed = tenant.assistant.patch(url, {"arrived_at": "2031-05-06T08:30:00Z", "left_at": "2031-05-06T09:30:00Z"}, version=noted["version"]).json()
    assert fixed["recorded_as"] == "correction" and fixed["arrived_at"] == "2031-05-06T08:30:00Z"
    assert tenant.assistant.patch(url, {"left_at": "2031-05-06T08:00:00Z"}, (409, 422), version=fixed["version"]).json()["code"] == "attendance_left_before_arrival"
    tenant.assistant.patch(url, {"state": "remote"}, 412, version=here["version"])
    tenant.assistant.delete(url, 412, version=here["version"])
    tenant.assistant.delete(url, version=fixed["version"])
    tenant.assistant.get(url, 404)
    tenant.assistant.create(path, person_id=one["person"]["id"])


@pytest.mark.parametrize("body", [{}, {"person_id": "01890000-0000-7000-8000-000000000000"}, {"person": {"name": "A"}, "state": "late"}, {"person": {"name": "A"}, "arrived_at": "yesterday"}])
def test_what_can_not_be_recorded(tenant, path, body):
    tenant.assistant.post(path, body, 422)
    assert all_items(tenant.assistant, path) == []


def test_viewers_see_the_list_but_not_the_door(tenant, meeting, path):
    tenant.viewer.get(path, 403)
    tenant.viewer.post(path, {"person": {"name": "A"}}, 403)
    tenant.viewer.get(f"meetings/{meeting['slug']}/attendees")


def test_what_was_recorded_in_the_browser(tenant, meeting, path):
    one = invite(tenant, meeting, "Jan Łoś")
    here = f"/platforms/{tenant.slug}/{path}"
    assert "Jan Łoś" not in tenant.assistant.page(path).text
    tenant.assistant.form(path, {"person_id": one["person"]["id"], "_return": here})
    page = tenant.assistant.page(path).text
    assert "Jan Łoś" in page and "Correct" in page
    recorded = all_items(tenant.assistant, path)[0]
    item = tenant.assistant.page(f"{path}/{recorded['id']}").text
    assert 'name="arrived_at"' in item
    tenant.assistant.form(f"{path}/{recorded['id']}", {"state": "present", "arrived_at": "2031-05-06T10:20", "left_at": "", "note": "", "_time_zone": "Europe/Warsaw", "_if_match": recorded["version"]}, method="PATCH")
    fixed = tenant.assistant.get(f"{path}/{recorded['id']}").json()
    assert fixed["arrived_at"] == "2031-05-06T08:20:00Z"
    tenant.assistant.form(f"{path}/{recorded['id']}", {"_if_match": fixed["version"], "_return": here}, method="DELETE")
    assert all_items(tenant.assistant, path) == []
    tenant.assistant.form(path, {"person.name": "Ewa Ćma", "person.email": "", "note": "", "_return": here})
    assert all_items(tenant.assistant, path)[0]["recorded_as"] == "walk_in"
    nothing = tenant.assistant.page(f"{path}?q=nobody").text
    assert "<tbody>" not in nothing and "Nothing found." in nothing
    wrong = tenant.assistant.form(path, {"person.name": "Ewa", "person.email": "ewa@"}, 422).text
    assert 'value="ewa@"' in wrong


# ── The merged list ──


@pytest.fixture
def attendees(tenant, meeting, path):
    group = tenant.owner.create("groups", name="gminy; wiejskie")
    tenant.owner.create(f"groups/{group['id']}/members", person={"name": "Anna Żak", "email": "anna@example.org", "position": "wójt", "organisation": "Gmina A"})
    tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", group_id=group["id"])
    invited = all_items(tenant.organiser, f"meetings/{meeting['slug']}/invitations")[0]
    tenant.public.post(link_path(invited), {"response": "accepted", "note": 'winda, "szeroka"'})
    tenant.assistant.create(path, person_id=invited["person"]["id"], arrived_at="2031-05-06T08:00:00Z", note="o czasie")
    invite(tenant, meeting, "=cmd()")
    tenant.assistant.create(path, person={"name": "Ćma Ewa"})
    tenant.assistant.create(path, person={"name": "Zając"}, state="excused")
    return f"meetings/{meeting['slug']}/attendees"


def test_the_list_merges_what_is_known(tenant, attendees):
    items = {one["name"]: one for one in all_items(tenant.viewer, f"{attendees}?limit=2")}
    assert list(items["Anna Żak"]) == HEADER
    anna = items["Anna Żak"]
    assert (anna["position"], anna["organisation"], anna["email"], anna["groups"]) == ("wójt", "Gmina A", "anna@example.org", "gminy; wiejskie")
    assert (anna["response"], anna["attended"], anna["arrived_at"], anna["note"]) == ("accepted", True, "2031-05-06T08:00:00Z", 'winda, "szeroka"; o czasie')
    assert (items["Ćma Ewa"]["response"], items["Ćma Ewa"]["attended"]) == (None, True)
    assert (items["=cmd()"]["response"], items["=cmd()"]["attended"]) == ("needs_action", False)
    assert items["Zając"]["attended"] is False
    assert len(items) == 4


def test_filters(tenant, attendees):
    names = lambda query: [one["name"] for one in all_items(tenant.viewer, f"{attendees}?{query}")]
    assert names("attended=true") == ["Anna Żak", "Ćma Ewa"]
    assert names("response=accepted") == ["Anna Żak"]
    assert names("q=cma") == ["Ćma Ewa"]
    assert names("attended=false&q=zajac") == ["Zając"]


def test_the_csv(tenant, attendees):
    file = tenant.viewer.get(f"{attendees}.csv")
    assert file.headers["Content-Type"].startswith("text/csv") and 'filename="attendees.csv"' in file.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8"), newline="")))
    assert rows[0] == HEADER and file.content.startswith(",".join(HEADER).encode() + b"\r\n")
    by_name = {row[0]: row for row in rows[1:]}
    assert by_name["Anna Żak"][4:6] == ["gminy; wiejskie", "accepted"] and by_name["Anna Żak"][7:] == ["true", "2031-05-06T08:00:00Z", 'winda, "szeroka"; o czasie', "in_person", "", ""]
    assert by_name["=cmd()"][0] == "=cmd()" and by_name["Ćma Ewa"][5] == ""
    assert len(rows) == 5
    filtered = tenant.viewer.get(f"{attendees}.csv?attended=true").text.splitlines()
    assert len(filtered) == 3


def test_the_csv_for_excel(tenant, attendees):
    content = tenant.viewer.get(f"{attendees}.csv?excel=true").content
    assert content.startswith(b"\xef\xbb\xbfname;position;") and b"=cmd()" in content
    cells = [row[0] for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")]
    assert not any(cell.startswith("=") for cell in cells)


def test_the_csv_is_whole(tenant, meeting):
    for n in range(60):
        invite(tenant, meeting, f"Osoba {n}")
    assert len(tenant.viewer.get(f"meetings/{meeting['slug']}/attendees.csv?limit=3").text.splitlines()) == 61


def test_the_page_of_the_list(tenant, attendees):
    page = tenant.viewer.page(attendees, language="pl").text
    assert "Anna Żak" in page and "attendees.csv?excel=true" in page and "na miejscu" in page


def test_nobody_is_on_the_list(tenant, meeting):
    assert tenant.viewer.get(f"meetings/{meeting['slug']}/attendees.csv").text == ",".join(HEADER) + "\r\n"
