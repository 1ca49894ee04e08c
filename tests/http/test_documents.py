"""test_documents.py: what is handed out at a meeting: byte for byte, to whom it is meant for, and within its limits."""

import base64
import hashlib
import os

import pytest
import requests

from happenings import invite, link_path, make_meeting

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 700 + b"\r\n\x00\xff%%EOF"
EVIL = b"<!doctype html><script>alert(1)</script>"


def place(meeting):
    return f"meetings/{meeting['slug']}/documents"


def put(api, meeting, content=PDF, file_name="Prezentacja o łące.pdf", expect=201, **more):
    return api.post(place(meeting), {"file_name": file_name, "content": base64.b64encode(content).decode(), **more}, expect).json()


def upload(server, api, meeting, fields, file, expect):
    body, kind = requests.models.RequestEncodingMixin._encode_files({"file": file or ("", b"")}, fields)
    return api.send("POST", place(meeting), expect, headers={"Content-Type": kind, "Accept": "text/html", "Origin": server.base_url}, data=body)


def download(api, path, expect=200):
    return api.get(path, expect, headers={"Accept": "*/*"})


def test_a_document_comes_back_byte_for_byte(tenant):
    meeting = make_meeting(tenant)
    for content in (PDF, b"x", os.urandom(3 * 65536), os.urandom(65537)):
        one = put(tenant.organiser, meeting, content)
        assert one["title"] == one["file_name"] == "Prezentacja o łące.pdf" and one["size"] == len(content) and one["media_type"] == "application/pdf"
        assert one["sha256"] == hashlib.sha256(content).hexdigest() and one["shown_to"] == "members"
        answer = download(tenant.viewer, f"{place(meeting)}/{one['id']}/file")
        assert answer.content == content and answer.headers["Content-Length"] == str(len(content)) and answer.headers["ETag"] == f'"{one["sha256"]}"'
        assert answer.headers["Content-Type"] == "application/pdf" and answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"] == "attachment; filename=\"Prezentacja o __ce.pdf\"; filename*=UTF-8''Prezentacja%20o%20%C5%82%C4%85ce.pdf".replace("o __ce", "o ____ce")
        assert "private" in answer.headers["Cache-Control"]


def test_the_largest_goes_in_and_out_and_one_byte_more_does_not(tenant):
    meeting = make_meeting(tenant)
    largest = os.urandom(10 * 1024 * 1024)
    one = put(tenant.organiser, meeting, largest)
    assert download(tenant.viewer, f"{place(meeting)}/{one['id']}/file").content == largest
    assert put(tenant.organiser, meeting, largest + b"x", expect=413)["code"] == "document_too_large"
    put(tenant.organiser, meeting, largest)
    assert put(tenant.organiser, meeting, largest, expect=409)["code"] == "documents_full"
    put(tenant.organiser, meeting, largest[: 4 * 1024 * 1024])
    assert put(tenant.organiser, meeting, b"x", expect=409)["code"] == "documents_full"
    put(tenant.organiser, make_meeting(tenant), b"x")
    tenant.organiser.delete(f"{place(meeting)}/{one['id']}", version=one["version"])
    put(tenant.organiser, meeting, b"x")


def test_each_sees_what_is_meant_for_them(tenant):
    meeting, elsewhere = make_meeting(tenant), make_meeting(tenant)
    ours, invited, everybodys = (put(tenant.organiser, meeting, title=who, shown_to=who) for who in ("members", "invitees", "everybody"))
    link, stranger = link_path(invite(tenant, meeting, "Jan Łoś")), link_path(invite(tenant, elsewhere, "Ewa Łoś"))
    titles = lambda api: [one["title"] for one in api.get(place(meeting)).json()["items"]]
    assert titles(tenant.viewer) == titles(tenant.assistant) == ["members", "invitees", "everybody"] and titles(tenant.public) == ["everybody"]
    for one, public, by_link in ((ours, 404, 404), (invited, 404, 200), (everybodys, 200, 200)):
        download(tenant.viewer, f"{place(meeting)}/{one['id']}/file")
        download(tenant.public, f"{place(meeting)}/{one['id']}/file", public)
        tenant.public.get(f"{place(meeting)}/{one['id']}", public)
        assert download(tenant.public, f"{link}/documents/{one['id']}", by_link).status_code == by_link
        download(tenant.public, f"{stranger}/documents/{one['id']}", 404)
        download(tenant.viewer, f"{place(elsewhere)}/{one['id']}/file", 404)
    assert download(tenant.public, f"{link}/documents/{invited['id']}").headers["Cache-Control"] == "no-store"
    page = tenant.public.page(link).text
    assert ">invitees</a>" in page and ">everybody</a>" in page and ">members</a>" not in page
    page = tenant.public.page(f"meetings/{meeting['slug']}").text
    assert ">everybody</a>" in page and ">invitees</a>" not in page
    # A meeting that only invited people see shows its documents to nobody else either.
    hidden = make_meeting(tenant, visibility="invited")
    secret = put(tenant.organiser, hidden, shown_to="everybody")
    download(tenant.public, f"{place(hidden)}/{secret['id']}/file", 404)
    download(tenant.public, f"{link_path(invite(tenant, hidden, 'Ola'))}/documents/{secret['id']}")


def test_a_withdrawn_link_opens_no_document(tenant):
    meeting = make_meeting(tenant)
    one = put(tenant.organiser, meeting, shown_to="invitees")
    invitation = invite(tenant, meeting, "Jan Łoś")
    tenant.organiser.delete(f"meetings/{meeting['slug']}/invitations/{invitation['id']}", version=invitation["version"])
    download(tenant.public, f"{link_path(invitation)}/documents/{one['id']}", 410)


@pytest.mark.parametrize("name, kept, media", [
    ("C:\\Users\\ala\\plan.DOCX", "C Users ala plan.DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("../../etc/passwd", "etc passwd", "application/octet-stream"), ("strona.html", "strona.html", "application/octet-stream"),
    ("rysunek.svg", "rysunek.svg", "application/octet-stream"), ("„cytat”.txt", "„cytat”.txt", "text/plain; charset=utf-8"), (".htaccess", "htaccess", "application/octet-stream"),
])  # fmt: skip
def test_a_name_is_one_everywhere_and_says_the_type(tenant, name, kept, media):
    meeting = make_meeting(tenant)
    one = put(tenant.organiser, meeting, EVIL, name, shown_to="everybody")
    assert (one["file_name"], one["media_type"]) == (kept, media)
    answer = download(tenant.public, f"{place(meeting)}/{one['id']}/file")
    assert answer.content == EVIL and answer.headers["Content-Disposition"].startswith("attachment;") and answer.headers["Content-Type"] == media
    assert "sandbox" in answer.headers["Content-Security-Policy"] and "script-src" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("body, code", [
    ({"file_name": "a.txt", "content": "to nie base64!"}, "not_base64"), ({"file_name": "///", "content": "eA=="}, "required"), ({"file_name": "a.txt"}, "required"),
    ({"content": "eA=="}, "required"), ({"file_name": "a.txt", "content": "eA==", "shown_to": "nobody"}, "not_a_choice"),
    ({"file_name": "a.txt", "content": "eA==", "agenda_item_id": "01234567-89ab-7cde-8f01-23456789abcd"}, "no_such_item"), ({"file_name": "a.txt", "content": "=="}, "not_base64"),
])  # fmt: skip
def test_what_can_not_be_taken_is_said(tenant, body, code):
    meeting = make_meeting(tenant)
    answer = tenant.organiser.post(place(meeting), body, 422).json()
    assert code in (answer.get("code"), *(one["code"] for one in answer.get("errors", [])))
    assert tenant.organiser.get(place(meeting)).json()["items"] == []


def test_a_browsers_form_uploads_and_says_what_is_wrong(server, tenant):
    meeting = make_meeting(tenant)
    item = tenant.owner.create(f"meetings/{meeting['slug']}/agenda", title="Wykład", kind="talk", duration_minutes=30)
    upload(server, tenant.organiser, meeting, {"title": "Slajdy", "shown_to": "invitees", "agenda_item_id": item["id"]}, ("slajdy.pdf", PDF, "text/html"), 303)
    (one,) = tenant.organiser.get(place(meeting)).json()["items"]
    assert (one["title"], one["file_name"], one["shown_to"], one["agenda_item_id"], one["media_type"]) == ("Slajdy", "slajdy.pdf", "invitees", item["id"], "application/pdf")
    assert download(tenant.organiser, f"{place(meeting)}/{one['id']}/file").content == PDF
    for fields, file, part in (({"shown_to": "invitees"}, None, "Choose"), ({"shown_to": "wszyscy"}, ("a.pdf", PDF), "shown_to"), ({"agenda_item_id": "x", "shown_to": "members"}, ("a.pdf", PDF), "agenda_item_id")):
        page = upload(server, tenant.organiser, meeting, fields, file, 422).text
        assert "form-problem" in page and 'enctype="multipart/form-data"' in page, part
    assert len(tenant.organiser.get(place(meeting)).json()["items"]) == 1


def test_a_document_is_changed_moved_and_outlives_its_part_of_the_programme(tenant):
    meeting = make_meeting(tenant)
    item = tenant.owner.create(f"meetings/{meeting['slug']}/agenda", title="Wykład", kind="talk", duration_minutes=30)
    one = put(tenant.organiser, meeting, agenda_item_id=item["id"])
    path = f"{place(meeting)}/{one['id']}"
    changed = tenant.organiser.patch(path, {"title": "Mapa", "shown_to": "everybody", "rank": 3}, 200, version=one["version"]).json()
    assert (changed["title"], changed["shown_to"], changed["rank"], changed["agenda_item_id"]) == ("Mapa", "everybody", 3, item["id"]) and changed["version"] == one["version"] + 1
    tenant.organiser.patch(path, {"title": "Plan"}, 412, version=one["version"])
    tenant.owner.delete(f"meetings/{meeting['slug']}/agenda/{item['id']}", version=item["version"])
    assert tenant.organiser.get(path).json()["agenda_item_id"] is None
    again = tenant.organiser.get(path).json()
    tenant.organiser.delete(path, version=again["version"])
    download(tenant.organiser, f"{path}/file", 404)


def test_only_the_head_is_asked_for(tenant):
    meeting = make_meeting(tenant)
    one = put(tenant.organiser, meeting)
    answer = tenant.viewer.send("HEAD", f"{place(meeting)}/{one['id']}/file", 200, headers={"Accept": "*/*"})
    assert answer.content == b"" and answer.headers["Content-Length"] == str(len(PDF))


def test_who_has_it_already_is_not_sent_it_again(tenant):
    meeting = make_meeting(tenant)
    one = put(tenant.organiser, meeting, os.urandom(1000000))
    path, etag = f"{place(meeting)}/{one['id']}/file", f'"{one["sha256"]}"'
    answer = tenant.viewer.get(path, 304, headers={"Accept": "*/*", "If-None-Match": etag})
    assert answer.content == b"" and answer.headers["ETag"] == etag
    assert len(tenant.viewer.get(path, 200, headers={"Accept": "*/*", "If-None-Match": '"other"'}).content) == 1000000
    for _ in range(20):  # and the connections on which its bytes would have come are free again
        tenant.viewer.get(path, 304, headers={"Accept": "*/*", "If-None-Match": etag})
    assert len(download(tenant.viewer, path).content) == 1000000
