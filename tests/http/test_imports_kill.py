"""test_imports_kill.py: lists that run when the service dies, and when others step them as well: each row is done, and once."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
import requests

from conftest import start_server
from test_kill import demo_of, owner

ROWS = 4000


@pytest.fixture
def place():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="narada-lists-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def begin(server, demo):
    """A list that runs; gives its path."""
    api, platform = owner(demo), f"{server.base_url}/platforms/{demo['platform']}"
    body = {"title": "Próba", "status": "published", "starts_at": "2031-05-06T08:00:00Z", "ends_at": "2031-05-06T10:00:00Z"}
    slug = api.post(f"{platform}/meetings", json=body, timeout=30).json()["slug"]
    text = "Name;E-mail\n" + "".join(f"Osoba {n};kill{n}@example.org\n" for n in range(ROWS))
    made = api.post(f"{platform}/meetings/{slug}/imports", json={"text": text}, timeout=30)
    assert made.status_code == 201, made.text
    path = f"/platforms/{demo['platform']}/meetings/{slug}/imports/{made.json()['id']}"
    assert api.post(f"{server.base_url}{path}/run", timeout=30).json()["state"] == "running"
    return path


def until(server, demo, path, wanted):
    end = time.monotonic() + 90
    while not wanted(now := owner(demo).get(server.base_url + path, timeout=30).json()):
        assert time.monotonic() < end, now
        time.sleep(0.02)
    return now


def people_of(server, demo):
    directory = str((server.data / "postgres").resolve())
    command = ["psql", "-h", directory, "-U", "narada_owner", "-d", "narada", "-qAt", "-c",
               f"select set_config('narada.platform_id', id::text, false) from narada.platform where slug = '{demo['platform']}'", "-c", "select count(*) from narada.person"]  # fmt: skip
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def check_done(server, demo, path):
    done = until(server, demo, path, lambda now: now["state"] not in ("running",))
    assert (done["state"], done["handled"], done["counts"]["invited"]) == ("done", ROWS, ROWS)
    counted = requests.get(f"{server.base_url}{path.rsplit('/', 2)[0]}/invitations/counts", headers=owner(demo).headers, timeout=30).json()
    assert counted["invited"] == ROWS


def test_a_list_goes_on_where_it_was(place):
    server = start_server(place / "data")
    try:
        demo = demo_of(server)
        path = begin(server, demo)
        seen = until(server, demo, path, lambda now: now["handled"] > 0)
        assert seen["state"] == "running" and seen["handled"] < ROWS
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
    finally:
        server.stop()
    again = start_server(place / "data")
    try:
        check_done(again, demo_of(again), path)
    finally:
        again.stop()


def begin_people(server, demo):
    """A list of people that runs; gives its path."""
    api, platform = owner(demo), f"{server.base_url}/platforms/{demo['platform']}"
    text = "Name;E-mail;Company\n" + "".join(f"Osoba {n};kill{n}@example.org;Gmina {n % 50}\n" for n in range(ROWS))
    made = api.post(f"{platform}/imports/people", json={"text": text}, timeout=60)
    assert made.status_code == 201, made.text
    path = f"/platforms/{demo['platform']}/imports/lists/{made.json()['id']}"
    assert api.post(f"{server.base_url}{path}/run", timeout=30).json()["state"] == "running"
    return path


def killed_in_the_middle(server, demo, path):
    seen = until(server, demo, path, lambda now: now["handled"] > 0)
    assert seen["handled"] < ROWS
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()


def test_a_list_of_people_goes_on_where_it_was_and_so_does_its_undoing(place):
    server = start_server(place / "data")
    try:
        demo = demo_of(server)
        before = people_of(server, demo)
        path = begin_people(server, demo)
        killed_in_the_middle(server, demo, path)
    finally:
        server.stop()
    server = start_server(place / "data")
    try:
        demo = demo_of(server)
        done = until(server, demo, path, lambda now: now["state"] != "running")
        assert (done["state"], done["handled"], done["counts"]["made"]) == ("done", ROWS, ROWS)
        assert people_of(server, demo) == before + ROWS
        assert owner(demo).post(f"{server.base_url}{path}/undo", timeout=30).status_code == 200
        killed_in_the_middle(server, demo, path)
    finally:
        server.stop()
    server = start_server(place / "data")
    try:
        demo = demo_of(server)
        done = until(server, demo, path, lambda now: now["state"] != "undoing")
        assert (done["state"], done["counts"]["taken_back"]) == ("undone", ROWS)
        assert people_of(server, demo) == before
    finally:
        server.stop()


def test_others_may_step_it_as_well(place):
    server = start_server(place / "data")
    try:
        demo = demo_of(server)
        path = begin(server, demo)
        directory = str((server.data / "postgres").resolve())
        steps = "set search_path = narada; set role narada_service;" + "select state from import_step();" * 10
        command = ["psql", "-h", directory, "-U", "narada_service", "-d", "narada", "-qAt", *sum((["-c", part + ";"] for part in steps.split(";") if part), [])]
        helpers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
        outputs = [helper.communicate() for helper in helpers]
        assert all("ERROR" not in errors for _, errors in outputs), outputs
        check_done(server, demo, path)
    finally:
        server.stop()
