"""test_zz_coverage.py: runs last: every operation of the contract was exercised with success by some test of this run."""

import pathlib
import time

import pytest


def whole_suite(items):
    here = pathlib.Path(__file__).parent
    collected = {pathlib.Path(str(item.fspath)) for item in items}
    return set(here.glob("test_*.py")) <= collected


def wait_for_the_others(ledger, items, seconds=120):
    """With xdist the other workers may still be at it."""
    expected = {item.nodeid for item in items if "test_zz_" not in item.nodeid}
    until = time.monotonic() + seconds
    while expected - ledger.tests() and time.monotonic() < until:
        time.sleep(0.2)


def test_every_operation_was_exercised(request, server, ledger):
    if not whole_suite(request.session.items):
        pytest.skip("only a part of the suite runs")
    wait_for_the_others(ledger, request.session.items)
    exercised = ledger.exercised()
    missing = [
        f"{operation.id} ({operation.method} {operation.path})"
        for operation in server.contract.operations
        if not any(status < 400 for status in exercised.get(operation.id, ()))
    ]
    assert not missing, "never exercised with success:\n  " + "\n  ".join(missing)


def test_every_operation_was_refused_something(request, server, ledger):
    if not whole_suite(request.session.items):
        pytest.skip("only a part of the suite runs")
    exercised = ledger.exercised()
    missing = []
    for operation in server.contract.operations:
        statuses = exercised.get(operation.id, set())
        wanted = {422} if operation.content else set()
        if operation.role in ("viewer", "assistant", "organiser", "owner", "session"):
            page_alone = operation.media == {"text/html"}
            wanted |= {303 if page_alone else 401}  # a page shows the way to sign in
        if operation.role in ("assistant", "organiser", "owner"):
            wanted |= {403}
        if operation.needs_version:
            wanted |= {428}
        if wanted - statuses:
            missing.append(f"{operation.id}: never {sorted(wanted - statuses)}")
    assert not missing, "refusals nobody tried:\n  " + "\n  ".join(missing)
