"""test_mailings.py: sending invitations and reminders, and the outbox, where no mail server is set up: mails are files."""

import json
import re

from database import psql
from happenings import invite, link_path, make_meeting
from mailbox import eml, html_of, text_of, until


def path_of(meeting, invitation=None, *more):
    return "/".join(["meetings", meeting["slug"], "invitations", *([invitation["id"]] if invitation else []), *more])


def mails(tenant, **query):
    """Without confirmations of answers, which wait a minute, unless that is what is asked for."""
    found = tenant.organiser.get("outbox", params={"limit": 200, **query}).json()["items"]
    return [mail for mail in found if query.get("kind") or mail["kind"] != "confirmation"]


def settled(tenant):
    """The outbox once nothing in it waits."""
    return until(lambda: (found := mails(tenant)) and all(mail["state"] not in ("queued", "sending") for mail in found) and found)


def send(tenant, meeting, expect=200, **body):
    return tenant.organiser.post(path_of(meeting, None, "send"), body, expect).json()


def delivery(tenant, meeting, invitation):
    return tenant.viewer.get(path_of(meeting, invitation)).json()["delivery"]


def problem(response):
    return response.json()["errors"][0]["code"] if response.json().get("errors") else response.json()["code"]


def test_one_invitation_is_sent_and_sent_again(server, tenant):
    venue = tenant.owner.create("venues", name="Małopolski Park Technologii", city="Kraków", address="ul. Podole 60")
    meeting = make_meeting(
        tenant, title="Miasta & gminy <GOZ>", venue_id=venue["id"], contact_name="Biuro, KZM", contact_email="biuro@kzm.example", language="pl", rsvp_closes_at="2031-05-01T20:00:00Z"
    )
    invited = invite(tenant, meeting, 'Anna "Ania" Żak, prof.', email="anna@zolw.example")
    assert tenant.viewer.get(path_of(meeting, invited)).json()["delivery"] == "draft"
    made = tenant.organiser.send("POST", path_of(meeting, invited, "send"), 200).json()
    assert made["delivery"] in ("queued", "sent") and made["version"] == invited["version"]
    (mail,) = settled(tenant)
    assert (mail["kind"], mail["state"], mail["reason"], mail["attempts"]) == ("invitation", "sent", None, 1)
    assert mail["to"] == {"name": 'Anna "Ania" Żak, prof.', "email": "anna@zolw.example"}
    assert mail["meeting"]["id"] == meeting["id"] and mail["invitation_id"] == invited["id"]
    shown = tenant.viewer.get(path_of(meeting, invited)).json()
    assert shown["delivery"] == "sent" and shown["sent_at"] and shown["delivery_error"] is None

    message = eml(server, mail)
    assert message["Subject"] == "Zaproszenie: Miasta & gminy <GOZ>"
    assert message["To"].addresses[0].display_name == 'Anna "Ania" Żak, prof.' and message["To"].addresses[0].addr_spec == "anna@zolw.example"
    assert message["Reply-To"].addresses[0].display_name == "Biuro, KZM" and message["Auto-Submitted"] == "auto-generated"
    assert message["Message-Id"] == f"<{mail['id']}@localhost>"
    text, html = text_of(message), html_of(message)
    assert invited["rsvp_url"] in text.split() and f'href="{invited["rsvp_url"]}"' in html
    assert "wtorek, 6 maja 2031, godz. 10:00–12:00" in text and "Małopolski Park Technologii, ul. Podole 60, Kraków" in text
    assert "Miasta & gminy <GOZ>" in text and "Miasta &amp; gminy &lt;GOZ&gt;" in html and "\n\n\n" not in text.replace("\r", "")
    tenant.public.get(link_path(invited))  # and it works

    again = tenant.organiser.send("POST", path_of(meeting, invited, "send"), 200).json()
    assert again["id"] == invited["id"]
    both = settled(tenant)
    assert len(both) == 2
    assert eml(server, both[0])["References"] == message["Message-Id"]
    causes = [event["cause"] for event in tenant.organiser.get(path_of(meeting, invited, "history")).json()["items"]]
    assert causes == ["sent", "queued", "sent", "queued", "invited"]


def test_the_invitees_language_wins(server, tenant):
    meeting = make_meeting(tenant, title="Forum", language="pl", time_zone="Europe/Helsinki")
    for language, subject, when in (
        ("fi", "Kutsu: Forum", "tiistai 6. toukokuuta 2031 klo 11.00–13.00"),
        ("en", "Invitation: Forum", "6 May 2031"),
        ("de", "Zaproszenie: Forum", "wtorek, 6 maja 2031"),
    ):
        person = tenant.owner.create("people", name=f"Person {language}", email=f"{language}@example.org", language=language)
        invited = tenant.organiser.create(path_of(meeting), person_id=person["id"])
        tenant.organiser.send("POST", path_of(meeting, invited, "send"), 200)
        mail = next(mail for mail in settled(tenant) if mail["invitation_id"] == invited["id"])
        message = eml(server, mail)
        assert message["Subject"] == subject and when in text_of(message), text_of(message)
        assert re.search(r'<html lang="(\w+)">', html_of(message))[1] == (language if language != "de" else "pl")


def test_what_can_not_be_sent(tenant):
    draft = make_meeting(tenant, status="draft")
    invited = invite(tenant, draft, email="a@example.org")
    assert problem(tenant.organiser.send("POST", path_of(draft, invited, "send"), 409)) == "meeting_is_draft"
    assert problem(tenant.organiser.post(path_of(draft, None, "send"), {}, 409)) == "meeting_is_draft"

    past = make_meeting(tenant, starts_at="2020-05-06T08:00:00Z", ends_at="2020-05-06T10:00:00Z")
    invited = invite(tenant, past, email="a@example.org")
    assert problem(tenant.organiser.send("POST", path_of(past, invited, "send"), 409)) == "meeting_is_over"

    meeting = make_meeting(tenant)
    nobody = invite(tenant, meeting, "Bez Adresu")
    assert problem(tenant.organiser.send("POST", path_of(meeting, nobody, "send"), 409)) == "no_address"
    gone = invite(tenant, meeting, "Wycofana Osoba", email="gone@example.org")
    tenant.organiser.delete(path_of(meeting, gone), version=gone["version"])
    assert problem(tenant.organiser.send("POST", path_of(meeting, gone, "send"), 409)) == "invitation_withdrawn"
    tenant.organiser.send("POST", f"meetings/{past['slug']}/invitations/{gone['id']}/send", 404)
    for chosen in ({"which": "chosen"}, {"which": "chosen", "invitation_ids": []}):
        assert problem(tenant.organiser.post(path_of(meeting, None, "send"), chosen, 422)) == "nobody_chosen"
    shown = tenant.organiser.form(path_of(meeting, None, "send"), {"which": "chosen"}, 422)
    assert "Nobody was chosen." in shown.text

    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"status": "cancelled"}, version=meeting["version"])
    assert problem(tenant.organiser.post(path_of(meeting, None, "send"), {}, 409)) == "meeting_cancelled"
    assert mails(tenant) == []


def test_many_are_sent_and_only_those_who_wait_for_it(tenant):
    meeting = make_meeting(tenant)
    organisation = tenant.owner.create("organisations", name="Gmina Próbna")
    people = [invite(tenant, meeting, f"Osoba {n}", email=f"o{n}@example.org", **({"organisation": "Gmina Próbna"} if n == 0 else {})) for n in range(3)]
    bare = invite(tenant, meeting, "Bez Adresu")
    assert send(tenant, meeting, organisation_id=organisation["id"]) == {"queued": 1, "without_email": 0, "skipped": 0}
    settled(tenant)
    assert send(tenant, meeting) == {"queued": 2, "without_email": 1, "skipped": 0}
    settled(tenant)
    assert [delivery(tenant, meeting, one) for one in (*people, bare)] == ["sent"] * 3 + ["draft"]
    assert send(tenant, meeting) == {"queued": 0, "without_email": 1, "skipped": 0}
    assert send(tenant, meeting, which="all") == {"queued": 0, "without_email": 1, "skipped": 3}
    assert send(tenant, meeting, invitation_ids=[people[1]["id"]], again=True) == {"queued": 1, "without_email": 0, "skipped": 0}
    counts = tenant.viewer.get(path_of(meeting, None, "counts")).json()
    assert counts["not_sent"] == 1 and counts["queued"] + counts["delivered"] == 3
    listed = tenant.viewer.get(path_of(meeting), params={"delivery": "draft"}).json()["items"]
    assert [one["id"] for one in listed] == [bare["id"]]
    settled(tenant)
    assert len(mails(tenant)) == 4


def test_reminders_go_to_those_who_have_not_answered(server, tenant):
    meeting = make_meeting(tenant, language="pl")
    group = tenant.owner.create("groups", name="Grupa")
    silent, answered, new = (invite(tenant, meeting, name, email=f"{name}@example.org") for name in ("milcząca", "odpowiadająca", "nowa"))
    tenant.owner.create(f"groups/{group['id']}/members", person={"name": "z grupy", "email": "grupa@example.org"})
    tenant.organiser.create(path_of(meeting), group_id=group["id"])
    send(tenant, meeting, invitation_ids=[silent["id"], answered["id"]])
    settled(tenant)
    tenant.public.post(link_path(answered), {"response": "declined"}, 200)
    # Within a day nobody is mailed twice, and who was sent no invitation yet gets one first.
    assert send(tenant, meeting, kind="reminder", invitation_ids=[silent["id"], answered["id"], new["id"]]) == {"queued": 1, "without_email": 0, "skipped": 2}
    assert [mail["kind"] for mail in settled(tenant)] == ["invitation"] * 3
    psql(server, "narada_owner", f"set narada.platform_id = '{platform_id(server, tenant)}'; update invitation set sent_at = now() - interval '2 days'")
    assert send(tenant, meeting, kind="reminder", group_id=group["id"]) == {"queued": 1, "without_email": 0, "skipped": 0}
    assert send(tenant, meeting, kind="reminder") == {"queued": 2, "without_email": 0, "skipped": 1}
    reminder = next(mail for mail in settled(tenant) if mail["invitation_id"] == silent["id"] and mail["kind"] == "reminder")
    message = eml(server, reminder)
    assert message["Subject"].startswith("Prosimy o odpowiedź: ") and silent["rsvp_url"] in text_of(message)
    shown = tenant.viewer.get(path_of(meeting, silent)).json()
    assert shown["reminded_at"] and shown["delivery"] == "sent"
    assert send(tenant, meeting, kind="reminder", which="unanswered")["queued"] == 0
    assert send(tenant, meeting, kind="reminder", invitation_ids=[silent["id"]], again=True)["queued"] == 1
    settled(tenant)


def platform_id(server, tenant):
    return psql(server, "narada_owner", f"select id from platform where slug = '{tenant.slug}'")[0]


def queue_later(server, tenant, invitation, kind="reminder", address=None, detail="{}"):
    """Queues a mail that is not due yet; gives its id."""
    ours = f"set narada.platform_id = '{platform_id(server, tenant)}';"
    call = f"queue_mail('{kind}', '{invitation['id']}', 'test {kind} ' || gen_random_uuid())" if invitation else f"queue_mail_to('{kind}', '{address}', 'Ktoś', 'fi', 'test ' || gen_random_uuid(), '{detail}')"
    # In one transaction with the delay, so that nobody takes it before.
    return psql(server, "narada_service", f"{ours} begin; select {call}; update outbox set next_attempt_at = now() + interval '1 hour' where state = 'queued' and next_attempt_at <= clock_timestamp() returning id; commit")[-1]


def due(server, tenant, mail):
    psql(server, "narada_service", f"set narada.platform_id = '{platform_id(server, tenant)}'; update outbox set next_attempt_at = now() where id = '{mail}'; select wake_mailer()")
    return until(lambda: (found := tenant.organiser.get(f"outbox/{mail}").json())["state"] not in ("queued", "sending") and found)


def test_what_makes_no_sense_any_more_is_dropped(server, tenant):
    meeting = make_meeting(tenant, waitlist=True)
    people = {name: invite(tenant, meeting, name, email=f"{name}@example.org") for name in ("answers", "withdrawn", "declines", "moved", "stays")}
    waiting = {name: queue_later(server, tenant, people[name], kind) for name, kind in
               {"answers": "reminder", "withdrawn": "invitation", "declines": "promotion", "moved": "invitation", "stays": "reminder"}.items()}  # fmt: skip
    tenant.public.post(link_path(people["answers"]), {"response": "tentative"}, 200)
    for name in ("withdrawn",):
        version = tenant.viewer.get(path_of(meeting, people[name])).json()["version"]
        tenant.organiser.delete(path_of(meeting, people[name]), version=version)
    person = tenant.viewer.get(f"people/{people['moved']['person']['id']}").json()
    tenant.organiser.patch(f"people/{person['id']}", {"email": "new@example.org"}, version=person["version"])
    told = {name: due(server, tenant, mail) for name, mail in waiting.items() if name != "stays"}
    assert {name: (mail["state"], mail["reason"]) for name, mail in told.items()} == {
        "answers": ("dropped", "answered"), "withdrawn": ("dropped", "withdrawn"), "declines": ("dropped", "answered"), "moved": ("sent", None),
    }  # fmt: skip
    assert told["moved"]["to"]["email"] == "new@example.org"  # as it is when it is sent
    assert tenant.viewer.get(path_of(meeting, people["withdrawn"])).json()["delivery"] == "draft"

    current = tenant.viewer.get(f"meetings/{meeting['slug']}").json()
    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"status": "cancelled"}, version=current["version"])
    last = due(server, tenant, waiting["stays"])
    assert (last["state"], last["reason"]) == ("dropped", "cancelled")
    assert not (server.data / "outbox" / f"{last['id']}.eml").exists()
    assert "The meeting was cancelled." in tenant.organiser.page("outbox").text


def test_the_same_cause_is_mailed_once(server, tenant):
    meeting = make_meeting(tenant)
    invited = invite(tenant, meeting, email="a@example.org")
    bare = invite(tenant, meeting, "Bez Adresu")
    ours = f"set narada.platform_id = '{platform_id(server, tenant)}';"
    said = psql(server, "narada_service", f"{ours} select queue_mail('message', id, 'once', '{{}}') from (values ('{invited['id']}'::uuid), ('{invited['id']}'), ('{bare['id']}')) v (id)")
    assert said == ["t", "f", "f"]
    assert len(settled(tenant)) == 1


def test_every_kind_says_what_it_is_for(server, tenant):
    meeting = make_meeting(tenant, title="Forum", format="hybrid", online_url="https://video.example/forum")
    invited = invite(tenant, meeting, "Anna Żak", email="anna@example.org")
    tenant.public.post(link_path(invited), {"response": "accepted", "mode": "online"}, 200)
    detail = {"subject": "Zmiana sali <nowa>", "text": "Pierwszy akapit.\n\nDrugi & ostatni."}
    expected = {"promotion": "Miejsce przyznane: Forum", "substitute": "Zastępstwo: Forum", "registered": "Zgłoszenie przyjęte: Forum"}
    for kind, subject in expected.items():
        mail = due(server, tenant, queue_later(server, tenant, invited, kind))
        assert mail["state"] == "sent", mail
        message = eml(server, mail)
        assert message["Subject"] == subject and ("https://video.example/forum" in text_of(message)) and invited["rsvp_url"] in text_of(message)
    ours = f"set narada.platform_id = '{platform_id(server, tenant)}';"
    psql(server, "narada_service", f"{ours} select queue_mail('message', '{invited['id']}', 'message', $${json.dumps(detail)}$$)")
    message = eml(server, next(mail for mail in settled(tenant) if mail["kind"] == "message"))
    assert message["Subject"] == "Zmiana sali <nowa>"
    assert "Pierwszy akapit." in text_of(message) and "<p>Drugi &amp; ostatni.</p>" in html_of(message) and "/r/" not in text_of(message)
    refused = due(server, tenant, queue_later(server, tenant, None, "registration_refused", "ktos@example.org", json.dumps({"meeting_id": meeting["id"]})))
    assert eml(server, refused)["Subject"] == "Ilmoittautumista ei hyväksytty: Forum"
    # A mail that confirms what was confirmed, or never was, is not sent.
    stale = due(server, tenant, queue_later(server, tenant, None, "registration", "ktos@example.org",
        json.dumps({"meeting_id": meeting["id"], "registration_id": meeting["id"]})))  # fmt: skip
    assert (stale["state"], stale["reason"]) == ("dropped", "confirmed")


def test_a_mail_is_read_in_the_console(server, tenant):
    meeting = make_meeting(tenant, title="Forum <b>")
    invited = invite(tenant, meeting, "Anna Żak", email="anna@example.org")
    tenant.organiser.send("POST", path_of(meeting, invited, "send"), 200)
    (mail,) = settled(tenant)
    page = tenant.organiser.page(f"outbox/{mail['id']}", language="fi").text
    assert "Kutsu: Forum &lt;b&gt;" in page and invited["rsvp_url"] in page and "Forum <b>" not in page
    tenant.viewer.page(f"outbox/{mail['id']}", 403)
    # Whoever could confirm a registration would be somebody else.
    confirm = queue_later(server, tenant, None, "registration", "ktos@example.org", json.dumps({"meeting_id": meeting["id"], "registration_id": invited["id"]}))
    page = tenant.organiser.page(f"outbox/{confirm}").text
    assert "Please confirm the registration" in page and "/confirm/" not in page


def test_the_outbox_is_filtered_and_tried_again(server, tenant):
    meeting = make_meeting(tenant)
    invited = invite(tenant, meeting, "Anna Żak", email="anna@example.org")
    mail = queue_later(server, tenant, invited, "invitation")
    ours = f"set narada.platform_id = '{platform_id(server, tenant)}';"
    psql(server, "narada_service", f"{ours} update outbox set state = 'failed', reason = '550 No such user', attempts = 1 where id = '{mail}'")
    page = tenant.organiser.page("outbox", params={"state": "failed"})
    assert "550 No such user" in page.text and f"outbox/{mail}/retry" in page.text
    assert mails(tenant, state="sent") == [] and mails(tenant, q="zak", kind="invitation", meeting_id=meeting["id"])[0]["id"] == mail
    assert mails(tenant, meeting_id=invited["id"]) == []
    again = tenant.organiser.form(f"outbox/{mail}/retry", {})
    assert "done=retry_mail" in again.headers["Location"]
    assert settled(tenant)[0]["state"] == "sent"
    assert problem(tenant.organiser.send("POST", f"outbox/{mail}/retry", 409)) == "mail_sent"
    tenant.organiser.send("POST", f"outbox/{invited['id']}/retry", 404)
    tenant.organiser.get(f"outbox/{invited['id']}", 404)


def test_a_tenants_mails_are_its_own(server, tenant, stranger):
    meeting = make_meeting(tenant)
    invited = invite(tenant, meeting, email="a@example.org")
    tenant.organiser.send("POST", path_of(meeting, invited, "send"), 200)
    (mail,) = settled(tenant)
    stranger.organiser.get(f"outbox/{mail['id']}", 404)
    assert mail["id"] not in [other["id"] for other in mails(stranger)]
    assert psql(server, "narada_service", "select count(*) from outbox") == ["0"]


def test_the_pages_send(tenant):
    meeting = make_meeting(tenant)
    invited = invite(tenant, meeting, email="a@example.org")
    page = tenant.organiser.page(path_of(meeting))
    assert "Send invitations not sent yet (1)" in page.text
    sent = tenant.organiser.form(path_of(meeting, None, "send"), {"kind": "invitation", "which": "unsent"})
    assert "done=send_invitations" in sent.headers["Location"]
    settled(tenant)
    one = tenant.organiser.page(path_of(meeting, invited))
    assert "Send the invitation again" in one.text
    tenant.organiser.form(path_of(meeting, invited, "send"), {"_return": f"/platforms/{tenant.slug}/{path_of(meeting, invited)}"})
    assert "Send the invitation" not in tenant.viewer.page(path_of(meeting, invited)).text
