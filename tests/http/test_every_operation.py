"""test_every_operation.py: what holds for all operations alike: who is refused, and what a bad request gets.

The requests are made from the contract itself, so that a new operation is tried without a new test.
"""

import json
import re

import pytest

from contract import MERGE_PATCH, PLATFORM_PATH, ROLES

BY_LINK = ("invitee", "registrant")  # the link comes first: nobody is told anything else


class Nowhere:
    slug = "no-such-platform"


@pytest.fixture(scope="module")
def place(make_tenant):
    return make_tenant()


def operations(server, chosen):
    return [operation for operation in server.contract.operations if chosen(operation)]


def attempt(api, operation, place, expect, *, body=None, version=True):
    headers, smallest = api.server.contract.example_request(operation)
    if not version:
        headers.pop("If-Match", None)
    if operation.media and "application/json" not in operation.media:  # a page alone: nobody is shown the way to sign in
        headers["Accept"] = next(iter(operation.media))
        expect = 303 if expect == 401 and headers["Accept"] == "text/html" else expect
    path = api.server.contract.example_path(operation, platform=place.slug)
    return api.send(operation.method, path, expect, headers=headers, data=smallest if body is None else body)


def test_nobody_without_credentials_gets_in(server, place):
    tried = operations(server, lambda one: one.role in ROLES + ["session"])
    assert tried
    for operation in tried:
        attempt(place.public, operation, place, 401)


def test_a_role_below_the_needed_one_is_refused(server, place):
    for operation in operations(server, lambda one: one.role in ROLES and one.path.startswith(PLATFORM_PATH)):
        for role in ROLES[: ROLES.index(operation.role)]:
            attempt(place.api(role), operation, place, 403)


def test_another_platforms_token_finds_nothing(server, place, stranger):
    for operation in operations(server, lambda one: one.path.startswith(PLATFORM_PATH)):
        if operation.role in ROLES + ["public"]:
            attempt(stranger.owner, operation, place, 404)


def test_a_platform_that_is_not_there(server, place):
    for operation in operations(server, lambda one: one.path.startswith(PLATFORM_PATH) and one.role in ROLES + ["public"]):
        attempt(place.owner, operation, Nowhere, 404)


def test_an_unknown_member_and_a_body_that_is_no_json(server, place):
    for operation in operations(server, lambda one: one.content and one.role not in BY_LINK):
        headers, smallest = server.contract.example_request(operation)
        response = attempt(place.owner, operation, place, 422, body=json.dumps({"no_such_member": 1}).encode())
        errors = response.json()["errors"]
        assert errors and all(error["pointer"] is not None and error["detail"] and error["code"] for error in errors)
        attempt(place.owner, operation, place, 400, body=b'{"half": ')
        attempt(place.owner, operation, place, 400, body=b'{"twice": 1, "twice": 2}')


def test_a_body_of_another_media_type(server, place):
    for operation in operations(server, lambda one: one.content and one.role not in BY_LINK):
        path = server.contract.example_path(operation, platform=place.slug)
        headers, body = server.contract.example_request(operation)
        place.owner.send(operation.method, path, 415, headers={**headers, "Content-Type": "text/plain"}, data=body)


def test_a_patch_that_is_no_object(server, place):
    for operation in operations(server, lambda one: MERGE_PATCH in one.content):
        attempt(place.owner, operation, place, (400, 422), body=b"[1, 2]")


def test_a_change_needs_a_version(server, place):
    tried = operations(server, lambda one: one.needs_version)
    assert tried
    for operation in tried:
        attempt(place.owner, operation, place, 428, version=False)


def test_bad_query_parameters(server, place):
    for operation in operations(server, lambda one: one.method == "GET" and one.role not in BY_LINK):
        path = server.contract.example_path(operation, platform=place.slug)
        names = {one["name"]: one for one in operation.parameters if one["in"] == "query"}
        # A file alone is asked for as such.
        headers = {"Accept": next(iter(operation.media))} if operation.media and "application/json" not in operation.media else {}
        if "limit" in names:
            answer = place.owner.get(path, 422, params={"limit": "0"}).json()
            assert answer["errors"][0]["pointer"] == "?limit"
            place.owner.get(path, 422, params={"limit": "many"})
        if "after" in names:
            place.owner.get(path, (400, 422), params={"after": "not a cursor"})
        for name, parameter in names.items():
            if "enum" in server.contract.resolve(parameter["schema"]):
                place.owner.get(path, 422, params={name: "no_such_choice"}, headers=headers)


def test_things_that_are_not_there(server, place):
    # What names a choice (a kind of list, a strip of paper) every platform has.
    names = lambda one: set(re.findall(r"\{(\w+)\}", one.path[len(PLATFORM_PATH) :])) - {"register", "strip"}
    chosen = lambda one: one.path.startswith(PLATFORM_PATH + "/") and names(one) and one.role in ROLES
    for operation in operations(server, chosen):
        response = attempt(place.owner, operation, place, (404, 422))
        assert response.status_code == 404, f"{operation.id}: {response.text}"


def test_methods_that_are_not_there(server, place):
    for path in {operation.path for operation in server.contract.operations}:
        operation = next(one for one in server.contract.operations if one.path == path)
        response = place.owner.send("TRACE", server.contract.example_path(operation, platform=place.slug), 405)
        allowed = {one.strip() for one in response.headers["Allow"].split(",")}
        assert {one.method for one in server.contract.operations if one.path == path} <= allowed
