"""test_archive.py: a whole meeting as one file, and that file as a meeting again: all of it or nothing, once, and without a mail."""

import base64
import hashlib
import io
import json
import os
import re
import zipfile

import pytest

from database import psql
from happenings import all_items, invite, link_path, make_meeting

ZIP = "application/zip"
HANDED_OUT = bytes(range(256)) * 900
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def export(api, meeting, expect=200):
    answer = api.get(f"meetings/{meeting['slug']}/archive.zip", expect, headers={"Accept": "*/*"})
    assert answer.headers["Content-Type"] == ZIP and answer.headers["Content-Disposition"] == f'attachment; filename="{meeting["slug"]}.zip"'
    return answer.content


def document(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return json.loads(archive.read("meeting.json"))


def files(content):
    """What is beside the document, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "meeting.json"}


def packed(doc, beside=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("meeting.json", doc if isinstance(doc, (bytes, str)) else json.dumps(doc))
        for name, content in (beside or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def take(tenant, content, expect=201):
    answer = tenant.organiser.send("POST", "archives", expect, headers={"Content-Type": ZIP}, data=content)
    return answer.json()


def leveled(doc):
    """What does not differ between platforms: ids by where they come first, and lists in an order that needs no ids."""
    doc = {name: value for name, value in doc.items() if name not in ("made_at", "platform")}
    nameless = lambda one: UUID.sub("", json.dumps(one, sort_keys=True))
    keyed = {name: sorted(value, key=nameless) if isinstance(value, list) else value for name, value in doc.items()}
    seen = {}
    return json.loads(UUID.sub(lambda m: seen.setdefault(m[0], f"id {len(seen)}"), json.dumps(keyed, sort_keys=True)))


@pytest.fixture
def full(tenant):
    """A meeting that has one of everything."""
    host = tenant.owner.create("organisations", name="Urząd Łąka", kind="municipality", external_id="U-1")
    venue = tenant.owner.create("venues", name="Sala", city="Łąka")
    series = tenant.owner.create("series", title="Spotkania", numbering="{number}. spotkanie")
    group = tenant.owner.create("groups", name="Gminy", external_id="G-1")
    meeting = make_meeting(tenant, venue_id=venue["id"], series_id=series["id"], series_number=3, host_organisation_id=host["id"], capacity=10, waitlist=True, companions_allowed=2,
                           purpose="cel\ndługi", external_id="M-1")  # fmt: skip
    path = f"meetings/{meeting['slug']}"
    tenant.owner.create(f"groups/{group['id']}/members", person={"name": "Grażyna", "email": "grazyna@example.org", "organisation": "Urząd Łąka"})
    tenant.organiser.create(f"{path}/invitations", group_id=group["id"])
    initiative = tenant.owner.create("initiatives", title="Obieg", lead_organisation_id=host["id"])
    talk = tenant.owner.create(f"{path}/agenda", title="Wykład", kind="talk", duration_minutes=30, initiative_ids=[initiative["id"]])
    workshop = tenant.owner.create(f"{path}/agenda", title="Warsztat", joining="optional", capacity=5)
    tenant.owner.create(f"{path}/speakers", agenda_item_id=talk["id"], person={"name": "Anna Mówca", "organisation": "Uczelnia"}, role="speaker")
    question = tenant.owner.create(f"{path}/questions", kind="single_choice", label="Dieta?", choices=[{"label": "mięsna"}, {"label": "wege"}])
    jan = invite(tenant, meeting, "Jan Łoś", email="jan@example.org", position="wójt")
    link = link_path(jan)
    public = tenant.public
    public.post(link, {"response": "accepted"})
    answers = [{"question_id": question["id"], "choices": [question["choices"][1]["key"]]}]
    public.post(f"{link}/details", {"companions": [{"name": "Ola"}, {"name": "Ewa"}], "items": [workshop["id"]], "note": "będę", "answers": answers})
    gone = invite(tenant, meeting, "Zbyt Zajęta", email="zajeta@example.org")
    public.post(f"{link_path(gone)}/substitute", {"name": "Zastępca", "email": "zastepca@example.org"})
    tenant.organiser.create(f"{path}/messages", kind="practical", subject="Wskazówki", text="Wejście od podwórza.\nDo zobaczenia.")
    invite(tenant, meeting, "Bez Adresu")
    tenant.owner.create(f"{path}/attendance", person_id=jan["person"]["id"])
    return tenant.organiser.get(path).json()


def platform_id(tenant):
    return psql(tenant.server, "narada_owner", f"select id from platform where slug = '{tenant.slug}'")[0]


def test_there_and_back_is_the_same(tenant, make_tenant, full):
    content = export(tenant.organiser, full)
    doc = document(content)
    assert (doc["format"], doc["version"], doc["files"], doc["platform"]["name"]) == ("narada-meeting", 1, [], f"Platform {tenant.slug}")
    for part in ("organisations", "venues", "series", "people", "groups", "group_members", "meeting_groups", "initiatives", "agenda", "initiative_items", "speakers", "questions", "question_wordings",
                 "invitations", "companions", "agenda_choices", "answers", "attendance_actions", "attendance", "messages", "history"):  # fmt: skip
        assert doc[part], part
    assert {person["name"] for person in doc["people"]} == {"Grażyna", "Anna Mówca", "Jan Łoś", "Bez Adresu", "Zbyt Zajęta", "Zastępca"}
    other = make_tenant()
    taken = take(other, content)
    assert (taken["title"], taken["from_platform"], taken["made"]["people"], taken["known"]["people"]) == (full["title"], f"Platform {tenant.slug}", 6, 0)
    again = document(export(other.organiser, taken))
    assert leveled(again) == leveled(doc)
    shown, before = other.organiser.get(f"meetings/{taken['slug']}").json(), full
    for name in ("slug", "title", "purpose", "starts_at", "ends_at", "status", "capacity", "external_id", "series_number"):
        assert shown[name] == before[name]
    assert [one["meeting_id"] for one in all_items(other.organiser, "archives")] == [taken["meeting_id"]]
    assert "archives" in other.organiser.page("meetings").text and full["title"] in other.organiser.page("archives").text


def test_no_secret_is_in_it_and_no_link_of_it_works(tenant, make_tenant, full):
    content = export(tenant.organiser, full)
    links = {one["person"]["name"]: one for one in all_items(tenant.organiser, f"meetings/{full['slug']}/invitations")}
    text = json.dumps(document(content))
    for one in links.values():
        assert link_path(one).rsplit("/", 1)[1] not in text
    assert "link_version" not in text and "/r/" not in text and not any(token in text for token in tenant.tokens.values())
    other = make_tenant()
    take(other, content)
    mine = {one["person"]["name"]: one for one in all_items(other.organiser, f"meetings/{full['slug']}/invitations")}
    assert set(mine) == set(links)
    for name, one in mine.items():
        assert link_path(one) != link_path(links[name])
        other.public.page(link_path(one), 200)
        token = link_path(links[name]).rsplit("/", 1)[1]
        other.public.page(f"/r/{other.slug}/{token}", (404, 410))


def test_no_mail_is_sent(server, tenant, make_tenant, full):
    content = export(tenant.organiser, full)
    other = make_tenant()
    take(other, content)
    assert psql(server, "narada_owner", f"select count(*) from outbox where platform_id = '{platform_id(other)}'") == ["0"]
    assert psql(server, "narada_owner", f"select count(*) from planned_mail where platform_id = '{platform_id(other)}'") == ["0"]
    assert all_items(other.organiser, "outbox") == []
    history = other.organiser.get(f"meetings/{full['slug']}/invitations/{all_items(other.organiser, 'meetings/' + full['slug'] + '/invitations')[0]['id']}/history").json()["items"]
    assert history and all(event["cause"] for event in history)


def test_a_second_time_it_says_so(tenant, make_tenant, full):
    content = export(tenant.organiser, full)
    assert take(tenant, content, 409)["code"] == "archive_already_there"  # where it came from it is, too
    other = make_tenant()
    take(other, content)
    before = [all_items(other.organiser, path) for path in ("people", "organisations", "groups", "meetings", "archives")]
    assert take(other, content, 409)["code"] == "archive_already_there"
    assert [all_items(other.organiser, path) for path in ("people", "organisations", "groups", "meetings", "archives")] == before


def test_who_is_known_stays_as_they_are(tenant, make_tenant, full):
    content = export(tenant.organiser, full)
    other = make_tenant()
    jan = other.owner.create("people", name="J. Łoś", email="JAN@example.org", position="burmistrz")
    office = other.owner.create("organisations", name="Inna nazwa", external_id="U-1")
    group = other.owner.create("groups", name="gminy")
    other.owner.create("meetings", title="Zajęte", slug=full["slug"], starts_at="2031-05-06T08:00:00Z", ends_at="2031-05-06T10:00:00Z")
    known = [other.organiser.get(f"{path}").json() for path in (f"people/{jan['id']}", f"organisations/{office['id']}", f"groups/{group['id']}")]
    taken = take(other, content)
    assert taken["slug"] != full["slug"] and (taken["known"]["people"], taken["made"]["people"], taken["known"]["organisations"], taken["known"]["groups"]) == (1, 5, 1, 1)
    assert [other.organiser.get(f"{path}").json() for path in (f"people/{jan['id']}", f"organisations/{office['id']}", f"groups/{group['id']}")] == known
    assert jan["id"] in {one["person"]["id"] for one in all_items(other.organiser, f"meetings/{taken['slug']}/invitations")}
    assert other.organiser.get(f"meetings/{taken['slug']}").json()["host_organisation_id"] == office["id"]


def test_ids_that_are_taken_become_new_ones(tenant, make_tenant, full):
    content = export(tenant.organiser, full)
    doc = document(content)
    other = make_tenant()
    take(other, content)
    doc["meeting"] = {**doc["meeting"], "id": "01a210a5-1eb0-73f0-91c7-05e61f6b44f9", "slug": "drugie", "external_id": "M-2", "series_number": 4}
    taken = take(other, packed(doc))
    assert taken["slug"] == "drugie" and taken["known"]["people"] == 6 and taken["made"]["agenda"] == 2
    second = document(export(other.organiser, taken))
    assert {one["id"] for one in second["invitations"]}.isdisjoint(one["id"] for one in doc["invitations"])
    assert {one["id"] for one in second["people"]} == {one["id"] for one in doc["people"]}
    level = lambda d: {**leveled(d), "meeting": None}
    assert level(second) == level(doc)


WRONG = [
    (lambda d: d.pop("agenda"), "agenda: is missing."),
    (lambda d: d.update(surprise=1), "surprise: is not known."),
    (lambda d: d["invitations"][1].pop("person_id"), "invitations[1].person_id: is missing."),
    (lambda d: d["invitations"][1].update(person_id="01a210a5-1eb0-73f0-91c7-05e61f6b44f9"), "invitations[1].person_id: refers to nothing in people."),
    (lambda d: d["invitations"][0].update(shoe_size=44), "invitations[0].shoe_size: is not known."),
    (lambda d: d["invitations"][0].update(link_version=3), "invitations[0].link_version: is not known."),
    (lambda d: d["invitations"][0].update(platform_id="x"), "invitations[0].platform_id: is not known."),
    (lambda d: d["invitations"][0].update(response="perhaps"), "invitations: something breaks the rule invitation_response_check."),
    (lambda d: d["invitations"][0].update(companions="many"), "invitations[0].companions: is not of the right kind."),
    (lambda d: d["people"][0].update(email="a@b@c\r\nBcc: x"), "people[0].email: is not one line of text."),
    (lambda d: d["people"][0].update(email="no address"), "people[0].email: is no e-mail address."),
    (lambda d: d["people"][0].update(id="7"), "people[0].id: is no id."),
    (lambda d: d["people"].append(d["people"][0]), "people: has the id"),
    (lambda d: d["meeting"].update(online_url="javascript:alert(1)"), "meeting.online_url: is no address of the web."),
    (lambda d: d["meeting"].update(time_zone="Europe/Atlantis"), "meeting.time_zone: is no time zone."),
    (lambda d: d["meeting"].update(slug="../x"), "meeting.slug: is no slug."),
    (lambda d: d["meeting"].pop("title"), "meeting.title: is missing."),
    (lambda d: d["meeting"].update(ends_at="2001-01-01T00:00:00Z"), "meeting: something breaks the rule meeting_ends_before_start."),
    (lambda d: d.update(people={}), "people: must be a list."),
    (lambda d: d["agenda"].append(5), "agenda[2]: must be an object."),
    (lambda d: d.update(files=["x"]), "files[0]: belongs to no document."), (lambda d: d.update(files="x"), "files: must be a list."),
    (lambda d: d["agenda"][0].update(title="x" * 3000), "agenda[0].title: is not one line of text."),
]


def test_what_is_wrong_is_named_and_nothing_is_taken(tenant, make_tenant, full):
    content = export(tenant.organiser, full)
    other = make_tenant()
    for spoil, said in WRONG:
        doc = document(content)
        spoil(doc)
        refused = take(other, packed(doc), 422)
        assert refused["code"] == "archive_member" and said in refused["detail"], (said, refused)
    assert [all_items(other.organiser, path) for path in ("people", "organisations", "groups", "meetings", "archives", "venues", "series", "initiatives")] == [[]] * 8
    take(other, content)


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("meeting.json", b" " * (70 * 1024 * 1024))
    return out.getvalue()


@pytest.mark.parametrize("content, code", [
    (lambda: b"PK\x03\x04 broken", "archive_not_zip"),
    (lambda: b"%PDF-1.7", "archive_not_zip"),
    (lambda: packed("not json"), "archive_broken"),
    (lambda: packed(b"\xff\xfe{}"), "archive_broken"),
    (lambda: packed(""), "archive_broken"),
    (lambda: packed('{"format": "narada-meeting\\u0000"}'), "archive_broken"),
    (lambda: packed([]), "archive_not_ours"),
    (lambda: packed({"format": "else"}), "archive_not_ours"),
    (lambda: packed({"format": "narada-meeting", "version": 2}), "archive_version"),
    (bomb, "archive_too_large"),
])  # fmt: skip
def test_what_is_no_archive(tenant, content, code):
    assert take(tenant, content(), 422)["code"] == code


def test_a_zip_without_a_meeting(tenant):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../etc/passwd", "x")
    assert take(tenant, out.getvalue(), 422)["code"] == "archive_not_ours"


def test_the_document_alone_and_too_much(tenant, make_tenant, full):
    doc = document(export(tenant.organiser, full))
    other = make_tenant()
    assert other.organiser.create("archives", document=json.dumps(doc))["slug"] == full["slug"]
    other.organiser.send("POST", "archives", 413, headers={"Content-Type": ZIP}, data=b"x" * (40 * 1024 * 1024 + 1))


def test_who_may(tenant, stranger, full):
    content = export(tenant.organiser, full)
    path = f"/platforms/{tenant.slug}/meetings/{full['slug']}/archive.zip"
    for api, status in ((tenant.public, 401), (tenant.viewer, 403), (tenant.assistant, 403), (stranger.owner, 404)):
        api.get(path, status, headers={"Accept": "*/*"})
        api.send("POST", f"/platforms/{tenant.slug}/archives", status, headers={"Content-Type": ZIP}, data=content)
    audit = [one["operation"] for one in all_items(tenant.owner, "audit")]
    assert audit.count("export_archive") == 1


def test_by_a_form(tenant, make_tenant, full):
    from test_imports import post_form

    other = make_tenant()
    assert f"/meetings/{full['slug']}/archive.zip" in tenant.organiser.page(f"meetings/{full['slug']}").text
    assert "archive.zip" not in tenant.viewer.page(f"meetings/{full['slug']}").text
    for language in ("pl", "en", "fi"):
        assert 'enctype="multipart/form-data"' in other.organiser.page("archives", language=language).text
    doc = document(export(tenant.organiser, full))
    doc["meeting"]["slug"] = "ŁĄKA"
    refused = post_form(other, "archives", {}, ("spotkanie.zip", packed(doc)), 422)
    assert "form-problem" in refused.text and "meeting.slug: is no slug." in refused.text
    made = post_form(other, "archives", {}, ("spotkanie.zip", export(tenant.organiser, full)))
    assert made.headers["Location"].split("?")[0].endswith(f"/platforms/{other.slug}/meetings/{full['slug']}")


@pytest.fixture
def handed_out(tenant):
    """A meeting with documents."""
    meeting = make_meeting(tenant)
    path = f"meetings/{meeting['slug']}"
    item = tenant.owner.create(f"{path}/agenda", title="Wykład", kind="talk", duration_minutes=30)
    for name, part, content in (("Prezentacja o łące.pdf", item["id"], HANDED_OUT), ("Mapa.png", None, b"\x89PNG\r\n\x00")):
        tenant.organiser.create(f"{path}/documents", file_name=name, agenda_item_id=part, shown_to="invitees", content=base64.b64encode(content).decode())
    return tenant.organiser.get(path).json()


def documents(api, meeting):
    path = f"meetings/{meeting['slug']}/documents"
    return {(one["file_name"], one["shown_to"], one["agenda_item_id"] is None): api.get(f"{path}/{one['id']}/file", headers={"Accept": "*/*"}).content for one in api.get(path).json()["items"]}


def test_documents_travel_byte_for_byte(tenant, make_tenant, handed_out):
    content = export(tenant.organiser, handed_out)
    doc, beside = document(content), files(content)
    assert {one["name"]: (one["size"], one["sha256"]) for one in doc["files"]} == {name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in beside.items()}
    assert beside == {f"documents/{one['id']}": HANDED_OUT if one["file_name"].startswith("Prez") else b"\x89PNG\r\n\x00" for one in doc["documents"]} and len(beside) == 2
    other = make_tenant()
    taken = take(other, content)
    assert documents(other.organiser, taken) == documents(tenant.organiser, handed_out) and taken["made"]["documents"] == 2
    again = export(other.organiser, taken)
    assert leveled(document(again)) == leveled(doc) and sorted(files(again).values()) == sorted(beside.values())


@pytest.mark.parametrize("spoil, said", [
    (lambda doc, beside: beside.popitem(), "its file is missing."),
    (lambda doc, beside: beside.update({next(iter(beside)): b"another"}), "its file is not the one that was put in."),
    (lambda doc, beside: doc["documents"].pop(), "belongs to no document."),
    (lambda doc, beside: doc["documents"][0].update(size=0), "something breaks the rule document_size_check."),
    (lambda doc, beside: doc["documents"][0].update(file_name="a\nb"), "is not one line of text."),
    (lambda doc, beside: doc["documents"][0].update(content="eA=="), "is not known."),
    (lambda doc, beside: doc["documents"][0].update(shown_to="anybody"), "something breaks the rule document_shown_to."),
])  # fmt: skip
def test_a_document_that_is_not_the_one_is_named(tenant, make_tenant, handed_out, spoil, said):
    content = export(tenant.organiser, handed_out)
    doc, beside = document(content), files(content)
    spoil(doc, beside)
    other = make_tenant()
    refused = take(other, packed(doc, beside), 422)
    assert refused["code"] == "archive_member" and said in refused["detail"], refused
    assert all_items(other.organiser, "meetings") == []


def test_an_archive_of_before_there_were_documents_is_taken(tenant, make_tenant, full):
    doc = document(export(tenant.organiser, full))
    assert doc.pop("documents") == []
    assert take(make_tenant(), packed(doc))["slug"] == full["slug"]


def test_as_many_documents_as_a_meeting_may_have_travel(tenant, make_tenant):
    meeting = make_meeting(tenant)
    for size in (10, 10, 4):
        tenant.organiser.create(f"meetings/{meeting['slug']}/documents", file_name="a.bin", content=base64.b64encode(os.urandom(size * 1024 * 1024)).decode())
    content = export(tenant.organiser, meeting)
    other = make_tenant()
    assert sorted(files(export(other.organiser, take(other, content))).values()) == sorted(files(content).values())
    # And no more than that, whatever the zip is made of.
    beside = files(content) | {"documents/01234567-89ab-7cde-8f01-23456789abcd": b"\0" * (1024 * 1024)}
    assert take(make_tenant(), packed(document(content), beside), 422)["code"] == "archive_too_large"
