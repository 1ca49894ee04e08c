"""test_access.py: signing in by link, sessions, platforms, members, tokens, the history of changes."""

import concurrent.futures
import json
import pathlib
import re
import shutil
import tempfile
import time

import pytest
import requests

from conftest import Api, start_server
from contract import Contract


def cookie_of(response):
    return response.headers["Set-Cookie"].split(";")[0]


@pytest.fixture
def account(tenant):
    """An owner of the tenant with an address of their own, and a way to ask for links."""
    email = f"owner-{tenant.slug}@example.org"
    member = tenant.owner.create("members", email=email, name="Ola Właścicielka", role="owner")
    return {"email": email, "id": member["id"]}


def asked_for(server, email, **more):
    """The link as the operator reads it where the server runs; only with a server that the tests started."""
    if server.log is None:
        pytest.skip("the server's terminal is not ours")
    before = len(server.tail_from(0))
    Api(server).post("/sign-in", {"email": email, **more}, 202)
    for _ in range(50):
        found = re.findall(r"Sign-in link asked for: (\S+)", server.tail_from(before))
        if found:
            return found[-1]
        time.sleep(0.05)
    return None


def test_a_link_signs_in_and_changes_nothing_when_opened(server, account):
    link = asked_for(server, account["email"], **{"return": "/platforms?q=x"})
    nobody = Api(server)
    nobody.send("HEAD", link, (200, 303))
    first, second = nobody.page(link, 303), nobody.page(link, 303)
    assert first.headers["Location"].endswith("/platforms?q=x")
    assert cookie_of(first) == cookie_of(second), "a scanner that opened it before makes no difference"
    assert "HttpOnly" in first.headers["Set-Cookie"] and "SameSite=Lax" in first.headers["Set-Cookie"] and "Path=/" in first.headers["Set-Cookie"]
    as_json = nobody.get(link, 200)
    assert as_json.json()["name"] == "Ola Właścicielka" and cookie_of(as_json) == cookie_of(first)

    signed_in = Api(server, role="session", cookie=cookie_of(first))
    me = signed_in.get("/session").json()
    assert (me["kind"], me["email"], me["account_id"]) == ("session", account["email"], account["id"])
    assert "Ola Właścicielka" in signed_in.page("/sign-in").text
    out = signed_in.form("/session", {}, method="DELETE")
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    signed_in.get("/session", 401)
    nobody.get(link, 410)
    gone = nobody.page(link, 410, language="pl").text
    assert "Ten link do logowania wygasł" in gone and 'action="/sign-in"' in gone


def test_signing_out_with_delete(server, account):
    link = asked_for(server, account["email"])
    signed_in = Api(server, role="session", cookie=cookie_of(Api(server).page(link, 303)))
    signed_in.delete("/session", 204)
    signed_in.get("/session", 401)


def test_the_answer_says_nothing_about_who_has_an_account(server, account):
    nobody = Api(server)
    known = nobody.post("/sign-in", {"email": account["email"]}, 202)
    unknown = nobody.post("/sign-in", {"email": "nobody-at-all@example.org"}, 202)
    assert known.content == unknown.content and known.headers.get("ETag") == unknown.headers.get("ETag")
    for email in (account["email"], "nobody-at-all@example.org"):
        answer = nobody.form("/sign-in", {"email": email})
        assert answer.headers["Location"] == "/sign-in?done=request_sign_in"
    assert "a link is on its way" in nobody.page("/sign-in?done=request_sign_in").text
    again = nobody.form("/sign-in", {"email": "nonsense"}, 422).text
    assert 'value="nonsense"' in again and "Write an e-mail address" in again


def test_a_form_can_not_nest_without_end(server):
    again = Api(server).form("/sign-in", {"email": "x", ".".join("a" * 300_000): "1"}, 400)
    assert 'name="email"' in again.text
    Api(server).form("/sign-in", {"email": "x", ".".join("a" * 100): "1"}, 422)
    time.sleep(0.2)  # what was made for the page goes after it was sent
    Api(server).get("/healthz")


def test_a_link_that_is_none(server):
    Api(server).get("/sign-in/nl_made-up", 410)
    assert "Set-Cookie" not in Api(server).page("/sign-in/nl_made-up", 410).headers


@pytest.mark.parametrize("elsewhere", ["//evil.example", "/\\evil.example", "https://evil.example/", "platforms"])
def test_a_link_leads_to_our_own_pages_only(server, elsewhere):
    Api(server).post("/sign-in", {"email": "a@example.org", "return": elsewhere}, 422)
    Api(server).get("/sign-in/nl_x", 422, params={"return": elsewhere})


def test_pages_that_need_signing_in_show_the_way(server, tenant):
    answer = Api(server).page(f"/platforms/{tenant.slug}/people?q=x", 303)
    assert answer.headers["Location"].startswith("/sign-in?return=") and "people" in answer.headers["Location"]
    assert 'name="return"' in Api(server).page(answer.headers["Location"]).text


# ── Platforms ──


def test_the_front_page(server, organiser):
    front = Api(server).get("/").json()
    assert "goz" in [item["slug"] for item in front["items"]]
    shown = Api(server).page("/", language="pl").text
    assert "/platforms/goz" in shown and "/sign-in" in shown
    slug = f"hidden-{int(time.time() * 1000)}"
    organiser.post("/platforms", {"slug": slug, "name": "Hidden", "listed": False}, 201)
    assert slug not in [item["slug"] for item in Api(server).get("/").json()["items"]]
    Api(server).get(f"/platforms/{slug}", 200)


def test_a_platform_is_founded_changed_deleted(server, organiser):
    name = f"Łódzka Platforma {int(time.time() * 1000)}"
    made = organiser.post("/platforms", {"name": name, "description": "Opis", "language": "en", "time_zone": "Europe/Helsinki"}, 201)
    slug = made.json()["slug"]
    assert slug == name.lower().replace(" ", "-").replace("ł", "l").replace("ó", "o").replace("ź", "z")
    assert made.headers["Location"].endswith(f"/platforms/{slug}")
    assert organiser.post("/platforms", {"slug": slug, "name": "x"}, 409).json()["code"] == "platform_slug_taken"
    assert organiser.post("/platforms", {"name": "!!!"}, 422).json()["code"] == "slug_empty"
    mine = {item["slug"]: item["role"] for item in organiser.get("/platforms?limit=500").json()["items"]}
    assert mine[slug] == "owner"

    path = f"/platforms/{slug}"
    version = organiser.get(path).json()["version"]
    changed = organiser.patch(path, {"name": "Nowa", "listed": False, "website": None}, 200, version=version).json()
    assert (changed["name"], changed["listed"]) == ("Nowa", False)
    organiser.patch(path, {"slug": "other"}, 422, version="*")
    organiser.delete(path, 412, version=version)
    organiser.delete(path, 204, version=changed["version"])
    organiser.get(path, 404)


def test_a_platform_with_meetings_stays(tenant):
    tenant.organiser.create("meetings", title="Spotkanie", starts_at="2031-05-06T08:00:00Z", ends_at="2031-05-06T10:00:00Z", time_zone="Europe/Warsaw")
    assert tenant.owner.delete(f"/platforms/{tenant.slug}", 409, version="*").json()["code"] == "platform_in_use"


def test_a_token_founds_nothing_and_sees_its_platform_only(tenant):
    assert tenant.owner.post("/platforms", {"name": "Mine"}, 403).json()["code"] == "needs_session"
    assert [(item["slug"], item["role"]) for item in tenant.viewer.get("/platforms").json()["items"]] == [(tenant.slug, "viewer")]
    me = tenant.assistant.get("/session").json()
    assert (me["kind"], me["role"]) == ("token", "assistant")


def test_the_platforms_page(tenant, organiser):
    assert f"/platforms/{tenant.slug}/meetings" in organiser.page("/platforms?limit=500", language="pl").text
    assert "Create a platform" in organiser.page("/platforms").text
    again = organiser.form("/platforms", {"name": "Dwa", "slug": tenant.slug, "language": "pl", "time_zone": "Europe/Warsaw"}, 409, language="pl").text
    assert "Ten adres jest zajęty." in again and 'value="Dwa"' in again

    path = f"/platforms/{tenant.slug}"
    title = lambda text: dict(title=text, starts_at="2031-05-06T08:00:00Z", ends_at="2031-05-06T10:00:00Z", time_zone="Europe/Warsaw")
    tenant.organiser.create("meetings", **title("Tajny szkic"))
    public = tenant.public.page(path).text
    assert "Tajny szkic" not in public and "Edit the platform" not in public and "/people" not in public
    assert "Tajny szkic" in tenant.viewer.page(path).text
    owner = tenant.owner.page(path).text
    assert "Edit the platform" in owner and "/audit" in owner
    version = tenant.owner.get(path).json()["version"]
    fields = {"_if_match": str(version), "name": "Zmieniona", "language": "pl", "time_zone": "Europe/Warsaw", "listed": ["false", "true"], "description": ""}
    tenant.owner.form(path, fields, method="PATCH")
    assert tenant.public.get(path).json()["name"] == "Zmieniona"
    wrong = tenant.owner.form(path, {**fields, "_if_match": "*", "time_zone": "Warsaw"}, 422, method="PATCH", language="pl").text
    assert "Nieznana strefa czasowa" in wrong


# ── Members ──


def test_members(tenant, account):
    assert len(tenant.owner.get("members").json()["items"]) == 2
    assert [item["email"] for item in tenant.owner.get("members?q=ola&role=owner").json()["items"]] == [account["email"]]
    assert tenant.owner.post("members", {"email": account["email"].upper(), "role": "viewer"}, 409).json()["code"] == "member_already"
    one = f"members/{account['id']}"
    changed = tenant.owner.patch(one, {"role": "assistant"}, 200, version=1).json()
    assert (changed["role"], changed["version"]) == ("assistant", 2)
    tenant.owner.patch(one, {"role": "king"}, 422, version=2)
    tenant.owner.delete(one, 412, version=1)
    tenant.owner.delete(one, 204, version=2)
    tenant.owner.get(one, 404)


def test_the_last_owner_stays(tenant):
    owner = tenant.owner.get("members?role=owner").json()["items"][0]
    assert tenant.owner.patch(f"members/{owner['id']}", {"role": "viewer"}, 409, version="*").json()["code"] == "last_owner"
    assert tenant.owner.delete(f"members/{owner['id']}", 409, version="*").json()["code"] == "last_owner"
    refused = tenant.owner.form(f"members/{owner['id']}", {"_if_match": "*"}, 409, method="DELETE", language="pl").text
    assert "co najmniej jednego właściciela" in refused


def test_two_owners_can_not_leave_at_once(tenant):
    for number in range(4):
        email = f"second-{number}-{tenant.slug}@example.org"
        tenant.owner.create("members", email=email, role="owner")
        owners = tenant.owner.get("members?role=owner").json()["items"]
        assert len(owners) == 2
        leave = lambda owner: Api(tenant.server, tenant.slug, tenant.tokens["owner"], "owner").patch(f"members/{owner['id']}", {"role": "viewer"}, None, version="*")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            statuses = sorted(answer.status_code for answer in pool.map(leave, owners))
        assert statuses[0] == 200 and statuses[1] in (403, 409), statuses
        # Whoever is left may not be the one whose tokens the test holds.
        if tenant.owner.get("members", None).status_code == 403:
            return
        tenant.owner.patch(f"members/{next(one['id'] for one in owners if one['email'] == email)}", {"role": "viewer"}, None, version="*")


def test_the_members_page(tenant):
    back = tenant.owner.form("members", {"email": f"nowy-{tenant.slug}@example.org", "name": "Nowy Człowiek", "role": "viewer", "_return": f"/platforms/{tenant.slug}/members"})
    assert back.headers["Location"].endswith("/members?done=add_member")
    listed = tenant.owner.page("members", language="pl").text
    assert "Nowy Człowiek" in listed and "podgląd" in listed
    id = next(item["id"] for item in tenant.owner.get("members").json()["items"] if item["name"] == "Nowy Człowiek")
    assert "Nowy Człowiek" in tenant.owner.page(f"members/{id}").text
    tenant.owner.form(f"members/{id}", {"_if_match": "1", "role": "organiser"}, method="PATCH")
    assert tenant.owner.get(f"members/{id}").json()["role"] == "organiser"
    again = tenant.owner.form("members", {"email": "x", "role": "viewer"}, 422, language="fi").text
    assert 'value="x"' in again


# ── Tokens ──


def test_a_token_is_shown_once_and_works_until_revoked(tenant, server):
    made = tenant.owner.create("tokens", name="CRM", role="assistant")
    token = Api(server, tenant.slug, made["token"], "assistant")
    token.get("people")
    token.post("people", {"name": "X"}, 403)
    assert made["token"] not in tenant.owner.get("tokens").text
    one = tenant.owner.get(f"tokens/{made['id']}").json()
    assert (one["works"], one["expires_at"], one["role"]) == (True, None, "assistant")
    tenant.owner.delete(f"tokens/{made['id']}", 204)
    tenant.owner.delete(f"tokens/{made['id']}", 204)
    token.get("people", 401)
    assert tenant.owner.get(f"tokens/{made['id']}").json()["works"] is False


def test_a_token_is_never_above_its_maker(tenant, server):
    assert tenant.organiser.post("tokens", {"name": "x", "role": "owner"}, 403).json()["code"] == "role_above_own"
    made = tenant.organiser.create("tokens", name="x", role="organiser", expires_at="2999-01-01T00:00:00Z")
    assert tenant.organiser.post("tokens", {"name": "x", "role": "viewer", "expires_at": "2001-01-01T00:00:00Z"}, 422).json()["code"] == "in_the_past"
    Api(server, tenant.slug, made["token"], "organiser").get("meetings")


def test_a_token_dies_with_its_makers_membership(server, tenant, account):
    link = asked_for(server, account["email"])
    session = Api(server, tenant.slug, role="owner", cookie=cookie_of(Api(server).page(link, 303)))
    made = session.create("tokens", name="mine", role="owner")
    token = Api(server, tenant.slug, made["token"], "owner")
    token.get("members")
    tenant.owner.patch(f"members/{account['id']}", {"role": "viewer"}, 200, version="*")
    token.get("members", 403)
    token.get("people", 200)
    tenant.owner.delete(f"members/{account['id']}", 204, version="*")
    token.get("people", 404)


def test_the_tokens_page(tenant):
    shown = tenant.owner.form("tokens", {"name": "Arkusz", "role": "viewer", "expires_at": ""}, 201, language="pl").text
    token = re.search(r"na_[A-Za-z0-9_-]{43}", shown)[0]
    assert "Skopiuj token teraz" in shown
    listed = tenant.owner.page("tokens", language="pl").text
    assert "Arkusz" in listed and token not in listed
    id = next(item["id"] for item in tenant.owner.get("tokens").json()["items"] if item["name"] == "Arkusz")
    tenant.owner.form(f"tokens/{id}", {}, method="DELETE")
    assert "unieważniony" in tenant.owner.page("tokens", language="pl").text
    refused = tenant.organiser.form("tokens", {"name": "Za dużo", "role": "owner"}, 403, language="pl").text
    assert "Rola nie może być wyższa niż Twoja." in refused and 'value="Za dużo"' in refused


# ── History ──


def test_the_history_says_who_changed_what(tenant):
    anna = tenant.organiser.create("people", name="Anna", email="anna@example.org")
    tenant.organiser.patch(f"people/{anna['id']}", {"position": "x"}, 200, version=1)
    tenant.organiser.patch(f"people/{anna['id']}", {"position": "y"}, 412, version=1)
    events = tenant.owner.get("audit").json()["items"]
    assert [event["operation"] for event in events[:2]] == ["update_person", "create_person"], "a refused change is none"
    assert events[0]["actor"] == "token test organiser" and events[0]["detail"] == {"members": ["position"]}
    assert "anna@example.org" not in tenant.owner.get("audit").text
    only = tenant.owner.get("audit?operation=create_person").json()["items"]
    assert {event["operation"] for event in only} == {"create_person"}
    first = tenant.owner.get("audit?limit=1").json()
    assert tenant.owner.get(first["next"]).json()["items"][0]["id"] == events[1]["id"]
    assert "create_person" in tenant.owner.page("audit?operation=create_person", language="pl").text


def test_another_sites_page_can_not_use_the_session(organiser, server):
    answer = Api(server, cookie=organiser.cookie, role="session").form("/platforms", {"name": "x"}, 403, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_with_https_the_cookie_is_bound_to_the_host(ledger):
    """The server stands behind a proxy that speaks https; here we are the proxy."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="narada-https-"))
    place.chmod(0o755)
    server = start_server(place / "data", "--base-url", "https://narada.example.org")
    try:
        server.wait()
        demo = json.loads((server.data / "demo.json").read_text())
        server.contract = Contract(requests.get(server.url("/openapi.json"), timeout=30).json(), ledger)
        assert demo["organiser_url"].startswith("https://narada.example.org/sign-in/")
        answer = Api(server).page(demo["organiser_url"].removeprefix("https://narada.example.org"), 303)
        assert answer.headers["Set-Cookie"].startswith("__Host-narada_session=ns_") and answer.headers["Set-Cookie"].endswith("; Secure")
        session = Api(server, role="session", cookie=cookie_of(answer))
        assert session.get("/session").json()["kind"] == "session"
        Api(server, cookie=cookie_of(answer).removeprefix("__Host-")).get("/session", 401)
        same_site = {"Origin": "https://narada.example.org"}
        session.form("/session", {}, method="DELETE", headers=same_site)
    finally:
        server.stop()
        shutil.rmtree(place, ignore_errors=True)
