"""test_lists_long.py: lists of 100,000 rows: within 64 MB, while people answer, and with nothing left when nobody waits for them."""

import csv
import io
import json
import os
import pathlib
import re
import shutil
import socket
import tempfile
import threading
import time
import zipfile

import pytest
import requests

from conftest import find_binary, start_server
from database import psql
from test_process import stop_database

PEOPLE = 100_000
MEMORY_MB = 64
SANITIZED = b"__asan_init" in find_binary().read_bytes()  # its shadow is no memory of ours


class Long:
    """A server of its own with a platform of 100,000 people."""

    def __init__(self, place):
        self.temporary = place / "temporary"
        self.temporary.mkdir()
        self.server = start_server(place / "data", environment={"TMPDIR": str(self.temporary), "NARADA_LOOPS": "2"})
        self.server.wait()
        self.demo = json.loads((self.server.data / "demo.json").read_text())
        self.headers = {"Authorization": f"Bearer {self.demo['token']}"}
        psql(self.server, "narada_owner", f"""
            select set_config('narada.platform_id', id::text, false) from platform where slug = '{self.demo['platform']}';
            insert into person (name, email, phone, "position")
            select 'Osoba ' || n, 'osoba.' || n || '@example.org', '+48 600 ' || n, 'stanowisko ' || n from generate_series(1, {PEOPLE}) n""")

    def url(self, path):
        return f"{self.server.base_url}/platforms/{self.demo['platform']}/{path}"

    def get(self, path, **more):
        response = requests.get(self.url(path), headers=self.headers, timeout=300, **more)
        assert response.status_code == 200, response.text[:500]
        return response

    def begin(self, path):
        """Asks, and hands the connection over."""
        port = int(self.server.base_url.rsplit(":", 1)[1])
        connection = socket.create_connection(("127.0.0.1", port), 30)
        connection.sendall(f"GET /platforms/{self.demo['platform']}/{path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: {self.headers['Authorization']}\r\n\r\n".encode())
        return connection

    def open_files(self):
        """Temporary files that the server holds."""
        found = []
        for name in pathlib.Path(f"/proc/{self.server.process.pid}/fd").iterdir():
            try:
                found.append(os.readlink(name))
            except OSError:
                pass
        return [name for name in found if name.startswith(str(self.temporary))]

    def settles(self, files=0):
        """So many temporary files are left, sooner or later, and none of them has a name."""
        for _ in range(600):
            if len(self.open_files()) == files:
                break
            time.sleep(0.1)
        assert len(self.open_files()) == files and os.listdir(self.temporary) == []

    def peak_mb(self):
        return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text())[1]) / 1024


@pytest.fixture(scope="module")
def long():
    place = pathlib.Path(tempfile.mkdtemp(prefix="narada-long-"))
    place.chmod(0o755)
    long = Long(place)
    yield long
    long.server.stop()
    stop_database(place)
    shutil.rmtree(place, ignore_errors=True)


class Answering:
    """Somebody who answers an invitation, again and again, while something else goes on."""

    def __init__(self, long):
        self.link, self.failed, self.answered, self.over = long.demo["rsvp_urls"][0], [], 0, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over.is_set():
            response = requests.post(self.link, json={"response": ("accepted", "declined")[self.answered % 2]}, headers={"Accept": "application/json"}, timeout=60)
            self.answered += 1
            if response.status_code not in (200, 409):
                self.failed.append(response.text)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def rows_in(book):
    """How many rows its sheet has: counted as it is unpacked, since openpyxl would take minutes."""
    count = 0
    with zipfile.ZipFile(io.BytesIO(book)).open("xl/worksheets/sheet1.xml") as sheet:
        rest = b""
        while piece := sheet.read(1 << 20):
            count += (rest + piece).count(b"<row ")
            rest = piece[-4:]
    return count


def test_a_hundred_thousand_rows_while_people_answer(long):
    with Answering(long) as answering:
        book = long.get("people.xlsx").content
        table = long.get("people.csv?excel=true").content
        cards = long.get("people.vcf").content
        page = long.get("people.xlsx?progress=true&headers=pl").text
    assert rows_in(book) > PEOPLE and sum(1 for _ in csv.reader(io.StringIO(table.decode("utf-8-sig"), newline=""), delimiter=";")) > PEOPLE
    assert cards.count(b"END:VCARD\r\n") >= PEOPLE
    counted = [int(number) for number in re.findall(r": (\d+)</p>", page)]
    assert counted == sorted(counted) and all(number <= PEOPLE + 100 for number in counted)
    link = re.search(r'url=([^"]+)"', page)[1]
    assert rows_in(requests.get(long.server.base_url + link, headers=long.headers, timeout=300).content) == rows_in(book)
    assert answering.answered > 3 and not answering.failed
    assert SANITIZED or long.peak_mb() < MEMORY_MB, f"{long.peak_mb():.1f} MB"
    long.settles(files=1)  # what waits on the shelf


def test_who_hangs_up_leaves_nothing_behind(long):
    kept = len(long.open_files())
    for path in ("people.xlsx", "people.xlsx?progress=true", "people.csv", "people.vcf"):
        connection = long.begin(path)
        connection.recv(1) if "progress" in path or not path.endswith("xlsx") else time.sleep(0.5)
        connection.close()
    long.settles(files=kept)
    assert rows_in(long.get("people.xlsx?columns=name").content) > PEOPLE, "and the next one is served"


def test_who_fetches_half_of_it_leaves_nothing_behind(long):
    kept = len(long.open_files())
    connection = long.begin("people.xlsx?columns=name,email")
    assert connection.recv(100).startswith(b"HTTP/1.1 200")
    connection.close()
    long.settles(files=kept)


def test_several_at_once(long):
    books, threads = [], []
    for _ in range(4):
        threads.append(threading.Thread(target=lambda: books.append(requests.get(long.url("people.xlsx?columns=name,phone"), headers=long.headers, timeout=300))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert {book.status_code for book in books} <= {200, 503}  # nobody waits for a lane for ever
    assert all(rows_in(book.content) > PEOPLE for book in books if book.status_code == 200) and any(book.status_code == 200 for book in books)
    assert SANITIZED or long.peak_mb() < MEMORY_MB, f"{long.peak_mb():.1f} MB"


def test_a_sheet_that_is_stopped_with_the_service(long):
    """Comes last: the server ends in the middle of a workbook, in its own time and without complaint."""
    connection = long.begin("people.xlsx?progress=true")
    connection.recv(1)
    long.server.stop()
    connection.close()
    assert long.server.process.returncode == 0 and os.listdir(long.temporary) == []
