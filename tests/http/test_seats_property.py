"""test_seats_property.py: random sequences of everything that moves seats, at a real meeting and at the model; after each step both are in the same state.

A sequence that fails is shrunk, by leaving out whatever it fails without, and printed as the few steps that are left.
NARADA_SEED=n begins with other sequences, NARADA_SEQUENCES=n takes more of them, NARADA_STEPS=n makes each longer.
"""

import collections
import concurrent.futures
import os
import random

import pytest

from seats_hands import Book, Caller, RealMeeting
from seats_model import Meeting, Person, Refused

PEOPLE = [
    Person("Anna", "Gmina", True), Person("Basia", "Gmina", True), Person("Celina", "Gmina", False), Person("Darek", "Klaster", True),
    Person("Ela", "Klaster", False), Person("Filip", None, True), Person("Gosia", None, False), Person("Hania", "Klaster", True),
]  # fmt: skip
HANDS = 4  # sequences tried at the same time, each in a platform of its own: most of the time goes by waiting for the disk
COMPANIONS = ("Ola", "Piotr", "Rafał")
MEMBERS = ("response", "mode", "companions", "promoted", "held_back", "withdrawn", "sends", "sent_by", "grouped")


class World:
    """The platform with the people, once for all meetings."""

    def __init__(self, server, tenant):
        self.caller, self.book = Caller(server, tenant), Book(server.data, tenant.slug)
        self.ids = {}
        self.group = self.caller.manage("POST", "groups", {"name": "Grupa"})["id"]
        for person in PEOPLE:
            written = {"name": person.name, "email": f"{person.name.lower()}@example.org", "organisation": person.organisation}
            self.ids[person.name] = self.caller.manage("POST", "people", {name: value for name, value in written.items() if value})["id"]
            if person.in_group:
                self.caller.manage("POST", f"groups/{self.group}/members", {"person_id": self.ids[person.name]})


# ── Sequences ──


class Sequence:
    """What a meeting begins with, and what then happens: a list of (method, arguments, named arguments)."""

    def __init__(self, limits, steps):
        self.limits, self.steps = limits, steps

    def __str__(self):
        lines = [f"    Meeting({', '.join(f'{name}={value!r}' for name, value in self.limits.items() if value is not None)})"]
        for act, arguments, named in self.steps:
            lines.append(f"    .{act}({', '.join([repr(value) for value in arguments] + [f'{name}={value!r}' for name, value in named.items()])})")
        return "\n".join(lines)


def seats(chance):
    return chance.choice([None, 1, 2, 2, 3, 3, 4, 5])


def quota(chance):
    return chance.choice([None, None, 1, 2, 3, 4])


def random_limits(chance):
    hybrid = chance.random() < 0.4
    return {
        "hybrid": hybrid, "capacity": seats(chance), "online_capacity": seats(chance) if hybrid else None, "waitlist": chance.random() < 0.8,
        "organisation_quota": quota(chance) if chance.random() < 0.4 else None, "companions_allowed": chance.choice([0, 2, 2, 3]),
    }  # fmt: skip


def limit_step(chance):
    """A change of one thing that limits the meeting."""
    name = chance.choice(["capacity"] * 5 + ["online_capacity"] * 2 + ["organisation_quota"] * 2 + ["group"] * 3 + ["waitlist", "substitutes", "companions_allowed", "hybrid", "late", "status"])
    if name == "group":
        return ("limit", (), {"group_seats": quota(chance), "group_organisation_seats": quota(chance)})
    values = {
        "capacity": seats, "online_capacity": seats, "organisation_quota": quota, "companions_allowed": lambda chance: chance.randint(0, 3),
        "status": lambda chance: chance.choice(["published"] * 6 + ["cancelled", "held"]), "late": lambda chance: chance.random() < 0.4,
    }  # fmt: skip
    return ("limit", (), {name: values.get(name, lambda chance: chance.random() < 0.7)(chance)})


def random_step(chance):
    name, other = chance.sample([person.name for person in PEOPLE], 2)
    if chance.random() < 0.01:
        other = name
    behalf = {"on_behalf": True} if chance.random() < 0.3 else {}
    mode = chance.choice([None, None, "in_person", "online"])
    steps = [
        (10, lambda: ("answer", (name, "accepted", mode), behalf)),
        (6, lambda: ("answer", (name, chance.choice(["declined", "tentative"]), None), behalf)),
        (1, lambda: ("answer", (name, "needs_action", None), {"on_behalf": True})),
        (2, lambda: ("put_back", (name,), {})),
        (5, lambda: ("bring", (name, COMPANIONS[: chance.randint(0, 3)]), behalf)),
        (6, lambda: ("send", (name, other), behalf)),
        (5, lambda: ("take_back", (name,), behalf)),
        (4, lambda: ("withdraw", (name,), {})),
        (5, lambda: ("invite", ([name],), {})),
        (2, lambda: ("invite_group", (), {})),
        (1, lambda: ("leave_group", (), {})),
        (6, lambda: limit_step(chance)),
    ]
    return chance.choices([make for _, make in steps], [weight for weight, _ in steps])[0]()


def random_sequence(chance, length):
    """Most steps that the model would refuse are drawn again, so that most of a sequence moves something."""
    limits = random_limits(chance)
    model, steps = Meeting(PEOPLE, **limits), [("invite_group", (), {}), ("invite", (["Celina", "Ela"],), {})]
    for act, arguments, named in steps:
        getattr(model, act)(*arguments, **named)
    while len(steps) < length:
        step = act, arguments, named = random_step(chance)
        if makes_sense(model, act, arguments, named) and (outcome(getattr(model, act), *arguments, **named) is None or chance.random() < 0.1):
            steps.append(step)
    return Sequence(limits, steps)


# ── Running them ──


def outcome(act, *arguments, **named):
    """The code of the refusal; None: it was done."""
    try:
        act(*arguments, **named)
    except Refused as refused:
        return str(refused)
    return None


def makes_sense(model, act, arguments, named):
    """Can this be asked for at all, as things are? What can't is left out, so that a sequence can be shortened anywhere."""
    if act in ("answer", "put_back", "bring", "send", "take_back", "withdraw"):
        return arguments[0] in model.invitations
    if act == "limit":
        return ("online_capacity" not in named or model.hybrid or named["online_capacity"] is None) and ("group_seats" not in named or model.group_invited)
    return True


def shown(model):
    return {name: {member: getattr(one, member) for member in MEMBERS} for name, one in model.invitations.items()}, [one.person.name for one in model.queue()]


def difference(model, real):
    """How the server's state is not the model's; None if it is."""
    (there, queue), (wanted, waiting) = real.state(), shown(model)
    for name in sorted(there.keys() | wanted.keys()):
        for member in MEMBERS:
            found, expected = (invitations.get(name, {}).get(member) for invitations in (there, wanted))
            if found != expected:
                return f"{member} of {name} is {found!r} at the server and {expected!r} in the model"
    return None if queue == waiting else f"the queue is {queue} at the server and {waiting} in the model"


def counting(model, real):
    """The same for the counts that organisers see."""
    there = [one for one in model.invitations.values() if not one.withdrawn]
    wanted = {"invited": len(there), "accepted": sum(one.seated for one in there), "heads": sum(one.heads for one in there if one.seated), "waitlisted": len(model.queue())}
    counted = real.counts()
    return next((f"{name} is counted as {counted[name]}, and should be {value}" for name, value in wanted.items() if counted[name] != value), None)


def trouble(world, sequence, tally=None):
    """What goes wrong with this sequence, and at which step; None if nothing does."""
    model, real = Meeting(PEOPLE, **sequence.limits), RealMeeting(world.caller, world.book, world.ids, world.group, **sequence.limits)
    for number, (act, arguments, named) in enumerate(sequence.steps):
        if not makes_sense(model, act, arguments, named):
            continue
        mine, theirs = (outcome(getattr(meeting, act), *arguments, **named) for meeting in (model, real))
        if tally is not None:
            tally[act, mine] += 1
        if mine != theirs:
            return f"the server {f'refused with {theirs}' if theirs else 'did it'}, and the model {f'refused with {mine}' if mine else 'did it'}", number
        wrong = next(model.faults(), None) or difference(model, real)
        if wrong:
            return wrong, number
    wrong = counting(model, real)
    return wrong and (wrong, len(sequence.steps) - 1)


def simpler_steps(act, arguments, named):
    """The same step with less in it."""
    if named and "needs_action" not in arguments and act != "limit":
        yield act, arguments, {}
    if act == "answer" and arguments[2]:
        yield act, (*arguments[:2], None), named
    if act == "bring" and arguments[1]:
        yield act, (arguments[0], arguments[1][:-1]), named
    if act == "invite" and len(arguments[0]) > 1:
        yield from ((act, ([name],), named) for name in arguments[0])


def shrink(world, sequence, last):
    """Leaves out pieces, large ones first, as long as what is left still fails; then makes steps and limits simpler. What comes after the failing step goes at once."""
    limits, steps = sequence.limits, sequence.steps[: last + 1]
    size = len(steps) // 2
    while size:
        begin = 0
        while begin < len(steps):
            fewer = steps[:begin] + steps[begin + size :]
            if trouble(world, Sequence(limits, fewer)):
                steps = fewer
            else:
                begin += size
        size //= 2
    for number in range(len(steps)):
        for step in simpler_steps(*steps[number]):
            simpler = steps[:number] + [step] + steps[number + 1 :]
            if trouble(world, Sequence(limits, simpler)):
                steps = simpler
    for name in ("organisation_quota", "online_capacity", "hybrid", "capacity", "waitlist", "companions_allowed"):
        fewer = {limit: value for limit, value in limits.items() if limit != name}
        if (name != "hybrid" or not fewer.get("online_capacity")) and trouble(world, Sequence(fewer, steps)):
            limits = fewer
    return Sequence(limits, steps)


@pytest.fixture(scope="module")
def worlds(server, make_tenant):
    worlds = [World(server, make_tenant()) for _ in range(HANDS)]
    yield worlds
    for world in worlds:
        world.book.close()


def try_all(worlds, sequences, tally):
    """The first sequence that fails, what is wrong with it and at which step; None if none does. Each world takes its share at the same time."""

    def share(number):
        for sequence in sequences[number :: len(worlds)]:
            if not failures:
                found = trouble(worlds[number], sequence, tally)
                if found:
                    failures.append((sequence, *found))

    failures = []
    with concurrent.futures.ThreadPoolExecutor(len(worlds)) as pool:
        list(pool.map(share, range(len(worlds))))
    return min(failures, key=lambda failure: failure[2], default=None)


def steps(*written):
    """Of (method, arguments …)."""
    return [(act, arguments, {}) for act, *arguments in written]


INVITED = steps(("invite", ["Filip", "Gosia", "Anna", "Ela", "Basia"]))
HYBRID = {"hybrid": True, "capacity": 2, "waitlist": True, "organisation_quota": 2, "companions_allowed": 2}
ONE_SEAT_LEFT = INVITED + steps(
    ("answer", "Filip", "accepted"), ("answer", "Gosia", "accepted", "online"), ("bring", "Anna", ["Ola"]), ("answer", "Anna", "accepted"), ("answer", "Ela", "accepted")
)  # fmt: skip
TWO_SEATS_LEFT = INVITED + steps(
    ("answer", "Filip", "accepted"), ("answer", "Gosia", "accepted"), ("bring", "Anna", ["Ola", "Piotr"]), ("answer", "Anna", "accepted"), ("answer", "Ela", "accepted")
)  # fmt: skip


# Anna's party is too large for the seats left and stops the queue; then Basia takes of their organisation's quota, so that Anna is passed over.
@pytest.mark.parametrize(
    "limits, sequence",
    [
        (HYBRID | {"online_capacity": 1}, ONE_SEAT_LEFT + steps(("answer", "Basia", "accepted", "online"), ("answer", "Gosia", "declined"))),
        (HYBRID | {"online_capacity": 2}, ONE_SEAT_LEFT + steps(("answer", "Basia", "accepted", "online"))),
        ({"capacity": 4, "waitlist": True, "organisation_quota": 3, "companions_allowed": 2}, TWO_SEATS_LEFT + [("answer", ("Basia", "accepted"), {"on_behalf": True})]),
    ],
    ids=["by a promotion", "by an answer", "by an answer on behalf"],
)
def test_whoever_comes_over_a_quota_stops_no_queue(worlds, limits, sequence):
    model = Meeting(PEOPLE, **limits)
    for act, arguments, named in sequence:
        assert model.invitations.get("Ela") is None or not model.invitations["Ela"].seated, "the last step is what gives the seat"
        getattr(model, act)(*arguments, **named)
    assert model.invitations["Anna"].waits and model.invitations["Ela"].seated
    assert trouble(worlds[0], Sequence(limits, sequence)) is None


def test_random_sequences(worlds):
    seed, length, number = (int(os.environ.get(f"NARADA_{name}", usual)) for name, usual in (("SEED", 4), ("STEPS", 40), ("SEQUENCES", 60)))
    tally = collections.Counter()
    failed = try_all(worlds, [random_sequence(random.Random(one), length) for one in range(seed, seed + number)], tally)
    if failed:
        sequence, wrong, last = failed
        shortest = shrink(worlds[0], sequence, last)
        pytest.fail(f"{(trouble(worlds[0], shortest) or [wrong])[0]} after the last of these steps (NARADA_SEED={seed}):\n{shortest}", pytrace=False)
    for (act, refused), times in sorted(tally.items(), key=str):
        print(f"{times:6} × {act}{f', refused with {refused}' if refused else ''}")
