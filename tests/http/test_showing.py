"""test_showing.py: those who come see each other only if the organiser chose so, and not those who refuse or answered before."""

import pytest

from calendars import calendar_in, event_of
from happenings import invite, link_path, make_meeting
from mailbox import eml
from test_mail_flows import only
from test_mailings import path_of


def people(tenant, meeting, *names):
    return [invite(tenant, meeting, name, email=f"{name.lower()}@example.org") for name in names]


def choose(tenant, meeting, shows):
    now = tenant.organiser.get(f"meetings/{meeting['slug']}/showing").json()
    return tenant.organiser.patch(f"meetings/{meeting['slug']}/showing", {"shows": shows}, version=now["version"]).json()


def come(tenant, *those):
    for one in those:
        tenant.public.post(link_path(one), {"response": "accepted"}, 200)


def seen(tenant, one):
    return [other["name"] for other in tenant.public.get(f"{link_path(one)}/others").json()["others"]]


def test_nobody_sees_anybody_unless_it_was_chosen(tenant):
    meeting = make_meeting(tenant, language="en")
    anna, ewa = people(tenant, meeting, "Anna", "Ewa")
    come(tenant, anna, ewa)
    assert tenant.organiser.get(f"meetings/{meeting['slug']}/showing").json() == {"shows": "nobody", "shown": 0, "version": 0}
    assert tenant.public.get(f"{link_path(anna)}/others").json() == {"shows": "nobody", "shown": False, "others": []}
    assert "Ewa" not in tenant.public.page(link_path(anna)).text
    tenant.organiser.send("POST", path_of(meeting, anna, "send"), 200)
    assert "ewa@" not in eml_of(tenant, "invitation").as_string()


def eml_of(tenant, kind):
    return eml(tenant.organiser.server, only(tenant, kind)[0])


def test_those_who_come_see_names(tenant):
    meeting = make_meeting(tenant, language="en")
    organisation = tenant.owner.create("organisations", name="Klaster")
    choose(tenant, meeting, "names")
    anna, ewa, silent = people(tenant, meeting, "Anna", "Ewa", "Silent")
    person = tenant.owner.get(f"people/{ewa['person']['id']}").json()
    tenant.owner.patch(f"people/{person['id']}", {"organisation_id": organisation["id"]}, version=person["version"])
    come(tenant, anna, ewa)
    assert tenant.public.get(f"{link_path(anna)}/others").json() == {"shows": "names", "shown": True, "others": [{"name": "Ewa", "organisation": "Klaster"}]}
    assert tenant.organiser.get(f"meetings/{meeting['slug']}/showing").json()["shown"] == 2
    # Who has not said yes sees nobody, and is nobody to see.
    assert seen(tenant, silent) == [] and "Others who come see your name" in tenant.public.page(link_path(silent)).text
    page = tenant.public.page(link_path(anna)).text
    assert "Ewa" in page and "Klaster" in page and "ewa@example.org" not in page
    tenant.organiser.send("POST", path_of(meeting, anna, "send"), 200)
    assert "ewa@" not in calendar_in(eml_of(tenant, "invitation"), "REQUEST").to_ical().decode()


def test_whoever_refuses_is_not_shown(tenant):
    meeting = make_meeting(tenant, language="en")
    choose(tenant, meeting, "names")
    anna, ewa = people(tenant, meeting, "Anna", "Ewa")
    come(tenant, anna, ewa)
    assert tenant.public.post(f"{link_path(ewa)}/others", {"shown": False}, 200).json() == {"shows": "names", "shown": False, "others": [{"name": "Anna", "organisation": None}]}
    assert seen(tenant, anna) == [] and "You are not shown" in tenant.public.page(link_path(ewa)).text
    tenant.public.post(f"{link_path(ewa)}/others", {"shown": "perhaps"}, 422)
    tenant.public.post(f"{link_path(ewa)}/others", {"shown": True}, 200)
    assert seen(tenant, anna) == ["Ewa"]


def test_what_was_answered_before_is_no_agreement(tenant):
    meeting = make_meeting(tenant, language="en")
    anna, ewa = people(tenant, meeting, "Anna", "Ewa")
    come(tenant, anna, ewa)
    choose(tenant, meeting, "names")
    assert seen(tenant, anna) == []
    tenant.public.post(f"{link_path(ewa)}/others", {"shown": True}, 200)
    assert seen(tenant, anna) == ["Ewa"] and seen(tenant, ewa) == []
    # To show more is to ask anew; to show less, or as much again, is not.
    choose(tenant, meeting, "addresses")
    assert seen(tenant, anna) == []
    tenant.public.post(f"{link_path(ewa)}/others", {"shown": True}, 200)
    choose(tenant, meeting, "names")
    assert seen(tenant, anna) == ["Ewa"]


def test_an_organiser_agrees_for_nobody(tenant):
    meeting = make_meeting(tenant, language="en")
    choose(tenant, meeting, "names")
    anna, ewa = people(tenant, meeting, "Anna", "Ewa")
    come(tenant, anna)
    tenant.organiser.patch(path_of(meeting, ewa), {"response": "accepted"}, version=ewa["version"])
    assert seen(tenant, anna) == [] and seen(tenant, ewa) == ["Anna"]


def test_addresses_stand_in_calendars_only_if_exactly_that_was_chosen(tenant):
    meeting = make_meeting(tenant, language="en")
    choose(tenant, meeting, "addresses")
    anna, ewa, hidden, silent = people(tenant, meeting, "Anna", "Ewa", "Hidden", "Silent")
    come(tenant, anna, ewa, hidden)
    tenant.public.post(f"{link_path(hidden)}/others", {"shown": False}, 200)
    for one in (anna, silent):
        tenant.organiser.send("POST", path_of(meeting, one, "send"), 200)
    found = {mail["to"]["email"]: calendar_in(eml(tenant.organiser.server, mail), "REQUEST") for mail in only(tenant, "invitation", 2)}
    own, other = found["anna@example.org"]["ATTENDEE"]
    assert own == "mailto:anna@example.org" and (other, other.params["CN"], other.params["PARTSTAT"]) == ("mailto:ewa@example.org", "Ewa", "ACCEPTED")
    assert found["silent@example.org"]["ATTENDEE"] == "mailto:silent@example.org"
    # Never in what is published, nor on the page.
    assert "ewa@" not in tenant.public.page(link_path(anna)).text
    tenant.organiser.delete(path_of(meeting, anna), version=tenant.organiser.get(path_of(meeting, anna)).json()["version"])
    assert event_of_cancel(tenant)["ATTENDEE"] == "mailto:anna@example.org"


def event_of_cancel(tenant):
    return calendar_in(eml_of(tenant, "withdrawn"), "CANCEL")


def test_it_is_chosen_and_refused_on_pages(tenant):
    meeting = make_meeting(tenant, language="en")
    anna, ewa = people(tenant, meeting, "Anna", "Ewa")
    page = tenant.organiser.page(f"meetings/{meeting['slug']}/messages").text
    assert "Usually nobody who is invited learns who else is." in page
    tenant.organiser.form(f"meetings/{meeting['slug']}/showing", {"_method": "PATCH", "_if_match": "0", "shows": "names"}, 303)
    assert tenant.organiser.get(f"meetings/{meeting['slug']}/showing").json()["shows"] == "names"
    come(tenant, anna, ewa)
    assert "Do not show me" in tenant.public.page(link_path(ewa)).text


@pytest.mark.parametrize("body", [{"shows": "everything"}, {"shows": None}])
def test_there_are_three_ways(tenant, body):
    meeting = make_meeting(tenant)
    tenant.organiser.patch(f"meetings/{meeting['slug']}/showing", body, version=0, expect=422)
