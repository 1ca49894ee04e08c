"""calendars.py: the calendar that goes with a mail, read by two libraries that are none of ours (python3-icalendar, python3-vobject)."""

from datetime import timezone

import icalendar
import vobject


def event_of(data):
    """The one event of a calendar, once both libraries say the same of it; a problem of form fails."""
    assert data.endswith(b"END:VCALENDAR\r\n") and b"\n" not in data.replace(b"\r\n", b"") and max(map(len, data.split(b"\r\n"))) <= 75
    first, second = icalendar.Calendar.from_ical(data), vobject.readOne(data.decode())
    (event,) = first.walk("VEVENT")
    (other,) = second.vevent_list
    assert event["UID"] == other.uid.value and str(event["SEQUENCE"]) == other.sequence.value
    assert event["SUMMARY"] == other.summary.value and first["METHOD"] == second.method.value
    for ours, theirs in ((event["DTSTART"].dt, other.dtstart.value), (event["DTEND"].dt, other.dtend.value)):
        assert ours.replace(tzinfo=None) == theirs.replace(tzinfo=None)
        assert ours.astimezone(timezone.utc) == theirs.astimezone(timezone.utc)
    assert not event.errors
    return event


def calendar_in(message, method):
    """The event that a mail brings, where Outlook, Gmail and Apple look for it; `method` as it stands in both places."""
    assert message.get_content_type() == "multipart/mixed"
    alternative, file = message.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    text, html, calendar = alternative.iter_parts()
    assert [part.get_content_type() for part in (text, html, calendar, file)] == ["text/plain", "text/html", "text/calendar", "application/ics"]
    assert calendar.get_content_disposition() is None and file.get_content_disposition() == "attachment" and file.get_filename() == "invite.ics"
    parameters = dict(calendar["Content-Type"].params)
    assert parameters == {"charset": "UTF-8", "method": method}
    assert calendar["Content-Transfer-Encoding"] == file["Content-Transfer-Encoding"] == "base64"
    data = calendar.get_payload(decode=True)
    assert data == file.get_payload(decode=True) and f"\r\nMETHOD:{method}\r\n".encode() in data
    return event_of(data)


def has_calendar(message):
    return any(part.get_content_type() in ("text/calendar", "application/ics") for part in message.walk())
