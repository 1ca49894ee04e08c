"""Tickets read at the door: by a scanner that types what it sees, and by the phone's camera, which looks at a film of a ticket here."""

import re
import struct
import zlib

import pytest
from selenium.webdriver.common.keys import Keys

from browser import Browser
from door import Door, sign_in, until
from entrance import attendance, seated, ticket_path, today

WIDTH, HEIGHT = 480, 480


@pytest.fixture
def forum(tenant):
    return today(tenant, language="pl")


def here(tenant, forum):
    return f"/platforms/{tenant.slug}/meetings/{forum['slug']}/check-in"


def typed(door, text):
    """As a hand-held scanner does it: into whatever field has the focus, and Enter."""
    field = door.browser.find("#q")
    field.clear()
    field.send_keys(text + Keys.ENTER)


def test_a_hand_held_scanner_checks_in(browser, organiser, server, tenant, forum):
    one, other = seated(tenant, forum, "Krystyna Łoś"), seated(tenant, forum, "Adam Lis")
    sign_in(browser, organiser)
    door = Door(browser, here(tenant, forum)).open(offline_ready=False)
    typed(door, server.url(ticket_path(tenant, one)))
    door.is_now("Krystyna Łoś", "present")
    typed(door, ticket_path(tenant, other).rsplit("/", 1)[1])  # its last part alone
    door.is_now("Adam Lis", "present")
    door.sent()
    assert attendance(tenant, forum) == {"Krystyna Łoś": ("present", "check_in"), "Adam Lis": ("present", "check_in")}


def test_the_code_below_a_ticket_checks_in_when_it_is_typed(browser, organiser, server, tenant, forum):
    one = seated(tenant, forum, "Krystyna Łoś")
    code = re.search(r'<code class="spoken">([0-9a-f]{8})</code>', tenant.public.page(ticket_path(tenant, one)).text)[1]
    sign_in(browser, organiser)
    door = Door(browser, here(tenant, forum)).open(offline_ready=False)
    typed(door, "deadbeef")
    assert browser.find("#q").get_attribute("value") == "deadbeef", "what is no code may be a name"
    typed(door, f"{code[:4]}-{code[4:]}".upper())
    door.is_now("Krystyna Łoś", "present")
    door.sent()
    assert attendance(tenant, forum) == {"Krystyna Łoś": ("present", "check_in")}


def test_a_ticket_of_elsewhere_lets_nobody_in(browser, organiser, server, tenant, make_tenant, forum):
    seated(tenant, forum, "Krystyna Łoś")
    stranger = make_tenant()
    foreign = today(stranger)
    sign_in(browser, organiser)
    door = Door(browser, here(tenant, forum)).open(offline_ready=False)
    typed(door, server.url(ticket_path(stranger, seated(stranger, foreign, "Obca Osoba"))))
    until(browser, lambda: browser.all("#door .notice.bad") or browser.find("#door-status").text)
    assert attendance(tenant, forum) == {}


def grey(png):
    """Width, height and rows of 0 or 255 of a picture of one bit a pixel, as ours are (RFC 2083)."""
    at, data, header = 8, b"", None
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        header = struct.unpack(">IIBB", body[:10]) if kind == b"IHDR" else header
        data += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height, depth, _ = header
    assert depth == 1
    raw, stride, rows, above = zlib.decompress(data), (width + 7) // 8, [], None
    for y in range(height):
        kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        for x in range(stride):
            left, up = line[x - 1] if x else 0, above[x] if above else 0
            line[x] = (line[x] + {0: 0, 1: left, 2: up, 3: (left + up) // 2}[kind]) % 256
        rows.append([255 if line[x // 8] >> (7 - x % 8) & 1 else 0 for x in range(width)])
        above = line
    return width, height, rows


def film(png, path):
    """A film of the picture, standing still in the middle, as Chromium's camera plays it (YUV4MPEG2)."""
    width, height, rows = grey(png)
    times = min(WIDTH, HEIGHT) * 3 // 4 // max(width, height) or 1
    left, top = (WIDTH - width * times) // 2, (HEIGHT - height * times) // 2
    assert left >= 0 and top >= 0, f"the picture is too large: {width}"
    plane = bytearray(b"\xeb" * (WIDTH * HEIGHT))
    for y, row in enumerate(rows):
        line = bytes(value and 235 or 16 for value in row for _ in range(times))
        for again in range(times):
            start = (top + y * times + again) * WIDTH + left
            plane[start : start + len(line)] = line
    frame = b"FRAME\n" + bytes(plane) + b"\x80" * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 3)
    return path


def test_a_camera_checks_in(organiser, server, tenant, forum, tmp_path):
    one = seated(tenant, forum, "Krystyna Łoś")
    film(tenant.public.get(ticket_path(tenant, one) + ".png").content, tmp_path / "ticket.y4m")
    folder = tmp_path / "phone"
    folder.mkdir()
    flags = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={tmp_path}/ticket.y4m")
    browser = Browser(folder, server.base_url, flags)
    try:
        browser.resize(390)
        sign_in(browser, organiser)
        door = Door(browser, here(tenant, forum)).open(offline_ready=False)
        browser.find("[data-do=camera]").click()
        door.is_now("Krystyna Łoś", "present")
        browser.find("[data-do=camera-off]").click()
        door.sent()
    finally:
        browser.leave_alert(accept=True)
        browser.close()
    assert attendance(tenant, forum) == {"Krystyna Łoś": ("present", "check_in")}
