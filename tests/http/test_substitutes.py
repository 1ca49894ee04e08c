"""test_substitutes.py: somebody comes in somebody's place: seat and companions go along and come back, and the chain is kept."""

import pytest

from happenings import all_items, counts, form_token, invite, link_path, make_meeting

JAN = {"name": "Jan Zastępca", "email": "jan.zastepca@example.org", "position": "zastępca wójta"}


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant, companions_allowed=2, capacity=3)


@pytest.fixture
def one(tenant, meeting):
    return invite(tenant, meeting, "Anna Wójt", email="anna@example.org", organisation="Gmina Próbna")


def code(answer):
    return answer.json()["code"]


def found(tenant, meeting, name):
    return next(item for item in all_items(tenant.organiser, f"meetings/{meeting['slug']}/invitations") if item["person"]["name"] == name)


def change(tenant, meeting, **members):
    version = tenant.owner.get(f"meetings/{meeting['slug']}").json()["version"]
    return tenant.owner.patch(f"meetings/{meeting['slug']}", members, version=version).json()


# ── By the invitee ──


def test_the_seat_and_the_companions_go_along_and_come_back(tenant, meeting, one):
    path = link_path(one)
    tenant.public.post(path, {"response": "accepted"})
    tenant.public.post(f"{path}/details", {"companions": [{"name": "Ola"}]})
    sent = tenant.public.post(f"{path}/substitute", JAN, 200).json()
    assert (sent["response"], sent["delegated_to"], sent["companions"]) == ("delegated", {"name": "Jan Zastępca", "response": "accepted"}, [])
    theirs = found(tenant, meeting, "Jan Zastępca")
    assert (theirs["response"], theirs["companions"], theirs["delegated_from"]["id"]) == ("accepted", ["Ola"], one["id"])
    assert (theirs["person"]["position"], theirs["person"]["organisation"]) == ("zastępca wójta", "Gmina Próbna")
    assert (counts(tenant, meeting)["heads"], counts(tenant, meeting)["delegated"]) == (2, 1)
    view = tenant.public.get(link_path(theirs)).json()
    assert view["delegated_from"] == {"name": "Anna Wójt"} and view["person"]["name"] == "Jan Zastępca"
    tenant.public.delete(f"{path}/substitute", 204)
    back = tenant.public.get(path).json()
    assert (back["response"], back["delegated_to"], back["companions"]) == ("accepted", None, [{"name": "Ola"}])
    assert code(tenant.public.get(link_path(theirs), 410)) == "invitation_withdrawn"
    assert (counts(tenant, meeting)["heads"], counts(tenant, meeting)["delegated"]) == (2, 0)


def test_a_place_on_the_waitlist_goes_along(tenant, meeting, one):
    change(tenant, meeting, capacity=1, waitlist=True)
    tenant.public.post(link_path(invite(tenant, meeting, "Pierwsza")), {"response": "accepted"})
    assert tenant.public.post(link_path(one), {"response": "accepted"}).json()["response"] == "waitlisted"
    tenant.public.post(f"{link_path(one)}/substitute", JAN)
    theirs = found(tenant, meeting, "Jan Zastępca")
    assert (theirs["response"], theirs["queue_number"]) == ("waitlisted", 1)
    change(tenant, meeting, capacity=2)
    assert found(tenant, meeting, "Jan Zastępca")["response"] == "accepted"


def test_a_chain_of_two_is_taken_back_whole(tenant, meeting, one):
    tenant.public.post(link_path(one), {"response": "accepted"})
    tenant.public.post(f"{link_path(one)}/substitute", JAN)
    jan = found(tenant, meeting, "Jan Zastępca")
    tenant.public.post(f"{link_path(jan)}/substitute", {"name": "Ewa Druga", "email": "ewa.druga@example.org"})
    ewa = found(tenant, meeting, "Ewa Druga")
    assert ewa["response"] == "accepted" and found(tenant, meeting, "Jan Zastępca")["response"] == "delegated"
    page = tenant.viewer.page(f"meetings/{meeting['slug']}/invitations/{jan['id']}").text
    chain = page[page.index("Who comes in whose place") :]
    assert chain.index("Anna Wójt") < chain.index("Jan Zastępca") < chain.index("Ewa Druga")
    tenant.public.delete(f"{link_path(one)}/substitute", 204)
    assert {link: tenant.public.get(link_path(link_of), 410).json()["code"] for link, link_of in (("jan", jan), ("ewa", ewa))} == dict.fromkeys(("jan", "ewa"), "invitation_withdrawn")
    assert tenant.public.get(link_path(one)).json()["response"] == "accepted" and counts(tenant, meeting)["accepted"] == 1


def test_the_organiser_may_forbid_it(tenant, meeting, one):
    change(tenant, meeting, substitutes=False)
    assert tenant.public.get(link_path(one)).json()["substitutes_allowed"] is False
    assert "/substitute" not in tenant.public.page(link_path(one)).text
    assert code(tenant.public.post(f"{link_path(one)}/substitute", JAN, 409)) == "substitutes_not_allowed"
    tenant.organiser.post(f"meetings/{meeting['slug']}/invitations/{one['id']}/substitute", {"name": "Ktoś inny"}, 201)


def test_who_can_not_be_a_substitute(tenant, meeting, one):
    invite(tenant, meeting, "Zaproszona", email="zaproszona@example.org")
    path = f"{link_path(one)}/substitute"
    refused = tenant.public.post(path, {"name": "Zaproszona", "email": "ZAPROSZONA@example.org"}, 409).json()
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("substitute_invited_already", "/email")
    assert code(tenant.public.post(path, {"name": "Anna", "email": "anna@example.org"}, 422)) == "substitute_is_invitee"
    for body in ({"name": "Bez adresu"}, {"email": "x@example.org"}, {"name": "X", "email": "nie adres"}, {**JAN, "phone": "1"}):
        tenant.public.post(path, body, 422)
    assert counts(tenant, meeting)["delegated"] == 0


def test_what_the_platform_knows_of_a_person_is_not_told(tenant, meeting, one):
    tenant.owner.create("people", name="Prawdziwe Nazwisko", email="tajny@example.org", position="dyrektorka", organisation="Tajna")
    sent = tenant.public.post(f"{link_path(one)}/substitute", {"name": "Napisane", "email": "tajny@example.org"}, 200)
    assert sent.json()["delegated_to"]["name"] == "Napisane" and "Prawdziwe" not in sent.text
    assert "Prawdziwe" not in tenant.public.page(link_path(one)).text


def test_who_sent_somebody_answers_no_more(tenant, meeting, one):
    tenant.public.post(f"{link_path(one)}/substitute", JAN)
    for path, body in (("", {"response": "accepted"}), ("/details", {"companions": [{"name": "Ola"}]}), ("/substitute", {"name": "Inny", "email": "inny@example.org"})):
        assert code(tenant.public.post(link_path(one) + path, body, 409)) == "delegated"
    page = tenant.public.page(link_path(one)).text
    assert 'name="response"' not in page and "Jan Zastępca" in page


def test_nobody_to_take_back(tenant, one):
    assert code(tenant.public.delete(f"{link_path(one)}/substitute", 409)) == "not_delegated"


def test_not_after_the_deadline(tenant, meeting, one):
    tenant.public.post(f"{link_path(one)}/substitute", JAN)
    change(tenant, meeting, rsvp_closes_at="2020-01-01T00:00:00Z")
    assert code(tenant.public.delete(f"{link_path(one)}/substitute", 409)) == "answers_closed"
    assert code(tenant.public.post(f"{link_path(found(tenant, meeting, 'Jan Zastępca'))}/substitute", {"name": "X", "email": "x@example.org"}, 409)) == "answers_closed"


def test_a_withdrawn_invitee_sends_nobody(tenant, meeting, one):
    tenant.organiser.delete(f"meetings/{meeting['slug']}/invitations/{one['id']}", version="*")
    tenant.public.post(f"{link_path(one)}/substitute", JAN, 410)
    tenant.public.delete(f"{link_path(one)}/substitute", 410)


def test_by_the_form(tenant, meeting, one):
    path = link_path(one)
    page = tenant.public.page(path, language="pl")
    assert "Zgłoszenie zastępstwa" in page.text
    fields = {**JAN, "_form": form_token(page), "_return": path}
    again = tenant.public.form(f"{path}/substitute", {**fields, "email": ""}, 422).text
    assert 'value="Jan Zastępca"' in again and "<details class=\"reveal\" id=\"substitute\" open>" in again
    assert tenant.public.form(f"{path}/substitute", fields).headers["Location"].endswith(f"{path}?done=delegate_rsvp")
    sent = tenant.public.page(path + "?done=delegate_rsvp", language="pl").text
    assert "Zastępstwo zgłoszone." in sent and "Jan Zastępca" in sent and "Odwołaj zastępstwo" in sent
    theirs = tenant.public.page(link_path(found(tenant, meeting, "Jan Zastępca")), language="pl").text
    assert "Uczestnik: <strong>Jan Zastępca</strong>" in theirs and "W zastępstwie: <strong>Anna Wójt</strong>" in theirs
    back = tenant.public.form(f"{path}/substitute", {"_method": "DELETE", "_form": form_token(page), "_return": path})
    assert back.headers["Location"].endswith(f"{path}?done=take_back_rsvp")
    assert tenant.public.get(path).json()["response"] == "needs_action"
    tenant.public.form(f"{path}/substitute", JAN, 403)


# ── By the organiser ──


def test_on_behalf(tenant, meeting, one):
    path = f"meetings/{meeting['slug']}/invitations/{one['id']}"
    change(tenant, meeting, rsvp_closes_at="2020-01-01T00:00:00Z")
    made = tenant.organiser.post(f"{path}/substitute", {"name": "Piotr Inny", "organisation": "Powiat"}, 201)
    theirs = made.json()
    assert made.headers["Location"].endswith(f"/invitations/{theirs['id']}")
    assert (theirs["person"]["organisation"], theirs["delegated_from"]["id"], theirs["person"]["email"]) == ("Powiat", one["id"], None)
    assert tenant.viewer.get(path).json()["delegated_to"]["id"] == theirs["id"]
    assert code(tenant.organiser.post(f"{path}/substitute", {"name": "Jeszcze ktoś"}, 409)) == "delegated"
    tenant.organiser.delete(f"{path}/substitute", 204)
    assert tenant.viewer.get(path).json()["response"] == "needs_action"
    assert code(tenant.organiser.delete(f"{path}/substitute", 409)) == "not_delegated"


def test_of_another_meeting_there_is_no_such_invitation(tenant, meeting, one):
    other = make_meeting(tenant, title="Inne")
    for call in (lambda path: tenant.organiser.post(path, {"name": "X"}, 404), lambda path: tenant.organiser.delete(path, 404)):
        call(f"meetings/{other['slug']}/invitations/{one['id']}/substitute")
    assert counts(tenant, meeting)["delegated"] == 0


def test_on_behalf_by_the_form(tenant, meeting, one):
    path = f"meetings/{meeting['slug']}/invitations/{one['id']}"
    assert "Zgłoś zastępstwo" in tenant.organiser.page(path, language="pl").text
    here = f"/platforms/{tenant.slug}/{path}"
    again = tenant.organiser.form(f"{path}/substitute", {"name": "", "email": "anna@example.org", "_return": here}, 422).text
    assert 'value="anna@example.org"' in again
    assert here in tenant.organiser.form(f"{path}/substitute", {"name": "Piotr Inny", "_return": here}).headers["Location"]
    page = tenant.organiser.page(path, language="pl").text
    assert "Piotr Inny" in page and "Odwołaj zastępstwo" in page and 'name="response"' not in page
    tenant.organiser.form(f"{path}/substitute", {"_method": "DELETE", "_return": here})
    assert tenant.viewer.get(path).json()["response"] == "needs_action"


def test_substitutes_are_no_way_to_send_many_mails(tenant, one):
    path = link_path(one)
    for number in range(20):
        tenant.public.post(f"{path}/substitute", {"name": f"Zastępca {number}", "email": f"zastepca.{number}@example.org"}, 200)
        tenant.public.delete(f"{path}/substitute", (200, 204))
    assert code(tenant.public.post(f"{path}/substitute", JAN, 429)) == "too_many_substitutes"


def test_substitutes_of_substitutes_count_as_well(tenant, one, meeting):
    """Whoever has several addresses could else send themselves, and name twenty more by each link."""
    path = link_path(one)
    for number in range(3):
        tenant.public.post(f"{path}/substitute", {"name": f"Zastępca {number}", "email": f"zastepca.{number}@example.org"}, 200)
        sent = found(tenant, meeting, f"Zastępca {number}")
        for again in range(6 if number < 2 else 5):
            tenant.public.post(f"{link_path(sent)}/substitute", {"name": "Dalszy", "email": f"dalszy.{number}.{again}@example.org"}, 200)
            tenant.public.delete(f"{link_path(sent)}/substitute", (200, 204))
        if number < 2:
            tenant.public.delete(f"{path}/substitute", (200, 204))
    assert code(tenant.public.post(f"{link_path(sent)}/substitute", JAN, 429)) == "too_many_substitutes"
