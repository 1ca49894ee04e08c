"""test_kiosk.py: a tablet at the entrance finds people by a few letters, checks them in, and can do nothing else."""

import re
import urllib.parse

import pytest

from entrance import attendance, decoded, seated, today
from happenings import all_items, invite, link_path, make_meeting


@pytest.fixture
def meeting(tenant):
    return today(tenant, theme="Forum", companions_allowed=3, language="en")


def kiosk(tenant, meeting, **members):
    """A new kiosk; gives the path of its link."""
    made = tenant.organiser.create(f"meetings/{meeting['slug']}/kiosks", name="Wejście główne", **members)
    return urllib.parse.urlsplit(made["kiosk_url"]).path


def found(tenant, path, q):
    return [person["name"] for person in tenant.public.get(path, params={"q": q}).json()["people"]]


def person(tenant, path, q):
    (one,) = tenant.public.get(path, params={"q": q}).json()["people"]
    return f"{path}/{one['id']}"


# ── The organiser's side ──


def test_kiosks_are_made_listed_and_closed(server, tenant, meeting):
    there = f"meetings/{meeting['slug']}/kiosks"
    made = tenant.organiser.post(there, {"name": "Wejście"}, 201)
    one = made.json()
    assert (one["name"], one["walk_ins"], one["works"], one["revoked_at"]) == ("Wejście", False, True, None)
    assert tenant.organiser.get(made.headers["Location"]).json() == one
    path = urllib.parse.urlsplit(one["kiosk_url"]).path
    picture = tenant.public.get(path + ".png", headers={"Accept": "image/*"})
    assert decoded(picture.content) == one["kiosk_url"]
    page = tenant.organiser.page(there).text
    assert one["kiosk_url"] in page and f'src="{path}.svg"' in page
    tenant.organiser.create(there, name="Boczne", walk_ins=True)
    listed = tenant.organiser.get(there, params={"limit": 1}).json()
    assert [k["name"] for k in listed["items"]] == ["Boczne"]
    assert [k["name"] for k in tenant.organiser.get(listed["next"]).json()["items"]] == ["Wejście"]
    tenant.organiser.delete(f"{there}/{one['id']}")
    tenant.organiser.delete(f"{there}/{one['id']}")
    closed = tenant.organiser.get(f"{there}/{one['id']}").json()
    assert (closed["works"], closed["kiosk_url"]) == (False, None)
    assert tenant.public.get(path, 410).json()["code"] == "kiosk_closed"
    tenant.public.post(path + "/walk-ins", {"name": "Jan"}, 410)
    for role in ("assistant", "viewer"):
        tenant.api(role).post(there, {"name": "x"}, 403)


def test_forms_of_the_organisers_page(tenant, meeting):
    there = f"meetings/{meeting['slug']}/kiosks"
    back = f"/platforms/{tenant.slug}/{there}"
    assert tenant.organiser.form(there, {"name": "Wejście", "walk_ins": ["false", "true"], "_return": back}).headers["Location"] == back + "?done=create_kiosk"
    (one,) = tenant.organiser.get(there).json()["items"]
    assert one["walk_ins"] is True
    assert "Name" in tenant.organiser.form(there, {"name": ""}, 422).text
    tenant.organiser.form(f"{there}/{one['id']}", {"_return": back}, method="DELETE")
    assert "closed" in tenant.organiser.page(there).text


# ── The guests' side ──


def test_nobody_is_listed_before_three_letters(tenant, meeting):
    seated(tenant, meeting, "Anna Żak")
    path = kiosk(tenant, meeting)
    first = tenant.public.page(path)
    assert "Anna" not in first.text
    assert first.headers["Cache-Control"] == "no-store" and first.headers["X-Robots-Tag"] == "noindex"
    for q in ("", "A", "An", "a a", "%%%", "___", "123", "a%b"):
        assert found(tenant, path, q) == []
    assert "at least three letters" in tenant.public.page(path, params={"q": "An"}).text
    assert found(tenant, path, "ann") == found(tenant, path, "zak") == found(tenant, path, "ŻAK ann") == ["Anna Żak"]


def test_names_are_found_by_how_their_words_begin(tenant, meeting):
    for name in ("Zdzisław Nowak-Łapiński", "Łucja d'Arc", "Annika Öhman"):
        seated(tenant, meeting, name, email=f"{name.split()[0].lower().replace('ł', 'l')}@kowalski.example.org", organisation="Urząd Kowalewo")
    path = kiosk(tenant, meeting)
    assert found(tenant, path, "lapi") == ["Zdzisław Nowak-Łapiński"]
    assert found(tenant, path, "nowak zdz") == ["Zdzisław Nowak-Łapiński"]
    assert found(tenant, path, "arc") == found(tenant, path, "luc") == ["Łucja d'Arc"]
    assert found(tenant, path, "ohm") == ["Annika Öhman"]
    assert found(tenant, path, "sław") == [], "not from the middle of a word"
    assert found(tenant, path, "kowal") == [], "neither by address nor by organisation"


def test_at_most_eight_are_shown(tenant, meeting):
    for n in range(10):
        seated(tenant, meeting, f"Kowalski {chr(65 + n)}")
    path = kiosk(tenant, meeting)
    answer = tenant.public.get(path, params={"q": "kowalski"}).json()
    assert ([p["name"] for p in answer["people"]], answer["more"]) == ([f"Kowalski {chr(65 + n)}" for n in range(8)], True)
    assert "more people like that" in tenant.public.page(path, params={"q": "kowalski"}).text
    assert tenant.public.get(path, params={"q": "kowalski j"}).json()["more"] is False


def test_a_guest_confirms_and_is_checked_in(tenant, meeting):
    seated(tenant, meeting, "Anna Żak", organisation="Gmina", companions=["Olga Ruta"])
    path = kiosk(tenant, meeting)
    own = person(tenant, path, "zak")
    shown = tenant.public.get(own).json()
    assert (shown["name"], shown["state"], shown["refusal"]) == ("Anna Żak", None, None)
    assert [c["name"] for c in shown["companions"]] == ["Olga Ruta"]
    assert attendance(tenant, meeting) == {}, "looking changes nothing"
    page = tenant.public.page(own)
    assert "Olga Ruta" in page.text and page.headers["Refresh"] == f"60; url={path}?lang=usual"
    done = tenant.public.form(own, {"companions": shown["companions"][0]["id"]})
    assert done.headers["Location"] == path + "?done=arrive_kiosk"
    after = tenant.public.page(done.headers["Location"])
    assert "You are checked in" in after.text and "Anna" not in after.text, "the next guest sees nothing of the last"
    assert after.headers["Refresh"] == f"8; url={path}?lang=usual"
    assert attendance(tenant, meeting)["Anna Żak"] == ("present", "kiosk")
    again = tenant.public.post(own, {}, 200).json()
    assert again["state"] == "present" and again["companions"][0]["here"] is True
    assert tenant.public.post(own, {"companions": ["018f0000-0000-7000-8000-000000000000"]}, 422).json()["code"] == "no_such_companion"


def test_the_next_guest_sees_nothing_of_the_last(tenant, meeting):
    seated(tenant, meeting, "Anna Żak")
    path = kiosk(tenant, meeting, walk_ins=True)
    answer = tenant.public.page(path, params={"q": "zak"})
    assert answer.headers["Refresh"] == f"60; url={path}?lang=usual"
    page = answer.text
    for control in re.findall(r"<input [^>]*(?:type=\"text\"|type=\"search\")[^>]*>", page):
        assert 'autocomplete="off"' in control
    for form in re.findall(r"<form [^>]*>", page):
        assert 'autocomplete="off"' in form
    assert f'href="/platforms/{tenant.slug}' not in page and "/docs" not in page and 'href="/"' not in page


def test_who_has_no_seat_goes_to_the_entrance(tenant, meeting):
    invite(tenant, meeting, "Jan Łoś")
    gone = seated(tenant, meeting, "Ewa Ćma")
    tenant.public.post(link_path(gone), {"response": "declined"}, 200)
    path = kiosk(tenant, meeting)
    assert found(tenant, path, "cma") == []
    own = person(tenant, path, "los")
    assert tenant.public.get(own).json()["refusal"] == "no_seat"
    assert "ask at the entrance" in tenant.public.page(own).text
    assert tenant.public.post(own, {}, 409).json()["code"] == "no_seat"
    assert "no confirmed seat" in tenant.public.form(own, {}, 409).text
    open_to_all = kiosk(tenant, meeting, walk_ins=True)
    assert tenant.public.post(person(tenant, open_to_all, "los"), {}, 200).json()["state"] == "present"


def test_whoever_was_not_invited_walks_in_where_that_is_allowed(tenant, meeting):
    closed = kiosk(tenant, meeting)
    assert tenant.public.post(closed + "/walk-ins", {"name": "Jan Łoś"}, 409).json()["code"] == "no_walk_ins"
    assert "walk-ins" not in tenant.public.page(closed).text
    path = kiosk(tenant, meeting, walk_ins=True)
    done = tenant.public.post(path + "/walk-ins", {"name": "Jan Łoś", "organisation": "Gmina"}, 200).json()
    assert (done["name"], done["organisation"], done["state"]) == ("Jan Łoś", "Gmina", "present")
    assert attendance(tenant, meeting)["Jan Łoś"] == ("present", "walk_in")
    form = tenant.public.form(path + "/walk-ins", {"name": "Ada Lis", "organisation": ""})
    assert form.headers["Location"] == path + "?done=add_kiosk_guest"
    again = tenant.public.form(path + "/walk-ins", {"name": ""}, 422).text
    assert "<details class=\"reveal\" open>" in again
    tenant.public.form(path + "/walk-ins", {"name": "x"}, 403, headers={"Origin": "https://elsewhere.example"})


def test_on_another_day_a_kiosk_checks_nobody_in(tenant):
    meeting = make_meeting(tenant, language="en")
    seated(tenant, meeting, "Anna Żak")
    path = kiosk(tenant, meeting, walk_ins=True)
    assert tenant.public.get(path).json()["open"] is False
    assert "on the day of the meeting" in tenant.public.page(path).text
    assert tenant.public.post(person(tenant, path, "zak"), {}, 409).json()["code"] == "check_in_not_open"
    assert tenant.public.post(path + "/walk-ins", {"name": "Jan"}, 409).json()["code"] == "check_in_not_open"


def test_of_other_meetings_it_knows_nobody(tenant, stranger, meeting):
    path = kiosk(tenant, meeting)
    elsewhere = seated(tenant, today(tenant), "Anna Żak")
    assert found(tenant, path, "zak") == []
    tenant.public.get(f"{path}/{elsewhere['id']}", 404)
    tenant.public.post(f"{path}/{elsewhere['id']}", {}, 404)
    token = path.rsplit("/", 1)[1]
    tenant.public.get(f"/kiosk/{stranger.slug}/{token}", 404)
    tenant.public.get(path[:-1], 404)
    tenant.public.get(f"/r/{tenant.slug}/{token}", 404)


def test_ends_with_the_meeting(tenant, meeting):
    seated(tenant, meeting, "Anna Żak")
    path = kiosk(tenant, meeting)
    own = person(tenant, path, "zak")
    for status, code in (("held", "meeting_held"),):
        tenant.owner.patch(f"meetings/{meeting['slug']}", {"status": status}, 200, version="*")
        assert tenant.public.post(own, {}, 409).json()["code"] == code


def test_the_history_says_it_was_the_kiosk(tenant, meeting):
    seated(tenant, meeting, "Anna Żak")
    path = kiosk(tenant, meeting)
    tenant.public.post(person(tenant, path, "zak"), {}, 200)
    event = next(e for e in tenant.owner.get("audit").json()["items"] if e["operation"] == "arrive_kiosk")
    assert event["actor"] == "kiosk Wejście główne"
    assert path.rsplit("/", 1)[1] not in event["path"]


def test_the_next_guest_finds_the_kiosks_own_language(tenant):
    meeting = today(tenant, language="fi")
    path = kiosk(tenant, meeting)
    english = {"Accept": "text/html", "Cookie": "narada_lang=en", "Accept-Language": "pl"}
    assert 'lang="en"' in tenant.public.get(path, headers=english).text
    anew = tenant.public.get(path, headers=english, params={"lang": "usual"})
    assert '<html lang="fi"' in anew.text and re.match(r"narada_lang=; .*Max-Age=0", anew.headers["Set-Cookie"])
    assert '<html lang="fi"' in tenant.public.get(path, headers={"Accept": "text/html", "Accept-Language": "pl"}).text


def test_a_guest_who_taps_twice_is_there_once(tenant, meeting):
    path = kiosk(tenant, meeting, walk_ins=True)
    said = {"name": "Ewa Kos", "action_id": re.search(r'name="action_id" value="([0-9a-f-]{36})"', tenant.public.page(path).text)[1]}
    for _ in range(2):
        tenant.public.form(f"{path}/walk-ins", said, 303)
    assert attendance(tenant, meeting) == {"Ewa Kos": ("present", "walk_in")} and len(all_items(tenant.assistant, f"meetings/{meeting['slug']}/attendance")) == 1
