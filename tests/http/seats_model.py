"""seats_model.py: a meeting's seats as one would write them who need not think of speed, of a database or of anybody else: what the server must agree with.

A Meeting has Invitations by the person's name. Each method is what somebody does; it raises Refused with the problem's code, and then nothing has changed.
The rules are those of server/db/migrations/0010_seats.sql, said once more and otherwise.
"""

import dataclasses
from typing import Optional


class Refused(Exception):
    """What was asked for can't be; the argument is the problem's code."""


@dataclasses.dataclass
class Person:
    name: str
    organisation: Optional[str]
    in_group: bool


@dataclasses.dataclass
class Invitation:
    person: Person
    grouped: bool = False  # invited with the group, so that its quotas hold
    response: str = "needs_action"
    mode: str = "in_person"
    companions: tuple = ()
    promoted: bool = False
    held_back: bool = False
    withdrawn: bool = False
    sends: Optional[str] = None  # whom they sent in their place
    sent_by: Optional[str] = None
    queued: Optional[int] = None  # when they began to wait; kept by those who were promoted, in case the seat is taken back

    @property
    def heads(self):
        return 1 + len(self.companions)

    @property
    def waits(self):
        return self.response == "waitlisted" and not self.withdrawn

    @property
    def seated(self):
        return self.response == "accepted" and not self.withdrawn


class Meeting:
    def __init__(self, people, **limits):
        self.people = {person.name: person for person in people}
        self.invitations = {}
        self.status, self.late, self.hybrid = "published", False, False
        self.capacity = self.online_capacity = self.organisation_quota = self.group_seats = self.group_organisation_seats = None
        self.waitlist, self.substitutes, self.companions_allowed = False, True, 0
        self.group_invited = False
        self.turn = 0
        for name, value in limits.items():
            assert hasattr(self, name), name
            setattr(self, name, value)

    # ── Counting ──

    def online(self, one):
        return self.hybrid and one.mode == "online"

    def seated(self, besides=None):
        return [one for one in self.invitations.values() if one.seated and one is not besides]

    def heads(self, online, besides=None):
        return sum(one.heads for one in self.seated(besides) if self.online(one) == online)

    def has_room(self, one):
        limit = self.online_capacity if self.online(one) else self.capacity
        return limit is None or self.heads(self.online(one), one) + one.heads <= limit

    def within_quotas(self, one):
        """Would this party, seated, be within each quota that holds for it?"""
        others = self.seated(one)
        colleagues = [other for other in others if other.person.organisation == one.person.organisation]
        limits = []
        if one.person.organisation is not None:
            limits.append((self.organisation_quota, colleagues))
        if one.grouped:
            limits.append((self.group_seats, [other for other in others if other.grouped]))
            if one.person.organisation is not None:
                limits.append((self.group_organisation_seats, [other for other in colleagues if other.grouped]))
        return all(limit is None or sum(other.heads for other in counted) + one.heads <= limit for limit, counted in limits)

    def queue(self):
        return sorted((one for one in self.invitations.values() if one.waits), key=lambda one: one.queued)

    def has_turn(self, one):
        """Does nobody wait for the seats that this party wants, who could have them?"""
        return not any(other is not one and not other.held_back and self.online(other) == self.online(one) and self.within_quotas(other) for other in self.queue())

    def settle(self):
        """Gives free seats to those who wait: whoever is held back or over a quota is passed over, and a party that is too large stops its queue.

        A seat that was given may have taken the quota of a party that stopped a queue before; so all are asked again until nobody gets one.
        """
        if self.status in ("cancelled", "held"):
            return
        while self._give_seats():
            pass

    def _give_seats(self):
        given, stopped = 0, set()
        for one in self.queue():
            if one.held_back or self.online(one) in stopped or not self.within_quotas(one):
                continue
            if self.has_room(one):
                one.response, one.promoted = "accepted", True
                given += 1
            else:
                stopped.add(self.online(one))
        return given

    def next_turn(self):
        self.turn += 1
        return self.turn

    # ── What an invitee or, on behalf, an organiser does ──

    def find(self, name, on_behalf):
        """The invitation, if it may be changed."""
        one = self.invitations[name]
        if one.withdrawn:
            raise Refused("invitation_withdrawn")
        if not on_behalf and self.status != "published":
            raise Refused(f"meeting_{self.status}")
        if not on_behalf and self.late:
            raise Refused("answers_closed")
        return one

    def find_own(self, name, on_behalf):
        """The same, of somebody who comes themself."""
        one = self.find(name, on_behalf)
        if one.response == "delegated":
            raise Refused("delegated")
        return one

    def answer(self, name, response, mode=None, on_behalf=False):
        one = self.find_own(name, on_behalf)
        if mode == "online" and not self.hybrid:
            raise Refused("mode_not_offered")
        wanted = dataclasses.replace(one, mode=(mode or one.mode) if self.hybrid else "in_person")
        if response == "accepted":
            self._accept(one, wanted, on_behalf)
        else:
            one.response, one.mode = response, wanted.mode
            one.queued, one.promoted, one.held_back = None, False, False
        self.settle()

    def _accept(self, one, wanted, on_behalf):
        moves = self.online(one) != self.online(wanted)
        if one.response == "accepted" and not moves:
            one.mode = wanted.mode
            return
        why = self._no_seat(one, wanted, on_behalf)
        if why and (one.response == "accepted" or not self.waitlist and one.response != "waitlisted"):
            raise Refused(why)
        one.mode = wanted.mode
        if not why:
            one.response, one.held_back = "accepted", False
        elif one.response == "waitlisted":
            one.held_back = one.held_back and not on_behalf
        else:
            one.response, one.queued, one.promoted = "waitlisted", self.next_turn(), False

    def _no_seat(self, one, wanted, on_behalf):
        """Why there is no seat for them; None if there is one."""
        before, one.mode = one.mode, wanted.mode
        try:
            if not self.has_room(one):
                return "meeting_full"
            if one.response != "accepted" and not self.within_quotas(one):
                return "quota_full"
            if not on_behalf and (one.waits and one.held_back or not self.has_turn(one)):
                return "meeting_full"
            return None
        finally:
            one.mode = before

    def put_back(self, name):
        """The organiser takes a seat back: the invitee waits where they waited, and is passed over."""
        one = self.find_own(name, True)
        if one.response not in ("accepted", "waitlisted"):
            raise Refused("nothing_to_revoke")
        if not self.hybrid:
            one.mode = "in_person"
        if one.response == "accepted":
            one.response, one.held_back, one.promoted = "waitlisted", True, False
            one.queued = one.queued or self.next_turn()
        self.settle()

    def bring(self, name, companions, on_behalf=False):
        one = self.find_own(name, on_behalf)
        if len(companions) > max(20 if on_behalf else self.companions_allowed, len(one.companions)):
            raise Refused("too_many_companions")
        before, one.companions = one.companions, tuple(companions)
        if one.seated and len(one.companions) > len(before):
            why = "quota_full" if not self.within_quotas(one) else None
            if not self.has_room(one) or not on_behalf and not self.has_turn(one):
                why = "no_seats_for_companions"
            if why:
                one.companions = before
                raise Refused(why)
        self.settle()

    def send(self, name, substitute, on_behalf=False):
        one = self.find_own(name, on_behalf)
        if not self.substitutes and not on_behalf:
            raise Refused("substitutes_not_allowed")
        if substitute == name:
            raise Refused("substitute_is_invitee")
        before = self.invitations.get(substitute)
        if before and not before.withdrawn:
            raise Refused("substitute_invited_already")
        theirs = Invitation(self.people[substitute], grouped=one.grouped, sent_by=name)
        left = dataclasses.replace(one, response="delegated", companions=(), promoted=False, queued=None, held_back=False, sends=substitute)
        self._pass_seat(one, left, theirs)

    def take_back(self, name, on_behalf=False):
        one = self.invitations[name]
        if one.withdrawn and not on_behalf:  # the link is closed
            raise Refused("invitation_withdrawn")
        if one.response != "delegated":
            raise Refused("not_delegated")
        self.find(name, on_behalf)
        chain = []
        last = one
        while last.response == "delegated":
            following = self.invitations.get(last.sends)
            if following is None or following.withdrawn or following.sent_by != last.person.name:
                break
            chain.append(following)
            last = following
        returned = dataclasses.replace(one, response="needs_action", sends=None)
        if chain and last.response != "delegated":
            left = dataclasses.replace(last, response="needs_action", companions=(), promoted=False, queued=None, held_back=False, sends=None, withdrawn=True)
            self._pass_seat(last, left, returned)
        else:
            self.invitations[name] = returned
        for gone in chain:
            self.invitations[gone.person.name].withdrawn = True
        self.settle()

    def _pass_seat(self, one, left, theirs):
        """`one` becomes `left`, and what it had goes to `theirs`; refused if the quotas of another organisation don't allow it."""
        theirs.companions, theirs.mode = one.companions, one.mode
        if one.response in ("accepted", "waitlisted"):
            theirs.response, theirs.promoted, theirs.queued, theirs.held_back = one.response, one.promoted, one.queued, one.held_back
        before = dict(self.invitations)
        self.invitations.update({left.person.name: left, theirs.person.name: theirs})
        elsewhere = theirs.person.organisation != one.person.organisation or theirs.grouped != one.grouped
        if theirs.seated and elsewhere and not self.within_quotas(theirs):
            self.invitations = before
            raise Refused("quota_full")
        self.settle()

    # ── What only an organiser does ──

    def invite(self, names, with_group=False):
        """Invites those who aren't; one that was withdrawn begins anew."""
        if self.status == "cancelled":
            raise Refused("meeting_cancelled")
        new = [name for name in names if name not in self.invitations or self.invitations[name].withdrawn]
        if not new and not with_group:
            raise Refused("invitation_already")
        for name in new:
            mode = self.invitations[name].mode if name in self.invitations else "in_person"
            self.invitations[name] = Invitation(self.people[name], grouped=with_group, mode=mode)

    def invite_group(self):
        self.invite([person.name for person in self.people.values() if person.in_group], with_group=True)
        self.group_invited = True

    def leave_group(self):
        """The meeting invites the group no more: its quotas are gone, and who was invited with it stays so."""
        if not self.group_invited:
            raise Refused("not_found")
        self.group_invited, self.group_seats, self.group_organisation_seats = False, None, None
        self.settle()

    def withdraw(self, name):
        one = self.invitations[name]
        if one.withdrawn:
            raise Refused("not_found")
        one.withdrawn = True
        self.settle()

    def limit(self, **limits):
        """Sets capacity, quotas, what is allowed, the deadline and the status."""
        if self.status != "published" and limits.get("status", self.status) != self.status:
            raise Refused("meeting_status_not_from_here")
        before = {name: getattr(self, name) for name in limits}
        for name, value in limits.items():
            setattr(self, name, value)
        if not self.hybrid:
            before.setdefault("online_capacity", self.online_capacity)
            self.online_capacity = None
        for online, capacity in ((False, self.capacity), (True, self.online_capacity)):
            changed = {"capacity", "online_capacity", "hybrid"} & set(limits)
            if changed and capacity is not None and self.heads(online) > capacity:
                for name, value in before.items():
                    setattr(self, name, value)
                raise Refused("capacity_below_accepted")
        self.settle()

    # ── What always holds ──

    def faults(self):
        """Everything that must never be, whatever happened before; quotas may have been lowered below who is seated."""
        for online, capacity in ((False, self.capacity), (True, self.online_capacity)):
            if capacity is not None and self.heads(online) > capacity:
                yield f"{self.heads(online)} heads have {capacity} {'online' if online else 'room'} seats"
        numbers = [one.queued for one in self.queue()]
        if len(set(numbers)) != len(numbers):
            yield "two have the same place in the queue"
        if self.status == "published":
            stopped = set()
            for one in self.queue():
                if not one.held_back and self.online(one) not in stopped and self.within_quotas(one):
                    if self.has_room(one):
                        yield f"{one.person.name} waits although there is room"
                    stopped.add(self.online(one))
