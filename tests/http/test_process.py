"""test_process.py: the program around the service: starting, stopping, being killed, its subcommands and its settings."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
import requests

from conftest import find_binary, free_port, start_server


@pytest.fixture
def place():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="narada-process-"))
    directory.chmod(0o755)  # PostgreSQL runs as another user below it
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def started(place):
    """Starts servers on one data directory, one after the other."""
    servers = []

    def start(*arguments, **environment):
        server = start_server(place / "data", *arguments, environment=environment)
        servers.append(server)
        server.wait()
        server.demo = json.loads((server.data / "demo.json").read_text())
        return server

    yield start
    for server in servers:
        server.stop()
    stop_database(place)


def database_pid(place):
    file = place / "data" / "postgres" / "postmaster.pid"
    return int(file.read_text().split()[0]) if file.exists() else None


def stop_database(place):
    pid = database_pid(place)
    if pid:
        os.kill(pid, signal.SIGQUIT)


def narada(place, *arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NARADA_")}
    environment = {**kept, "NARADA_DATA": str(place / "data"), **environment}
    return subprocess.run([find_binary(), *arguments], env=environment, capture_output=True, text=True, timeout=120)


def token(server):
    return {"Authorization": f"Bearer {server.demo['token']}"}


def test_who_listens_to_a_door_is_let_go_when_the_server_stops(place, started):
    server = started()
    with requests.get(f"{server.demo['public_url']}/check-in/events", headers=token(server), stream=True, timeout=60) as stream:
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        assert stream.status_code == 200 and next(lines) == ":"
        server.process.send_signal(signal.SIGTERM)
        assert not any(lines), "the stream ends, as one that is whole does"
    assert server.process.wait(60) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_server_and_database(place, started, number):
    server = started()
    first = server.demo
    server.process.send_signal(number)
    assert server.process.wait(30) == 0
    assert database_pid(place) is None
    again = started().demo
    assert again["token"] == first["token"] and again["meeting_id"] == first["meeting_id"]
    assert [link.split("/r/")[1] for link in again["rsvp_urls"]] == [link.split("/r/")[1] for link in first["rsvp_urls"]]


@pytest.mark.parametrize("whole_tree", [False, True])
def test_a_killed_run_recovers(place, started, whole_tree):
    server = started()
    made = requests.post(server.url("/platforms/goz/people"), json={"name": "Jan Trwały"}, headers=token(server), timeout=30)
    assert made.status_code == 201
    server.process.kill()
    server.process.wait()
    if whole_tree:
        os.kill(database_pid(place), signal.SIGKILL)
    again = started()
    assert requests.get(again.url(made.headers["Location"]), headers=token(again), timeout=30).json()["name"] == "Jan Trwały"


def test_a_database_that_dies_is_started_again(place, started):
    server = started()
    os.kill(database_pid(place), signal.SIGKILL)
    statuses = set()
    for _ in range(200):
        statuses.add(requests.get(server.url("/platforms/goz/meetings"), timeout=30).status_code)
        time.sleep(0.02)
    assert statuses <= {200, 503}
    assert requests.get(server.url("/platforms/goz/meetings"), timeout=30).status_code == 200


def test_a_busy_port_is_told(place, started):
    server = started()
    port = server.base_url.rsplit(":", 1)[1]
    other = narada(place, "serve", "--data", str(place / "other"), "--port", port)
    assert other.returncode == 1 and f"Port {port} is in use" in other.stderr and "NARADA_PORT" in other.stderr


def test_subcommands_beside_a_running_server(place, started):
    server = started()
    made = narada(place, "token", "--platform", "goz", "--role", "viewer", "--days", "1")
    assert made.returncode == 0, made.stderr
    viewer = {"Authorization": f"Bearer {made.stdout.strip()}"}
    assert requests.get(server.url("/platforms/goz/people"), headers=viewer, timeout=30).status_code == 200
    assert requests.post(server.url("/platforms/goz/people"), json={"name": "Jan"}, headers=viewer, timeout=30).status_code == 403
    port = server.base_url.rsplit(":", 1)[1]
    link = narada(place, "token", "--sign-in", "--email", "biuro@goz.example.org", "--port", port).stdout.strip()
    opened = requests.get(link, headers={"Accept": "text/html"}, allow_redirects=False, timeout=30)
    assert opened.status_code == 303 and "narada_session=" in opened.headers["Set-Cookie"]
    assert narada(place, "token", "--platform", "nowhere").returncode == 1
    assert narada(place, "token", "--sign-in", "--email", "nobody@example.org").returncode == 1
    doctor = narada(place, "doctor")
    assert doctor.returncode == 0 and "All is well." in doctor.stdout, doctor.stdout
    assert narada(place, "migrate").stdout == "Nothing to do: the schema is up to date.\n"
    assert requests.get(server.url("/readyz"), timeout=30).status_code == 200  # none of them took the database along


def test_doctor_says_what_is_wrong(place, started):
    started().stop()
    os.chmod(place / "data" / "secret.key", 0o644)
    doctor = narada(place, "doctor")
    assert doctor.returncode == 1 and "chmod 600" in doctor.stdout and "One thing is wrong" in doctor.stdout
    assert narada(place, "doctor", "--database-url", "postgresql://127.0.0.1:1/none").returncode == 1


def test_a_newer_schema_is_not_touched(place, started):
    server = started()
    socket = place / "data" / "postgres"
    as_postgres = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    sql = "insert into narada.migration (number, name, checksum) values (9999, '9999_from_the_future', 'x')"
    subprocess.run(["psql", "-qh", str(socket), "-U", "narada_owner", "-d", "narada", "-c", sql], check=True, cwd="/", **as_postgres)
    server.stop()
    refused = narada(place, "serve", "--port", str(free_port()))
    assert refused.returncode == 1 and "9999_from_the_future" in refused.stderr and "Install the narada that made it" in refused.stderr


def test_settings_have_one_order(place):
    data = place / "data"
    data.mkdir()
    (data / "narada.conf").write_text("# ours\nport = not-from-file\n\nlog_level = warning\n")
    assert '--port (file) is a whole number from 1 to 65535, not "not-from-file"' in narada(place, "serve").stderr
    assert "--port (environment)" in narada(place, "serve", NARADA_PORT="x").stderr
    assert "--port (flag)" in narada(place, "serve", "--port=y", NARADA_PORT="x").stderr
    (data / "narada.conf").write_text("no_such_option = 1\n")
    assert "narada.conf, line 1: there is no option `no_such_option`" in narada(place, "serve").stderr
    assert narada(place, "serve", "--no-such-flag").returncode == 2
    assert narada(place, "no-such-command").returncode == 2


@pytest.mark.parametrize("command", ["serve", "migrate", "demo", "token", "doctor"])
def test_every_command_explains_itself(place, command):
    help_text = narada(place, command, "--help")
    assert help_text.returncode == 0 and f"narada {command}:" in help_text.stdout and "--data" in help_text.stdout and "NARADA_DATA" in help_text.stdout
