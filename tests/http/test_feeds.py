"""test_feeds.py: calendars to subscribe to: public ones of a platform and a series, secret ones of a person and a member."""

import re
import urllib.parse
from datetime import datetime, timedelta, timezone

import icalendar
import vobject

from database import psql
from happenings import form_token, invite, link_path, make_meeting
from test_calendars_out import withdraw

ANY = {"Accept": "*/*"}


def soon(days=30, hours=2):
    """Times that a feed has; whole hours."""
    at = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0) + timedelta(days=days)
    return {"starts_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "ends_at": (at + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")}


def planned(tenant, title, **members):
    return make_meeting(tenant, title=title, **{**soon(), **members})


def events(answer):
    """{title: event} as both libraries see it."""
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(answer.content)
    found = {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}
    other = vobject.readOne(answer.content.decode())
    assert {event.uid.value for event in getattr(other, "vevent_list", [])} == {event["UID"] for event in found.values()}
    assert calendar["METHOD"] == "PUBLISH" and calendar.subcomponents
    assert str(calendar["REFRESH-INTERVAL"].to_ical(), "ascii") == "PT1H" and calendar["X-PUBLISHED-TTL"] == "PT1H"
    for event in found.values():
        assert "ATTENDEE" not in event and "ORGANIZER" in event and "/r/" not in event.to_ical().decode()
    return found


def path_of_feed(made):
    split = urllib.parse.urlsplit(made["calendar_url"])
    assert made["webcal_url"] == f"webcal://{split.netloc}{split.path}" and split.path.startswith("/calendar/") and split.path.endswith(".ics")
    return split.path


def read(tenant, path, expect=200, **headers):
    return tenant.public.get(path, expect, headers={**ANY, **headers})


def personal(tenant, invited):
    return path_of_feed(tenant.public.post(f"{link_path(invited)}/calendar", {}, 200).json())


def test_a_persons_feed_has_what_concerns_them(server, tenant):
    titles = ("asked", "coming", "maybe", "waiting", "refused", "passed-on", "gone", "never-told")
    meetings = {title: planned(tenant, title, capacity=1, waitlist=True, visibility="invited", contact_email="biuro@example.org") for title in titles}
    draft = planned(tenant, "draft", status="draft")
    anna = {"name": "Anna Żak, prof.", "email": "anna@example.org"}
    mine = {title: invite(tenant, meeting, **anna) for title, meeting in meetings.items()}
    invite(tenant, draft, **anna)
    planned(tenant, "somebody else's", visibility="public")
    other = invite(tenant, meetings["waiting"], "Jan Łoś", email="jan@example.org")
    tenant.public.post(link_path(other), {"response": "accepted"}, 200)
    for title, response in (("coming", "accepted"), ("maybe", "tentative"), ("waiting", "accepted"), ("refused", "declined")):
        tenant.public.post(link_path(mine[title]), {"response": response}, 200)
    tenant.public.post(f"{link_path(mine['passed-on'])}/substitute", {"name": "Jan Łoś", "email": "jan@example.org"}, 200)
    psql(server, "postgres", f"update invitation set sent_at = now() where id = '{mine['gone']['id']}'")
    withdraw(tenant, meetings["gone"], mine["gone"])
    withdraw(tenant, meetings["never-told"], mine["never-told"])

    path = personal(tenant, mine["asked"])
    answer = read(tenant, path)
    found = events(answer)
    told = {title: (event["STATUS"], event["TRANSP"], event["X-MICROSOFT-CDO-BUSYSTATUS"]) for title, event in found.items()}
    assert told == {
        "asked": ("TENTATIVE", "OPAQUE", "TENTATIVE"), "coming": ("CONFIRMED", "OPAQUE", "BUSY"), "maybe": ("TENTATIVE", "OPAQUE", "TENTATIVE"),
        "waiting": ("TENTATIVE", "OPAQUE", "TENTATIVE"), "ODWOŁANE: gone": ("CANCELLED", "TRANSPARENT", "FREE"),
    }  # fmt: skip
    assert "jan@example.org" not in answer.text and "anna@example.org" not in answer.text
    assert icalendar.Calendar.from_ical(answer.content)["X-WR-CALNAME"] == f"Platform {tenant.slug}: Anna Żak, prof."
    # The same meeting as in the invitation's own calendar file; a meeting for the invited has no public page.
    (alone,) = icalendar.Calendar.from_ical(tenant.public.get(f"{link_path(mine['coming'])}.ics", headers=ANY).content).walk("VEVENT")
    assert (alone["UID"], alone["SEQUENCE"]) == (found["coming"]["UID"], found["coming"]["SEQUENCE"]) and "URL" not in found["coming"]
    # Whoever asks by another of their invitations gets the same address, and another person another.
    assert personal(tenant, mine["maybe"]) == path
    assert set(events(read(tenant, personal(tenant, other)))) == {"waiting", "passed-on"}


def test_what_clients_ask_again_and_again_for(tenant):
    meeting = planned(tenant, "Forum")
    invited = invite(tenant, meeting, email="anna@example.org")
    path = personal(tenant, invited)
    answer = read(tenant, path)
    assert answer.headers["Cache-Control"] == "private, no-cache" and answer.headers["X-Robots-Tag"] == "noindex"
    assert "narada.ics" in answer.headers["Content-Disposition"]
    same = read(tenant, path, 304, **{"If-None-Match": answer.headers["ETag"]})
    assert same.content == b"" and same.headers["ETag"] == answer.headers["ETag"]
    head = tenant.public.send("HEAD", path, 200, headers=ANY)
    assert head.headers["ETag"] == answer.headers["ETag"] and head.headers["Content-Type"] == "text/calendar; charset=utf-8"
    # What changes nothing visible changes no byte; an answer does.
    tenant.organiser.send("POST", f"meetings/{meeting['slug']}/invitations/{invited['id']}/send", 200)
    assert read(tenant, path).content == answer.content
    tenant.public.post(link_path(invited), {"response": "accepted"}, 200)
    later = read(tenant, path, 200, **{"If-None-Match": answer.headers["ETag"]})
    assert later.headers["ETag"] != answer.headers["ETag"] and events(later)["Forum"]["STATUS"] == "CONFIRMED"


def test_a_feed_ends_and_never_comes_back(tenant):
    invited = invite(tenant, planned(tenant, "Forum"), email="anna@example.org")
    path = personal(tenant, invited)
    tenant.public.delete(f"{link_path(invited)}/calendar")
    tenant.public.delete(f"{link_path(invited)}/calendar")
    gone = read(tenant, path, 410)
    assert gone.json()["code"] == "feed_ended" and gone.headers["Content-Type"].startswith("application/problem+json")
    page = tenant.public.page(path, 410)
    assert "sign-in?return" not in page.text and path not in page.text
    anew = personal(tenant, invited)
    assert anew != path and set(events(read(tenant, anew))) == {"Forum"}
    read(tenant, path, 410)


def test_an_address_that_is_none(tenant, stranger):
    invited = invite(tenant, planned(tenant, "Forum"), email="anna@example.org")
    path = personal(tenant, invited)
    assert read(tenant, path.replace(".ics", "A.ics"), 404).json()["code"] == "not_found"
    assert read(tenant, path.replace(tenant.slug, stranger.slug), 404).json()["code"] == "not_found"
    # An invitation's link is no feed's, and the other way round.
    token = path.rsplit("/", 1)[1].removesuffix(".ics")
    tenant.public.post(f"{link_path(invited)}/calendar", {"person": "another"}, 422)
    read(tenant, f"/calendar/{tenant.slug}/{link_path(invited).rsplit('/', 1)[1]}.ics", 404)
    tenant.public.get(f"/r/{tenant.slug}/{token}", 404)
    tenant.public.post(f"/r/{tenant.slug}/{token}/calendar", {}, 404)


def test_the_invitees_page_makes_and_ends_it(tenant):
    invited = invite(tenant, planned(tenant, "Forum"), email="anna@example.org")
    page = tenant.public.page(link_path(invited))
    fields = {"_form": form_token(page), "_return": f"{link_path(invited)}#calendar"}
    answer = tenant.public.form(f"{link_path(invited)}/calendar", fields)
    assert answer.headers["Location"] == f"{link_path(invited)}?done=subscribe_rsvp#calendar"
    page = tenant.public.page(answer.headers["Location"].split("#")[0])
    (address,) = set(re.findall(r'value="(http://[^"]+\.ics)"', page.text))
    assert f'href="webcal{address.removeprefix("http")}"' in page.text and "ready" in page.text
    assert set(events(read(tenant, urllib.parse.urlsplit(address).path))) == {"Forum"}
    tenant.public.form(f"{link_path(invited)}/calendar", fields, method="DELETE")
    assert ".ics" not in tenant.public.page(f"{link_path(invited)}?done=unsubscribe_rsvp").text
    read(tenant, urllib.parse.urlsplit(address).path, 410)
    tenant.public.form(f"{link_path(invited)}/calendar", {}, 403)  # a scanner that posts forms makes nothing


def test_a_members_feed_has_all_but_drafts(server, tenant, organiser):
    planned(tenant, "open", visibility="public")
    planned(tenant, "closed", visibility="invited")
    planned(tenant, "draft", status="draft")
    off = planned(tenant, "off", visibility="invited", language="en")
    tenant.owner.patch(f"meetings/{off['id']}", {"status": "cancelled"}, version=off["version"])
    planned(tenant, "long ago", starts_at="2019-12-17T08:00:00Z", ends_at="2019-12-17T09:00:00Z")
    planned(tenant, "far away", starts_at="2061-12-17T08:00:00Z", ends_at="2061-12-17T09:00:00Z")
    path = path_of_feed(tenant.viewer.send("POST", "calendar/subscription", 200).json())
    found = events(read(tenant, path))
    assert {title: event["STATUS"] for title, event in found.items()} == {"open": "CONFIRMED", "closed": "CONFIRMED", "CANCELLED: off": "CANCELLED"}
    assert "URL" in found["open"] and "URL" not in found["closed"]
    assert set(events(tenant.public.get("calendar.ics", headers=ANY))) == {"open"}
    tenant.public.send("POST", "calendar/subscription", 401)
    # A browser that sends no form is led on as well.
    assert tenant.viewer.send("POST", "calendar/subscription", 303, headers={"Accept": "text/html"}).headers["Location"].endswith("?done=subscribe_member")
    # The page shows it to whom it belongs.
    own = path_of_feed(organiser.send("POST", f"/platforms/{tenant.slug}/calendar/subscription", 200).json())
    assert own == path  # the tokens of the tests are the same account's
    assert path in organiser.page(f"/platforms/{tenant.slug}").text and path not in tenant.public.page(f"/platforms/{tenant.slug}").text
    tenant.viewer.delete("calendar/subscription")
    read(tenant, path, 410)
    again = path_of_feed(tenant.viewer.send("POST", "calendar/subscription", 200).json())
    # Whoever is no member any more follows nothing.
    psql(server, "postgres", f"alter table membership disable trigger keep_an_owner; delete from membership where platform_id = (select id from platform where slug = '{tenant.slug}'); "
         "alter table membership enable trigger keep_an_owner")  # fmt: skip
    read(tenant, again, 404)


def test_a_token_of_nobody_subscribes_to_nothing(server, tenant):
    psql(server, "postgres", f"update credential set account_id = null where platform_id = (select id from platform where slug = '{tenant.slug}') and role = 'viewer'")
    assert tenant.viewer.send("POST", "calendar/subscription", 409).json()["code"] == "no_account"


def test_a_series_as_a_calendar(tenant):
    series = tenant.owner.create("series", title="Rada, posiedzenia")
    planned(tenant, "closed", series_id=series["id"], visibility="invited")
    path = f"series/{series['id']}/calendar.ics"
    read(tenant, path, 404)  # not even its title
    assert events(tenant.viewer.get(path, headers=ANY)) == {}
    planned(tenant, "open", series_id=series["id"], visibility="public")
    planned(tenant, "another", visibility="public")
    answer = read(tenant, path)
    assert set(events(answer)) == {"open"} and icalendar.Calendar.from_ical(answer.content)["NAME"] == "Rada, posiedzenia"
    assert answer.headers["Cache-Control"].startswith("public")
    read(tenant, path, 304, **{"If-None-Match": answer.headers["ETag"]})
    assert path in tenant.viewer.page(f"series/{series['id']}").text


def test_a_feed_without_meetings_is_still_a_calendar(tenant):
    invited = invite(tenant, make_meeting(tenant), email="anna@example.org")
    answer = read(tenant, personal(tenant, invited))
    assert events(answer) == {} and b"BEGIN:VTIMEZONE" in answer.content


def test_no_secret_address_in_the_log_or_the_audit(server, tenant):
    invited = invite(tenant, planned(tenant, "Forum"), email="anna@example.org")
    path = personal(tenant, invited)
    read(tenant, path)
    token = path.rsplit("/", 1)[1].removesuffix(".ics")
    assert server.log is None or token not in server.log.read_text(errors="replace")
    assert token not in tenant.owner.get("audit").text
