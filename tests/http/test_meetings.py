"""test_meetings.py: planning, publishing, cancelling; who sees what; the page and the calendars."""

import datetime

import icalendar
import pytest

DAY = {"starts_at": "2027-03-10T09:00:00Z", "ends_at": "2027-03-10T12:00:00Z"}


def plan(tenant, **members):
    return tenant.organiser.create("meetings", **{"title": "Spotkanie członków", **DAY, **members})


def publish(tenant, meeting):
    return tenant.organiser.patch(f"meetings/{meeting['slug']}", {"status": "published"}, version=meeting["version"]).json()


def titles(answer):
    return [meeting["title"] for meeting in answer.json()["items"]]


# ── Creating ──


def test_a_meeting_begins_as_a_draft_of_the_platforms_zone_and_language(make_tenant):
    tenant = make_tenant(language="fi", time_zone="Europe/Helsinki")
    meeting = plan(tenant, title="Miasta i gminy w obiegu zamkniętym")
    assert (meeting["status"], meeting["time_zone"], meeting["language"], meeting["visibility"]) == ("draft", "Europe/Helsinki", "fi", "public")
    assert meeting["slug"] == "miasta-i-gminy-w-obiegu-zamknietym-2027-03-10"
    assert meeting["version"] == 1
    assert meeting["starts_at"] == "2027-03-10T09:00:00Z"


def test_the_answer_says_where_it_is(tenant):
    response = tenant.organiser.post("meetings", {"title": "Gdzie", **DAY}, 201)
    assert response.headers["Location"].endswith(f"/platforms/{tenant.slug}/meetings/gdzie-2027-03-10")
    assert response.headers["ETag"].startswith('"1')


def test_slugs_of_equal_titles_are_told_apart(tenant):
    slugs = [plan(tenant, title="Łódź!")["slug"] for _ in range(3)]
    assert slugs == ["lodz-2027-03-10", "lodz-2027-03-10-2", "lodz-2027-03-10-3"]
    assert plan(tenant, title="会議")["slug"] == "2027-03-10"


def test_a_slug_that_is_given_is_taken_once(tenant):
    assert plan(tenant, slug="goz")["slug"] == "goz"
    refused = tenant.organiser.post("meetings", {"title": "x", "slug": "goz", **DAY}, 409).json()
    assert refused["code"] == "meeting_slug_taken"
    assert tenant.organiser.post("meetings", {"title": "x", "slug": "new", **DAY}, 409).json()["code"] == "meeting_slug_taken"


def test_the_day_in_a_slug_is_the_meetings_own(tenant):
    late = plan(tenant, title="Noc", starts_at="2027-03-10T23:30:00Z", ends_at="2027-03-11T01:00:00Z", time_zone="Europe/Helsinki")
    assert late["slug"] == "noc-2027-03-11"


def test_it_ends_after_it_starts(tenant):
    body = {"title": "x", "starts_at": DAY["ends_at"], "ends_at": DAY["starts_at"]}
    refused = tenant.organiser.post("meetings", body, 422).json()
    assert refused["errors"][0]["pointer"] == "/ends_at"
    assert refused["errors"][0]["code"] == "meeting_ends_before_start"


def test_all_mistakes_are_named_at_once(tenant):
    body = {"title": "", "starts_at": "yesterday", "time_zone": "Mars/Olympus", "capacity": 0, "format": "hologram"}
    errors = tenant.organiser.post("meetings", body, 422).json()["errors"]
    assert {error["pointer"] for error in errors} == {"/title", "/starts_at", "/ends_at", "/time_zone", "/capacity", "/format"}


@pytest.mark.parametrize("member, code", [("venue_id", "meeting_venue"), ("host_organisation_id", "meeting_host"), ("series_id", "meeting_series")])
def test_what_it_refers_to_must_be_there(tenant, member, code):
    refused = tenant.organiser.post("meetings", {"title": "x", **DAY, member: "01900000-0000-7000-8000-000000000000"}, 422).json()
    assert refused["errors"][0]["pointer"] == f"/{member}"
    assert refused["errors"][0]["code"] == code


def test_another_platforms_venue_is_not_there(tenant, stranger):
    foreign = stranger.organiser.create("venues", name="Obca sala")
    tenant.organiser.post("meetings", {"title": "x", **DAY, "venue_id": foreign["id"]}, 422)


def test_meetings_of_a_series_are_numbered(tenant):
    series = tenant.organiser.create("series", title="Cykl", numbering="{number}. spotkanie")
    first, second = (plan(tenant, series_id=series["id"]) for _ in range(2))
    assert (first["series_number"], second["series_number"]) == (1, 2)
    assert second["series_label"] == "2. spotkanie"
    assert second["series"]["title"] == "Cykl"
    refused = tenant.organiser.post("meetings", {"title": "x", **DAY, "series_id": series["id"], "series_number": 2}, 409).json()
    assert refused["code"] == "meeting_series_number_taken"


def test_venue_and_host_come_with_the_meeting(tenant):
    venue = tenant.organiser.create("venues", name="Ratusz", room="sala 2", city="Kraków", accessibility="winda")
    host = tenant.organiser.create("organisations", name="Gmina Przykład")
    meeting = plan(tenant, venue_id=venue["id"], host_organisation_id=host["id"])
    assert meeting["venue"]["room"] == "sala 2"
    assert meeting["host"]["name"] == "Gmina Przykład"


# ── Who sees what ──


def test_a_draft_is_invisible_to_the_public(tenant):
    meeting = plan(tenant)
    for path in ("", "/agenda", "/speakers"):
        tenant.public.get(f"meetings/{meeting['slug']}{path}", 404)
        tenant.viewer.get(f"meetings/{meeting['id']}{path}")
    tenant.public.page(f"meetings/{meeting['slug']}", 404)
    tenant.public.get(f"meetings/{meeting['slug']}.ics", 404, headers={"Accept": "text/calendar"})
    assert titles(tenant.public.get("meetings")) == []
    assert titles(tenant.viewer.get("meetings")) == [meeting["title"]]


def test_a_meeting_for_the_invited_is_invisible_to_the_public(tenant):
    meeting = publish(tenant, plan(tenant, visibility="invited"))
    tenant.public.get(f"meetings/{meeting['slug']}", 404)
    assert titles(tenant.public.get("meetings")) == []
    assert "BEGIN:VEVENT" not in tenant.public.get("calendar.ics", headers={"Accept": "text/calendar"}).text


def test_the_public_never_sees_the_online_address(tenant):
    meeting = publish(tenant, plan(tenant, online_url="https://meet.example.org/secret", external_id="crm-7"))
    seen = tenant.public.get(f"meetings/{meeting['slug']}").json()
    assert seen["online_url"] is None and seen["external_id"] is None
    assert tenant.viewer.get(f"meetings/{meeting['slug']}").json()["online_url"] == "https://meet.example.org/secret"
    for answer in (tenant.public.page(f"meetings/{meeting['slug']}"), tenant.public.get(f"meetings/{meeting['slug']}.ics", headers={"Accept": "text/calendar"}), tenant.public.get("meetings")):
        assert "secret" not in answer.text


def test_id_and_slug_are_the_same_meeting(tenant):
    meeting = plan(tenant)
    assert tenant.viewer.get(f"meetings/{meeting['id']}").json() == tenant.viewer.get(f"meetings/{meeting['slug']}").json()


# ── Changing ──


def test_a_merge_patch_changes_what_it_names(tenant):
    meeting = plan(tenant, theme="Temat", capacity=20)
    changed = tenant.organiser.patch(f"meetings/{meeting['slug']}", {"theme": None, "capacity": 30}, version=1).json()
    assert (changed["theme"], changed["capacity"], changed["title"], changed["version"]) == (None, 30, meeting["title"], 2)
    again = tenant.organiser.patch(f"meetings/{meeting['slug']}", {"capacity": 30}, version=2).json()
    assert again["version"] == 2  # nothing really changed


def test_a_change_says_which_version_it_saw(tenant):
    meeting = plan(tenant)
    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"title": "y"}, 428)
    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"title": "y"}, 412, version=7)
    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"title": "y"}, version="*")
    tenant.organiser.patch("meetings/no-such", {"title": "y"}, 404, version=1)


def test_end_and_start_are_held_against_each_other_and_against_what_is_there(tenant):
    meeting = plan(tenant)
    refused = tenant.organiser.patch(f"meetings/{meeting['slug']}", {"starts_at": "2027-03-10T12:00:00Z"}, 422, version=1).json()
    assert refused["errors"][0]["pointer"] == "/ends_at"
    moved = tenant.organiser.patch(f"meetings/{meeting['slug']}", {"starts_at": "2027-03-11T10:00:00+01:00", "ends_at": "2027-03-11T13:00:00+01:00"}, version=1).json()
    assert moved["starts_at"] == "2027-03-11T09:00:00Z"


def test_the_answer_to_a_new_slug_is_found(tenant):
    meeting = plan(tenant)
    assert tenant.organiser.patch(f"meetings/{meeting['slug']}", {"slug": "inny-adres"}, version=1).json()["slug"] == "inny-adres"
    tenant.viewer.get("meetings/inny-adres")
    tenant.viewer.get(f"meetings/{meeting['slug']}", 404)


ALLOWED = [("draft", "published"), ("published", "cancelled"), ("published", "held")]
STATUSES = ["draft", "published", "cancelled", "held"]


def meeting_that_is(tenant, status):
    meeting = plan(tenant, title=status)
    for step in {"draft": [], "published": ["published"], "cancelled": ["published", "cancelled"], "held": ["published", "held"]}[status]:
        meeting = tenant.organiser.patch(f"meetings/{meeting['id']}", {"status": step}, version=meeting["version"]).json()
    return meeting


@pytest.mark.parametrize("before", STATUSES)
def test_the_ways_of_a_status(tenant, before):
    for after in STATUSES:
        meeting = meeting_that_is(tenant, before)
        allowed = before == after or (before, after) in ALLOWED
        answer = tenant.organiser.patch(f"meetings/{meeting['id']}", {"status": after}, 200 if allowed else 409, version=meeting["version"]).json()
        assert answer["status" if allowed else "code"] == (after if allowed else "meeting_status_not_from_here")


def test_cancelling_keeps_everything_and_says_why(tenant):
    meeting = publish(tenant, plan(tenant))
    tenant.organiser.create(f"meetings/{meeting['slug']}/agenda", title="Punkt")
    tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", person={"name": "Jan Kowalski", "email": "jan@example.org"})
    body = {"status": "cancelled", "cancelled_reason": "Zamknięta sala"}
    tenant.organiser.patch(f"meetings/{meeting['slug']}", body, version=meeting["version"])
    seen = tenant.public.get(f"meetings/{meeting['slug']}").json()
    assert (seen["status"], seen["cancelled_reason"]) == ("cancelled", "Zamknięta sala")
    assert len(tenant.public.get(f"meetings/{meeting['slug']}/agenda").json()["items"]) == 1
    assert len(tenant.organiser.get(f"meetings/{meeting['slug']}/invitations").json()["items"]) == 1
    page = tenant.public.page(f"meetings/{meeting['slug']}").text
    assert "This meeting was cancelled" in page and "Zamknięta sala" in page


# ── Deleting ──


def test_a_draft_nobody_was_invited_to_is_deleted(tenant):
    meeting = plan(tenant)
    tenant.organiser.create(f"meetings/{meeting['slug']}/agenda", title="Punkt")
    tenant.organiser.delete(f"meetings/{meeting['slug']}", 428)
    tenant.organiser.delete(f"meetings/{meeting['slug']}", 412, version=9)
    tenant.organiser.delete(f"meetings/{meeting['slug']}", version=1)
    tenant.organiser.get(f"meetings/{meeting['slug']}", 404)
    tenant.organiser.delete(f"meetings/{meeting['slug']}", 404, version=1)


def test_a_draft_with_invitations_and_a_published_meeting_are_cancelled(tenant):
    invited = plan(tenant, title="Zaproszone")
    tenant.organiser.create(f"meetings/{invited['slug']}/invitations", person={"name": "Jan Kowalski", "email": "jan@example.org"})
    for meeting in (invited, publish(tenant, plan(tenant))):
        tenant.organiser.delete(f"meetings/{meeting['slug']}", version="*")
        assert tenant.viewer.get(f"meetings/{meeting['slug']}").json()["status"] == "cancelled"
        tenant.organiser.delete(f"meetings/{meeting['slug']}", version="*")  # once more changes nothing
    held = meeting_that_is(tenant, "held")
    assert tenant.organiser.delete(f"meetings/{held['slug']}", 409, version="*").json()["code"] == "meeting_status_not_from_here"


# ── Lists ──


@pytest.fixture
def three(tenant):
    past = plan(tenant, title="Dawne", starts_at="2019-12-17T09:00:00Z", ends_at="2019-12-17T12:00:00Z", status="published")
    soon = plan(tenant, title="Łódzkie bliskie", starts_at="2090-01-01T09:00:00Z", ends_at="2090-01-01T12:00:00Z", status="published")
    far = plan(tenant, title="Dalekie", starts_at="2091-01-01T09:00:00Z", ends_at="2091-01-01T12:00:00Z")
    return past, soon, far


def test_lists_are_in_the_order_one_looks_for(tenant, three):
    assert titles(tenant.viewer.get("meetings")) == ["Dalekie", "Łódzkie bliskie", "Dawne"]
    assert titles(tenant.viewer.get("meetings?when=upcoming")) == ["Łódzkie bliskie", "Dalekie"]
    assert titles(tenant.viewer.get("meetings?when=past")) == ["Dawne"]


def test_lists_are_filtered(tenant, three):
    assert titles(tenant.viewer.get("meetings?status=draft")) == ["Dalekie"]
    assert titles(tenant.viewer.get("meetings?from=2019-12-18&to=2090-01-01")) == ["Łódzkie bliskie"]
    assert titles(tenant.viewer.get("meetings?to=2019-12-17")) == ["Dawne"]
    assert titles(tenant.viewer.get("meetings?q=lodzkie")) == ["Łódzkie bliskie"]
    assert titles(tenant.viewer.get("meetings", params={"q": "100%_\\"})) == []
    assert titles(tenant.viewer.get("meetings?status=&q=&from=")) == ["Dalekie", "Łódzkie bliskie", "Dawne"]  # as a form with nothing typed
    tenant.viewer.get("meetings?when=never", 422)
    tenant.viewer.get("meetings?from=soon", 422)
    series = tenant.organiser.create("series", title="Cykl")
    plan(tenant, title="W cyklu", series_id=series["id"])
    assert titles(tenant.viewer.get(f"meetings?series_id={series['id']}")) == ["W cyklu"]


@pytest.mark.parametrize("when", ["", "&when=upcoming"])
def test_a_list_goes_on_where_it_ended(tenant, three, when):
    plan(tenant, title="O tej samej porze", starts_at="2090-01-01T09:00:00Z", ends_at="2090-01-01T12:00:00Z")
    whole, parts, url = titles(tenant.viewer.get(f"meetings?limit=100{when}")), [], f"meetings?limit=1{when}"
    while url:
        answer = tenant.viewer.get(url)
        parts += titles(answer)
        url = answer.json()["next"]
    assert parts == whole and len(whole) >= 3


# ── Calendars ──


def events(answer):
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return [part for part in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")]


def test_a_meeting_for_the_calendar(tenant):
    venue = tenant.organiser.create("venues", name="Ratusz, sala; 2", city="Kraków")
    meeting = publish(tenant, plan(tenant, title="Żółć, gęś", theme="Temat", venue_id=venue["id"], contact_email="biuro@example.org", time_zone="Europe/Warsaw"))
    answer = tenant.public.get(f"meetings/{meeting['slug']}.ics", headers={"Accept": "*/*"})
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    (event,) = events(answer)
    assert str(event["SUMMARY"]) == "Żółć, gęś: Temat"
    assert str(event["LOCATION"]) == "Ratusz, sala; 2, Kraków"
    assert str(event["UID"]) == f"{meeting['id']}@narada"
    assert event["DTSTART"].params["TZID"] == "Europe/Warsaw"
    assert event["DTSTART"].dt.astimezone(datetime.timezone.utc) == datetime.datetime(2027, 3, 10, 9, tzinfo=datetime.timezone.utc)
    assert str(event["ORGANIZER"]) == "mailto:biuro@example.org" and "ATTENDEE" not in event
    assert str(event["URL"]).endswith(f"/platforms/{tenant.slug}/meetings/{meeting['slug']}")
    moved = tenant.organiser.patch(f"meetings/{meeting['slug']}", {"ends_at": "2027-03-10T13:00:00Z"}, version="*").json()
    (later,) = events(tenant.public.get(f"meetings/{moved['slug']}.ics", headers={"Accept": "*/*"}))
    assert later["SEQUENCE"] == event["SEQUENCE"] + 1 and later["UID"] == event["UID"]
    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"purpose": "Inny cel"}, version="*")
    (reworded,) = events(tenant.public.get(f"meetings/{moved['slug']}.ics", headers={"Accept": "*/*"}))
    assert reworded["SEQUENCE"] == later["SEQUENCE"]


def test_the_feed_has_what_is_public_and_keeps_the_cancelled_for_a_while(tenant):
    soon = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=10)
    when = {"starts_at": soon.isoformat(), "ends_at": (soon + datetime.timedelta(hours=2)).isoformat()}
    plan(tenant, title="Szkic", **when)
    publish(tenant, plan(tenant, title="Jawne", **when))
    cancelled = publish(tenant, plan(tenant, title="Odwołane", language="pl", **when))
    tenant.organiser.delete(f"meetings/{cancelled['slug']}", version="*")
    plan(tenant, title="Sprzed lat", status="published", starts_at="2019-12-17T09:00:00Z", ends_at="2019-12-17T12:00:00Z")
    answer = tenant.public.get("calendar.ics", headers={"Accept": "*/*"})
    found = {str(event["SUMMARY"]): event for event in events(answer)}
    assert set(found) == {"Jawne", "ODWOŁANE: Odwołane"}
    assert str(found["ODWOŁANE: Odwołane"]["STATUS"]) == "CANCELLED"
    assert str(found["ODWOŁANE: Odwołane"]["TRANSP"]) == "TRANSPARENT"
    again = tenant.public.get("calendar.ics", 304, headers={"Accept": "*/*", "If-None-Match": answer.headers["ETag"]})
    assert not again.content


def test_an_empty_feed_is_still_a_calendar(tenant):
    answer = tenant.public.get("calendar.ics", headers={"Accept": "*/*"})
    assert events(answer) == []
    assert len(icalendar.Calendar.from_ical(answer.content).subcomponents) >= 1


# ── Pages ──


def test_the_public_page_of_the_real_meeting(server, organiser):
    public = type(organiser)(server, server.demo["platform"])
    page = public.page(server.demo["public_url"], language="pl").text
    for text in (
        "Biogospodarka i Gospodarka o Obiegu Zamkniętym", "Miasta i gminy w obiegu zamkniętym", "17 grudnia 2019", "Barbara Grodowska",
        "dyrektor Departamentu Innowacji i Rozwoju Biznesu", "Romana Toft", "Małopolska Agencja Rozwoju Regionalnego",
        "Możliwości finansowania dla małopolskich przedsiębiorców", "Circular City – Obieg zamknięty w budownictwie", "Symbioza przemysłowa",
        "LifeScience Cluster", "South Poland Cleantech Cluster", "małopolskie gminy", "członkowie Metropolii Krakowskiej",
    ):  # fmt: skip
        assert text in page.replace("\u00a0", " "), text
    assert '<html lang="pl">' in page
    assert "<script>" not in page and "style=" not in page
    assert "Special guests" in public.page(server.demo["public_url"], language="en").text
    assert "Erikoisvieraat" in public.page(server.demo["public_url"], language="fi").text


def test_the_public_page_has_nothing_for_the_team(tenant):
    meeting = publish(tenant, plan(tenant))
    public, member = tenant.public.page(f"meetings/{meeting['slug']}").text, tenant.organiser.page(f"meetings/{meeting['slug']}").text
    assert "organiser-bar" in member and "organiser-bar" not in public
    assert "/edit#cancel" in member and "/edit#cancel" not in tenant.viewer.page(f"meetings/{meeting['slug']}").text
    draft = plan(tenant)
    assert ">Publish<" in tenant.organiser.page(f"meetings/{draft['slug']}").text
    assert ">Publish<" not in tenant.viewer.page(f"meetings/{draft['slug']}").text


def test_counts_on_the_organisers_bar(tenant):
    meeting = publish(tenant, plan(tenant))
    for number in range(3):
        tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", person={"name": f"Osoba {number}", "email": f"osoba{number}@example.org"})
    page = tenant.viewer.page(f"meetings/{meeting['slug']}").text
    assert "<strong>3</strong> invited" in page and "<strong>3</strong> no answer yet" in page


def test_the_page_shows_texts_as_texts(tenant):
    meeting = publish(tenant, plan(tenant, title="<script>alert(1)</script>", purpose='"><img src=x>', theme="A & B"))
    page = tenant.public.page(f"meetings/{meeting['slug']}").text
    assert "<script>alert" not in page and "<img src=x" not in page and "A &amp; B" in page


def test_the_same_time_elsewhere(make_tenant):
    tenant = make_tenant(time_zone="Europe/Warsaw", language="en")
    meeting = publish(tenant, plan(tenant, time_zone="Europe/Helsinki"))
    page = tenant.public.page(f"meetings/{meeting['slug']}").text
    assert "Helsinki" in page and "Warsaw" in page and "11:00" in page and "10:00" in page


def test_a_list_page_for_everybody(tenant):
    meeting = publish(tenant, plan(tenant))
    plan(tenant, title="Szkic zespołu")
    public = tenant.public.page("meetings").text
    assert f"/meetings/{meeting['slug']}" in public and "Szkic zespołu" not in public and "/meetings/new" not in public
    member = tenant.organiser.page("meetings?when=upcoming&q=szkic").text
    assert "Szkic zespołu" in member and meeting["slug"] not in member and "/meetings/new" in member


def test_forms_plan_publish_and_cancel(tenant):
    assert 'name="starts_at"' in tenant.organiser.page("meetings/new").text
    fields = {"title": "Z formularza", "starts_at": "2027-06-01T10:00", "ends_at": "2027-06-01T12:30", "time_zone": "Europe/Warsaw", "language": "pl", "format": "in_person",
        "visibility": "public", "waitlist": ["false", "true"], "capacity": "", "venue_id": "", "purpose": "Wiersz\r\ndrugi"}  # fmt: skip
    where = tenant.organiser.form("meetings", fields).headers["Location"]
    assert where.startswith(f"/platforms/{tenant.slug}/meetings/z-formularza-2027-06-01?")
    meeting = tenant.viewer.get("meetings/z-formularza-2027-06-01").json()
    assert (meeting["starts_at"], meeting["capacity"], meeting["waitlist"], meeting["status"]) == ("2027-06-01T08:00:00Z", None, True, "draft")
    path = f"meetings/{meeting['slug']}"
    tenant.organiser.form(path, {"status": "published", "_if_match": "1"}, method="PATCH")
    edit = tenant.organiser.page(f"{path}/edit").text
    assert 'value="2027-06-01T10:00"' in edit and 'name="cancelled_reason"' in edit
    tenant.organiser.form(path, {**fields, "capacity": "40", "waitlist": "false", "_if_match": "2"}, method="PATCH")
    changed = tenant.viewer.get(path).json()
    assert (changed["capacity"], changed["waitlist"], changed["starts_at"]) == (40, False, meeting["starts_at"])
    tenant.organiser.form(path, {"status": "cancelled", "cancelled_reason": "Powód", "_if_match": "3"}, method="PATCH")
    assert tenant.public.get(path).json()["cancelled_reason"] == "Powód"


def test_a_form_with_mistakes_comes_back_with_what_was_typed(tenant):
    fields = {"title": "Wpisany tytuł", "starts_at": "2027-06-01T10:00", "ends_at": "2027-06-01T09:00", "time_zone": "Europe/Warsaw", "contact_email": "nie-adres"}
    page = tenant.organiser.form("meetings", fields, 422).text
    assert 'value="Wpisany tytuł"' in page and 'value="nie-adres"' in page and 'aria-invalid="true"' in page
    assert 'href="#create_meeting-contact_email"' in page
    page = tenant.organiser.form("meetings", {**fields, "contact_email": ""}, 422).text
    assert "A meeting ends after it starts." in page
    meeting = plan(tenant)
    stale = tenant.organiser.form(f"meetings/{meeting['slug']}", {"title": "Moja zmiana", "_if_match": "9"}, 412, method="PATCH").text
    assert 'value="Moja zmiana"' in stale


def test_a_draft_is_deleted_by_its_form(tenant):
    meeting = plan(tenant)
    tenant.organiser.page(f"meetings/{meeting['slug']}/edit")
    answer = tenant.organiser.form(f"meetings/{meeting['slug']}", {"_if_match": "1", "_return": f"/platforms/{tenant.slug}/meetings"}, method="DELETE")
    assert answer.headers["Location"].startswith(f"/platforms/{tenant.slug}/meetings?")
    tenant.viewer.get(f"meetings/{meeting['slug']}", 404)


def test_the_forms_are_for_organisers(tenant):
    meeting = plan(tenant)
    for path in ("meetings/new", f"meetings/{meeting['slug']}/edit"):
        tenant.viewer.page(path, 403)
        tenant.public.page(path, (303, 401))
