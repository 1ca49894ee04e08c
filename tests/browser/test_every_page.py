"""Every page of the contract: accessible by axe on phone and desk, light and dark; whole, and with no link that leads nowhere."""

import pathlib
import re
import urllib.parse

import pytest
import requests

from entrance import seated, ticket_path, today
from happenings import confirmation_path, make_meeting
from incoming import address, reply, sample
from mailbox import eml, until
from pages import MEETING, addresses

TOP = pathlib.Path(__file__).resolve().parents[2]
AXE = TOP / "tests/node/node_modules/axe-core/axe.min.js"  # by `npm ci` in tests/node
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OWNER = "biuro@goz.example.org"

# What is folded is looked at too; of the API's many operations a few stand for all.
UNFOLD = "[...document.querySelectorAll('details')].slice(0, 6).forEach((part) => (part.open = true))"
RUN_AXE = """
const [only, done] = [arguments[0], arguments[arguments.length - 1]];
axe.run(document, { runOnly: only, resultTypes: ["violations"] }).then(
    (result) => done(result.violations.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " (" + (n.any[0] || n.all[0] || n.none[0] || {}).message + ")").join("; "))),
    (error) => done(["axe failed: " + error]),
);
"""


def axe(browser, only):
    return browser.driver.execute_async_script(RUN_AXE, only)


def look(browser, accessible=True):
    """What is wrong with the page that is open: on a phone and on a desk, light and dark."""
    found = []
    browser.run(UNFOLD)
    if accessible:
        browser.run(AXE.read_text())
    for width in (390, 1280):
        browser.resize(width)
        pixels, culprits = browser.overflow()
        if pixels > 0:
            found.append(f"{width} px: {pixels} px too wide: {culprits}")
        if not accessible:
            continue
        found += [f"{width} px: {violation}" for violation in axe(browser, {"type": "tag", "values": TAGS})]
        browser.scheme("dark")
        found += [f"{width} px, dark: {violation}" for violation in axe(browser, {"type": "rule", "values": ["color-contrast", "link-in-text-block"]})]
        browser.scheme("light")
    browser.resize(320)
    if browser.overflow()[0] > 0:
        found.append(f"320 px: {browser.overflow()}")
    title, headings, language = browser.driver.title.strip(), browser.all("h1"), browser.language
    if not title or title.endswith(":") or title.startswith(("·", ":")):
        found.append(f"title is “{title}”")
    if len(headings) != 1 or not headings[0].text.strip():
        found.append(f"{len(headings)} h1: {[heading.text for heading in headings]}")
    if language not in ("pl", "en", "fi"):
        found.append(f"lang is “{language}”")
    # A word that is missing in a language shows as its key, a forgotten tag as itself.
    found += [f"not words: {words}" for words in re.findall(r"\{\{.*?\}\}|\bw?\.?[a-z_]+\.(?:field|choice|hint|state|event|count)\.[a-z_.]+", browser.text)]
    return found


@pytest.fixture(scope="module")
def document(server):
    return requests.get(server.url("/openapi.json"), timeout=30).json()


@pytest.fixture(scope="module")
def owner_cookie(server, sign_in_link):
    answer = requests.get(sign_in_link(OWNER), headers={"Accept": "text/html"}, allow_redirects=False, timeout=30)
    name, value = answer.headers["Set-Cookie"].split(";")[0].split("=", 1)
    return {name: value}


@pytest.fixture(scope="module")
def confirmation(server, make_tenant):
    tenant = make_tenant()
    path = f"meetings/{make_meeting(tenant, registration='approval', theme='Woda w obiegu', contact_email='biuro@example.org')['slug']}/registrations"
    tenant.public.post(path, {"name": "Krystyna Łoś", "email": "krystyna@example.org", "organisation": "Gmina Próbna", "note": "Przyjadę później."}, 202)
    return confirmation_path(server, tenant, tenant.viewer.get(path).json()["items"][0]["id"])


@pytest.fixture(scope="module")
def at_the_entrance(make_tenant):
    """Of a meeting that is today: a ticket, a certificate, a kiosk, and a guest on it."""
    tenant = make_tenant(language="pl")
    meeting = today(tenant, theme="Woda w obiegu", companions_allowed=2)
    one = seated(tenant, meeting, "Krystyna Łoś", companions=["Olga Ruta"], organisation="Gmina Próbna")
    kiosk = tenant.organiser.create(f"meetings/{meeting['slug']}/kiosks", name="Wejście", walk_ins=True)["kiosk_url"]
    here = tenant.assistant.post(f"meetings/{meeting['slug']}/attendance", {"person_id": one["person"]["id"]}).json()
    certificate = tenant.assistant.get(f"meetings/{meeting['slug']}/attendance/{here['id']}/certificate").json()["certificate_url"]
    return {"verify_certificate": certificate, "read_ticket": ticket_path(tenant, one), "open_kiosk": kiosk + "?q=kry", "read_kiosk_person": f"{kiosk}/{one['id']}"}


@pytest.fixture(scope="module")
def pages(server, document, owner_cookie, sign_in_link, confirmation, at_the_entrance):
    def get(path):
        answer = requests.get(server.url(f"/platforms/goz/{path}"), headers={"Accept": "application/json"}, cookies=owner_cookie, timeout=30)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.json()

    # The demo's outbox is empty until somebody sends something.
    coming = get("meetings?when=upcoming&status=published")["items"][0]["slug"]
    requests.post(server.url(f"/platforms/goz/meetings/{coming}/invitations/send"), json={}, headers={"Authorization": f"Bearer {server.demo['token']}"}, timeout=30)
    # Nor has anybody uploaded a list.
    pasted = {"text": "Name;E-mail;Language\nJan Próbny;jan@example.org;klingon\nOla;not an address;\nEwa;ewa@example.org;pl\n"}
    requests.post(server.url(f"/platforms/goz/meetings/{MEETING}/imports"), json=pasted, headers={"Authorization": f"Bearer {server.demo['token']}"}, timeout=30)
    requests.post(server.url("/platforms/goz/imports/people"), json=pasted, headers={"Authorization": f"Bearer {server.demo['token']}"}, timeout=30)
    # Nor has anybody written to those who came.
    thanks = {"kind": "thanks", "subject": "Podziękowanie", "text": "Dziękujemy za udział.", "link": "https://example.org/materialy"}
    requests.post(server.url(f"/platforms/goz/meetings/{MEETING}/messages"), json=thanks, cookies=owner_cookie, timeout=30).raise_for_status()
    mail = until(lambda: get("outbox?kind=thanks&state=sent")["items"])[0]
    unsubscription = re.search(r"/u/[^>]+", eml(server, mail)["List-Unsubscribe"])[0]
    # Nor has any mail come in: one proposes another time, one answers from another address.
    invited = get(f"meetings/{coming}/invitations")["items"][0]
    to = address(server, "reply", invited["id"])
    for message in (reply(server, invited, email="alias@example.org"), sample("exchange_counter", to, f"{invited['meeting_id']}@narada", "alias@example.org")):
        requests.post(server.url("/platforms/goz/mail-in"), json={"message": message.replace("\r\n", "\n")}, cookies=owner_cookie, timeout=30).raise_for_status()
    return addresses(document, server.demo, get, sign_in_link(OWNER), confirmation, unsubscription, at_the_entrance)


def as_owner(browser, cookie):
    browser.go("/healthz")
    for name, value in cookie.items():
        browser.driver.add_cookie({"name": name, "value": value, "path": "/"})


def visit_all(browser, addresses_by_name, accessible=True):
    wrong = []
    for name, address in addresses_by_name.items():
        browser.resize(1280)
        browser.go(address)
        status = browser.run("return performance.getEntriesByType('navigation')[0].responseStatus")
        if status != 200:
            wrong.append(f"{name} {address}: status {status}")
        wrong += [f"{name} {browser.path}: {what}" for what in look(browser, accessible)]
        wrong += [f"{name} {address}: console: {complaint}" for complaint in browser.complaints()]
    return "\n".join(wrong)


@pytest.mark.parametrize("language", ["pl", "en", "fi"])
def test_every_page_as_owner(browser, pages, owner_cookie, language):
    assert len(pages) >= 36
    as_owner(browser, owner_cookie)
    browser.speak(language)
    # What axe measures does not depend on the words: once is enough.
    wrong = visit_all(browser, {name: address for name, (address, _) in pages.items()}, accessible=language == "pl")
    assert not wrong, wrong


def test_every_public_page_as_anybody(browser, pages):
    browser.speak("fi")
    public = {name: address for name, (address, role) in pages.items() if role == "public" and name != "open_sign_in"}
    assert len(public) >= 10
    wrong = visit_all(browser, public)
    assert not wrong, wrong


def test_pages_of_an_empty_platform(browser, make_tenant, organiser):
    """Where there is nothing yet, each list says so and what to do next."""
    tenant = make_tenant(language="pl")
    name, value = organiser.cookie.split("=", 1)
    as_owner(browser, {name: value})
    made = tenant.owner.create("meetings", title="Pierwsze", starts_at="2031-01-02T10:00:00Z", ends_at="2031-01-02T11:00:00Z", time_zone="Europe/Warsaw", language="pl")
    here = f"/platforms/{tenant.slug}"
    paths = ["", "/people", "/organisations", "/groups", "/venues", "/series", "/initiatives", "/tokens"]
    paths += [f"/meetings/{made['slug']}{part}" for part in ("", "/edit", "/agenda", "/speakers", "/invitations", "/attendance", "/attendees")]
    wrong = visit_all(browser, {path: here + path for path in paths})
    assert not wrong, wrong


def test_pages_that_say_no(browser, demo):
    wrong = []
    for path in ("/nie-ma", "/platforms/nie-ma", f"/platforms/{demo['platform']}/people", "/sign-in/nl_" + "A" * 43, f"/r/{demo['platform']}/" + "A" * 46):
        browser.go(path)
        wrong += [f"{path}: {what}" for what in look(browser)]
        wrong += [f"{path}: {complaint}" for complaint in browser.complaints() if path not in complaint]
    assert not wrong, "\n".join(wrong)


def test_form_with_mistakes(browser, make_tenant, organiser):
    tenant = make_tenant(language="pl")
    name, value = organiser.cookie.split("=", 1)
    as_owner(browser, {name: value})
    browser.go(f"/platforms/{tenant.slug}/meetings/new")
    browser.fill("create_meeting", title="Z błędem", starts_at="2031-05-06T10:00", ends_at="2031-05-06T09:00")
    browser.press("Utwórz szkic")
    wrong = look(browser)
    assert browser.all(".form-problem") and not wrong, "\n".join(wrong)


def states_of_an_invitation(tenant):
    """{state: address} of the invitee's page: one for each that looks different."""
    when = {"starts_at": "2031-01-02T10:00:00Z", "ends_at": "2031-01-02T11:00:00Z", "time_zone": "Europe/Warsaw", "language": "pl", "status": "published"}
    more = {"contact_email": "biuro@example.org", "online_url": "https://meet.example.org/x", "companions_allowed": 5}
    plan = lambda **members: tenant.owner.create("meetings", **when, **more, **members)
    hybrid, late, gone = plan(title="Na miejscu i online", format="hybrid", capacity=1, waitlist=True), plan(title="Po terminie"), plan(title="Odwołane")
    found = {}

    def invited(state, meeting, name, response=None, **body):
        made = tenant.owner.create(f"meetings/{meeting['slug']}/invitations", person={"name": name, "email": f"{state}@example.org"})
        found[state] = made["rsvp_url"]
        for path, sent in (("", response), ("/details", body)):
            assert not sent or requests.post(made["rsvp_url"] + path, json=sent, timeout=30).status_code == 200

    invited("seated", hybrid, "Z Miejscem", {"mode": "in_person"}, note="Rampa")
    invited("queue", hybrid, "Bez Odpowiedzi")
    invited("waiting", hybrid, "W Kolejce", {"mode": "in_person"}, companions=[{"name": "Ola"}])
    invited("online", hybrid, "Online", {"mode": "online"}, companions=[{"name": "Ola"}, {"name": "Ela"}])
    invited("declined", hybrid, "Odmowa", {"response": "declined"})
    invited("sent", hybrid, "Kto Wysyła", {"response": "tentative"})
    requests.post(found["sent"] + "/substitute", json={"name": "Zastępca", "email": "zastepca@example.org"}, timeout=30).raise_for_status()
    invitations = tenant.owner.get(f"meetings/{hybrid['slug']}/invitations?limit=100").json()["items"]
    found["substitute"] = next(item["rsvp_url"] for item in invitations if item["delegated_from"])
    found |= {f"organiser's {item['person']['name']}": f"/platforms/{tenant.slug}/meetings/{hybrid['slug']}/invitations/{item['id']}" for item in invitations}
    invited("late", late, "Po Terminie", {"response": "accepted"}, companions=[{"name": "Ola"}])
    tenant.owner.patch(f"meetings/{late['slug']}", {"rsvp_closes_at": "2020-01-01T00:00:00Z"}, version="*")
    invited("cancelled", gone, "Odwołane", {"response": "accepted"})
    tenant.owner.patch(f"meetings/{gone['slug']}", {"status": "cancelled"}, version="*")
    found["saved"], found["taken back"] = found["online"] + "?done=detail_rsvp", found["declined"] + "?done=take_back_rsvp"
    return found


def test_every_state_of_an_invitation(browser, make_tenant, organiser):
    tenant = make_tenant(language="pl")
    as_owner(browser, dict([organiser.cookie.split("=", 1)]))
    browser.speak("pl")
    wrong = visit_all(browser, states_of_an_invitation(tenant))
    assert not wrong, wrong


LONG = {
    "title": "Spotkanie Międzygminnego Porozumienia do spraw Zagospodarowania Osadów Ściekowych i Deszczówki w Obiegu Zamkniętym",
    "theme": "Konstantynopolitańczykowianeczkównanka-w-Rozporządzeniu-o-Gospodarce-Odpadami",
    "name": "prof. dr hab. inż. Wilhelmina Brzęczyszczykiewiczówna-Chrząszczyżewoszycka",
    "position": "pełnomocniczka zarządu do spraw wdrażania gospodarki o obiegu zamkniętym w jednostkach podległych",
    "organisation": "Przedsiębiorstwo Wodociągów-i-Kanalizacji-Oczyszczania-Ścieków Spółka z ograniczoną odpowiedzialnością",
    "email": "wilhelmina.brzeczyszczykiewiczowna-chrzaszczyzewoszycka@poczta.przedsiebiorstwo-wodociagow.example.org",
}


def test_long_names_fit(browser, make_tenant, organiser):
    tenant = make_tenant(language="pl", name=f"Platforma {LONG['organisation']}")
    when = {"starts_at": "2031-01-02T10:00:00Z", "ends_at": "2031-01-03T11:00:00Z", "time_zone": "Europe/Warsaw", "language": "pl"}
    made = tenant.owner.create("meetings", title=LONG["title"], theme=LONG["theme"], capacity=3, **when)
    person = {key: LONG[key] for key in ("name", "position", "organisation", "email")}
    tenant.owner.create(f"meetings/{made['slug']}/agenda", title=LONG["title"], abstract=LONG["theme"])
    tenant.owner.create(f"meetings/{made['slug']}/speakers", person=person, role="special_guest")
    group = tenant.owner.create("groups", name=LONG["organisation"])
    tenant.owner.create(f"groups/{group['id']}/members", person=person)
    invitation = tenant.owner.create(f"meetings/{made['slug']}/invitations", person=person)
    tenant.owner.create(f"meetings/{made['slug']}/attendance", person_id=invitation["person"]["id"])
    tenant.owner.patch(f"meetings/{made['slug']}", {"status": "published"}, version=made["version"])
    as_owner(browser, dict([organiser.cookie.split("=", 1)]))
    here = f"/platforms/{tenant.slug}"
    paths = [here, *(f"{here}/{part}" for part in ("people", "organisations", "groups", "meetings"))]
    paths += [f"{here}/groups/{group['id']}", f"{here}/people/{invitation['person']['id']}", invitation["rsvp_url"]]
    paths += [f"{here}/meetings/{made['slug']}{part}" for part in ("", "/agenda", "/speakers", "/invitations", "/attendance", "/attendees", "/edit")]
    wrong = visit_all(browser, {path: path for path in paths}, accessible=False)
    assert not wrong, wrong


LINK = re.compile(r"<(?:a|link|script|img)\b[^>]*?\b(?:href|src)=\"([^\"]+)\"")


def crawl(server, start, cookies, at_most=600):
    """Follows every link from there by GET, each kind of address a few times; gives what did not answer."""
    session, seen, kinds, wrong = requests.Session(), set(), {}, []
    session.cookies.update(cookies)
    waiting = [(start, "the start")]
    while waiting and len(seen) < at_most:
        address, origin = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        answer = session.get(address, headers={"Accept": "text/html,*/*;q=0.8", "Accept-Language": "pl"}, timeout=30)
        if answer.status_code >= 400:
            wrong.append(f"{answer.status_code} {address} (from {origin})")
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        for link in LINK.findall(answer.text):
            target = urllib.parse.urldefrag(urllib.parse.urljoin(answer.url, link.replace("&amp;", "&")))[0]
            kind = re.sub(r"[0-9a-f-]{36}|=[^&]*", "*", target)
            if target.startswith(server.base_url) and target not in seen and kinds.setdefault(kind, 0) < 3:
                kinds[kind] += 1
                waiting.append((target, answer.url))
    return seen, wrong


def test_every_link_leads_somewhere(server, owner_cookie):
    seen, wrong = crawl(server, server.url("/platforms"), owner_cookie)
    assert not wrong, "\n".join(wrong)
    assert len(seen) > 60, sorted(seen)


def test_every_public_link_leads_somewhere(server, demo):
    seen, wrong = crawl(server, server.url("/"), {})
    assert not wrong, "\n".join(wrong)
    assert demo["public_url"] in seen, "the front page leads to the meeting"
