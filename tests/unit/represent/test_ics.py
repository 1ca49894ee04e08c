"""test_ics.py: calendars as another program reads them (Debian's python3-icalendar), and their zones against the system's."""

import json
import os
import re
import subprocess
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject

WRITER = os.environ["ICS_WRITER"]

EVENT = {
    "uid": "01941f29-7c00-7aaa-8bbb-000000000001@narada",
    "sequence": "3",
    "dtstamp": "2019-11-20 12:30:00.123456+00",
    "created": "2019-11-01 08:00:00+00",
    "starts_at": "2019-12-17 09:00:00+00",
    "ends_at": "2019-12-17 12:00:00+00",
    "time_zone": "Europe/Warsaw",
    "summary": "Miasta i gminy w obiegu zamkniętym",
    "description": "Cel: projekty, inicjatywy; plany\nDrugi wiersz",
    "location": "Kraków, ul. Przykładowa 1",
    "url": "https://narada.example.org/platforms/goz/meetings/gmina?x=ą",
    "status": "CONFIRMED",
    "organiser_name": 'Klaster "SPCleantech"',
    "organiser_email": "biuro@example.org",
}


INVITED = {
    **EVENT,
    "method": "REQUEST",
    "attendee_name": 'Żak, Anna; "Ania"',
    "attendee_email": "anna.zak+praca@example.org",
    "partstat": "NEEDS-ACTION",
    "rsvp": "t",
    "busy": "TENTATIVE",
}


def written(*events, name="GOZ, spotkania; 2019", language="pl", **more):
    text = json.dumps({"name": name, "language": language, "events": events, **more})
    return subprocess.run([WRITER], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout


def event(**changes):
    return {**EVENT, **changes}


def read(*events, **options):
    return icalendar.Calendar.from_ical(written(*events, **options))


def only_event(calendar):
    (found,) = calendar.walk("VEVENT")
    return found


def test_reads_back():
    calendar = read(event())
    assert calendar["METHOD"] == "PUBLISH" and calendar["VERSION"] == "2.0"
    assert calendar["NAME"] == calendar["X-WR-CALNAME"] == "GOZ, spotkania; 2019"
    assert calendar["NAME"].params["LANGUAGE"] == "pl"
    found = only_event(calendar)
    assert found["UID"] == EVENT["uid"] and found["SEQUENCE"] == 3
    assert found["SUMMARY"] == EVENT["summary"]
    assert found["DESCRIPTION"] == EVENT["description"]
    assert found["LOCATION"] == EVENT["location"]
    assert found["URL"] == "https://narada.example.org/platforms/goz/meetings/gmina?x=%C4%85"
    assert found["DTSTAMP"].dt == datetime(2019, 11, 20, 12, 30, tzinfo=timezone.utc)
    assert found["STATUS"] == "CONFIRMED" and found["TRANSP"] == "OPAQUE"
    assert found["ORGANIZER"] == "mailto:biuro@example.org"
    assert "ATTENDEE" not in found
    assert found["DTSTART"].params["TZID"] == "Europe/Warsaw"
    assert found["DTSTART"].dt.replace(tzinfo=None) == datetime(2019, 12, 17, 10)
    assert found["DTEND"].dt.replace(tzinfo=None) == datetime(2019, 12, 17, 13)


def test_lines():
    data = written(event(summary="ąćęłńóśźż" * 40, description="a\\b\\n" * 60 + "😀" * 60, location="x" * 300))
    assert data.endswith(b"END:VCALENDAR\r\n")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line and b"\r" not in line
        line.decode("utf-8")
        assert len(re.search(rb"\\*$", line)[0]) % 2 == 0, "folded within an escape"
    found = only_event(icalendar.Calendar.from_ical(data))
    assert found["SUMMARY"] == "ąćęłńóśźż" * 40
    assert found["LOCATION"] == "x" * 300


def test_nothing_is_injected():
    evil = "x\r\nATTENDEE:mailto:evil@example.org\nBEGIN:VEVENT\x00\x07\x7f\r"
    data = written(event(summary=evil.replace("\0", ""), uid=evil.replace("\0", ""), organiser_name='a"b^c\nX:1', organiser_email="a b\r\n@x.org",
                         url="https://x\r\nX:1", time_zone="Europe/Warsaw\nX:1"), name=evil.replace("\0", ""))
    assert not any(line.startswith((b"ATTENDEE", b"X:1")) for line in data.split(b"\r\n"))
    assert data.count(b"\r\nBEGIN:VEVENT\r\n") == 1
    assert b"\x07" not in data and b"\x7f" not in data
    assert b"a^'b^^c^nX:1" in data
    assert b"mailto:a%20b%0D%0A@x.org" in data


def test_international_address():
    data = written(event(organiser_email="żółw@żółw.pl"))
    assert b"mailto:%C5%BC%C3%B3%C5%82w@xn--w-uga1v8h.pl" in data.replace(b"\r\n ", b"")


def test_without_address():
    assert only_event(read(event(organiser_email=None, organiser_name=None)))["ORGANIZER"] == "invalid:nomail"


@pytest.mark.parametrize("status, shown, transparent", [
    ("CANCELLED", "CANCELLED", "TRANSPARENT"), ("cancelled", "CANCELLED", "TRANSPARENT"), ("published", "CONFIRMED", "OPAQUE"),
    ("draft", "TENTATIVE", "OPAQUE"), ("TENTATIVE", "TENTATIVE", "OPAQUE"), (None, "CONFIRMED", "OPAQUE")])
def test_status(status, shown, transparent):
    found = only_event(read(event(status=status)))
    assert (found["STATUS"], found["TRANSP"]) == (shown, transparent)


def test_what_is_missing_is_left_out():
    found = only_event(read(event(ends_at=None, created=None, description=None, location="", url=None, sequence=None)))
    assert not {"DTEND", "CREATED", "DESCRIPTION", "LOCATION", "URL"} & set(found)
    assert found["SEQUENCE"] == 0


def test_same_bytes_again():
    assert written(event()) == written(event())


@pytest.mark.parametrize("events", [[], [event(starts_at=None)]])
def test_empty_calendar_holds_a_zone(events):
    calendar = read(*events)
    assert not calendar.walk("VEVENT")
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Etc/UTC"


def test_zone_by_rules():
    (zone,) = read(event()).walk("VTIMEZONE")
    parts = {part.name: part for part in zone.subcomponents}
    assert set(parts) == {"STANDARD", "DAYLIGHT"}
    assert parts["DAYLIGHT"]["RRULE"].to_ical() == b"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"
    assert parts["STANDARD"]["RRULE"].to_ical() == b"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"
    assert parts["DAYLIGHT"]["DTSTART"].dt == datetime(1970, 3, 29, 2)
    assert parts["STANDARD"]["DTSTART"].dt == datetime(1970, 10, 25, 3)
    assert parts["DAYLIGHT"]["TZOFFSETFROM"].td == timedelta(hours=1) and parts["DAYLIGHT"]["TZOFFSETTO"].td == timedelta(hours=2)
    assert (parts["STANDARD"]["TZNAME"], parts["DAYLIGHT"]["TZNAME"]) == ("CET", "CEST")


@pytest.mark.parametrize("name, parts, rules", [
    ("Europe/Helsinki", 2, 2), ("America/New_York", 2, 2), ("Australia/Sydney", 2, 2), ("Asia/Kolkata", 1, 0), ("UTC", 1, 0), ("Africa/Casablanca", None, 0)])
def test_shape_of_zones(name, parts, rules):
    (zone,) = read(event(time_zone=name, starts_at="2026-06-01 09:00:00+00", ends_at="2026-06-01 10:00:00+00")).walk("VTIMEZONE")
    assert parts in (None, len(zone.subcomponents))
    assert sum("RRULE" in part for part in zone.subcomponents) == rules


ZONES = ["Europe/Warsaw", "Europe/Helsinki", "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu",
         "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Auckland", "America/Sao_Paulo", "Asia/Tokyo", "Europe/Istanbul", "Europe/Moscow", "Asia/Jerusalem",
         "Africa/Casablanca", "UTC", "Atlantic/Azores"]


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("first, last", [(2019, 2021), (2026, 2026), (2005, 2010)])
def test_zone_agrees_with_the_system(name, first, last):
    """Every event, put through the calendar's own zone, is when it was."""
    if name == "Africa/Casablanca" and last > 2025:
        pytest.skip("its law changed after Debian's ICU was made")
    zone = ZoneInfo(name)
    moments, moment, end = [], datetime(first, 1, 1, 0, 30, tzinfo=timezone.utc), datetime(last, 12, 31, tzinfo=timezone.utc)
    while moment < end and len(moments) < 100:
        moments.append(moment)
        moment += timedelta(days=(end - datetime(first, 1, 1, tzinfo=timezone.utc)).days / 100)
    calendar = read(*(event(time_zone=name, starts_at=f"{moment:%Y-%m-%d %H:%M:%S}+00", ends_at=None) for moment in moments))
    (described,) = calendar.walk("VTIMEZONE")
    for found, moment in zip(calendar.walk("VEVENT"), moments):
        local = found["DTSTART"].dt
        if found["DTSTART"].params.get("TZID"):
            assert local.replace(tzinfo=None) == moment.astimezone(zone).replace(tzinfo=None)
            assert local.replace(tzinfo=None) - offset_in(described, local.replace(tzinfo=None)) == moment.replace(tzinfo=None)
        else:
            assert local == moment


def onsets(part, until):
    """When that part of a VTIMEZONE begins, as wall clock times before the change."""
    start = part["DTSTART"].dt
    if "RRULE" not in part:
        return [start]
    rule = part["RRULE"]
    (month,), (day,) = rule["BYMONTH"], rule["BYDAY"]
    nth, weekday = int(re.match(r"-?\d+", day)[0]), ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].index(day[-2:])
    found = []
    for year in range(start.year, until.year + 1):
        days = [datetime(year, month, 1) + timedelta(days=offset) for offset in range(31)]
        days = [each for each in days if each.month == month and each.weekday() == weekday]
        each = days[nth if nth < 0 else nth - 1]
        found.append(each.replace(hour=start.hour, minute=start.minute, second=start.second))
    return found


def offset_in(zone, local):
    """RFC 5545 3.6.5: the latest onset before a local time decides; a time that comes twice is the first."""
    best = None
    for part in zone.subcomponents:
        before, after = part["TZOFFSETFROM"].td, part["TZOFFSETTO"].td
        for onset in onsets(part, local):
            shown = onset if after <= before else onset + (after - before)
            if shown <= local and (best is None or onset > best[0]):
                best = (onset, after)
    return best[1]


def test_overlap():
    """02:30 comes twice on 25 October 2026, and readers disagree which one is meant: both are said in UTC."""
    twice = only_event(read(event(starts_at="2026-10-25 00:30:00+00", ends_at="2026-10-25 01:30:00+00")))
    assert twice["DTSTART"].dt == datetime(2026, 10, 25, 0, 30, tzinfo=timezone.utc) and twice["DTEND"].dt == datetime(2026, 10, 25, 1, 30, tzinfo=timezone.utc)
    around = only_event(read(event(starts_at="2026-10-24 23:59:59+00", ends_at="2026-10-25 02:00:00+00")))
    assert around["DTSTART"].dt.replace(tzinfo=None) == datetime(2026, 10, 25, 1, 59, 59) and around["DTSTART"].params["TZID"] == "Europe/Warsaw"
    assert around["DTEND"].dt.replace(tzinfo=None) == datetime(2026, 10, 25, 3) and around["DTEND"].params["TZID"] == "Europe/Warsaw"


def test_unknown_zone_is_utc():
    found = only_event(read(event(time_zone="Europe/Krakow")))
    assert found["DTSTART"].dt == datetime(2019, 12, 17, 9, tzinfo=timezone.utc)


def test_zones_of_a_feed():
    calendar = read(event(), event(time_zone="Europe/Helsinki"), event(time_zone=None), event())
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Warsaw", "Europe/Helsinki"]
    assert len(calendar.walk("VEVENT")) == 4


def invited(reply_to="rsvp+token@narada.example.org", **changes):
    return written({**INVITED, **changes}, reply_to=reply_to)


def test_request():
    data = invited()
    calendar = icalendar.Calendar.from_ical(data)
    assert calendar["METHOD"] == "REQUEST" and "NAME" not in calendar and "REFRESH-INTERVAL" not in calendar
    found = only_event(calendar)
    assert (found["UID"], found["SEQUENCE"], found["STATUS"]) == (EVENT["uid"], 3, "CONFIRMED")
    assert found["ORGANIZER"] == "mailto:rsvp+token@narada.example.org" and found["ORGANIZER"].params["CN"] == 'Klaster ^\'SPCleantech^\''
    who = found["ATTENDEE"]
    assert who == "mailto:anna.zak+praca@example.org"
    assert {name: who.params[name] for name in ("CUTYPE", "ROLE", "PARTSTAT", "RSVP")} == {
        "CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}  # fmt: skip
    assert who.params["CN"] == "Żak, Anna; ^'Ania^'"  # RFC 6868, which this reader leaves as it is
    assert found["X-MICROSOFT-CDO-BUSYSTATUS"] == "TENTATIVE" and found["X-MICROSOFT-DISALLOW-COUNTER"] == "FALSE"
    assert max(len(line) for line in data.split(b"\r\n")) <= 75 and b"\n" not in data.replace(b"\r\n", b"")


def test_request_is_read_by_another_library():
    found = vobject.readOne(invited().decode())
    assert found.method.value == "REQUEST" and len(found.vevent_list) == 1
    event = found.vevent
    assert event.uid.value == EVENT["uid"] and event.sequence.value == "3" and event.summary.value == EVENT["summary"]
    assert event.description.value == EVENT["description"] and event.location.value == EVENT["location"]
    assert event.dtstart.value.astimezone(timezone.utc) == datetime(2019, 12, 17, 9, tzinfo=timezone.utc)
    assert event.dtend.value.astimezone(timezone.utc) == datetime(2019, 12, 17, 12, tzinfo=timezone.utc)
    assert event.attendee.value == "mailto:anna.zak+praca@example.org" and event.attendee.params["PARTSTAT"] == ["NEEDS-ACTION"]
    assert event.organizer.value == "mailto:rsvp+token@narada.example.org"
    assert found.vtimezone.tzid.value == "Europe/Warsaw"


def test_without_an_inbox_the_contact_is_the_organiser():
    found = only_event(icalendar.Calendar.from_ical(invited(reply_to=None)))
    assert found["ORGANIZER"] == "mailto:biuro@example.org" and found["X-MICROSOFT-DISALLOW-COUNTER"] == "TRUE"


@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_an_answer_stays_in_an_update(partstat):
    found = only_event(icalendar.Calendar.from_ical(invited(partstat=partstat, rsvp="f")))
    assert found["ATTENDEE"].params["PARTSTAT"] == partstat and found["ATTENDEE"].params["RSVP"] == "FALSE"


def test_cancel():
    calendar = icalendar.Calendar.from_ical(invited(method="CANCEL", status="CANCELLED", sequence="4", rsvp="f", busy="FREE"))
    found = only_event(calendar)
    assert calendar["METHOD"] == "CANCEL" and (found["STATUS"], found["SEQUENCE"], found["TRANSP"]) == ("CANCELLED", 4, "TRANSPARENT")
    assert found["UID"] == EVENT["uid"] and found["ORGANIZER"] and found["ATTENDEE"] == "mailto:anna.zak+praca@example.org"


def test_nothing_is_injected_into_an_invitation():
    bad = 'x"\r\nATTENDEE:mailto:evil@example.org\r\n;,:^'
    data = invited(summary=bad, description=bad, location=bad, organiser_name=bad, attendee_name=bad)
    assert sum(line.startswith(b"ATTENDEE") for line in data.split(b"\r\n")) == 1
    calendar = icalendar.Calendar.from_ical(data)
    assert only_event(calendar)["ATTENDEE"] == "mailto:anna.zak+praca@example.org"
    assert only_event(calendar)["SUMMARY"] == bad.replace("\r\n", "\n")
    assert vobject.readOne(data.decode()).vevent.attendee.value == "mailto:anna.zak+praca@example.org"
