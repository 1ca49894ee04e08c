"""test_mail_flows.py: what people get by mail when something happens, and that the link in each mail does what it says."""

import re
import urllib.parse

from happenings import form_token, invite, link_path, make_meeting
from mailbox import eml, text_of, until
from test_mailings import mails, path_of, settled


def path_in(message):
    """The path of the only link to us in a mail's text."""
    (link,) = re.findall(r"http://localhost:\d+(/(?:r|confirm)/\S+)", text_of(message))
    return link


def only(tenant, kind, number=1):
    """The mails of a kind, once there are so many and they are sent; the latest first."""
    found = until(lambda: len(mails(tenant, kind=kind)) >= number and settled(tenant) and mails(tenant, kind=kind))
    assert len(found) == number and all(mail["state"] == "sent" for mail in found), found
    return found


def test_who_moves_up_from_the_waitlist_is_told(server, tenant):
    meeting = make_meeting(tenant, title="Forum", capacity=1, waitlist=True, language="en")
    first, second, third = (invite(tenant, meeting, name, email=f"{name}@example.org") for name in ("first", "second", "third"))
    for one in (first, second, third):
        tenant.public.post(link_path(one), {"response": "accepted"}, 200)
    assert mails(tenant) == []
    tenant.public.post(link_path(first), {"response": "declined"}, 200)
    (mail,) = only(tenant, "promotion")
    assert mail["to"]["email"] == "second@example.org"
    message = eml(server, mail)
    assert message["Subject"] == "You have a seat: Forum"
    # It can be given back by the link in the mail; then the next is told.
    tenant.public.post(path_in(message), {"response": "declined"}, 200)
    told = only(tenant, "promotion", 2)
    assert [mail["to"]["email"] for mail in told] == ["third@example.org", "second@example.org"]


def test_a_substitute_is_invited_and_told_when_it_is_taken_back(server, tenant):
    meeting = make_meeting(tenant, title="Forum", capacity=5, language="pl")
    invited = invite(tenant, meeting, "Anna Żak", email="anna@example.org")
    tenant.public.post(link_path(invited), {"response": "accepted"}, 200)
    tenant.public.post(f"{link_path(invited)}/substitute", {"name": "Jan Łoś", "email": "jan@example.org"}, 200)
    (mail,) = only(tenant, "substitute")
    assert mail["to"] == {"name": "Jan Łoś", "email": "jan@example.org"}
    message = eml(server, mail)
    text = text_of(message)
    assert message["Subject"] == "Zastępstwo: Forum" and "W zastępstwie: Anna Żak" in text and "Miejsce jest już zapewnione." in text
    theirs = tenant.public.get(path_in(message)).json()
    assert theirs["person"]["name"] == "Jan Łoś" and theirs["response"] == "accepted"
    shown = tenant.viewer.get(path_of(meeting, {"id": mail["invitation_id"]})).json()
    assert shown["delivery"] == "sent"
    # The first one's link stands in no mail to the substitute.
    assert link_path(invited) not in text

    tenant.public.delete(f"{link_path(invited)}/substitute", 204)
    (ended,) = only(tenant, "substitution_ended")
    assert ended["to"]["email"] == "jan@example.org"
    message = eml(server, ended)
    assert message["Subject"] == "Zastępstwo odwołane: Forum" and "/r/" not in text_of(message)


def test_who_registers_confirms_by_the_link_and_gets_the_invitations(server, tenant):
    meeting = make_meeting(tenant, title="Forum", registration="open", language="fi")
    registration = {"name": "Krystyna Łoś", "email": "krystyna@example.org"}
    tenant.public.post(f"meetings/{meeting['slug']}/registrations", registration, 202, headers={"Accept-Language": "pl"})
    (mail,) = only(tenant, "registration")
    message = eml(server, mail)
    assert message["Subject"] == "Prosimy potwierdzić zgłoszenie: Forum" and mail["invitation_id"] is None
    confirm = path_in(message)
    assert confirm.startswith(f"/confirm/{tenant.slug}/")
    tenant.public.post(confirm, {"response": "confirmed"}, 200)
    (registered,) = only(tenant, "registered")
    message = eml(server, registered)
    assert message["Subject"] == "Zgłoszenie przyjęte: Forum"
    assert tenant.public.get(path_in(message)).json()["response"] == "accepted"
    # Registering again with the same address mails the link of the invitation that is there.
    tenant.public.post(f"meetings/{meeting['slug']}/registrations", registration, 202)
    again = only(tenant, "registered", 2)[0]
    assert eml(server, again)["Subject"] == "Zaproszenie już czeka: Forum" and path_in(eml(server, again)) == path_in(message)


def test_a_refused_registration_is_told_why(server, tenant):
    meeting = make_meeting(tenant, title="Forum", registration="approval", language="en")
    path = f"meetings/{meeting['slug']}/registrations"
    tenant.public.post(path, {"name": "Krystyna Łoś", "email": "krystyna@example.org"}, 202, headers={"Accept-Language": "en"})
    confirm = path_in(eml(server, only(tenant, "registration")[0]))
    page = tenant.public.page(confirm)
    tenant.public.form(confirm, {"_form": form_token(page), "response": "confirmed"})
    (waiting,) = tenant.organiser.get(path).json()["items"]
    tenant.organiser.post(f"{path}/{waiting['id']}/refuse", {"reason": "Only for members & partners."}, 200, headers={"If-Match": f'"{waiting["version"]}"'})
    text = text_of(eml(server, only(tenant, "registration_refused")[0]))
    assert "The organiser could not accept this registration." in text and "Reason: Only for members & partners." in text


def test_a_link_that_was_replaced_is_mailed_as_the_new_one(server, tenant):
    meeting = make_meeting(tenant)
    invited = invite(tenant, meeting, email="anna@example.org")
    tenant.organiser.send("POST", path_of(meeting, invited, "send"), 200)
    (first,) = only(tenant, "invitation")
    new = tenant.organiser.send("POST", path_of(meeting, invited, "revoke-link"), 200).json()
    tenant.public.get(path_in(eml(server, first)), 410)
    tenant.organiser.send("POST", path_of(meeting, invited, "send"), 200)
    mail = only(tenant, "invitation", 2)[0]
    assert path_in(eml(server, mail)) == urllib.parse.urlsplit(new["rsvp_url"]).path
    tenant.public.get(path_in(eml(server, mail)), 200)
