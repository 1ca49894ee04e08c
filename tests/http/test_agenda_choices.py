"""test_agenda_choices.py: optional parts of the programme: who may join, how many, which exclude each other, and when a place is free again."""

import concurrent.futures
import datetime
import json

import pytest
import requests

from happenings import form_token, invite, invite_many, link_path, make_meeting


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant, companions_allowed=5)


@pytest.fixture
def agenda(meeting):
    return f"meetings/{meeting['slug']}/agenda"


def optional(tenant, agenda, title, **members):
    return tenant.organiser.create(agenda, title=title, joining="optional", duration_minutes=60, **members)


def coming(tenant, meeting, name="Anna Żak", **members):
    """Somebody who has accepted: the path of the link."""
    path = link_path(invite(tenant, meeting, name, **members))
    tenant.public.post(path, {"response": "accepted"}, 200)
    return path


def choose(tenant, path, *items, expect=200, **more):
    return tenant.public.post(f"{path}/details", {"items": [item["id"] for item in items], **more}, expect).json()


def offered(tenant, path):
    return {item["title"]: item for item in tenant.public.get(f"{path}/details").json()["items"]}


def chosen(tenant, path):
    return {title for title, item in offered(tenant, path).items() if item["chosen"]}


def heads(tenant, agenda):
    return {item["title"]: (item["heads"], item["seats_left"]) for item in tenant.viewer.get(agenda).json()["items"]}


def code(answer):
    """A refusal's code: of the whole, or of the member that it concerns."""
    return answer.get("code") or answer["errors"][0]["code"]


def test_an_item_is_for_everyone_unless_said(tenant, agenda):
    plain = tenant.organiser.create(agenda, title="Powitanie")
    assert (plain["joining"], plain["capacity"], plain["choice_group"], plain["heads"], plain["seats_left"]) == ("everyone", None, None, None, None)
    made = optional(tenant, agenda, "Warsztat", capacity=12, choice_group="Warsztaty")
    assert (made["joining"], made["capacity"], made["choice_group"], made["heads"], made["seats_left"]) == ("optional", 12, "Warsztaty", 0, 12)
    assert tenant.public.get(f"{agenda}/{made['id']}").json()["heads"] is None  # how many come is not for the public; the seats left are
    assert tenant.public.get(f"{agenda}/{made['id']}").json()["seats_left"] == 12


def test_only_an_optional_item_has_seats(tenant, agenda):
    for members in ({"capacity": 3}, {"choice_group": "Warsztaty"}):
        assert tenant.organiser.post(agenda, {"title": "Wykład", **members}, 422).json()["code"] == "agenda_item_for_everyone"
    tenant.organiser.post(agenda, {"title": "Wykład", "joining": "optional", "capacity": 0}, 422)
    tenant.organiser.post(agenda, {"title": "Wykład", "joining": "perhaps"}, 422)
    item = optional(tenant, agenda, "Warsztat", capacity=3)
    assert tenant.organiser.patch(f"{agenda}/{item['id']}", {"joining": "everyone"}, 422, version="*").json()["code"] == "agenda_item_for_everyone"
    tenant.organiser.patch(f"{agenda}/{item['id']}", {"joining": "everyone", "capacity": None}, version="*")


def test_alternatives_begin_together(tenant, meeting, agenda):
    tenant.organiser.create(agenda, title="Otwarcie", duration_minutes=30)
    optional(tenant, agenda, "Ceramika", choice_group="Warsztaty")
    tenant.organiser.patch(f"{agenda}/{optional(tenant, agenda, 'Kodowanie', choice_group='Warsztaty')['id']}", {"duration_minutes": 90}, version="*")
    optional(tenant, agenda, "Zwiedzanie", choice_group="Wycieczki")
    tenant.organiser.create(agenda, title="Podsumowanie", duration_minutes=10)

    def minutes():
        start, items = datetime.datetime.fromisoformat(meeting["starts_at"]), tenant.viewer.get(agenda).json()["items"]
        return [item["begins_at"] and (datetime.datetime.fromisoformat(item["begins_at"]) - start).total_seconds() / 60 for item in items], items

    begun, items = minutes()
    assert begun == [0, 30, 30, 120, 180], "the next item follows the longest of them"
    tenant.organiser.patch(f"{agenda}/{items[1]['id']}", {"duration_minutes": None}, version="*")
    assert minutes()[0] == [0, 30, 30, None, None]
    tenant.organiser.patch(f"{agenda}/{items[2]['id']}", {"starts_at": meeting["starts_at"]}, version="*")
    assert minutes()[0] == [0, 30, 0, 90, 150], "one that has a time of its own keeps it"


def test_choosing_and_changing(tenant, meeting, agenda):
    tour, workshop = optional(tenant, agenda, "Zwiedzanie"), optional(tenant, agenda, "Warsztat", capacity=2)
    path = coming(tenant, meeting)
    seen = choose(tenant, path, tour, workshop)["items"]
    assert [(item["title"], item["chosen"], item["seats_left"], item["full"]) for item in seen] == [("Zwiedzanie", True, None, False), ("Warsztat", True, 1, False)]
    assert seen[0]["begins_at"] == meeting["starts_at"]
    assert heads(tenant, agenda) == {"Zwiedzanie": (1, None), "Warsztat": (1, 1)}
    choose(tenant, path, tour)
    assert chosen(tenant, path) == {"Zwiedzanie"}
    tenant.public.post(f"{path}/details", {"note": "bez zmian w programie"}, 200)  # what is left out stays
    assert chosen(tenant, path) == {"Zwiedzanie"}
    choose(tenant, path)
    assert heads(tenant, agenda) == {"Zwiedzanie": (0, None), "Warsztat": (0, 2)}


def test_what_cannot_be_chosen(tenant, meeting, agenda):
    everyone = tenant.organiser.create(agenda, title="Powitanie")
    workshop = optional(tenant, agenda, "Warsztat")
    other = make_meeting(tenant, title="Inne")
    elsewhere = optional(tenant, f"meetings/{other['slug']}/agenda", "Gdzie indziej")
    path = coming(tenant, meeting)
    for item, why in ((everyone, "item_for_everyone"), (elsewhere, "no_such_item"), ({"id": "01900000-0000-7000-8000-000000000000"}, "no_such_item")):
        refused = choose(tenant, path, workshop, item, expect=422)
        assert refused["errors"][0]["pointer"] == "/items" and code(refused) == why
    tenant.public.post(f"{path}/details", {"items": ["x"]}, 422)
    tenant.public.post(f"{path}/details", {"items": None}, 422)
    assert chosen(tenant, path) == set()  # and nothing of it was done


def test_items_of_another_platform_are_not_there(tenant, stranger, meeting, agenda):
    theirs = make_meeting(stranger)
    foreign = optional(stranger, f"meetings/{theirs['slug']}/agenda", "Obce")
    assert code(choose(tenant, coming(tenant, meeting), foreign, expect=422)) == "no_such_item"


def test_only_who_comes_chooses(tenant, meeting, agenda):
    workshop = optional(tenant, agenda, "Warsztat")
    path = link_path(invite(tenant, meeting))
    assert code(choose(tenant, path, workshop, expect=409)) == "items_not_coming"
    choose(tenant, path)  # nothing is always possible
    for response in ("tentative", "declined"):
        tenant.public.post(path, {"response": response})
        assert code(choose(tenant, path, workshop, expect=409)) == "items_not_coming"


def test_alternatives_exclude_each_other(tenant, meeting, agenda):
    first, second = (optional(tenant, agenda, title, choice_group="Warsztaty") for title in ("Ceramika", "Kodowanie"))
    free = optional(tenant, agenda, "Zwiedzanie", starts_at=meeting["starts_at"])  # at the same time, but the organiser did not say that it excludes
    path = coming(tenant, meeting)
    assert code(choose(tenant, path, first, second, expect=422)) == "items_alternative"
    choose(tenant, path, first, free)
    choose(tenant, path, second, free)
    assert chosen(tenant, path) == {"Kodowanie", "Zwiedzanie"}


def test_the_last_seat(tenant, meeting, agenda):
    workshop = optional(tenant, agenda, "Warsztat", capacity=1)
    first, second = coming(tenant, meeting, "Anna Żak"), coming(tenant, meeting, "Jan Łoś")
    choose(tenant, first, workshop)
    assert offered(tenant, second)["Warsztat"]["full"] is True and offered(tenant, first)["Warsztat"]["full"] is False
    refused = choose(tenant, second, workshop, expect=409)
    assert code(refused) == "item_full" and "Warsztat" in str(refused)
    tenant.public.post(first, {"response": "declined"})  # frees the place
    choose(tenant, second, workshop)
    tenant.public.post(first, {"response": "accepted"})  # the place is not theirs any more
    assert chosen(tenant, first) == set()
    assert code(choose(tenant, first, workshop, expect=409)) == "item_full"


def test_companions_take_seats_in_the_programme(tenant, meeting, agenda):
    small, large = optional(tenant, agenda, "Mała sala", capacity=2), optional(tenant, agenda, "Duża sala", capacity=4)
    path, party = coming(tenant, meeting), [{"name": "Ola"}, {"name": "Ela"}]
    choose(tenant, path, small)
    assert code(choose(tenant, path, small, expect=409, companions=party)) == "item_full"
    assert code(tenant.public.post(f"{path}/details", {"companions": party}, 409).json()) == "item_full"
    assert heads(tenant, agenda)["Mała sala"] == (1, 1)  # neither companions nor anything else came of it
    choose(tenant, path, large, companions=party)  # gives up the small room and brings two, at once
    assert heads(tenant, agenda) == {"Mała sala": (0, 2), "Duża sala": (3, 1)}
    assert offered(tenant, path)["Mała sala"]["full"] is True
    choose(tenant, path, small, large, companions=party[:1])  # fewer companions and one item more, at once
    assert heads(tenant, agenda) == {"Mała sala": (2, 0), "Duża sala": (2, 2)}


def test_fifty_want_seven_seats(tenant, meeting, agenda):
    workshop = optional(tenant, agenda, "Warsztat", capacity=7)
    everyone = invite_many(tenant, meeting, 50)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}

    def send(one):
        requests.post(one["rsvp_url"], data=json.dumps({"response": "accepted"}), headers=headers, timeout=120)
        body = json.dumps({"items": [workshop["id"]]})
        return requests.post(one["rsvp_url"] + "/details", data=body, headers=headers, timeout=120).status_code

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(send, everyone))
    assert (statuses.count(200), statuses.count(409)) == (7, 43)
    assert heads(tenant, agenda) == {"Warsztat": (7, 0)}
    listed = tenant.viewer.get(f"{agenda}/{workshop['id']}/participants").json()["items"]
    assert len(listed) == 7


def test_seats_and_companions_that_cross(tenant, meeting, agenda):
    """Parties grow, shrink, come and go at once; an item never holds more than it has seats for."""
    workshop = optional(tenant, agenda, "Warsztat", capacity=9)
    everyone = invite_many(tenant, meeting, 12)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    steps = (("", {"response": "accepted"}), ("/details", {"items": [workshop["id"]]}), ("/details", {"companions": [{"name": "Ola"}, {"name": "Ela"}]}),
             ("/details", {"companions": [], "items": [workshop["id"]]}), ("", {"response": "declined"}), ("", {"response": "accepted"}))  # fmt: skip

    def send(task):
        one, (where, body) = task
        return requests.post(one["rsvp_url"] + where, data=json.dumps(body), headers=headers, timeout=120).status_code

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        statuses = set(pool.map(send, [(one, step) for step in steps for one in everyone] * 2))
    assert statuses <= {200, 409}
    taken, left = heads(tenant, agenda)["Warsztat"]
    assert taken + left == 9
    assert taken == sum(item["heads"] for item in tenant.viewer.get(f"{agenda}/{workshop['id']}/participants").json()["items"])


def test_promised_places_stay(tenant, meeting, agenda):
    workshop = optional(tenant, agenda, "Warsztat", capacity=3)
    for name in ("Anna Żak", "Jan Łoś"):
        choose(tenant, coming(tenant, meeting, name), workshop)
    path = f"{agenda}/{workshop['id']}"
    refused = tenant.organiser.patch(path, {"capacity": 1}, 409, version="*").json()
    assert code(refused) == "item_capacity_below_chosen"
    tenant.organiser.patch(path, {"capacity": 2}, version="*")
    tenant.organiser.patch(path, {"capacity": None}, version="*")
    # For everyone for a while: the choices stay, and count against seats when it is optional again.
    tenant.organiser.patch(path, {"joining": "everyone"}, version="*")
    assert code(tenant.organiser.patch(path, {"joining": "optional", "capacity": 1}, 409, version="*").json()) == "item_capacity_below_chosen"
    assert tenant.organiser.patch(path, {"joining": "optional", "capacity": 2}, version="*").json()["heads"] == 2


def test_alternatives_that_somebody_has_chosen_both(tenant, meeting, agenda):
    first, second = (optional(tenant, agenda, title) for title in ("Ceramika", "Kodowanie"))
    path = coming(tenant, meeting)
    choose(tenant, path, first, second)
    tenant.organiser.patch(f"{agenda}/{first['id']}", {"choice_group": "Warsztaty"}, version="*")
    assert code(tenant.organiser.patch(f"{agenda}/{second['id']}", {"choice_group": "Warsztaty"}, 409, version="*").json()) == "item_alternatives_chosen"
    choose(tenant, path, second)
    tenant.organiser.patch(f"{agenda}/{second['id']}", {"choice_group": "Warsztaty"}, version="*")


@pytest.mark.parametrize(("members", "why"), [({"rsvp_closes_at": "2020-01-01T00:00:00Z"}, "answers_closed"), ({"status": "cancelled"}, "meeting_cancelled"), ({"status": "held"}, "meeting_held")])
def test_choices_close_with_the_answers(tenant, meeting, agenda, members, why):
    workshop, tour = optional(tenant, agenda, "Warsztat"), optional(tenant, agenda, "Zwiedzanie")
    path = coming(tenant, meeting)
    choose(tenant, path, workshop)
    tenant.organiser.patch(f"meetings/{meeting['slug']}", members, version="*")
    assert code(choose(tenant, path, tour, expect=409)) == why
    assert chosen(tenant, path) == {"Warsztat"}  # still to be seen


def test_withdrawn_and_deleted(tenant, meeting, agenda):
    workshop = optional(tenant, agenda, "Warsztat", capacity=1)
    one = invite(tenant, meeting)
    path = link_path(one)
    tenant.public.post(path, {"response": "accepted"})
    choose(tenant, path, workshop)
    tenant.organiser.delete(f"meetings/{meeting['slug']}/invitations/{one['id']}", version="*")
    assert heads(tenant, agenda) == {"Warsztat": (0, 1)}
    other = coming(tenant, meeting, "Jan Łoś")
    choose(tenant, other, workshop)
    item = tenant.organiser.get(f"{agenda}/{workshop['id']}").json()
    tenant.organiser.delete(f"{agenda}/{workshop['id']}", version=item["version"])
    assert offered(tenant, other) == {}


def test_a_substitute_takes_the_places_over_and_gives_them_back(tenant, meeting, agenda):
    workshop = optional(tenant, agenda, "Warsztat", capacity=1)
    path = coming(tenant, meeting)
    choose(tenant, path, workshop)
    tenant.public.post(f"{path}/substitute", {"name": "Ewa Sowa", "email": "ewa@example.org"}, (200, 201))
    assert heads(tenant, agenda) == {"Warsztat": (1, 0)}
    listed = tenant.viewer.get(f"{agenda}/{workshop['id']}/participants").json()["items"]
    assert [item["name"] for item in listed] == ["Ewa Sowa"]
    tenant.public.delete(f"{path}/substitute", (200, 204))
    assert chosen(tenant, path) == {"Warsztat"} and heads(tenant, agenda) == {"Warsztat": (1, 0)}


# ── On behalf ──


def test_an_organiser_chooses_on_behalf(tenant, stranger, meeting, agenda):
    workshop, tour = optional(tenant, agenda, "Warsztat", capacity=1), optional(tenant, agenda, "Zwiedzanie")
    one = invite(tenant, meeting)
    items = f"meetings/{meeting['slug']}/invitations/{one['id']}/items"
    assert code(tenant.organiser.patch(items, {"items": [tour["id"]]}, 409, version="*").json()) == "items_not_coming"
    tenant.public.post(link_path(one), {"response": "accepted"})
    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"rsvp_closes_at": "2020-01-01T00:00:00Z"}, version="*")
    before = tenant.viewer.get(items).json()
    changed = tenant.organiser.patch(items, {"items": [workshop["id"], tour["id"]]}, version=before["version"]).json()
    assert [item["chosen"] for item in changed["items"]] == [True, True] and changed["version"] > before["version"]
    tenant.organiser.patch(items, {"items": []}, 412, version=before["version"])
    tenant.organiser.patch(items, {"items": []}, 428)
    tenant.organiser.patch(items, {}, 422, version="*")
    tenant.viewer.patch(items, {"items": []}, 403, version="*")
    stranger.organiser.patch(f"/platforms/{tenant.slug}/{items}", {"items": []}, 404, version="*")
    other = make_meeting(tenant, title="Inne")
    tenant.organiser.patch(items.replace(meeting["slug"], other["slug"]), {"items": []}, 404, version="*")
    full = invite(tenant, meeting, "Jan Łoś")
    tenant.organiser.patch(f"meetings/{meeting['slug']}/invitations/{full['id']}", {"response": "accepted"}, version="*")
    assert code(tenant.organiser.patch(f"meetings/{meeting['slug']}/invitations/{full['id']}/items", {"items": [workshop["id"]]}, 409, version="*").json()) == "item_full"
    history = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/{one['id']}/history").json()["items"]
    assert [event["cause"] for event in history].count("items_chosen") == 1


def test_the_organisers_form_of_choices(tenant, meeting, agenda):
    workshop, tour = optional(tenant, agenda, "Warsztat"), optional(tenant, agenda, "Zwiedzanie")
    one = invite(tenant, meeting)
    path = f"meetings/{meeting['slug']}/invitations/{one['id']}"
    assert "update_invitation_items" not in tenant.organiser.page(path).text
    tenant.public.post(link_path(one), {"response": "accepted"})
    version = tenant.viewer.get(f"{path}/items").json()["version"]
    tenant.organiser.form(f"{path}/items", {"items": ["", tour["id"]], "_if_match": str(version)}, method="PATCH")
    page = tenant.organiser.page(path).text
    assert f'value="{tour["id"]}" checked' in page and f'value="{workshop["id"]}" checked' not in page
    assert "Parts of the programme chosen" in page  # the history
    assert "Zwiedzanie</li>" in tenant.viewer.page(path).text and "update_invitation_items" not in tenant.viewer.page(path).text
    tenant.organiser.form(f"{path}/items", {"items": "", "_if_match": "*"}, method="PATCH")
    assert not any(item["chosen"] for item in tenant.viewer.get(f"{path}/items").json()["items"])


def test_freed_places_stand_in_the_history(tenant, meeting, agenda):
    workshop = optional(tenant, agenda, "Warsztat")
    one = invite(tenant, meeting)
    tenant.public.post(link_path(one), {"response": "accepted"})
    choose(tenant, link_path(one), workshop)
    tenant.public.post(link_path(one), {"response": "declined"})
    causes = [event["cause"] for event in tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/{one['id']}/history").json()["items"]]
    assert causes.count("items_chosen") == causes.count("items_freed") == 1


# ── Lists ──


def test_the_list_of_attendees_says_what_they_chose(tenant, meeting, agenda):
    tour, workshop = optional(tenant, agenda, "Zwiedzanie"), optional(tenant, agenda, "Warsztat")
    choose(tenant, coming(tenant, meeting, "Anna Żak"), workshop, tour, companions=[{"name": "Ola"}])
    coming(tenant, meeting, "Jan Łoś")
    listed = tenant.viewer.get(f"meetings/{meeting['slug']}/attendees").json()["items"]
    assert sorted((one["name"], one["agenda_items"]) for one in listed) == [("Anna Żak", "Zwiedzanie; Warsztat"), ("Jan Łoś", None), ("Ola", "Zwiedzanie; Warsztat")]
    assert "Zwiedzanie; Warsztat" in tenant.viewer.get(f"meetings/{meeting['slug']}/attendees.csv").content.decode()
    assert "Zwiedzanie; Warsztat" in tenant.viewer.page(f"meetings/{meeting['slug']}/attendees").text


def test_who_has_chosen_an_item(tenant, stranger, meeting, agenda):
    workshop = optional(tenant, agenda, "Warsztat")
    for name in ("Zofia Żak", "Ćwiek Adam", "Bąk Ewa"):
        choose(tenant, coming(tenant, meeting, name, organisation="Gmina Próbna"), workshop, companions=[{"name": "Ola"}] if name == "Bąk Ewa" else [])
    path = f"{agenda}/{workshop['id']}/participants"
    first = tenant.viewer.get(f"{path}?limit=2").json()
    assert [(item["name"], item["heads"], item["organisation"]) for item in first["items"]] == [("Bąk Ewa", 2, "Gmina Próbna"), ("Ćwiek Adam", 1, "Gmina Próbna")]
    assert [item["name"] for item in tenant.viewer.get(first["next"]).json()["items"]] == ["Zofia Żak"]
    csv = tenant.viewer.get(f"{path}.csv").content.decode().splitlines()
    assert csv[0] == "name,position,organisation,email,heads,chosen_at" and len(csv) == 4
    page = tenant.viewer.page(path).text
    assert "Bąk Ewa" in page and "<strong>4</strong> heads" in page
    tenant.public.get(path, 401)
    stranger.viewer.get(f"/platforms/{tenant.slug}/{path}", 404)
    tenant.viewer.get(f"{agenda}/01900000-0000-7000-8000-000000000000/participants", 404)
    other = make_meeting(tenant, title="Inne")
    tenant.viewer.get(f"meetings/{other['slug']}/agenda/{workshop['id']}/participants", 404)
    assert "for everyone" in tenant.viewer.page(f"{agenda}/{tenant.organiser.create(agenda, title='Powitanie')['id']}/participants").text


# ── Pages ──


def test_the_organisers_pages(tenant, meeting, agenda):
    base = f"/platforms/{tenant.slug}/{agenda}"
    fields = {"title": "Warsztat", "kind": "talk", "joining": "optional", "capacity": "2", "choice_group": "Warsztaty", "_return": base}
    tenant.organiser.form(agenda, fields)
    item = tenant.organiser.get(agenda).json()["items"][0]
    path = coming(tenant, meeting)
    choose(tenant, path, item, companions=[{"name": "Ola"}])
    page = tenant.organiser.page(agenda).text
    assert "Chosen by: 2 / 2" in page and "no seats left" in page and "One of: Warsztaty" in page
    assert "Chosen by" not in tenant.public.page(agenda).text and "no seats left" in tenant.public.page(f"meetings/{meeting['slug']}").text
    assert 'value="Warsztaty"' in tenant.organiser.page(f"{agenda}/{item['id']}").text
    refused = tenant.organiser.form(f"{agenda}/{item['id']}", {"capacity": "1", "_if_match": "*"}, 409, method="PATCH").text
    assert "More people have chosen this item already." in refused and 'value="1"' in refused
    tenant.organiser.form(f"{agenda}/{item['id']}", {"capacity": "", "choice_group": "", "_if_match": "*"}, method="PATCH")
    changed = tenant.organiser.get(f"{agenda}/{item['id']}").json()
    assert (changed["joining"], changed["capacity"], changed["choice_group"]) == ("optional", None, None)


def test_the_invitees_form(tenant, meeting, agenda):
    first, second = (optional(tenant, agenda, title, choice_group="Warsztaty o 10", capacity=1) for title in ("Ceramika", "Kodowanie"))
    tour = optional(tenant, agenda, "Zwiedzanie")
    choose(tenant, coming(tenant, meeting, "Jan Łoś"), first)
    path = link_path(invite(tenant, meeting))
    assert 'name="items"' not in tenant.public.page(path).text  # only who comes is asked
    tenant.public.post(path, {"response": "accepted"})
    page = tenant.public.page(path)
    assert page.text.count('type="checkbox" id="detail_rsvp-items-') == 3 and page.text.count("Warsztaty o 10") >= 1
    assert f'value="{first["id"]}" disabled' in page.text and "There are not enough seats left." in page.text
    fields = {"_form": form_token(page), "_return": path, "items": ["", second["id"], tour["id"]]}
    tenant.public.form(f"{path}/details", fields)
    assert chosen(tenant, path) == {"Kodowanie", "Zwiedzanie"}
    page = tenant.public.page(path).text
    assert f'value="{tour["id"]}" checked' in page and f'value="{first["id"]}" disabled' in page
    both = tenant.public.form(f"{path}/details", {**fields, "items": ["", first["id"], second["id"]]}, 422).text
    assert "at most one can be chosen" in both and f'value="{second["id"]}" checked' in both and f'value="{tour["id"]}" checked' not in both
    tenant.public.form(f"{path}/details", {**fields, "items": ""})  # nothing ticked
    assert chosen(tenant, path) == set()
    tenant.public.form(f"{path}/details", {**fields, "_form": "AAAA", "items": tour["id"]}, 403)
    assert chosen(tenant, path) == set()
