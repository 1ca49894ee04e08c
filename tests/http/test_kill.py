"""test_kill.py: `kill -9` in the middle of answers: whatever was confirmed is there afterwards."""

import json
import os
import pathlib
import shutil
import signal
import tempfile
import threading
import time

import pytest
import requests

from conftest import start_server

JSON = {"Content-Type": "application/json", "Accept": "application/json"}


@pytest.fixture
def place():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="narada-kill-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def demo_of(server):
    server.wait()
    return json.loads((server.data / "demo.json").read_text())


def owner(demo):
    session = requests.Session()
    session.headers.update(JSON | {"Authorization": f"Bearer {demo['token']}"})
    return session


def invite_some(demo, base, number):
    """A meeting of its own with that many invitees; gives the path of the meeting and the tokens of their links."""
    api = owner(demo)
    platform = f"{base}/platforms/{demo['platform']}"
    body = {"title": "Próba", "status": "published", "starts_at": "2031-05-06T08:00:00Z", "ends_at": "2031-05-06T10:00:00Z", "capacity": 10 * number}
    slug = api.post(f"{platform}/meetings", data=json.dumps(body), timeout=30).json()["slug"]
    links = []
    for n in range(number):
        made = api.post(f"{platform}/meetings/{slug}/invitations", data=json.dumps({"person": {"name": f"Osoba {n}"}}), timeout=30)
        assert made.status_code == 201, made.text
        links.append(made.json()["rsvp_url"].rsplit("/", 1)[1])
    return slug, links


class Stream(threading.Thread):
    """Answers over and over with its links, and keeps what was confirmed last for each, and what was under way."""

    def __init__(self, base, platform, tokens):
        super().__init__(daemon=True)
        self.base, self.platform, self.tokens = base, platform, tokens
        self.confirmed, self.under_way, self.done = {}, {}, 0

    def run(self):
        session = requests.Session()
        responses = ("accepted", "declined", "tentative")
        for round_number in range(100000):
            for token in self.tokens:
                response, note = responses[round_number % 3], f"runda {round_number}"
                self.under_way[token] = (response, note)
                try:
                    answer = session.post(f"{self.base}/r/{self.platform}/{token}", data=json.dumps({"response": response, "note": note}), headers=JSON, timeout=30)
                except requests.RequestException:
                    return
                if answer.status_code == 200:
                    self.confirmed[token] = (response, note)
                    self.done += 1
                    del self.under_way[token]
                elif answer.status_code != 503:
                    raise AssertionError(answer.text)


def test_confirmed_answers_survive_kill(place):
    server = start_server(place / "data")
    try:
        demo = demo_of(server)
        slug, tokens = invite_some(demo, server.base_url, 24)
        streams = [Stream(server.base_url, demo["platform"], tokens[n::8]) for n in range(8)]
        for stream in streams:
            stream.start()
        until = time.monotonic() + 60
        while sum(stream.done for stream in streams) < 400 and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        for stream in streams:
            stream.join(40)
        confirmed = {token: said for stream in streams for token, said in stream.confirmed.items()}
        under_way = {token: said for stream in streams for token, said in stream.under_way.items()}
        assert sum(stream.done for stream in streams) >= 400 and len(confirmed) == len(tokens)
    finally:
        server.stop()

    again = start_server(place / "data")
    try:
        demo = demo_of(again)
        for token, said in confirmed.items():
            view = requests.get(f"{again.base_url}/r/{demo['platform']}/{token}", headers=JSON, timeout=30).json()
            now = (view["response"], view["note"])
            # an answer that got no confirmation may be there or not, but never half
            assert now == said or now == under_way.get(token), (now, said, under_way.get(token))
        counted = owner(demo).get(f"{again.base_url}/platforms/{demo['platform']}/meetings/{slug}/invitations/counts", timeout=30).json()
        assert counted["invited"] == len(tokens)
    finally:
        again.stop()
