"""The server away while three devices check people in: each has its list, its page and its queue; afterwards all of it is at the server, once."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest
import requests

from browser import Browser
from door import Door, until
from entrance import moment
from http_conftest import find_binary, start_server

NAMES = ["Anna Żak", "Bogdan Łoś", "Cezary Ślaz", "Dorota Gąska", "Edward Mróz", "Felicja Źdźbło", "Grażyna Ćma", "Henryk Owca"]


class Place:
    """A server of its own that can go away and come back on the same port, with a meeting of today."""

    def __init__(self, directory):
        self.directory = directory
        self.server = start_server(directory / "data")
        self.server.wait()
        self.demo = json.loads((self.server.data / "demo.json").read_text())
        self.api = requests.Session()
        self.api.headers.update({"Authorization": f"Bearer {self.demo['token']}", "Accept": "application/json"})
        body = {"title": "Forum", "status": "published", "starts_at": moment(0.25), "ends_at": moment(3), "time_zone": "Europe/Warsaw", "language": "pl", "companions_allowed": 2}
        self.meeting = self.asked("POST", "meetings", body)["slug"]
        self.people = {name: self.invite(name) for name in NAMES}

    def asked(self, method, path, body=None):
        answer = self.api.request(method, f"{self.server.base_url}/platforms/{self.demo['platform']}/{path}", json=body, timeout=60)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def there(self, path, method="GET", body=None):
        return self.asked(method, f"meetings/{self.meeting}/{path}", body)

    def invite(self, name):
        one = self.there("invitations", "POST", {"person": {"name": name}})
        requests.post(one["rsvp_url"], json={"response": "accepted"}, timeout=60).raise_for_status()
        return one["person"]["id"]

    def go_away(self):
        self.server.stop()

    def come_back(self):
        environment = {**os.environ, "NARADA_PORT": self.server.base_url.rsplit(":", 1)[1], "NARADA_DATA": str(self.server.data)}
        for name in ("NARADA_DATABASE_URL", "NARADA_BASE_URL"):
            environment.pop(name, None)
        with open(self.server.log, "ab") as log:
            self.server.process = subprocess.Popen([find_binary(), "serve", "--demo"], env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.server.wait()

    def recorded(self):
        items = self.there("attendance?limit=500")["items"]
        return {item["person"]["name"]: item for item in items}


@pytest.fixture
def place():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="narada-door-"))
    directory.chmod(0o755)
    place = None
    try:
        place = Place(directory)
        yield place
    finally:
        if place is not None:
            place.server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def device(place, tmp_path):
    """device(): another phone at the door, signed in, its page open."""
    opened = []

    def another():
        folder = tmp_path / f"device-{len(opened)}"
        folder.mkdir()
        browser = Browser(folder, place.server.base_url)
        opened.append(browser)
        browser.resize(390)
        browser.speak("pl")
        browser.go(place.demo["organiser_url"])
        return Door(browser, f"/platforms/{place.demo['platform']}/meetings/{place.meeting}/check-in").open()

    yield another
    for browser in opened:
        browser.leave_alert(accept=True)
        browser.close()


def offline(door):
    until(door.browser, lambda: door.state() == "offline")


def test_three_devices_without_a_server(place, device):
    one, two, three = device(), device(), device()
    one.arrive("Anna Żak")
    one.sent()
    for other in (two, three):
        other.is_now("Anna Żak", "present")
    place.go_away()

    # Overlapping: Bogdan is taken by all three, Cezary by two.
    one.arrive("Bogdan Łoś")
    two.arrive("Bogdan Łoś")
    two.arrive("Cezary Ślaz")
    three.arrive("Cezary Ślaz")
    three.arrive("Bogdan Łoś")
    # A mistake, taken back on the device that made it; another, taken back on a device that did not.
    one.arrive("Dorota Gąska")
    one.undo("Dorota Gąska")
    two.undo("Anna Żak")
    # Somebody nobody invited, who then leaves; and somebody who comes and leaves at different doors.
    three.walk_in("Zofia Nowa", "Stowarzyszenie")
    three.tap(three.row("Zofia Nowa"), "leave")
    three.is_now("Zofia Nowa", "present", inside=False)
    one.arrive("Edward Mróz")
    two.arrive("Edward Mróz")
    two.tap(two.row("Edward Mróz"), "leave")
    for door, waiting in ((one, 4), (two, 5), (three, 4)):
        offline(door)
        assert door.waiting() == waiting and f"Czeka na wysłanie: {waiting}." in door.sync() and "Brak połączenia" in door.sync()

    # The page opens again without its server, with the list and all that waits.
    two.reload()
    offline(two)
    assert two.waiting() == 5
    assert {name: two.row(name).get_attribute("data-state") for name in NAMES} == {
        "Anna Żak": "", "Bogdan Łoś": "present", "Cezary Ślaz": "present", "Dorota Gąska": "", "Edward Mróz": "present", "Felicja Źdźbło": "", "Grażyna Ćma": "", "Henryk Owca": "",
    }  # fmt: skip
    two.search("zdzblo")
    two.arrive("Felicja Źdźbło")
    two.search("")
    assert (two.count("here"), two.count("inside")) == (4, 3)

    place.come_back()
    for door in (three, one, two):
        door.sent()
    recorded = place.recorded()
    assert {name: item["state"] for name, item in recorded.items()} == {name: "present" for name in ("Bogdan Łoś", "Cezary Ślaz", "Edward Mróz", "Felicja Źdźbło", "Zofia Nowa")}
    assert recorded["Zofia Nowa"]["recorded_as"] == "walk_in" and recorded["Zofia Nowa"]["left_at"] and recorded["Edward Mróz"]["left_at"]
    assert not recorded["Bogdan Łoś"]["left_at"]

    # What was done is all there, once: nothing lost, nothing twice.
    actions = place.there("check-in/actions?limit=500")["items"]
    kinds = sorted(action["kind"] for action in actions)
    assert kinds == sorted(["arrive"] * 10 + ["undo"] * 2 + ["leave"] * 2 + ["arrive"])
    assert len({action["id"] for action in actions}) == len(actions)
    bogdan = [action["at"] for action in actions if action["person_name"] == "Bogdan Łoś"]
    assert len(bogdan) == 3 and recorded["Bogdan Łoś"]["arrived_at"] == min(bogdan)
    people = place.asked("GET", "people?q=Zofia Nowa")["items"]
    assert len(people) == 1

    # And all three see the same as the server.
    counts = place.there("check-in")
    for door in (one, two, three):
        until(door.browser, lambda door=door: door.counts() == {name: counts[name] for name in door.counts()})
        assert "Wszystko wysłane" in door.sync()


def test_two_tabs_of_one_device_send_once(place, device):
    door = device()
    place.go_away()
    door.arrive("Anna Żak")
    first = door.browser.driver.current_window_handle
    door.browser.driver.switch_to.new_window("tab")
    door.browser.go(door.path)
    door.ready()
    until(door.browser, lambda: door.row("Anna Żak").get_attribute("data-state") == "present" and door.waiting() == 1)
    door.arrive("Bogdan Łoś")
    door.browser.driver.switch_to.window(first)
    until(door.browser, lambda: door.row("Bogdan Łoś").get_attribute("data-state") == "present" and door.waiting() == 2)
    place.come_back()
    door.sent()
    assert sorted(action["person_name"] for action in place.there("check-in/actions")["items"]) == ["Anna Żak", "Bogdan Łoś"]


def test_what_waits_survives_closing_the_browser(place, tmp_path):
    folder = tmp_path / "phone"
    folder.mkdir()
    browser = Browser(folder, place.server.base_url)
    try:
        browser.go(place.demo["organiser_url"])
        door = Door(browser, f"/platforms/{place.demo['platform']}/meetings/{place.meeting}/check-in").open()
        place.go_away()
        door.arrive("Henryk Owca")
        offline(door)
        # Leaving asks first.
        assert door.browser.run("const event = new Event('beforeunload', {cancelable: true}); dispatchEvent(event); return event.defaultPrevented")
    finally:
        browser.leave_alert(accept=True)
        browser.close()
    shutil.rmtree(folder / "downloads")
    browser = Browser(folder, place.server.base_url)
    try:
        door = Door(browser, door.path)
        browser.go(door.path)
        door.ready()
        assert door.waiting() == 1 and door.row("Henryk Owca").get_attribute("data-state") == "present"
        place.come_back()
        # A session lasts in the browser as long as its cookie says.
        browser.go(place.demo["organiser_url"])
        door.open()
        door.sent()
        assert place.recorded()["Henryk Owca"]["state"] == "present"
    finally:
        browser.leave_alert(accept=True)
        browser.close()


def test_nobody_stands_in_the_kept_page(place, device):
    door = device()
    place.go_away()
    kept = door.browser.driver.execute_async_script("""
        const done = arguments[0];
        (async () => {
            const texts = [];
            for (const name of await caches.keys()) {
                const kept = await caches.open(name);
                for (const request of await kept.keys()) texts.push([new URL(request.url).pathname, await (await kept.match(request)).text()]);
            }
            return texts;
        })().then(done);
    """)
    pages = {path: text for path, text in kept if not path.startswith("/assets/")}
    assert list(pages) == [door.path]
    assert not [name for name in NAMES if name in pages[door.path]]
    assert not [path for path, _ in kept if path.endswith((".json", "roster", "actions"))]
    door.browser.go(door.path)
    door.ready()
    assert set(NAMES) <= set(door.names())
