"""test_check_in.py: the door: what devices bring in any order, what follows from it, and the pages for those without a script."""

import datetime
import hashlib
import re
import threading
import uuid

import pytest
import requests

from entrance import seated, ticket_path, today
from happenings import all_items, invite, link_path


def at(minutes=0, days=0):
    """So many minutes ago."""
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes, days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Door:
    def __init__(self, tenant, **members):
        self.tenant, self.meeting = tenant, today(tenant, **members)
        self.path = f"meetings/{self.meeting['slug']}/check-in"

    def bring(self, *actions, expect=200, **more):
        return self.tenant.assistant.post(f"{self.path}/actions", {"actions": list(actions), "device": "tablet", **more}, expect).json()

    def outcome(self, *actions, **more):
        return [(one["outcome"], one.get("code")) for one in self.bring(*actions, **more)["results"]]

    def roster(self, **query):
        wanted = "".join(f"?{name}={value}" for name, value in query.items())
        return {one["name"]: one for one in all_items(self.tenant.assistant, f"{self.path}/roster{wanted}")}

    def counts(self, **query):
        return self.tenant.assistant.get(self.path, params=query).json()

    def item(self, title):
        return self.tenant.organiser.create(f"meetings/{self.meeting['slug']}/agenda", title=title, duration_minutes=30)["id"]


def act(kind, whom=None, minutes=0, **members):
    whom = {} if whom is None else {"person_id": whom["person"]["id"]} if "person" in whom else whom
    return {"id": str(uuid.uuid4()), "kind": kind, "at": at(minutes), **whom, **members}


@pytest.fixture
def door(tenant):
    return Door(tenant)


@pytest.fixture
def anna(tenant, door):
    return seated(tenant, door.meeting)


def test_of_several_arrivals_the_earliest_counts_and_each_once(door, anna):
    late, early = act("arrive", anna, 5), act("arrive", anna, 20)
    assert door.outcome(late) == [("applied", None)]
    assert door.outcome(early, late) == [("applied", None), ("repeated", None)]
    one = door.roster()["Anna Żak"]
    assert (one["state"], one["arrived_at"], one["left_at"]) == ("present", early["at"], None)


def test_an_undo_wins_also_before_what_it_undoes(door, anna):
    came = act("arrive", anna, 5)
    assert door.outcome(act("undo", undoes=came["id"])) == [("applied", None)]
    assert door.outcome(came) == [("applied", None)]
    assert door.roster()["Anna Żak"]["state"] is None
    door.bring(act("arrive", anna, 1))
    assert door.roster()["Anna Żak"]["state"] == "present"


def test_who_left_and_came_back_is_inside(door, anna):
    came, left, back = act("arrive", anna, 30), act("leave", anna, 20), act("arrive", anna, 10)
    door.bring(back, left, came)
    assert (door.roster()["Anna Żak"]["arrived_at"], door.roster()["Anna Żak"]["left_at"]) == (came["at"], None)
    door.bring(act("leave", anna, 2))
    assert door.counts()["inside"] == 0 and door.counts()["left"] == 1 and door.counts()["here"] == 1


def test_excused_gives_way_to_an_arrival(door, anna):
    door.bring(act("arrive", anna, 10))
    door.bring(act("excuse", anna, 1))
    assert door.roster()["Anna Żak"]["state"] == "present"


def test_a_correction_beats_what_was_before_it(tenant, door, anna):
    door.bring(act("arrive", anna, 10))
    [recorded] = all_items(tenant.assistant, f"meetings/{door.meeting['slug']}/attendance")
    tenant.assistant.patch(f"meetings/{door.meeting['slug']}/attendance/{recorded['id']}", {"state": "absent"}, version=recorded["version"])
    door.bring(act("arrive", anna, 15))  # from a device that had no network
    assert door.roster()["Anna Żak"]["state"] == "absent"
    correction = tenant.assistant.get(f"{door.path}/actions", params={"person_id": anna["person"]["id"], "limit": 500}).json()["items"][1]
    assert (correction["kind"], correction["was"]["state"], correction["said"]["state"]) == ("correct", "present", "absent")


def test_a_part_of_the_programme(door, anna):
    item = door.item("Warsztaty")
    door.bring(act("arrive", anna, 10, agenda_item_id=item))
    assert (door.counts()["here"], door.counts(agenda_item_id=item)["inside"]) == (1, 1)
    door.bring(act("leave", anna, 5, agenda_item_id=item))
    assert (door.counts()["inside"], door.counts(agenda_item_id=item)["inside"]) == (1, 0)
    assert door.outcome(act("arrive", anna, agenda_item_id=str(uuid.uuid4()))) == [("refused", "no_such_agenda_item")]


def test_who_leaves_the_meeting_leaves_its_parts(door, anna):
    item = door.item("Warsztaty")
    door.bring(act("arrive", anna, 10, agenda_item_id=item), act("leave", anna, 5))
    assert door.counts(agenda_item_id=item)["inside"] == 0


def test_companions_come_one_by_one(tenant):
    door = Door(tenant, companions_allowed=2)
    anna = seated(tenant, door.meeting, companions=["Jan", "Maria"])
    jan, maria = door.roster()["Anna Żak"]["companions"]
    door.bring(act("arrive", anna, 5, companion_id=jan["id"]))
    one = door.roster()["Anna Żak"]
    assert one["state"] is None and [(c["name"], c["state"]) for c in one["companions"]] == [("Jan", "present"), ("Maria", None)]
    assert (door.counts()["companions"], door.counts()["inside"], door.counts()["missing"]) == (1, 1, 2)
    bruno = seated(tenant, door.meeting, name="Bruno")
    assert door.outcome(act("arrive", bruno, companion_id=maria["id"])) == [("refused", "no_such_companion")]


def test_walking_in_without_network_and_leaving_again(door):
    came = act("walk_in", person={"name": "Ewa Ćma", "organisation": "Gmina"}, minutes=5)
    assert door.outcome(came, act("leave", {"person_id": came["id"]}, 1)) == [("applied", None)] * 2
    assert door.outcome(came) == [("repeated", None)]
    ewa = door.roster()["Ewa Ćma"]
    assert (ewa["response"], ewa["state"], ewa["organisation"]) == (None, "present", "Gmina") and ewa["left_at"]
    assert door.counts()["walk_ins"] == 1
    door.bring(act("undo", undoes=came["id"]))
    assert "Ewa Ćma" not in door.roster()


def test_one_bad_action_stops_no_other(door, anna):
    nobody = {"person_id": str(uuid.uuid4())}
    assert door.outcome(act("arrive", nobody), act("walk_in"), act("undo"), act("note", anna), act("arrive", anna)) == [
        ("refused", "no_such_person"), ("refused", "no_such_person"), ("refused", "required"), ("refused", "required"), ("applied", None)]


def test_an_id_of_another_meeting(tenant, door, anna):
    came = act("arrive", anna)
    door.bring(came)
    assert Door(tenant).outcome(came) == [("refused", "action_id_taken")]


def test_clocks_that_are_wrong(door, anna):
    assert door.outcome({**act("arrive", anna), "at": "1970-01-01T00:00:00Z"}) == [("applied", "clock_wrong")]
    assert door.outcome({**act("arrive", anna), "at": at(-120)}) == [("applied", "clock_wrong")]
    assert door.roster()["Anna Żak"]["arrived_at"] >= at(2)


def test_a_clock_that_is_off_is_put_right(door, anna):
    door.bring({**act("arrive", anna), "at": at(90)}, sent_at=at(60))
    assert at(33) <= door.roster()["Anna Żak"]["arrived_at"] <= at(27)


def name_companions(tenant, invitation, *names):
    tenant.public.post(link_path(invitation) + "/details", {"companions": [{"name": name} for name in names]}, 200)


def test_companions_stay_who_they_are_when_others_are_named(tenant):
    door = Door(tenant, companions_allowed=4)
    anna = seated(tenant, door.meeting, companions=["Jan Ruta", "Maria", "Maria"])
    jan, maria, other = door.roster()["Anna Żak"]["companions"]
    door.bring(act("arrive", anna, 5, companion_id=jan["id"]), act("arrive", anna, 5, companion_id=other["id"]))
    name_companions(tenant, anna, "Ewa", "Maria", "JAN RUTA", "Maria")
    ewa, *others = door.roster()["Anna Żak"]["companions"]
    assert (ewa["name"], ewa["state"]) == ("Ewa", None) and ewa["id"] not in (jan["id"], maria["id"], other["id"])
    assert [(one["id"], one["name"], one["state"]) for one in others] == [(maria["id"], "Maria", None), (jan["id"], "JAN RUTA", "present"), (other["id"], "Maria", "present")]
    name_companions(tenant, anna, "Maria")
    assert [(one["id"], one["state"]) for one in door.roster()["Anna Żak"]["companions"]] == [(maria["id"], None)]


def test_who_comes_along_with_nobody_is_not_awaited(tenant):
    door = Door(tenant, companions_allowed=2)
    anna = seated(tenant, door.meeting, companions=["Jan", "Ewa"])
    door.bring(act("arrive", anna, 5, companion_id=door.roster()["Anna Żak"]["companions"][0]["id"]))
    tenant.public.post(link_path(anna), {"response": "declined"}, 200)
    one = door.roster()["Anna Żak"]
    assert one["response"] == "declined" and [(c["name"], c["state"]) for c in one["companions"]] == [("Jan", "present")]


def test_by_ticket(tenant, door, anna):
    token = ticket_path(tenant, anna).rsplit("/", 1)[1]
    assert door.roster()["Anna Żak"]["ticket_key"] == hashlib.sha256(token.encode()).hexdigest()[:16]
    code = re.search(r'<code class="spoken">([0-9a-f]{8})</code>', tenant.public.page(link_path(anna)).text)[1]
    assert door.roster()["Anna Żak"]["code_key"] == hashlib.sha256(code.encode()).hexdigest()[:16]
    assert door.outcome(act("arrive", ticket=token)) == [("applied", None)]
    assert Door(tenant).outcome(act("arrive", ticket=token), act("arrive", ticket="nonsense")) == [("refused", "ticket_not_here")] * 2


def test_a_device_hears_of_all_that_changed(tenant, door, anna):
    cursor = door.counts()["cursor"]
    invite(tenant, door.meeting, "Bruno")
    synced = door.bring(act("note", anna, note="winda"))
    changed = door.roster(since=cursor)
    assert set(changed) == {"Anna Żak", "Bruno"} and changed["Anna Żak"]["note"] == "winda" and changed["Anna Żak"]["state"] is None
    withdrawn = door.roster()["Bruno"]
    version = tenant.organiser.get(f"meetings/{door.meeting['slug']}/invitations/{withdrawn['invitation_id']}").json()["version"]
    tenant.organiser.delete(f"meetings/{door.meeting['slug']}/invitations/{withdrawn['invitation_id']}", version=version)
    assert door.roster(since=synced["cursor"])["Bruno"]["listed"] is False
    tenant.assistant.get(f"{door.path}/roster", 422, params={"since": "yesterday"})
    office = tenant.owner.create("organisations", name="Urząd")
    person = tenant.owner.get(f"people/{anna['person']['id']}").json()
    tenant.owner.patch(f"people/{person['id']}", {"organisation_id": office["id"]}, 200, version=person["version"])
    cursor = door.counts()["cursor"]
    tenant.owner.patch(f"organisations/{office['id']}", {"name": "Urząd Miasta"}, 200, version=office["version"])
    assert {name: one["organisation"] for name, one in door.roster(since=cursor).items() if name == "Anna Żak"} == {"Anna Żak": "Urząd Miasta"}


def test_several_devices_at_once(tenant):
    door = Door(tenant)
    people = [seated(tenant, door.meeting, name=f"Osoba {n}") for n in range(12)]
    actions = [act("arrive", person, n + 1) for n, person in enumerate(people)]
    outcomes = []

    def device(number):
        turned = actions[number:] + actions[:number]
        outcomes.append(door.outcome(*turned))

    threads = [threading.Thread(target=device, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 6 and sum(one.count(("applied", None)) for one in outcomes) == 12 and sum(one.count(("repeated", None)) for one in outcomes) == 60
    assert door.counts()["inside"] == 12


def test_five_hundred_at_once(door):
    assert door.outcome(*[act("walk_in", person={"name": f"Gość {n}"}) for n in range(500)]) == [("applied", None)] * 500
    assert door.counts()["walk_ins"] == 500
    door.bring(*[act("walk_in", person={"name": "Gość"}) for _ in range(501)], expect=422)


def test_a_signed_sheet(tenant, door, anna):
    bruno, celina = seated(tenant, door.meeting, name="Bruno"), seated(tenant, door.meeting, name="Celina")
    came = act("arrive", celina, 10)
    door.bring(came)
    entries = [{"person_id": anna["person"]["id"], "state": "present"}, {"person_id": bruno["person"]["id"], "state": "excused"}, {"person_id": celina["person"]["id"], "state": "present"}]
    assert tenant.assistant.post(f"{door.path}/sheet", {"entries": entries}, 200).json() == {"recorded": 2}
    roster = door.roster()
    assert (roster["Anna Żak"]["state"], roster["Anna Żak"]["arrived_at"], roster["Bruno"]["state"], roster["Celina"]["arrived_at"]) == ("present", None, "excused", came["at"])
    online = [{"person_id": celina["person"]["id"], "state": "remote"}]
    tenant.assistant.post(f"{door.path}/sheet", {"entries": online}, 200)
    assert (door.roster()["Celina"]["state"], door.roster()["Celina"]["arrived_at"]) == ("remote", came["at"])
    earlier = act("arrive", anna, 30)
    door.bring(earlier)  # somebody at a door had seen it
    assert door.roster()["Anna Żak"]["arrived_at"] == earlier["at"]
    assert [one["name"] for one in all_items(tenant.assistant, f"{door.path}/sheet?open=true")] == []


def test_the_sheets_page(tenant, door, anna):
    page = tenant.assistant.page(f"{door.path}/sheet").text
    assert 'name="entries.0.state"' in page and "Anna Żak" in page
    tenant.assistant.form(f"{door.path}/sheet", {"entries.0.person_id": anna["person"]["id"], "entries.0.state": "remote", "entries.1.person_id": anna["person"]["id"]})
    assert door.roster()["Anna Żak"]["state"] == "remote"


def test_the_page_without_a_script(tenant, door, anna):
    assert "Anna Żak" in tenant.assistant.page(f"{door.path}?q=zak").text  # few letters, without diacritics
    assert "Anna Żak" not in tenant.assistant.page(f"{door.path}?q=bruno").text
    tenant.assistant.form(door.path, {"kind": "arrive", "person_id": anna["person"]["id"], "agenda_item_id": ""})
    page = tenant.assistant.page(f"{door.path}?show=inside").text
    assert 'data-state="present" data-inside="true"' in page
    undone = page.split('name="undoes" value="')[1].split('"')[0]
    tenant.assistant.form(door.path, {"kind": "undo", "undoes": undone})
    assert door.roster()["Anna Żak"]["state"] is None
    tenant.assistant.form(door.path, {"kind": "walk_in", "person.name": "Ewa Ćma", "person.email": "", "person.organisation": ""})
    assert door.counts()["walk_ins"] == 1
    history = tenant.assistant.page(f"{door.path}/actions").text
    assert "Ewa Ćma" in history and "<s>" in history


def test_who_walks_in_by_a_form_sent_twice_is_there_once(tenant, door):
    page = tenant.assistant.page(door.path).text
    form = page[page.index('id="walk-in"'):]
    said = {"kind": "walk_in", "person.name": "Ewa Kos", "action_id": re.search(r'name="action_id" value="([0-9a-f-]{36})"', form)[1]}
    for _ in range(2):  # a second tap, or the page gone back to
        tenant.assistant.form(door.path, said, 303)
    assert list(door.roster()) == ["Ewa Kos"]
    assert tenant.assistant.post(door.path, {"kind": "leave", "action_id": said["action_id"], "person_id": door.roster()["Ewa Kos"]["person_id"]}, 422).json()["code"] == "action_id_taken"
    tenant.assistant.form(door.path, {**said, "action_id": str(uuid.uuid4())}, 303)
    assert len(all_items(tenant.assistant, f"{door.path}/roster")) == 2, "another of the same name"


def test_one_thing_at_the_door_that_does_not_work(tenant, door):
    assert tenant.assistant.post(door.path, {"kind": "arrive", "person_id": str(uuid.uuid4())}, 422).json()["code"] == "no_such_person"


def test_events_say_that_something_changed(tenant, door, anna):
    address = tenant.server.url(tenant.assistant.path(f"{door.path}/events"))
    tenant.assistant.send("HEAD", f"{door.path}/events", 200, headers={"Accept": "text/event-stream"})
    with requests.get(address, headers={"Authorization": f"Bearer {tenant.assistant.token}"}, stream=True, timeout=60) as stream:
        assert stream.status_code == 200 and stream.headers["Content-Type"].startswith("text/event-stream")
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        assert next(lines) == ":"
        door.bring(act("arrive", anna))
        assert any(line == "event: change" for line in lines)


@pytest.mark.parametrize("change", ["answers", "is invited", "is withdrawn"])
def test_events_tell_of_whoever_is_awaited(tenant, door, change):
    anna = invite(tenant, door.meeting, "Anna Żak")
    address = tenant.server.url(tenant.assistant.path(f"{door.path}/events"))
    with requests.get(address, headers={"Authorization": f"Bearer {tenant.assistant.token}"}, stream=True, timeout=60) as stream:
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        assert next(lines) == ":"
        if change == "is withdrawn":
            tenant.organiser.delete(f"meetings/{door.meeting['slug']}/invitations/{anna['id']}", version=anna["version"])
        elif change == "is invited":
            invite(tenant, door.meeting, "Bruno")
        else:
            tenant.public.post(link_path(anna), {"response": "accepted"}, 200)
        assert any(line == "event: change" for line in lines)


def test_the_worker_that_opens_the_page_without_network(tenant):
    answer = tenant.public.get("/check-in-worker.js", headers={"Accept": "*/*"})
    assert answer.headers["Content-Type"].startswith("text/javascript") and "fetch" in answer.text
    tenant.public.get("/check-in-worker.js", 304, headers={"Accept": "*/*", "If-None-Match": answer.headers["ETag"]})
