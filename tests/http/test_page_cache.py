"""test_page_cache.py: what the public sees is kept for a moment, and is never older than the last change, nor anybody else's."""

import time

import requests

from database import psql

DAY = {"starts_at": "2027-03-10T09:00:00Z", "ends_at": "2027-03-10T12:00:00Z"}


def published(tenant, **members):
    meeting = tenant.organiser.create("meetings", **{"title": "Spotkanie otwarte", **DAY, **members})
    return tenant.organiser.patch(f"meetings/{meeting['slug']}", {"status": "published"}, version=meeting["version"]).json()


def address(tenant, meeting):
    return tenant.server.url(tenant.public.path(f"meetings/{meeting['slug']}"))


def look(tenant, meeting, accept="application/json", **headers):
    """By a new connection each time, so that every loop of the server is asked sooner or later."""
    return requests.get(address(tenant, meeting), headers={"Accept": accept, **headers}, timeout=30)


def test_a_change_is_seen_at_once_by_everybody(tenant):
    meeting = published(tenant)
    for number in range(20):
        for _ in range(4):
            assert look(tenant, meeting).json()["title"] == meeting["title"]
        meeting = tenant.organiser.patch(f"meetings/{meeting['slug']}", {"title": f"Spotkanie {number}"}, version=meeting["version"]).json()
        for _ in range(4):
            assert look(tenant, meeting).json()["title"] == f"Spotkanie {number}"
            assert f"Spotkanie {number}" in look(tenant, meeting, "text/html").text


def test_what_is_withdrawn_from_the_public_is_gone_at_once(tenant):
    meeting = published(tenant)
    for _ in range(6):
        assert look(tenant, meeting, "text/html").status_code == 200
    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"visibility": "invited"}, version=meeting["version"])
    for _ in range(6):
        assert look(tenant, meeting, "text/html").status_code == 404


def test_a_list_of_all_platforms_follows_each_of_them(server, make_tenant):
    one = make_tenant(name="Platforma przed zmianą")
    path = f"{server.base_url}/platforms/{one.slug}"
    assert requests.get(path, headers={"Accept": "application/json"}, timeout=30).json()["name"] == "Platforma przed zmianą"
    one.owner.patch(f"/platforms/{one.slug}", {"name": "Platforma po zmianie"}, version=one.owner.get(f"/platforms/{one.slug}").json()["version"])
    assert requests.get(path, headers={"Accept": "application/json"}, timeout=30).json()["name"] == "Platforma po zmianie"


def test_languages_and_representations_are_kept_apart(tenant):
    meeting = published(tenant)
    seen = {}
    for _ in range(3):
        for language in ("pl", "en", "fi"):
            page = look(tenant, meeting, "text/html", **{"Accept-Language": language})
            assert page.headers["Content-Language"] == language
            assert seen.setdefault(language, page.text) == page.text
            assert look(tenant, meeting, "application/json", **{"Accept-Language": language}).headers["Content-Type"] == "application/json"
            assert look(tenant, meeting, "text/calendar").headers["Content-Type"].startswith("text/calendar")
    assert len(set(seen.values())) == 3


def test_nobody_sees_what_a_member_sees(tenant):
    meeting = published(tenant)
    member = {"Authorization": f"Bearer {tenant.tokens['organiser']}"}
    for _ in range(6):
        assert "Spotkanie otwarte" in look(tenant, meeting, "text/html", **member).text
        everybody = look(tenant, meeting, "text/html")
        assert "invitations" not in everybody.text
        assert everybody.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert look(tenant, meeting, "text/html", **member).headers["Cache-Control"] == "private, no-cache"


def test_a_kept_answer_is_a_whole_one(tenant):
    meeting = published(tenant)
    first = look(tenant, meeting)
    for _ in range(6):
        again = look(tenant, meeting)
        assert (again.content, again.headers["ETag"], again.headers["Vary"]) == (first.content, first.headers["ETag"], first.headers["Vary"])
        assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
        assert look(tenant, meeting, **{"If-None-Match": first.headers["ETag"]}).status_code == 304
        head = requests.head(address(tenant, meeting), headers={"Accept": "application/json", "Accept-Encoding": "identity"}, timeout=30)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["Content-Length"] == str(len(first.content))


def test_what_others_write_into_the_database_is_seen_soon(server, tenant):
    meeting = published(tenant)
    assert look(tenant, meeting).json()["title"] == meeting["title"]
    psql(server, "narada_owner", f"select set_config('narada.platform_id', id::text, false) from platform where slug = '{tenant.slug}';"
         f"update meeting set title = 'Zmienione z boku' where id = '{meeting['id']}'")
    deadline = time.monotonic() + 30
    while look(tenant, meeting).json()["title"] != "Zmienione z boku":
        assert time.monotonic() < deadline, "still the old page"
        time.sleep(0.2)
