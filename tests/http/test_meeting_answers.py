"""test_meeting_answers.py: what a meeting says about answers and seats: who sees it, and what contradicts itself."""

import pytest

DAY = {"starts_at": "2027-03-10T09:00:00Z", "ends_at": "2027-03-10T12:00:00Z"}
CHOSEN = {"format": "hybrid", "substitutes": False, "companions_allowed": 2, "online_capacity": 40, "organisation_quota": 3, "registration": "approval", "quorum": 7}
TEAM_ONLY = ("substitutes", "companions_allowed", "online_capacity", "organisation_quota", "quorum")


def plan(tenant, **members):
    return tenant.organiser.create("meetings", title="Z odpowiedziami", **DAY, **members)


def change(tenant, meeting, status=200, **members):
    return tenant.organiser.patch(f"meetings/{meeting['slug']}", members, status, version=meeting["version"]).json()


def test_what_nobody_said_is_the_usual(tenant):
    made = plan(tenant)
    assert (made["substitutes"], made["companions_allowed"], made["registration"]) == (True, 0, "closed")
    assert (made["online_capacity"], made["organisation_quota"], made["quorum"]) == (None, None, None)


def test_each_is_kept_and_changed(tenant):
    made = plan(tenant, **CHOSEN)
    assert {name: made[name] for name in CHOSEN} == CHOSEN
    other = {"substitutes": True, "companions_allowed": 0, "online_capacity": None, "organisation_quota": None, "registration": "open", "quorum": None}
    changed = change(tenant, made, **other)
    assert {name: changed[name] for name in other} == other
    assert change(tenant, changed, title="Inny tytuł")["registration"] == "open"


def test_the_public_sees_only_whether_it_can_register(tenant):
    made = plan(tenant, status="published", **CHOSEN)
    seen = tenant.public.get(f"meetings/{made['slug']}").json()
    assert seen["registration"] == "approval"
    assert {name: seen[name] for name in TEAM_ONLY} == dict.fromkeys(TEAM_ONLY)
    assert {name: tenant.viewer.get(f"meetings/{made['slug']}").json()[name] for name in CHOSEN} == CHOSEN


@pytest.mark.parametrize("format", ["in_person", "online"])
def test_only_a_hybrid_meeting_counts_places_online(tenant, format):
    refused = tenant.organiser.post("meetings", {"title": "x", **DAY, "format": format, "online_capacity": 5}, 422).json()
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == ("/online_capacity", "online_capacity_not_hybrid")
    hybrid = plan(tenant, format="hybrid", online_capacity=5)
    assert change(tenant, hybrid, 422, format=format, online_capacity=5)["errors"][0]["code"] == "online_capacity_not_hybrid"
    assert change(tenant, hybrid, format=format)["online_capacity"] is None, "another format forgets it"


def test_only_a_public_meeting_is_open_to_registration(tenant):
    refused = tenant.organiser.post("meetings", {"title": "x", **DAY, "visibility": "invited", "registration": "open"}, 422).json()
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == ("/registration", "registration_needs_public")
    open_to_all = plan(tenant, registration="approval")
    assert change(tenant, open_to_all, 422, visibility="invited")["errors"][0]["code"] == "registration_needs_public"
    assert change(tenant, open_to_all, visibility="invited", registration="closed")["visibility"] == "invited"


@pytest.mark.parametrize("members", [
    {"companions_allowed": 21}, {"companions_allowed": -1}, {"companions_allowed": None}, {"online_capacity": 0, "format": "hybrid"},
    {"organisation_quota": 0}, {"registration": "perhaps"}, {"registration": None}, {"quorum": 0}, {"substitutes": None},
])  # fmt: skip
def test_what_it_can_not_be(tenant, members):
    errors = tenant.organiser.post("meetings", {"title": "x", **DAY, **members}, 422).json()["errors"]
    assert errors[0]["pointer"] == f"/{next(iter(members))}"


def test_the_forms_ask_for_it_in_words(tenant, organiser):
    made = plan(tenant, **CHOSEN)
    for path in ("meetings/new", f"meetings/{made['slug']}/edit"):
        page = tenant.organiser.page(path, language="pl").text
        assert all(f'name="{name}"' in page for name in CHOSEN), path
        assert "Odpowiedzi i miejsca" in page and "otwarte, za zgodą organizatora" in page
    sent = {"title": "Z formularza", "starts_at": "2027-03-10T09:00", "ends_at": "2027-03-10T12:00", "time_zone": "Europe/Warsaw", "format": "hybrid",
            "online_capacity": "12", "companions_allowed": "1", "substitutes": "false", "registration": "open", "quorum": "", "organisation_quota": ""}  # fmt: skip
    location = tenant.organiser.form("meetings", sent).headers["Location"]
    found = tenant.organiser.get(location.split("?")[0], headers={"Accept": "application/json"}).json()
    assert (found["online_capacity"], found["companions_allowed"], found["substitutes"], found["registration"], found["quorum"]) == (12, 1, False, "open", None)
