"""conftest.py: one server and one database per run (and per xdist worker); each test in a platform of its own.

    def test_something(tenant):
        person = tenant.owner.create("people", name="Anna Kowalska")          # POST, 201, JSON
        tenant.viewer.get(f"people/{person['id']}", 200)                       # any refusal fails here
        tenant.owner.patch(f"people/{person['id']}", {"name": "Anna"}, 200, version=person["version"])
        tenant.owner.form("people", {"name": "Jan"}, 303)                      # as a browser's form

Paths without a leading slash are inside the tenant's platform. Every answer is validated against /openapi.json (contract.py).
The server is $NARADA_BINARY, else the newest build*/server/narada; $NARADA_TEST_URL with $NARADA_TEST_DATA takes one that runs already.
"""

import itertools
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest
import requests

from contract import FORM, MERGE_PATCH, ROLES, Contract, Ledger

TOP = pathlib.Path(__file__).resolve().parents[2]


def find_binary():
    if os.environ.get("NARADA_BINARY"):
        return pathlib.Path(os.environ["NARADA_BINARY"])
    built = sorted(TOP.glob("build*/server/narada"), key=lambda path: path.stat().st_mtime)
    if not built:
        pytest.exit("There is no build*/server/narada: build first, or set NARADA_BINARY.", 2)
    return built[-1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A running `narada serve`; `demo` is what it wrote to demo.json."""

    def __init__(self, base_url, data, process=None, log=None):
        self.base_url, self.data, self.process, self.log = base_url, pathlib.Path(data), process, log
        self.demo, self.contract, self.session_cookie = {}, None, None

    def url(self, path):
        return path if path.startswith("http") else self.base_url + path

    def wait(self, seconds=90):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process is not None and self.process.poll() is not None:
                pytest.exit(f"The server ended with {self.process.returncode}:\n{self.tail()}", 2)
            try:
                if requests.get(self.url("/readyz"), timeout=5).status_code == 200 and (self.data / "demo.json").exists():
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.1)
        pytest.exit(f"The server was not ready within {seconds} s:\n{self.tail()}", 2)

    def tail(self):
        return self.log.read_text(errors="replace")[-4000:] if self.log else ""

    def tail_from(self, position):
        """What it said on its terminal after so many characters."""
        return self.log.read_text(errors="replace")[position:] if self.log else ""

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Api:
    """Requests with one token (or cookie, or nothing), inside one platform; each answer is held against the contract."""

    def __init__(self, server, platform=None, token=None, role="public", cookie=None):
        self.server, self.platform, self.token, self.role, self.cookie = server, platform, token, role, cookie
        self.session = requests.Session()

    def path(self, path):
        return path if path.startswith(("/", "http")) else f"/platforms/{self.platform}/{path}"

    def send(self, method, path, expect=None, *, headers=None, data=None, params=None, overridden=None):
        """One request. `expect` is the status (or several) that it must have."""
        headers = dict(headers or {})
        headers.setdefault("Accept", "application/json")
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.cookie and "Cookie" not in headers:
            headers["Cookie"] = self.cookie
        self.session.cookies.clear()
        response = self.session.request(method, self.server.url(self.path(path)), headers=headers, data=data, params=params, allow_redirects=False, timeout=60)
        self.server.contract.check(response, self.role, overridden or method)
        if expect is not None:
            expected = (expect,) if isinstance(expect, int) else expect
            shown = f"{method} {response.request.url} as {self.role} → {response.status_code}, not {expect}"
            assert response.status_code in expected, f"{shown}: {response.text[:1500]}"
        return response

    def get(self, path, expect=200, **more):
        return self.send("GET", path, expect, **more)

    def page(self, path, expect=200, language="en", **more):
        """The HTML representation."""
        headers = {"Accept": "text/html", "Accept-Language": language, **more.pop("headers", {})}
        return self.send("GET", path, expect, headers=headers, **more)

    def post(self, path, body=None, expect=(200, 201, 204), **more):
        return self._body("POST", path, body, expect, "application/json", more)

    def put(self, path, body, expect=(200, 201), *, version=None, **more):
        return self._body("PUT", path, body, expect, "application/json", self._versioned(more, version))

    def patch(self, path, body, expect=200, *, version=None, **more):
        return self._body("PATCH", path, body, expect, MERGE_PATCH, self._versioned(more, version))

    def delete(self, path, expect=204, *, version=None, **more):
        return self.send("DELETE", path, expect, **self._versioned(more, version))

    def create(self, path, expect=201, **body):
        return self.post(path, body, expect).json()

    def form(self, path, fields, expect=303, *, method=None, language="en", **more):
        """As a browser's form does it: urlencoded, wanting a page; `method` goes as `_method`. A list repeats a field's name."""
        fields = dict(fields, _method=method) if method else fields
        headers = {"Accept": "text/html", "Accept-Language": language, "Content-Type": FORM, "Origin": self.server.base_url, **more.pop("headers", {})}
        encoded = requests.models.RequestEncodingMixin._encode_params(fields)
        return self.send("POST", path, expect, headers=headers, data=encoded.encode(), overridden=method, **more)

    def _body(self, method, path, body, expect, media, more):
        headers = {"Content-Type": media, **more.pop("headers", {})}
        data = body if isinstance(body, (bytes, str)) else json.dumps(body).encode()
        return self.send(method, path, expect, headers=headers, data=data, **more)

    @staticmethod
    def _versioned(more, version):
        if version is not None:
            more["headers"] = {"If-Match": version if isinstance(version, str) else f'"{version}"', **more.get("headers", {})}
        return more


class Tenant:
    """A fresh platform with a token per role: `tenant.owner`, `.organiser`, `.assistant`, `.viewer`, and `.public` without any."""

    def __init__(self, server, slug, tokens):
        self.server, self.slug, self.tokens = server, slug, tokens
        self.apis = {role: Api(server, slug, token, role) for role, token in tokens.items()}
        self.apis["public"] = Api(server, slug)

    def api(self, role="owner"):
        return self.apis[role]

    def __getattr__(self, name):
        if name in self.__dict__.get("apis", {}):
            return self.apis[name]
        raise AttributeError(name)


@pytest.fixture(scope="session")
def run_id(request):
    return os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))


@pytest.fixture(scope="session")
def ledger(request):
    return request.config.narada_ledger


def start_server(data, *arguments, environment=None):
    """Starts `narada serve --demo` on a free port with that data directory; `stop()` it yourself."""
    port = free_port()
    log = pathlib.Path(data).with_suffix(".log")
    environment = {**os.environ, "NARADA_PORT": str(port), "NARADA_DATA": str(data), **(environment or {})}
    for name in ("NARADA_DATABASE_URL", "NARADA_BASE_URL"):
        environment.pop(name, None)
    with open(log, "wb") as output:
        process = subprocess.Popen([find_binary(), "serve", "--demo", *arguments], env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    return Server(f"http://localhost:{port}", data, process, log)


@pytest.fixture(scope="session")
def server(ledger, worker_name):
    """The run's server, with the demo in it."""
    place = None
    if os.environ.get("NARADA_TEST_URL"):
        server = Server(os.environ["NARADA_TEST_URL"].rstrip("/"), os.environ["NARADA_TEST_DATA"])
    else:
        place = pathlib.Path(tempfile.mkdtemp(prefix="narada-http-"))
        place.chmod(0o755)  # PostgreSQL runs as another user below it
        server = start_server(place / "data")
    try:
        server.wait()
        server.demo = json.loads((server.data / "demo.json").read_text())
        server.contract = Contract(requests.get(server.url("/openapi.json"), timeout=30).json(), ledger)
        yield server
    finally:
        server.stop()
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def worker_name(request):
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def organiser(server):
    """The demo's organiser, signed in by link as a browser would be: owns every tenant of the tests."""
    response = Api(server).page(server.demo["organiser_url"], 303)
    cookie = response.headers["Set-Cookie"].split(";")[0]
    return Api(server, server.demo["platform"], role="session", cookie=cookie)


numbers = itertools.count(1)


@pytest.fixture(scope="session")
def make_tenant(server, organiser, worker_name):
    """make_tenant(language=…, time_zone=…) gives a new platform."""

    def make(**members):
        slug = f"test-{worker_name}-{next(numbers)}-{int(time.time() * 1000) % 100000000}"
        organiser.post("/platforms", {"slug": slug, "name": f"Platform {slug}", **members}, 201)
        tokens = {
            role: organiser.post(f"/platforms/{slug}/tokens", {"name": f"test {role}", "role": role}, 201).json()["token"]
            for role in ROLES
        }
        return Tenant(server, slug, tokens)

    return make


@pytest.fixture
def tenant(make_tenant):
    return make_tenant()


@pytest.fixture(scope="session")
def stranger(make_tenant):
    """Another platform, whose tokens must find nothing in any other."""
    return make_tenant()


# ── What the last test needs to know about the others ──


def pytest_configure(config):
    worker = getattr(config, "workerinput", {})
    config.narada_ledger = Ledger(worker.get("testrunuid", str(os.getpid())), worker.get("workerid", "main"))


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: "test_zz_" in item.nodeid)  # stable: everything else keeps its order


def pytest_runtest_logfinish(nodeid):
    current = getattr(pytest_runtest_logfinish, "ledger", None)
    if current is not None:
        current.finished(nodeid)


def pytest_sessionstart(session):
    if not hasattr(session.config, "workerinput") and session.config.getoption("numprocesses", None):
        return  # the controller only watches
    pytest_runtest_logfinish.ledger = session.config.narada_ledger


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        for left in pathlib.Path(tempfile.gettempdir()).glob(f"narada-tests-{os.getuid()}-*"):
            if left == config.narada_ledger.directory or time.time() - left.stat().st_mtime > 3600:
                shutil.rmtree(left, ignore_errors=True)
