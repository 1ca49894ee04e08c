"""seats_hands.py: the same things that seats_model.Meeting can do, done at a real meeting over HTTP; and its whole state, read from the database at one instant."""

import http.client
import json
import urllib.parse

import psycopg2

from seats_model import Refused

# Everything about a meeting's seats, in one statement: one snapshot.
STATE = """
select json_build_object('status', m.status, 'format', m.format, 'capacity', m.capacity, 'online_capacity', m.online_capacity, 'organisation_quota', m.organisation_quota,
    'groups', (select coalesce(json_agg(json_build_object('id', g.group_id, 'seats', g.seats, 'organisation_seats', g.organisation_seats)), '[]')
                 from meeting_group g where g.platform_id = m.platform_id and g.meeting_id = m.id),
    'invitations', (select coalesce(json_agg(json_build_object(
        'id', i.id, 'person', p.id, 'name', p.name, 'organisation', p.organisation_id, 'group', i.group_id, 'response', i.response, 'mode', i.mode,
        'companions', i.companions, 'names', (select coalesce(json_agg(c.name order by c.rank), '[]') from companion c where c.platform_id = i.platform_id and c.invitation_id = i.id),
        'queue_number', i.queue_number, 'queue_kept', i.queue_kept, 'promoted', i.promoted_at is not null, 'held_back', i.held_back, 'withdrawn', i.withdrawn_at is not null,
        'delegated_to', i.delegated_to, 'delegated_from', i.delegated_from) order by i.id), '[]')
      from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id where i.platform_id = m.platform_id and i.meeting_id = m.id))::text
  from meeting m where m.platform_id = platform_id() and m.id = %s
"""

EVENTS = """
select coalesce(json_agg(json_build_object('id', e.id, 'invitation', e.invitation_id, 'at', e.at, 'cause', e.cause, 'from', e.from_response, 'to', e.to_response,
    'actor', e.actor, 'detail', e.detail) order by e.at, e.id), '[]')::text
  from invitation_event e where e.platform_id = platform_id() and e.meeting_id = %s
"""


class Book:
    """The database as the service's role sees it, in one platform. Read only."""

    def __init__(self, data, platform):
        self.connection = psycopg2.connect(host=str((data / "postgres").resolve()), dbname="narada", user="narada_service", options="-c search_path=narada,public -c TimeZone=UTC")
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        # Entering sets it for a transaction; here it stays.
        self.cursor.execute("select set_config('narada.platform_id', id::text, false) from platform where slug = %s", (platform,))
        assert self.cursor.rowcount == 1, f"the service's role sees no platform {platform}"

    def state(self, meeting):
        return self._read(STATE, meeting)

    def events(self, meeting):
        return self._read(EVENTS, meeting)

    def _read(self, statement, meeting):
        self.cursor.execute(statement, (meeting,))
        return json.loads(self.cursor.fetchone()[0])

    def close(self):
        self.connection.close()


class Caller:
    """Requests over one kept connection; a refusal raises Refused with the problem's code."""

    def __init__(self, server, tenant):
        self.tenant, self.platform = tenant, f"/platforms/{tenant.slug}"
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.base_url).netloc, timeout=60)

    def send(self, method, path, body=None, role=None):
        headers = {"Accept": "application/json", "Content-Type": "application/merge-patch+json" if method == "PATCH" else "application/json"}
        if role:
            headers.update({"Authorization": f"Bearer {self.tenant.tokens[role]}", "If-Match": "*"})
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        content = answer.read()
        found = json.loads(content) if content else None
        if answer.status >= 500:
            raise AssertionError(f"{method} {path} {body}: {answer.status} {content}")
        if answer.status >= 400:
            raise Refused(found["code"])
        return found

    def manage(self, method, path, body=None):
        return self.send(method, f"{self.platform}/{path}", body, "organiser")


class RealMeeting:
    """A new meeting with its people; see seats_model.Meeting for what each method means."""

    def __init__(self, caller, book, ids, group, **limits):
        self.caller, self.book, self.ids, self.group = caller, book, ids, group
        settings = {"title": "Spotkanie próbne", "status": "published", "starts_at": "2031-05-06T08:00:00Z", "ends_at": "2031-05-06T10:00:00Z", "time_zone": "Europe/Warsaw"}
        made = caller.manage("POST", "meetings", settings | self._settings(limits))
        self.id, self.path = made["id"], f"meetings/{made['id']}"
        self.links, self.invited = {}, {}

    @staticmethod
    def _settings(limits):
        settings = dict(limits)
        if "hybrid" in settings:
            settings["format"] = "hybrid" if settings.pop("hybrid") else "in_person"
        if "late" in settings:
            settings["rsvp_closes_at"] = "2020-01-01T00:00:00Z" if settings.pop("late") else None
        return settings

    def _invitation(self, name):
        return f"{self.path}/invitations/{self.invited[name]}"

    def _link(self, name):
        if name not in self.links:
            listed = self.caller.manage("GET", f"{self.path}/invitations?limit=500")["items"]
            self.links |= {one["person"]["name"]: urllib.parse.urlsplit(one["rsvp_url"]).path for one in listed}
        return self.links[name]

    # ── What can be done ──

    def answer(self, name, response, mode=None, on_behalf=False):
        body = {"response": response} | ({"mode": mode} if mode else {})
        if on_behalf:
            self.caller.manage("PATCH", self._invitation(name), body)
        else:
            self.caller.send("POST", self._link(name), body)

    def put_back(self, name):
        self.caller.manage("PATCH", self._invitation(name), {"response": "waitlisted"})

    def bring(self, name, companions, on_behalf=False):
        if on_behalf:
            self.caller.manage("PATCH", self._invitation(name), {"companions": list(companions)})
        else:
            self.caller.send("POST", f"{self._link(name)}/details", {"companions": [{"name": companion} for companion in companions]})

    def send(self, name, substitute, on_behalf=False):
        body = {"name": substitute, "email": f"{substitute.lower()}@example.org"}
        if on_behalf:
            self.caller.manage("POST", f"{self._invitation(name)}/substitute", body)
        else:
            self.caller.send("POST", f"{self._link(name)}/substitute", body)

    def take_back(self, name, on_behalf=False):
        if on_behalf:
            self.caller.manage("DELETE", f"{self._invitation(name)}/substitute")
        else:
            self.caller.send("DELETE", f"{self._link(name)}/substitute")

    def invite(self, names):
        for name in names:
            self.caller.manage("POST", f"{self.path}/invitations", {"person_id": self.ids[name]})

    def invite_group(self):
        self.caller.manage("POST", f"{self.path}/invitations", {"group_id": self.group})

    def leave_group(self):
        self.caller.manage("DELETE", f"{self.path}/groups/{self.group}")

    def withdraw(self, name):
        self.caller.manage("DELETE", self._invitation(name))

    def limit(self, **limits):
        quotas = {member: limits.pop(name) for name, member in (("group_seats", "seats"), ("group_organisation_seats", "organisation_seats")) if name in limits}
        if quotas:
            self.caller.manage("PATCH", f"{self.path}/groups/{self.group}", quotas)
        if limits:
            self.caller.manage("PATCH", self.path, self._settings(limits))

    # ── What is there ──

    def state(self):
        """Each invitation as the model has it, and the queue by names."""
        state = self.book.state(self.id)
        self.invited = {one["name"]: one["id"] for one in state["invitations"]}
        for one in state["invitations"]:
            if not one["withdrawn"]:
                self._link(one["name"])  # while it can be read: it stays the same when the invitation ends and begins anew
        names = {one["id"]: one["name"] for one in state["invitations"]}
        assert all(one["companions"] == len(one["names"]) for one in state["invitations"]), "the number of companions is not that of their names"
        shown = {
            one["name"]: {
                "response": one["response"], "mode": one["mode"], "companions": tuple(one["names"]), "promoted": one["promoted"], "held_back": one["held_back"],
                "withdrawn": one["withdrawn"], "sends": names.get(one["delegated_to"]), "sent_by": names.get(one["delegated_from"]), "grouped": one["group"] is not None,
            } for one in state["invitations"]
        }  # fmt: skip
        waiting = sorted((one for one in state["invitations"] if one["response"] == "waitlisted" and not one["withdrawn"]), key=lambda one: one["queue_number"])
        return shown, [one["name"] for one in waiting]

    def counts(self):
        return self.caller.send("GET", f"{self.caller.platform}/{self.path}/invitations/counts", role="viewer")
