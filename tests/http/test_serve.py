"""test_serve.py: what the request path does for all operations: representations, caching, languages, forms, refusals, the service about itself."""

import re

import pytest
import requests

PAGE = {"Accept": "text/html"}


def form_token(page):
    return re.search(r'name="_form" value="([^"]+)"', page.text)[1]


@pytest.fixture
def meeting(tenant):
    return tenant.owner.create(
        "meetings", title="Narada próbna", starts_at="2031-05-06T08:00:00Z", ends_at="2031-05-06T10:00:00Z", time_zone="Europe/Warsaw", language="pl"
    )


@pytest.fixture
def link(tenant, meeting):
    """An invitee's link into a published meeting."""
    tenant.owner.patch(f"meetings/{meeting['id']}", {"status": "published"}, 200, version=meeting["version"])
    made = tenant.owner.post(f"meetings/{meeting['id']}/invitations", {"person": {"name": "Jan Próbny", "email": "jan@example.org"}}, (200, 201))
    invitations = tenant.owner.get(f"meetings/{meeting['id']}/invitations").json()["items"]
    assert made.ok and len(invitations) == 1
    return invitations[0]["rsvp_url"]


# ── The service about itself ──


def test_the_service_about_itself(server, tenant):
    assert tenant.public.get("/healthz").json()["status"] == "ok"
    assert tenant.public.get("/readyz").json()["status"] == "ok"
    assert "openapi" in tenant.public.get("/openapi.json").json()
    assert "Disallow: /r/" in tenant.public.get("/robots.txt", headers={"Accept": "*/*"}).text
    assert tenant.public.get("/favicon.ico", headers={"Accept": "*/*"}).headers["Content-Type"].startswith("image/svg")
    docs = tenant.public.page("/docs").text
    assert "create_meeting" in docs and "/platforms/{platform}/meetings" in docs
    said = "Their tokens stop working with it. Refused for the last owner."  # of one operation, not of its parameters and what follows
    assert docs.count(said) == 1 and docs.count("Signing in, sessions, tokens, members.") == 2
    first_call = re.search(r"<code>curl (\S+)", docs)[1]
    assert tenant.public.get(first_call).json()["items"]
    metrics = tenant.public.get("/metrics", headers={"Accept": "*/*"}).text
    assert re.search(r'narada_requests_total\{operation="get_health",status="2xx"\} [1-9]', metrics)
    assert 'narada_request_seconds_bucket{le="+Inf"}' in metrics and tenant.slug not in metrics


def test_an_asset_is_kept_for_ever_at_its_address_only(server, tenant):
    address = re.search(r'href="(/assets/[^"]+/narada\.css)"', tenant.public.page("/").text)[1]
    kept = tenant.public.get(address, headers={"Accept": "*/*"})
    assert "immutable" in kept.headers["Cache-Control"]
    tenant.public.get(address, 304, headers={"Accept": "*/*", "If-None-Match": kept.headers["ETag"]})
    old = tenant.public.get("/assets/000000000000/narada.css", headers={"Accept": "*/*"})
    assert "immutable" not in old.headers["Cache-Control"] and old.text == kept.text
    tenant.public.get("/assets/000000000000/none.css", 404, headers={"Accept": "*/*"})


# ── Representations, caching, conditions ──


def test_the_same_address_is_json_page_calendar_and_csv(tenant, meeting):
    path = f"meetings/{meeting['slug']}"
    assert tenant.owner.get(path).headers["Content-Type"] == "application/json"
    assert "text/html" in tenant.owner.page(path).headers["Content-Type"]
    calendar = tenant.owner.get(f"{path}.ics", headers={"Accept": "*/*"})
    assert calendar.text.startswith("BEGIN:VCALENDAR\r\n") and "filename=" in calendar.headers["Content-Disposition"]
    table = tenant.owner.get("people.csv", headers={"Accept": "*/*"})
    assert table.headers["Content-Type"].startswith("text/csv") and 'filename="people.csv"' in table.headers["Content-Disposition"]
    excel = tenant.owner.get("people.csv?excel=true", headers={"Accept": "*/*"})
    assert excel.content.startswith(b"\xef\xbb\xbf") and b";" in excel.content.splitlines()[0]
    problem = tenant.owner.get(f"{path}.csv", 404, headers={"Accept": "*/*"})
    assert problem.headers["Content-Type"] == "application/problem+json"
    tenant.owner.get(path, 406, headers={"Accept": "application/pdf"})


@pytest.mark.parametrize("suffix", ["", ".json", ".html", ".ics"])
def test_head_is_get_without_a_body(tenant, meeting, suffix):
    path = f"meetings/{meeting['slug']}{suffix}"
    whole, head = tenant.owner.get(path, headers={"Accept": "*/*"}), tenant.owner.send("HEAD", path, 200, headers={"Accept": "*/*"})
    assert head.content == b""
    for name in ("Content-Type", "ETag", "Cache-Control", "Vary"):
        assert head.headers.get(name) == whole.headers.get(name), name
    tenant.owner.send("HEAD", "people.csv", 200, headers={"Accept": "*/*"})


def test_an_etag_names_the_version_and_answers_304(tenant, meeting):
    path = f"meetings/{meeting['slug']}"
    first = tenant.owner.get(path)
    assert re.fullmatch(r'"1-[0-9a-f]+"', first.headers["ETag"])
    tenant.owner.get(path, 304, headers={"If-None-Match": first.headers["ETag"]})
    changed = tenant.owner.patch(path, {"theme": "Inny"}, 200, version=first.headers["ETag"])
    assert changed.headers["ETag"].startswith('"2-')
    tenant.owner.get(path, 200, headers={"If-None-Match": first.headers["ETag"]})
    tenant.owner.patch(path, {"theme": "Trzeci"}, 412, version=first.headers["ETag"])
    tenant.owner.patch(path, {"theme": "Trzeci"}, 428)
    tenant.owner.patch(path, {"theme": "Trzeci"}, 200, version="*")


def test_who_may_keep_an_answer(tenant, meeting, link):
    path = f"meetings/{meeting['slug']}"
    assert tenant.owner.get(path).headers["Cache-Control"] == "private, no-cache"
    assert tenant.public.get(path).headers["Cache-Control"].startswith("public")
    assert tenant.public.get(link).headers["Cache-Control"] == "no-store"
    page = tenant.public.page(link)
    assert page.headers["Cache-Control"] == "no-store" and page.headers["Referrer-Policy"] == "no-referrer"
    for name in ("Accept", "Accept-Language", "Authorization", "Cookie"):
        assert name in tenant.public.page(path).headers["Vary"]


def test_a_list_goes_on_where_it_ended(tenant):
    names = [f"Osoba {number}" for number in range(5)]
    for name in names:
        tenant.owner.create("people", name=name)
    seen, address = [], "people?limit=2&q=osoba"
    while address:
        answer = tenant.owner.get(address)
        seen += [person["name"] for person in answer.json()["items"]]
        address = answer.json()["next"]
        assert ("Link" in answer.headers) == (address is not None)
        if address:
            assert answer.headers["Link"] == f'<{address}>; rel="next"' and "q=osoba" in address
    assert seen == names


# ── Languages ──


@pytest.mark.parametrize(
    "header, query, cookie, expected",
    [
        (None, "", None, "pl"),
        ("de", "", None, "pl"),
        ("fi, en;q=0.5", "", None, "fi"),
        ("fi", "", "en", "en"),
        ("fi", "?lang=pl", "en", "pl"),
        ("fi", "?lang=xx", None, "fi"),
    ],
)
def test_the_language_of_a_page(server, header, query, cookie, expected):
    headers = {**PAGE, "Accept-Language": header or "", **({"Cookie": f"narada_lang={cookie}"} if cookie else {})}
    page = requests.get(server.demo["public_url"] + query, headers=headers, timeout=30)
    assert page.headers["Content-Language"] == expected and f'<html lang="{expected}">' in page.text
    assert ("narada_lang=" in page.headers.get("Set-Cookie", "")) == (query == "?lang=pl")
    assert ("public" in page.headers["Cache-Control"]) == (query != "?lang=pl")


def test_the_platforms_language_is_the_last_resort(make_tenant):
    finnish = make_tenant(language="fi", time_zone="Europe/Helsinki")
    assert finnish.owner.page("people", headers={"Accept-Language": ""}).headers["Content-Language"] == "fi"


# ── Forms ──


def test_a_form_that_worked_leads_on(tenant):
    fields = {"title": "Z formularza", "starts_at": "2031-01-02T10:00", "ends_at": "2031-01-02T12:00", "time_zone": "Europe/Warsaw", "language": "pl"}
    response = tenant.owner.form("meetings", fields, 303)
    place, done = response.headers["Location"].split("?")
    assert done == "done=create_meeting"
    made = tenant.owner.get(place).json()
    assert made["starts_at"] == "2031-01-02T09:00:00Z"
    changed = tenant.owner.form(place, {"title": "Inny tytuł", "_if_match": str(made["version"])}, 303, method="PATCH")
    assert changed.headers["Location"] == f"{place}?done=update_meeting"
    assert tenant.owner.get(place).json()["title"] == "Inny tytuł"


def test_a_form_that_did_not_work_is_shown_again(tenant):
    typed = {"title": "", "theme": 'Co <było> "wpisane"', "starts_at": "wczoraj", "ends_at": "2031-01-02T12:00", "time_zone": "Europe/Warsaw"}
    page = tenant.owner.form("meetings", typed, 422)
    assert "Co &lt;było&gt; &quot;wpisane&quot;" in page.text
    assert 'id="create_meeting-title-error"' in page.text and 'id="create_meeting-starts_at-error"' in page.text
    assert tenant.owner.get("meetings").json()["items"] == []


def test_a_stale_form_is_shown_again(tenant, meeting):
    page = tenant.owner.form(f"meetings/{meeting['slug']}", {"title": "Za późno", "_if_match": "7"}, 412, method="PATCH")
    assert "Za późno" in page.text


@pytest.mark.parametrize("back", ["//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)"])
def test_a_form_leads_nowhere_else(tenant, back):
    response = tenant.owner.form("people", {"name": "Jan", "_return": back}, 303)
    assert response.headers["Location"].startswith(f"/platforms/{tenant.slug}/people/")
    assert "elsewhere" not in response.headers["Location"]


def test_a_form_leads_back(tenant):
    response = tenant.owner.form("people", {"name": "Jan", "_return": f"/platforms/{tenant.slug}/people?q=jan#list"}, 303)
    assert response.headers["Location"] == f"/platforms/{tenant.slug}/people?q=jan&done=create_person#list"


def test_a_program_that_posts_a_form_gets_json(tenant):
    answer = tenant.owner.form("people", {"name": "Jan"}, 201, headers={"Accept": "application/json"})
    assert answer.json()["name"] == "Jan" and answer.headers["Location"].endswith(answer.json()["id"])


# ── The invitee's form ──


def test_an_answer_by_form_needs_the_pages_token(tenant, link):
    page = tenant.public.page(link)
    refused = tenant.public.form(link, {"response": "accepted"}, 403)
    assert 'name="_form"' in refused.text  # and the form is there again
    tenant.public.form(link, {"response": "accepted", "_form": "AAAA"}, 403)
    assert tenant.public.get(link).json()["response"] == "needs_action"
    answered = tenant.public.form(link, {"response": "accepted", "_form": form_token(page)}, 303)
    assert answered.headers["Location"].endswith("?done=answer_rsvp")
    assert tenant.public.get(link).json()["response"] == "accepted"


def test_looking_changes_nothing(tenant, link):
    before = tenant.public.get(link).json()
    tenant.public.page(link)
    tenant.public.send("HEAD", link, 200)
    tenant.public.get(f"{link}.ics", headers={"Accept": "*/*"})
    tenant.public.page(f"{link}?utm_source=mail&utm_campaign=x")
    assert tenant.public.get(link).json() == before


def test_a_guessed_link_is_refused_in_plain_words(tenant, link):
    guessed = link[:-4] + ("AAAA" if not link.endswith("AAAA") else "BBBB")
    page = tenant.public.page(guessed, 404)
    assert "<h1>" in page.text and "Server-Timing" not in page.headers  # the database was not asked
    assert tenant.public.get(guessed, 404).json()["code"] == "no_such_link"


# ── Who may ask ──


def test_another_sites_page_can_not_use_the_visitors_cookie(server, organiser):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}):
        refused = organiser.post("/platforms", {"slug": "taken-over", "name": "Taken over"}, 403, headers=headers)
        assert refused.json()["code"] == "cross_origin"
    organiser.get("/platforms/taken-over", 404)
    fields = {"email": "koordynacja@example.org"}
    headers = {**PAGE, "Origin": "https://elsewhere.example"}
    assert requests.post(server.url("/sign-in"), data=fields, headers=headers, timeout=30).status_code == 403


def test_nobody_is_sent_to_sign_in_and_back(server, tenant):
    sent = tenant.public.page("people?q=ą", 303)
    assert sent.headers["Location"].startswith("/sign-in?return=%2Fplatforms%2F")
    assert requests.get(server.url(sent.headers["Location"]), headers=PAGE, timeout=30).status_code == 200
    refused = tenant.public.get("people", 401)
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_that_ended_is_forgotten(server, tenant):
    headers = {**PAGE, "Cookie": "narada_session=ns_gone"}
    sent = requests.get(server.url(f"/platforms/{tenant.slug}/people"), headers=headers, allow_redirects=False, timeout=30)
    assert sent.status_code == 303 and "Max-Age=0" in sent.headers["Set-Cookie"]
    assert requests.get(server.demo["public_url"], headers=headers, timeout=30).status_code == 200


def test_a_session_begins_and_ends(server):
    asked = requests.post(server.url("/sign-in"), data={"email": "koordynacja@example.org"}, headers=PAGE, allow_redirects=False, timeout=30)
    assert asked.status_code == 303 and "done=request_sign_in" in asked.headers["Location"]
    unknown = requests.post(server.url("/sign-in"), data={"email": "nobody@example.org"}, headers=PAGE, allow_redirects=False, timeout=30)
    assert unknown.headers["Location"] == asked.headers["Location"]  # who has an account is not told
    assert requests.post(server.url("/sign-in"), data={"email": "nobody"}, headers=PAGE, timeout=30).status_code == 422


def test_a_problem_has_its_shape(tenant):
    problem = tenant.owner.get("people/11111111-1111-7111-8111-111111111111", 404)
    assert problem.headers["Content-Type"] == "application/problem+json"
    body = problem.json()
    assert body["status"] == 404 and body["type"].startswith("tag:") and body["request_id"] == problem.headers["X-Request-Id"]
    answer = tenant.owner.send("OPTIONS", "people", 204)
    assert answer.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    refused = tenant.owner.send("PUT", "people", 405, data=b"{}")
    assert refused.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    for path in ("/no-such-thing", "/platforms/x/y/z"):
        assert "text/html" in tenant.public.page(path, 404).headers["Content-Type"]
