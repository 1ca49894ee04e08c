"""Registering without an invitation, on a phone: from the meeting's page by the link in the mail to a seat; and the organiser's decision."""

import re

import pytest

from happenings import make_meeting
from mailbox import eml, text_of, until

WORDS = {
    "pl": {
        "register": "Zgłoś udział", "mailed": "Prosimy sprawdzić pocztę", "almost": "Pozostał jeden krok", "confirm": "Potwierdź zgłoszenie", "confirmed": "Zgłoszenie potwierdzone",
        "coming": "Obecność potwierdzona", "waiting": "O zgłoszeniu decyduje organizator", "refused": "nie mógł przyjąć", "controller": "Administrator danych", "queue": "listę rezerwową",
        "mistake": "Należy podać adres|poprawny adres|adres e-mail", "by_invitation": "Udział na zaproszenie", "refuse": "Odmów", "refuse_now": "Odmów i powiadom", "approve": "Przyjmij",
    },
    "en": {
        "register": "Register", "mailed": "Please look at your mail", "almost": "One step is left", "confirm": "Confirm the registration", "confirmed": "The registration is confirmed",
        "coming": "Your attendance is confirmed", "waiting": "The organiser decides on the registration", "refused": "could not accept", "controller": "Responsible for the data", "queue": "waitlist",
        "mistake": "e-mail address", "by_invitation": "by invitation", "refuse": "Refuse", "refuse_now": "Refuse and let them know", "approve": "Approve",
    },
}  # fmt: skip


@pytest.fixture(params=["pl", "en"])
def reader(browser, request):
    """Somebody with a phone and no scripts, who reads that language."""
    browser.speak(request.param)
    browser.resize(390)
    browser.script(False)
    browser.words = WORDS[request.param]
    return browser


def go_to(reader, tenant, meeting):
    reader.go(f"/platforms/{tenant.slug}/meetings/{meeting['slug']}")


def fill_in(reader, email="krystyna@example.org", **more):
    reader.fill("create_registration", name="Krystyna Łoś", email=email, organisation="Gmina Próbna", **more)
    reader.press(reader.words["register"], within="form.panel")


def link_in_mail(server, tenant, kind):
    """The link of the latest mail of that kind, once it has gone out as a file."""
    sent = until(lambda: [mail for mail in tenant.organiser.get("outbox", params={"limit": 200}).json()["items"] if mail["kind"] == kind and mail["state"] == "sent"])
    return re.search(r"http\S+/(?:confirm|r)/\S+", text_of(eml(server, sent[0])))[0]


def fits(reader):
    pixels, culprits = reader.overflow()
    assert pixels <= 0, f"{pixels} px too wide: {culprits}"


def test_from_the_meetings_page_to_a_seat(reader, server, tenant):
    meeting = make_meeting(tenant, registration="open", theme="Woda w obiegu", contact_email="biuro@example.org")
    go_to(reader, tenant, meeting)
    fits(reader)
    assert reader.words["controller"] in reader.main and "biuro@example.org" in reader.find("form.panel").text
    fill_in(reader)
    assert reader.words["mailed"] in reader.find("section .notice.good").text and reader.path.endswith("#register")
    reader.go(link_in_mail(server, tenant, "registration"))
    fits(reader)
    assert "Krystyna Łoś" in reader.main and reader.words["almost"] in reader.main and "Gmina Próbna" in reader.main
    reader.press(reader.words["confirm"])
    assert f"/r/{tenant.slug}/" in reader.path
    assert reader.words["confirmed"] in reader.main and reader.words["coming"] in reader.main
    assert tenant.viewer.get(f"meetings/{meeting['slug']}/invitations/counts").json()["accepted"] == 1
    reader.go(link_in_mail(server, tenant, "registration"))
    assert reader.words["confirmed"] in reader.main
    reader.click("main a.button.primary")
    assert reader.words["coming"] in reader.main
    reader.go(link_in_mail(server, tenant, "registered"))
    assert reader.words["coming"] in reader.main


def test_a_mistake_keeps_what_was_typed(reader, tenant):
    meeting = make_meeting(tenant, registration="open", format="hybrid", online_url="https://meet.example.org/x")
    go_to(reader, tenant, meeting)
    fill_in(reader, email="krystyna@example", note="Wózek")
    fits(reader)
    assert re.search(reader.words["mistake"], reader.error("create_registration", "email"))
    assert reader.value("create_registration", "name") == "Krystyna Łoś" and reader.value("create_registration", "note") == "Wózek"
    fill_in(reader)
    assert reader.words["mailed"] in reader.main


def test_the_organiser_decides(reader, server, tenant, organiser):
    meeting = make_meeting(tenant, registration="approval", capacity=1, waitlist=True)
    for email in ("first@example.org", "second@example.org"):
        go_to(reader, tenant, meeting)
        fill_in(reader, email=email)
        reader.go(until(lambda email=email: latest_link(server, tenant, email)))
        reader.press(reader.words["confirm"])
        assert reader.words["waiting"] in reader.main and "/confirm/" in reader.path
    waiting_page = reader.path

    name, value = organiser.cookie.split("=", 1)
    reader.driver.add_cookie({"name": name, "value": value, "path": "/"})
    reader.go(f"/platforms/{tenant.slug}/meetings/{meeting['slug']}/registrations?state=awaiting_approval")
    fits(reader)
    assert "first@example.org" in reader.main
    reader.find("tr:first-child summary").click()
    fits(reader)
    reader.find("tr:first-child textarea").send_keys("Dla gmin.")
    reader.press(reader.words["refuse_now"])
    reader.press(reader.words["approve"])
    states = [one["state"] for one in tenant.viewer.get(f"meetings/{meeting['slug']}/registrations").json()["items"]]
    assert states == ["refused", "registered"]
    reader.go(waiting_page)
    assert reader.words["refused"] in reader.main and "Dla gmin." in reader.main
    go_to(reader, tenant, meeting)
    assert reader.words["queue"] in reader.find("#register ~ .notice.warn").text


def latest_link(server, tenant, email):
    sent = [mail for mail in tenant.organiser.get("outbox", params={"limit": 200}).json()["items"] if mail["state"] == "sent" and mail["to"]["email"] == email]
    return sent and re.search(r"http\S+/confirm/\S+", text_of(eml(server, sent[0])))[0]


def test_a_meeting_for_the_invited_says_so(reader, tenant, meeting):
    go_to(reader, tenant, meeting)
    assert reader.words["by_invitation"] in reader.main and not reader.all("form.panel")
