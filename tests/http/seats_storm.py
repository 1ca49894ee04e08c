#!/usr/bin/env python3
"""seats_storm.py: hundreds of clients answer, bring companions, send substitutes and take them back at one meeting, while its organisers change
capacities, withdraw, invite again and answer on behalf; somebody who only reads looks all the time whether everything that must hold does.

    tests/http/seats_storm.py --seconds 120 --clients 500

starts a server of its own and prints what was done, how fast, and what was wrong; it exits with 1 if anything was. test_seats_concurrent.py runs it shortly.
"""

import argparse
import asyncio
import collections
import json
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time
import types
import urllib.parse

from seats_hands import Book
from seats_model import Invitation, Meeting, Person
from wire import Wire

SETTINGS = {
    "title": "Burza", "status": "published", "starts_at": "2031-05-06T08:00:00Z", "ends_at": "2031-05-06T10:00:00Z", "time_zone": "Europe/Warsaw", "format": "hybrid",
    "capacity": 40, "online_capacity": 20, "waitlist": True, "companions_allowed": 2,
}  # fmt: skip
REFUSALS = {404, 409, 410, 422, 429}  # what may be said to somebody who came too late
KNOWN_CAUSES = {"declined", "tentative", "needs_action", "waitlisted", "moved", "companions", "delegated", "delegation_taken_back", "withdrawn", "limits", "quota"}


def percentile(values, share):
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] if values else 0


class Storm:
    """With a quota (of heads of each organisation) the meeting always has a limit, without one it loses all of them now and then."""

    def __init__(self, server, tenant, clients, people, seed=1, quota=6):
        self.server, self.tenant, self.clients, self.people, self.quota = server, tenant, clients, people, quota
        self.chance = random.Random(seed)
        self.links, self.latest = {}, {}  # by the invitation's id: its link's path, and how it was when it was last looked at
        self.done, self.latencies, self.faults = collections.Counter(), [], []
        self.looks, self.ended = 0, threading.Event()

    # ── Requests ──

    async def request(self, wire, method, path, body=None, organiser=True):
        headers = {}
        if organiser:
            headers = {"authorization": f"Bearer {self.tenant.tokens['organiser']}", "if_match": "*"}
            path = f"/platforms/{self.tenant.slug}/{path}"
        if method == "PATCH":
            headers["content_type"] = "application/merge-patch+json"
        began = time.monotonic()
        reply = await asyncio.wait_for(wire.send(method, path, body, **headers), 120)
        self.latencies.append(time.monotonic() - began)
        return reply

    async def prepare(self):
        """A meeting with as many people invited, four of each organisation."""
        wires = [Wire(self.server.base_url) for _ in range(20)]
        made = await self.request(wires[0], "POST", "meetings", SETTINGS | {"organisation_quota": self.quota})
        self.meeting, self.path = made.json()["id"], f"meetings/{made.json()['id']}"
        group = (await self.request(wires[0], "POST", "groups", {"name": f"Burza {time.time()}"})).json()["id"]
        organisations = -(-self.people // 4)
        for n in range(organisations):
            await self.request(wires[0], "POST", "organisations", {"name": f"Gmina {n}", "kind": "municipality"})

        async def add(wire, numbers):
            for n in numbers:
                person = {"name": f"Osoba {n}", "email": f"burza.{n}@example.org", "organisation": f"Gmina {n % organisations}"}
                reply = await self.request(wire, "POST", f"groups/{group}/members", {"person": person})
                assert reply.status == 201, reply.body

        await asyncio.gather(*[add(wire, range(k, self.people, len(wires))) for k, wire in enumerate(wires)])
        reply = await self.request(wires[0], "POST", f"{self.path}/invitations", {"group_id": group})
        assert reply.json()["invited"] == self.people, reply.body
        listed = await self.request(wires[0], "GET", f"{self.path}/invitations?limit=500")
        self.links = {one["id"]: urllib.parse.urlsplit(one["rsvp_url"]).path for one in listed.json()["items"]}
        for wire in wires:
            wire.close()
        self.latencies.clear()

    # ── What clients do ──

    def some(self, wanted=lambda one: True):
        """An invitation, if possible one that was like this a moment ago."""
        for _ in range(20):
            one = self.chance.choice(list(self.latest.values()))
            if wanted(one):
                break
        return one

    async def link(self, wire, one):
        if one["id"] not in self.links:
            shown = (await self.request(wire, "GET", f"{self.path}/invitations/{one['id']}")).json()
            if not shown["rsvp_url"]:
                return None
            self.links[one["id"]] = urllib.parse.urlsplit(shown["rsvp_url"]).path
        return self.links[one["id"]]

    async def by_link(self, wire, one, method, end, body):
        path = await self.link(wire, one)
        return path and await self.request(wire, method, path + end, body, organiser=False)

    def answered(self, response):
        async def act(wire):
            body = {"response": response} | ({"mode": self.chance.choice(["in_person", "online"])} if self.chance.random() < 0.3 else {})
            return await self.by_link(wire, self.some(lambda one: not one["withdrawn"] and one["response"] != "delegated"), "POST", "", body)

        return act

    async def bring(self, wire):
        companions = [{"name": name} for name in ("Ola", "Piotr")[: self.chance.randint(0, 2)]]
        return await self.by_link(wire, self.some(lambda one: one["response"] in ("accepted", "waitlisted")), "POST", "/details", {"companions": companions})

    def substitute(self):
        n = self.chance.randrange(self.people * 5 // 4)  # of those who are invited, who were, and others
        return {"name": f"Osoba {n}", "email": f"burza.{n}@example.org"}

    async def send(self, wire):
        return await self.by_link(wire, self.some(lambda one: one["response"] in ("accepted", "waitlisted")), "POST", "/substitute", self.substitute())

    async def take_back(self, wire):
        return await self.by_link(wire, self.some(lambda one: one["response"] == "delegated" and not one["withdrawn"]), "DELETE", "/substitute", None)

    async def on_behalf(self, wire):
        response = self.chance.choice(["accepted", "accepted", "declined", "waitlisted"])
        wanted = "accepted" if response == "waitlisted" else "waitlisted"
        one = self.some(lambda one: one["response"] == wanted and not one["withdrawn"])
        return await self.request(wire, "PATCH", f"{self.path}/invitations/{one['id']}", {"response": response})

    async def send_on_behalf(self, wire):
        one = self.some(lambda one: one["response"] in ("accepted", "waitlisted"))
        return await self.request(wire, "POST", f"{self.path}/invitations/{one['id']}/substitute", self.substitute())

    async def withdraw(self, wire):
        return await self.request(wire, "DELETE", f"{self.path}/invitations/{self.some(lambda one: not one['withdrawn'])['id']}")

    async def invite_again(self, wire):
        return await self.request(wire, "POST", f"{self.path}/invitations", {"person_id": self.some(lambda one: one["withdrawn"])["person"]})

    async def limit(self, wire):
        if self.quota is None and self.chance.random() < 0.2:
            return await self.request(wire, "PATCH", self.path, {"capacity": None, "online_capacity": None})
        name, online, least, most = self.chance.choice([("capacity", False, 20, 60), ("online_capacity", True, 10, 30)])
        taken = sum(1 + one["companions"] for one in self.latest.values() if one["response"] == "accepted" and not one["withdrawn"] and (one["mode"] == "online") == online)
        return await self.request(wire, "PATCH", self.path, {name: max(taken + self.chance.randint(-3, 3), least) if self.quota is None else min(max(taken + self.chance.randint(-4, 8), least), most)})

    async def client(self, until):
        acts = [
            (30, "accept", self.answered("accepted")), (14, "decline", self.answered("declined")), (4, "maybe", self.answered("tentative")), (10, "companions", self.bring),
            (7, "substitute", self.send), (7, "take back", self.take_back), (6, "on behalf", self.on_behalf), (2, "substitute on behalf", self.send_on_behalf),
            (5, "withdraw", self.withdraw), (6, "invite again", self.invite_again), (3, "capacity", self.limit),
        ]  # fmt: skip
        wire = Wire(self.server.base_url)
        while time.monotonic() < until:
            _, name, act = self.chance.choices(acts, [weight for weight, _, _ in acts])[0]
            reply = await act(wire)
            if reply is not None:
                await self.judge(name, reply)
        wire.close()

    async def judge(self, name, reply):
        self.done[name, reply.status] += 1
        if reply.status == 503 and "retry-after" in reply.headers:
            await asyncio.sleep(self.chance.random())
        elif reply.status not in REFUSALS and reply.status >= 300:
            self.faults.append(f"{name}: {reply.status} {reply.body.decode(errors='replace')[:300]}")

    # ── Who looks ──

    def model(self, state):
        """The model in this state."""
        people = {one["id"]: Person(one["name"], one["organisation"], False) for one in state["invitations"]}
        model = Meeting(people.values(), hybrid=True, **{name: state[name] for name in ("capacity", "online_capacity", "organisation_quota")})
        for one in state["invitations"]:
            members = {name: one[name] for name in ("response", "mode", "held_back", "withdrawn")}
            model.invitations[one["id"]] = Invitation(people[one["id"]], companions=(None,) * one["companions"], queued=one["queue_number"], **members)
        return model

    def wrong_with(self, state):
        """What must not be, in one snapshot."""
        invitations = state["invitations"]
        model = self.model(state)
        yield from model.faults()
        for one in invitations:
            if one["companions"] != len(one["names"]):
                yield f"{one['companions']} companions of {one['name']} have {len(one['names'])} names"
        heads = collections.Counter()
        for one in model.seated():
            heads[one.person.organisation] += one.heads
        yield from (f"{number} heads of one organisation have seats" for organisation, number in heads.items() if organisation and self.quota and number > self.quota)
        if len({one["person"] for one in invitations}) != len(invitations):
            yield "somebody is invited twice"
        if lost := self.latest.keys() - {one["id"] for one in invitations}:
            yield f"{len(lost)} invitations are lost"
        numbers = [one["queue_number"] for one in invitations if one["queue_number"]]
        if len(set(numbers)) != len(numbers):
            yield "a place in the queue was given twice"

    def look(self, book):
        state = book.state(self.meeting)
        self.faults.extend(self.wrong_with(state))
        self.latest = {one["id"]: one for one in state["invitations"]}
        self.looks += 1

    def watch(self):
        book = Book(self.server.data, self.tenant.slug)
        while not self.ended.wait(0.03):
            self.look(book)
        book.close()

    # ── Afterwards ──

    def replay(self, events, state):
        """Goes through the history: each event begins where the one before ended, promotions have reasons and keep the order, and the end is what is there."""
        people = {one["id"]: Person(one["name"], one["organisation"], False) for one in state["invitations"]}
        model = Meeting(people.values(), hybrid=True, organisation_quota=self.quota)
        for event in events:
            one, detail = model.invitations.get(event["invitation"]), event["detail"]
            if one is None:
                one = model.invitations[event["invitation"]] = Invitation(people[event["invitation"]], mode=detail.get("mode", "in_person"))
            elif event["from"] != one.response:
                yield f"an event ({event['cause']}) begins with {event['from']}, and the one before ended with {one.response}"
            if event["cause"] == "promoted":
                yield from self.promotion(model, one, event)
            elif (event["from"], event["to"]) == ("waitlisted", "accepted") and not event["actor"].startswith("token") and "mode" not in detail:
                yield f"a seat was given from the waitlist by {event['cause']}"
            self.apply(one, event)
        for one in state["invitations"]:
            last = model.invitations.get(one["id"])
            there = (one["response"], one["mode"], one["companions"], one["withdrawn"], one["held_back"], one["queue_number"])
            told = last and (last.response, last.mode, len(last.companions), last.withdrawn, last.held_back, last.queued)
            if there != told:
                yield f"the history ends with {told}, and there is {there}"

    @staticmethod
    def promotion(model, one, event):
        detail = event["detail"]
        if detail.get("freed") not in KNOWN_CAUSES or (detail["freed"] != "limits" and detail.get("by") not in model.invitations):
            yield f"a promotion does not say what made room: {detail}"
        if detail.get("queue_number") != one.queued:
            yield f"number {one.queued} was promoted as number {detail.get('queue_number')}"
        for other in model.queue():
            if other.queued < one.queued and not other.held_back and model.online(other) == model.online(one) and model.within_quotas(other):
                yield f"number {one.queued} was promoted before number {other.queued}"

    @staticmethod
    def apply(one, event):
        detail = event["detail"]
        one.response = event["to"] or one.response
        one.mode = detail.get("mode", one.mode)
        one.companions = (None,) * detail.get("companions", len(one.companions))
        one.withdrawn = detail.get("withdrawn", one.withdrawn)
        one.queued = detail.get("queue_number", one.queued) if one.response == "waitlisted" else None
        one.held_back = detail.get("held_back", one.held_back)

    # ── All of it ──

    def run(self, seconds):
        """Runs it; gives what was wrong, each thing once."""
        book = Book(self.server.data, self.tenant.slug)
        asyncio.run(self.prepare())
        self.look(book)
        deadlocks = self.deadlocks(book)
        watcher = threading.Thread(target=self.watch)
        watcher.start()
        began = time.monotonic()

        async def all_clients():
            await asyncio.gather(*[self.client(began + seconds) for _ in range(self.clients)])

        try:
            asyncio.run(all_clients())
        finally:
            self.ended.set()
            watcher.join()
        self.seconds = time.monotonic() - began
        self.look(book)
        self.history = book.events(self.meeting)
        self.faults.extend(self.replay(self.history, book.state(self.meeting)))
        if self.deadlocks(book) > deadlocks:
            self.faults.append(f"{self.deadlocks(book) - deadlocks} deadlocks")
        book.close()
        return list(dict.fromkeys(self.faults))

    @staticmethod
    def deadlocks(book):
        book.cursor.execute("select pg_stat_clear_snapshot(), deadlocks from pg_stat_database where datname = current_database()")
        return book.cursor.fetchone()[1]

    def figures(self):
        total = len(self.latencies)
        causes = collections.Counter(event["cause"] for event in self.history)
        lines = [
            f"{self.clients} clients, {self.seconds:.0f} s: {total} requests, {total / self.seconds:.0f}/s; "
            f"p50 {percentile(self.latencies, 0.5) * 1000:.0f} ms, p95 {percentile(self.latencies, 0.95) * 1000:.0f} ms, p99 {percentile(self.latencies, 0.99) * 1000:.0f} ms",
            f"looked {self.looks} times; {len(self.latest)} invitations; {len(self.history)} events, {causes['promoted']} of them promotions",
        ]
        for name in dict.fromkeys(name for name, _ in self.done):
            lines.append(f"{name:22}" + "  ".join(f"{status}: {number}" for (act, status), number in sorted(self.done.items()) if act == name))
        return "\n".join(lines)


def main():
    from conftest import start_server  # it needs pytest, which the figures don't

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--people", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-quota", action="store_true", help="no quota of organisations, and at times no limit at all")
    asked = parser.parse_args()
    place = pathlib.Path(tempfile.mkdtemp(prefix="narada-storm-"))
    place.chmod(0o755)  # PostgreSQL runs as another user below it
    server = start_server(place / "data")
    try:
        server.wait()
        demo = json.loads((server.data / "demo.json").read_text())
        tenant = types.SimpleNamespace(slug=demo["platform"], tokens={"organiser": demo["token"]})
        storm = Storm(server, tenant, asked.clients, asked.people, asked.seed, None if asked.no_quota else 6)
        wrong = storm.run(asked.seconds)
        print(storm.figures())
    finally:
        server.stop()
        shutil.rmtree(place, ignore_errors=True)
    print("\n".join(wrong[:30]) or "nothing was wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
