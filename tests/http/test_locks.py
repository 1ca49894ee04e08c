"""test_locks.py: what changes seats, people and followed groups at the same time takes its locks in one order: nobody waits for each other for ever."""

import concurrent.futures
import random
import time

import requests

from database import psql
from happenings import make_meeting


def deadlocks(server):
    """How many the database has ended so far; a session writes down its own when it ends or idles."""
    time.sleep(1.5)
    return int(psql(server, "narada_owner", "select deadlocks from pg_stat_database where datname = current_database()")[0])


def test_people_seats_and_followed_groups_change_at_once(tenant, server):
    organisations = [tenant.owner.create("organisations", name=f"Gmina {n}", kind="municipality")["id"] for n in range(3)]
    people = [tenant.owner.create("people", name=f"Osoba {n}", organisation_id=organisations[n % 3])["id"] for n in range(9)]
    groups = [tenant.owner.create("groups", name=f"Grupa {n}")["id"] for n in range(3)]
    for group, organisation in zip(groups, organisations):
        tenant.owner.create(f"groups/{group}/members", organisation_id=organisation)
    meetings = [make_meeting(tenant, capacity=6, waitlist=True, organisation_quota=2)["id"] for _ in range(3)]
    for meeting in meetings:
        for group in groups:
            tenant.organiser.create(f"meetings/{meeting}/invitations", group_id=group, live=True)
    links = [one["rsvp_url"] for meeting in meetings for one in tenant.organiser.get(f"meetings/{meeting}/invitations").json()["items"]]
    ids = [(meeting, one["id"]) for meeting in meetings for one in tenant.organiser.get(f"meetings/{meeting}/invitations").json()["items"]]
    before, until = deadlocks(server), time.monotonic() + 4
    headers = {"Authorization": f"Bearer {tenant.tokens['organiser']}", "If-Match": "*", "Accept": "application/json"}
    merge = headers | {"Content-Type": "application/merge-patch+json"}
    top = f"{server.base_url}/platforms/{tenant.slug}"

    def client(seed):
        chance, session, statuses = random.Random(seed), requests.Session(), set()
        while time.monotonic() < until:
            meeting, one = chance.choice(ids)
            someone = {"name": "Ktoś", "email": f"ktos.{chance.random()}@example.org", "organisation": f"Gmina {chance.randrange(3)}"}
            act = chance.choice(["answer", "substitute", "substitute", "move", "live", "invite"])
            if act == "answer":
                reply = session.post(chance.choice(links), json={"response": chance.choice(["accepted", "declined"])}, headers={"Accept": "application/json"})
            elif act == "substitute":
                reply = session.post(f"{top}/meetings/{meeting}/invitations/{one}/substitute", json=someone, headers=headers)
            elif act == "move":
                reply = session.patch(f"{top}/people/{chance.choice(people)}", json={"organisation_id": chance.choice(organisations)}, headers=merge)
            elif act == "live":
                reply = session.patch(f"{top}/meetings/{meeting}/groups/{chance.choice(groups)}", json={"live": chance.random() < 0.7}, headers=merge)
            else:
                reply = session.post(f"{top}/meetings/{meeting}/invitations", json={"person": someone}, headers=headers)
            statuses.add(reply.status_code)
        return statuses

    with concurrent.futures.ThreadPoolExecutor(12) as clients:
        statuses = set().union(*clients.map(client, range(12)))
    assert deadlocks(server) == before
    assert statuses <= {200, 201, 409, 410}  # nobody was asked to try again
