"""test_agenda.py: the items of a programme: their times, their order, what is presented in them."""

import pytest


@pytest.fixture
def meeting(tenant):
    body = {"title": "Spotkanie", "starts_at": "2027-03-10T09:00:00Z", "ends_at": "2027-03-10T12:00:00Z", "status": "published", "time_zone": "Europe/Warsaw"}
    return tenant.organiser.create("meetings", **body)


@pytest.fixture
def agenda(meeting):
    return f"meetings/{meeting['slug']}/agenda"


def listed(tenant, agenda):
    return tenant.public.get(agenda).json()["items"]


def test_times_follow_from_durations(tenant, agenda):
    for title, minutes in (("Powitanie", 15), ("Wykład", 45), ("Otwarte", None), ("Potem", 10)):
        tenant.organiser.create(agenda, title=title, duration_minutes=minutes)
    tenant.organiser.create(agenda, title="Obiad", kind="break", starts_at="2027-03-10T12:00:00+01:00", duration_minutes=60)
    times = [(item["title"], item["begins_at"], item["finishes_at"]) for item in listed(tenant, agenda)]
    assert times == [
        ("Powitanie", "2027-03-10T09:00:00Z", "2027-03-10T09:15:00Z"),
        ("Wykład", "2027-03-10T09:15:00Z", "2027-03-10T10:00:00Z"),
        ("Otwarte", "2027-03-10T10:00:00Z", None),
        ("Potem", None, None),
        ("Obiad", "2027-03-10T11:00:00Z", "2027-03-10T12:00:00Z"),
    ]


def test_one_item(tenant, agenda):
    answer = tenant.organiser.post(agenda, {"title": "Panel", "kind": "panel", "abstract": "Wiersz\ndrugi"}, 201)
    item = answer.json()
    assert answer.headers["Location"].endswith(f"/agenda/{item['id']}")
    path = f"{agenda}/{item['id']}"
    assert tenant.public.get(path).json() == item
    changed = tenant.organiser.patch(path, {"kind": "discussion", "abstract": None}, version=1).json()
    assert (changed["kind"], changed["abstract"], changed["title"], changed["version"]) == ("discussion", None, "Panel", 2)
    tenant.organiser.patch(path, {"title": "x"}, 412, version=1)
    tenant.organiser.patch(path, {"title": "x"}, 428)
    tenant.organiser.delete(path, 412, version=1)
    tenant.organiser.delete(path, version=2)
    tenant.public.get(path, 404)
    tenant.organiser.delete(path, 404, version=2)


def test_what_does_not_fit_is_refused(tenant, agenda):
    errors = tenant.organiser.post(agenda, {"kind": "dance", "duration_minutes": -1, "starts_at": "noon"}, 422).json()["errors"]
    assert {error["pointer"] for error in errors} == {"/title", "/kind", "/duration_minutes", "/starts_at"}


def test_an_item_belongs_to_its_meeting(tenant, meeting, agenda):
    other = tenant.organiser.create("meetings", title="Inne", starts_at=meeting["starts_at"], ends_at=meeting["ends_at"])
    item = tenant.organiser.create(agenda, title="Punkt")
    elsewhere = f"meetings/{other['slug']}/agenda/{item['id']}"
    tenant.organiser.get(elsewhere, 404)
    tenant.organiser.patch(elsewhere, {"title": "x"}, 404, version=1)
    tenant.organiser.delete(elsewhere, 404, version=1)


@pytest.mark.parametrize("method", ["put", "post"])
def test_a_new_order_in_one_call(tenant, agenda, method):
    ids = [tenant.organiser.create(agenda, title=title, duration_minutes=10)["id"] for title in "ABC"]
    wanted = [ids[2], ids[0], ids[1]]
    answer = getattr(tenant.organiser, method)(f"{agenda}/order", {"items": wanted}, 200).json()
    assert [item["title"] for item in answer["items"]] == ["C", "A", "B"]
    assert [item["begins_at"][11:16] for item in listed(tenant, agenda)] == ["09:00", "09:10", "09:20"]
    for wrong in (ids[:2], ids + [ids[0]], ids[:2] + ["01900000-0000-7000-8000-000000000000"], []):
        refused = getattr(tenant.organiser, method)(f"{agenda}/order", {"items": wrong}, 422).json()
        assert refused["errors"][0] == {"pointer": "/items", "code": "order_not_exact", "detail": refused["errors"][0]["detail"]}
    tenant.viewer.put(f"{agenda}/order", {"items": ids}, 403)
    assert [item["id"] for item in listed(tenant, agenda)] == wanted


def test_initiatives_presented_in_an_item(tenant, agenda):
    lead, partner = (tenant.organiser.create("organisations", name=name) for name in ("Klaster Przykład", "LifeScience Przykład"))
    joint = tenant.organiser.create("initiatives", title="Symbioza", lead_organisation_id=lead["id"], partner_ids=[partner["id"]])
    item = tenant.organiser.create(agenda, title="Inicjatywy", initiative_ids=[joint["id"]])
    shown = listed(tenant, agenda)[0]["initiatives"][0]
    assert (shown["title"], shown["lead"]["name"], [one["name"] for one in shown["partners"]]) == ("Symbioza", "Klaster Przykład", ["LifeScience Przykład"])
    assert item["initiatives"] == [shown]
    path = f"{agenda}/{item['id']}"
    refused = tenant.organiser.patch(path, {"initiative_ids": ["01900000-0000-7000-8000-000000000000"]}, 422, version="*").json()
    assert refused["errors"][0]["code"] == "no_such_initiative"
    assert tenant.organiser.patch(path, {"initiative_ids": []}, version="*").json()["initiatives"] == []


def test_the_editor_works_without_scripts(tenant, meeting, agenda):
    base = f"/platforms/{tenant.slug}/{agenda}"
    for title in ("Pierwszy", "Drugi"):
        answer = tenant.organiser.form(agenda, {"title": title, "kind": "talk", "duration_minutes": "30", "abstract": "", "starts_at": "", "_return": f"{base}#new"})
        assert answer.headers["Location"].startswith(f"{base}?done=") and answer.headers["Location"].endswith("#new")
    first, second = listed(tenant, agenda)
    page = tenant.organiser.page(agenda).text
    assert page.count('action="' + base + '/order"') == 2  # the first can go down, the second up
    assert "10:00" in page and "10:30" in page
    tenant.organiser.form(f"{agenda}/order", {"items": [second["id"], first["id"]], "_return": base}, method="PUT")
    assert [item["title"] for item in listed(tenant, agenda)] == ["Drugi", "Pierwszy"]
    item_page = tenant.organiser.page(f"{agenda}/{first['id']}").text
    assert 'value="Pierwszy"' in item_page
    fields = {"title": "Po zmianie", "kind": "vote", "duration_minutes": "", "starts_at": "2027-03-10T11:15", "_time_zone": "Europe/Warsaw", "_if_match": str(listed(tenant, agenda)[1]["version"])}
    tenant.organiser.form(f"{agenda}/{first['id']}", fields, method="PATCH")
    changed = tenant.public.get(f"{agenda}/{first['id']}").json()
    assert (changed["title"], changed["kind"], changed["duration_minutes"], changed["starts_at"]) == ("Po zmianie", "vote", None, "2027-03-10T10:15:00Z")
    back = tenant.organiser.form(agenda, {"title": "", "duration_minutes": "5000", "abstract": "Zostaje"}, 422).text
    assert "Zostaje" in back and 'value="5000"' in back and 'aria-invalid="true"' in back
    tenant.organiser.form(f"{agenda}/{first['id']}", {"_if_match": str(changed["version"])}, method="DELETE")
    assert [item["title"] for item in listed(tenant, agenda)] == ["Drugi"]


def test_the_public_reads_and_only_reads(tenant, agenda):
    item = tenant.organiser.create(agenda, title="Punkt", abstract="Opis punktu")
    for path in (agenda, f"{agenda}/{item['id']}"):
        page = tenant.public.page(path).text
        assert "Punkt" in page and "<form" not in page.split("<main", 1)[1].split("</main>")[0]
