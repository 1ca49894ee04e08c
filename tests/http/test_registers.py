"""test_registers.py: venues, series and initiatives."""

import pytest

MEETING = dict(starts_at="2031-05-06T08:00:00Z", ends_at="2031-05-06T10:00:00Z", time_zone="Europe/Warsaw")


@pytest.mark.parametrize("path, title, more", [
    ("venues", "name", {"address": "ul. Przykładowa 1", "city": "Kraków", "room": "Sala 3", "capacity": 40, "accessibility": "Winda.\nPętla indukcyjna."}),
    ("series", "title", {"numbering": "{number}. spotkanie", "description": "Co kwartał"}),
    ("initiatives", "title", {"status": "running", "financing_status": "granted", "financing": "Interreg, 200 000 EUR", "website": "https://example.org/"}),
])  # fmt: skip
def test_made_found_changed_deleted(tenant, path, title, more):
    made = tenant.organiser.create(path, **{title: "Świetna Łódź"}, **more)
    assert all(made[key] == value for key, value in more.items()) and made["version"] == 1
    tenant.organiser.create(path, **{title: "Inne"})
    assert [item[title] for item in tenant.viewer.get(path).json()["items"]] == ["Inne", "Świetna Łódź"]
    assert [item["id"] for item in tenant.viewer.get(f"{path}?q=swietna+lodz").json()["items"]] == [made["id"]]
    one = f"{path}/{made['id']}"
    assert tenant.viewer.get(one).json() == made
    changed = tenant.organiser.patch(one, {title: "Nowe"}, 200, version=1).json()
    assert (changed[title], changed["version"]) == ("Nowe", 2)
    tenant.organiser.patch(one, {title: None}, 422, version=2)
    tenant.organiser.delete(one, 412, version=1)
    tenant.organiser.delete(one, 204, version="*")
    tenant.viewer.get(one, 404)
    first = tenant.organiser.create(path, **{title: "A"})
    part = tenant.viewer.get(f"{path}?limit=1").json()
    assert part["items"][0]["id"] == first["id"]
    assert len(tenant.viewer.get(part["next"]).json()["items"]) == 1


def test_a_venue_with_meetings_stays(tenant):
    venue = tenant.organiser.create("venues", name="Ratusz")
    tenant.organiser.create("meetings", title="Spotkanie w ratuszu", venue_id=venue["id"], **MEETING)
    assert tenant.organiser.delete(f"venues/{venue['id']}", 409, version=1).json()["code"] == "venue_in_use"
    assert "Spotkanie w ratuszu" in tenant.viewer.page(f"venues/{venue['id']}").text
    tenant.organiser.post("venues", {"name": "Mała", "capacity": 0}, 422)


def test_a_series_shows_its_meetings_and_its_host(tenant):
    host = tenant.organiser.create("organisations", name="Digipolis")
    series = tenant.organiser.create("series", title="Spotkania przygotowawcze", host_organisation_id=host["id"])
    assert series["host_organisation"] == "Digipolis"
    tenant.organiser.create("meetings", title="Pierwsze spotkanie", series_id=series["id"], series_number=1, **MEETING)
    assert tenant.viewer.get(f"series/{series['id']}").json()["meeting_count"] == 1
    shown = tenant.viewer.page(f"series/{series['id']}", language="pl").text
    assert "1. Pierwsze spotkanie" in shown and "Digipolis" in shown
    assert tenant.organiser.delete(f"series/{series['id']}", 409, version=1).json()["code"] == "series_in_use"
    assert tenant.organiser.delete(f"organisations/{host['id']}", 409, version=1).json()["code"] == "organisation_in_use"


def test_an_initiative_has_partners_and_was_presented(tenant):
    lead, partner, other = (tenant.organiser.create("organisations", name=name)["id"] for name in ("SPCleantech", "LifeScience Cluster", "Trzecia"))
    meeting = tenant.organiser.create("meetings", title="Spotkanie GOZ", **MEETING)
    item = tenant.organiser.create(f"meetings/{meeting['id']}/agenda", title="Symbioza przemysłowa: prezentacja")
    made = tenant.organiser.create("initiatives", title="Symbioza przemysłowa", lead_organisation_id=lead, partner_ids=[partner, partner, other], agenda_item_ids=[item["id"]])
    assert made["lead_organisation"] == "SPCleantech"
    assert sorted(made["partner_ids"]) == sorted([partner, other]) and made["agenda_item_ids"] == [item["id"]]
    one = f"initiatives/{made['id']}"
    assert tenant.viewer.get(one).json() == made
    shown = tenant.viewer.page(one).text
    assert "LifeScience Cluster" in shown and "Spotkanie GOZ" in shown and "Symbioza przemysłowa: prezentacja" in shown

    fewer = tenant.organiser.patch(one, {"partner_ids": [partner]}, 200, version=1).json()
    assert fewer["partner_ids"] == [partner] and fewer["agenda_item_ids"] == [item["id"]] and fewer["version"] > 1
    same = tenant.organiser.patch(one, {"partner_ids": [partner]}, 200, version=fewer["version"]).json()
    assert same["version"] == fewer["version"]
    tenant.organiser.patch(one, {"partner_ids": []}, 412, version=1)
    assert tenant.viewer.get(one).json()["partner_ids"] == [partner], "a refused change changes nothing"
    assert tenant.organiser.patch(one, {"partner_ids": ["01890000-0000-7000-8000-000000000000"]}, 409, version="*").json()["code"] == "initiative_partner_organisation"
    none = tenant.organiser.patch(one, {"partner_ids": [], "agenda_item_ids": []}, 200, version="*").json()
    assert (none["partner_ids"], none["agenda_item_ids"]) == ([], [])
    assert tenant.organiser.delete(f"organisations/{lead}", 409, version=1).json()["code"] == "organisation_in_use"


def test_initiatives_are_filtered(tenant):
    lead, partner = (tenant.organiser.create("organisations", name=name)["id"] for name in ("A", "B"))
    one = tenant.organiser.create("initiatives", title="Pierwsza", status="running", financing_status="applied", lead_organisation_id=lead)
    two = tenant.organiser.create("initiatives", title="Druga", partner_ids=[partner])
    found = lambda query: [item["id"] for item in tenant.viewer.get(f"initiatives?{query}").json()["items"]]
    assert found("status=running") == [one["id"]]
    assert found("financing_status=none") == [two["id"]]
    assert found(f"organisation_id={lead}") == [one["id"]] and found(f"organisation_id={partner}") == [two["id"]]


@pytest.mark.parametrize("path, fields, changed", [
    ("venues", {"name": "Sala", "capacity": "30", "city": "Kraków"}, {"name": "Sala", "capacity": "", "city": "Kraków"}),
    ("series", {"title": "Cykl", "host_organisation_id": ""}, {"title": "Cykl wiosenny"}),
    ("initiatives", {"title": "Inicjatywa", "status": "idea", "financing_status": "none", "partner_ids": ""}, {"title": "Inicjatywa", "status": "running", "partner_ids": ""}),
])  # fmt: skip
def test_pages(tenant, path, fields, changed):
    page = tenant.organiser.form(path, fields).headers["Location"].split("?")[0]
    shown = tenant.organiser.page(page, language="fi").text
    assert "Muokkaa" in shown and "Poista" in shown
    tenant.organiser.form(page, {"_if_match": "1", **changed}, method="PATCH")
    again = tenant.organiser.form(page, {"_if_match": "2", "name" if path == "venues" else "title": ""}, 422, method="PATCH", language="pl").text
    assert "To pole jest wymagane." in again or "Za krótkie." in again
    for language in ("pl", "en", "fi"):
        listed = tenant.viewer.page(path, language=language).text
        assert f'<html lang="{language}">' in listed and "{{" not in listed
    tenant.organiser.form(page, {"_if_match": "*"}, method="DELETE")
    tenant.viewer.page(page, 404)
