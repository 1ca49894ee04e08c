"""test_attendance_property.py: random actions of several devices, brought in random order, against a small model of what follows; shrunk when they differ.

The model reads all actions at once in the order in which they happened; the server gets them in pieces, in another order, and some of them twice.
"""

import datetime
import os
import random
import uuid

from entrance import seated, today
from happenings import all_items

KINDS = ("arrive", "arrive", "arrive", "leave", "leave", "excuse", "absent", "undo")
SEQUENCES = int(os.environ.get("NARADA_ATTENDANCE_SEQUENCES", "40"))
START = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(hours=3)


def when(minute):
    return (START + datetime.timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def followed(actions, companion, item):
    """(state, arrived_at, left_at) of somebody at the meeting (item None) or at a part of its programme."""
    undone = {one["undoes"] for one in actions if one["kind"] == "undo"}
    mine = [one for one in actions if one["kind"] != "undo" and one["id"] not in undone and one.get("companion_id") == companion]
    arrivals = [one for one in mine if one["kind"] == "arrive" and (item is None or one.get("agenda_item_id") == item)]
    leavings = [one for one in mine if one["kind"] == "leave" and one.get("agenda_item_id") in (None, item)]
    away = [one for one in mine if one["kind"] in ("excuse", "absent") and one.get("agenda_item_id") == item]
    by_time = lambda one: (one["at"], one["id"])
    if not arrivals:
        last = max(away, key=by_time, default=None)
        return (None if last is None else "excused" if last["kind"] == "excuse" else "absent", None, None)
    last = max(arrivals + leavings, key=by_time)
    state = "present" if any(one.get("mode") != "online" for one in arrivals) else "remote"
    return (state, min(one["at"] for one in arrivals), last["at"] if last["kind"] == "leave" else None)


def actions_of(random, people, items):
    """What happened, at a different minute each."""
    made = []
    for minute in random.sample(range(150), random.randint(2, 14)):
        kind = random.choice(KINDS)
        one = {"id": str(uuid.UUID(int=random.getrandbits(128), version=4)), "kind": kind, "at": when(minute)}
        if kind == "undo":
            others = [other for other in made if other["kind"] != "undo"]
            if not others:
                continue
            one["undoes"] = random.choice(others)["id"]
        else:
            person, companion = random.choice(people)
            one["person_id"] = person
            if companion and random.random() < 0.4:
                one["companion_id"] = companion
            if random.random() < 0.4:
                one["agenda_item_id"] = random.choice(items)
            if kind == "arrive" and random.random() < 0.3:
                one["mode"] = "online"
        made.append(one)
    return made


def differs(tenant, meeting, items, actions, seed):
    """Brings them all, looks, and takes them all back; gives what the server says otherwise than the model."""
    shuffled, order = list(actions), random.Random(seed)
    order.shuffle(shuffled)
    names = {one["id"]: str(uuid.uuid4()) for one in actions}  # ids are used up by each try; their order is not what counts, as no two happen at once
    renamed = [{**one, "id": names[one["id"]], **({"undoes": names[one["undoes"]]} if one.get("undoes") in names else {})} for one in shuffled]
    path = f"meetings/{meeting['slug']}/check-in"
    bring = lambda some: tenant.assistant.post(f"{path}/actions", {"actions": some}, 200).json()["results"]
    while shuffled:
        size = order.randint(1, 4)
        piece, shuffled = renamed[:size], shuffled[size:]
        renamed = renamed[size:]
        assert all(one["outcome"] == "applied" for one in bring(piece))
        if order.random() < 0.3:
            assert all(one["outcome"] == "repeated" for one in bring(piece))
    wrong = []
    for entry in all_items(tenant.assistant, f"{path}/roster"):
        own = [one for one in actions if one.get("person_id") == entry["person_id"] or one["kind"] == "undo"]
        seen = {(None, None): entry, **{(one["id"], None): one for one in entry["companions"]}, **{(one["companion_id"], one["agenda_item_id"]): one for one in entry["items"]}}
        for companion in [None] + [one["id"] for one in entry["companions"]]:
            for item in [None] + items:
                shown = seen.get((companion, item), {})
                found, expected = tuple(shown.get(name) for name in ("state", "arrived_at", "left_at")), followed(own, companion, item)
                if found != expected:
                    wrong.append((entry["name"], companion, item, found, expected))
    bring([{"id": str(uuid.uuid4()), "kind": "undo", "at": when(170), "undoes": names[one["id"]]} for one in actions if one["kind"] != "undo"])
    return wrong


def shrunk(fails, actions):
    """Fewer actions that still fail."""
    smaller = True
    while smaller:
        smaller = False
        for n in range(len(actions)):
            rest = [one for one in actions[:n] + actions[n + 1 :] if one.get("undoes") != actions[n]["id"]]
            if fails(rest):
                actions, smaller = rest, True
                break
    return actions


def test_what_follows_does_not_depend_on_the_order(tenant):
    meeting = today(tenant, begins_in=-2, lasts=6, companions_allowed=2)
    seated(tenant, meeting, companions=["Jan"])
    seated(tenant, meeting, name="Bruno")
    items = [tenant.organiser.create(f"meetings/{meeting['slug']}/agenda", title=title, duration_minutes=30)["id"] for title in ("Warsztaty", "Obiad")]
    roster = all_items(tenant.assistant, f"meetings/{meeting['slug']}/check-in/roster")
    people = [(one["person_id"], one["companions"][0]["id"] if one["companions"] else None) for one in roster]
    for seed in range(SEQUENCES):
        actions = actions_of(random.Random(seed), people, items)
        fails = lambda some: differs(tenant, meeting, items, some, seed)
        if fails(actions):
            least = shrunk(fails, actions)
            raise AssertionError(f"seed {seed}: {least}\ngives {fails(least)}")
