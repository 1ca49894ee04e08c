"""The http room over raw sockets: what goes in and out of a connection, byte for byte."""

import gzip
import os
import signal
import socket
import struct
import subprocess
import time

import pytest

SERVER = os.environ.get("HTTP_DEMO_SERVER")
pytestmark = pytest.mark.skipif(not SERVER, reason="meson test says where the demo server is")


class Server:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([SERVER, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def connect(self):
        return Client(self.port)

    def ask(self, request):
        with self.connect() as client:
            client.send(request)
            return client.answer()

    def stats(self):
        text = self.ask(get("/stats")).body.decode()
        return {name: int(value) for name, value in (pair.split("=") for pair in text.split())}

    def wait_for(self, **wanted):
        for _ in range(200):
            stats = self.stats()
            if all(stats[name] == value for name, value in wanted.items()):
                return stats
            time.sleep(0.02)
        raise AssertionError(f"{stats}, wanted {wanted}")

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=5)


class Answer:
    def __init__(self, status, headers, body, raw):
        self.status, self.headers, self.body, self.raw = status, headers, body, raw

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def __getitem__(self, name):
        values = self.all(name)
        assert len(values) <= 1, f"{name} is there {len(values)} times"
        return values[0] if values else None


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.left = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, request):
        self.socket.sendall(request if isinstance(request, bytes) else request.encode("latin-1"))

    def fill(self):
        more = self.socket.recv(65536)
        self.left += more
        return bool(more)

    def take(self, length):
        while len(self.left) < length:
            assert self.fill(), f"closed after {self.left!r}"
        taken, self.left = self.left[:length], self.left[length:]
        return taken

    def line(self):
        while b"\r\n" not in self.left:
            assert self.fill(), f"closed after {self.left!r}"
        line, self.left = self.left.split(b"\r\n", 1)
        return line.decode("latin-1")

    def closed(self):
        """Nothing more comes, and the connection ends."""
        try:
            return self.left == b"" and not self.fill()
        except ConnectionResetError:
            return True

    def answer(self, head=False):
        start, headers = self.line(), []
        while line := self.line():
            name, value = line.split(":", 1)
            headers.append((name, value.strip()))
        status = int(start.split()[1])
        answer = Answer(status, headers, b"", start)
        if head or status in (204, 304) or status < 200:
            return answer
        if answer["Transfer-Encoding"] == "chunked":
            pieces = []
            while length := int(self.line(), 16):
                pieces.append(self.take(length))
                assert self.take(2) == b"\r\n"
            answer.body = b"".join(pieces)
            assert self.line() == ""
        elif answer["Content-Length"] is not None:
            answer.body = self.take(int(answer["Content-Length"]))
        return answer


def get(path, *headers, method="GET", body=""):
    lines = [f"{method} {path} HTTP/1.1", "Host: test", *headers]
    return "\r\n".join(lines) + "\r\n\r\n" + body


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    assert server.stop() == 0


def test_keeps_the_connection(server):
    with server.connect() as client:
        for path in ("/plain", "/late?5", "/plain"):
            client.send(get(path))
            answer = client.answer()
            assert answer.status == 200 and answer["Connection"] is None
        client.send(get("/plain", "Connection: close"))
        assert client.answer()["Connection"] == "close"
        assert client.closed()


def test_http_1_0(server):
    with server.connect() as client:
        client.send("GET /plain HTTP/1.0\r\n\r\n")
        assert client.answer().body == b"hello"
        assert client.closed()
    with server.connect() as client:
        client.send("GET /plain HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" * 2)
        assert client.answer()["Connection"].lower() == "keep-alive"
        assert client.answer().body == b"hello"


@pytest.mark.parametrize("path", ["/plain", "/late?3", "/stream?f:5000", "/stream?s:300", "/nothing"])
def test_answers_ten_pipelined_requests_in_order(server, path):
    with server.connect() as client:
        client.send("".join(get(path, f"X-Request-Id: request-{i}") for i in range(10)))
        for i in range(10):
            assert client.answer()["X-Request-Id"] == f"request-{i}"


def test_pipelined_bodies(server):
    with server.connect() as client:
        client.send("".join(get("/echo", f"Content-Length: {i}", method="POST", body="x" * i) for i in range(10)))
        for i in range(10):
            assert client.answer().body.endswith(b"\n\n" + b"x" * i)


def test_reads_requests_byte_by_byte(server):
    with server.connect() as client:
        for byte in get("/echo?q", "Content-Length: 3", "X-Test: y", method="PUT", body="abc"):
            client.send(byte)
        body = client.answer().body
        assert b"method=PUT\npath=/echo\nquery=q\n" in body and b"x-test=y" in body and body.endswith(b"\n\nabc")


def test_what_the_handler_sees(server):
    answer = server.ask(get("/a%2Fb/%C5%82?x=%20&y=1&y=2", "X-Test: one", "x-TEST: two  ", 'Cookie: a=b; session="s 1"', "X-Request-Id: short"))
    lines = answer.body.decode().split("\n")
    assert "path=/a%2Fb/%C5%82" in lines and "query=x=%20&y=1&y=2" in lines and "peer=127.0.0.1" in lines
    assert "x-test=one, two" in lines and "cookie=s 1" in lines
    assert f"id={answer['X-Request-Id']}" in lines and len(answer["X-Request-Id"]) == 24
    lines = server.ask(get("/x", "Cookie: session1=a", "Cookie: b=c;session=two")).body.decode().split("\n")
    assert "cookie=two" in lines
    lines = server.ask("GET http://elsewhere:80/p?q HTTP/1.1\r\nHost: test\r\n\r\n").body.decode().split("\n")
    assert "path=/p" in lines and "query=q" in lines
    lines = server.ask("GET http://elsewhere?q HTTP/1.1\r\nHost: test\r\n\r\n").body.decode().split("\n")
    assert "path=/" in lines and "query=q" in lines


def test_queries_of_any_shape(server):
    for query in ("", "&&&", "a", "a=" + "b" * 3000, "&".join("abc"[i % 3] for i in range(1500))):
        assert f"query={query}\n" in server.ask(get(f"/echo?{query}")).body.decode()


def test_other_methods_are_passed_up(server):
    for method in ("TRACE", "OPTIONS", "PATCH", "DELETE", "BREW", "QUERY"):
        assert f"method={method}\n" in server.ask(get("/echo", method=method)).body.decode()
    assert b"path=*\n" in server.ask(get("*", method="OPTIONS")).body


def test_head(server):
    with server.connect() as client:
        for path in ("/plain", "/page", "/late?2"):
            client.send(get(path, method="HEAD") + get(path))
            head, whole = client.answer(head=True), client.answer()
            assert head.status == 200
            assert head["Content-Length"] == whole["Content-Length"]
            assert head["Content-Type"] == whole["Content-Type"] and head["ETag"] == whole["ETag"]
        client.send(get("/stream?f:5000", method="HEAD"))  # nobody knows how long it would be
        head = client.answer(head=True)
        assert head.status == 200 and head["Content-Length"] is None and head["Transfer-Encoding"] is None
        assert client.closed()
    server.wait_for(sources=0)


def test_no_content(server):
    answer = server.ask(get("/nothing"))
    assert answer.status == 204 and answer["Content-Length"] is None and answer["Content-Type"] is None


def test_security_headers(server):
    page, data = server.ask(get("/page")), server.ask(get("/plain"))
    assert "script-src 'self'" in page["Content-Security-Policy"] and "form-action 'self'" in page["Content-Security-Policy"]
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"
    assert page.all("Set-Cookie") == ["a=1", "b=2"]
    for answer in (page, data):
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff" and answer["Referrer-Policy"] == "no-referrer" and answer["Date"]
    assert data["Cache-Control"] == "no-store" and page["Cache-Control"] == "private, no-cache"


def test_compresses_as_accepted(server):
    plain = server.ask(get("/page"))
    assert plain["ETag"] == '"abc"' and plain["Vary"] == "Accept, Accept-Encoding" and plain["Content-Encoding"] is None
    for _ in range(2):  # made, then remembered
        packed = server.ask(get("/page", "Accept-Encoding: gzip"))
        assert packed["ETag"] == '"abc-gz"' and packed["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        brotli = server.ask(get("/page", "Accept-Encoding: gzip, deflate, br"))
        assert brotli["ETag"] == '"abc-br"' and brotli["Content-Encoding"] == "br" and len(brotli.body) < len(packed.body)
    assert server.ask(get("/page", "Accept-Encoding: br;q=0, gzip;q=0"))["Content-Encoding"] is None
    short = server.ask(get("/plain", "Accept-Encoding: gzip"))
    assert short["Content-Encoding"] is None and short["Vary"] is None


@pytest.mark.parametrize("condition", ['"abc"', 'W/"abc"', '"x", "abc"', "*", '"abc-br"', '"abc-gz"'])
def test_not_modified(server, condition):
    with server.connect() as client:
        client.send(get("/page", f"If-None-Match: {condition}") + get("/page", f"If-None-Match: {condition}", method="HEAD"))
        for _ in range(2):
            answer = client.answer()
            assert answer.status == 304 and answer["Vary"] == "Accept, Accept-Encoding"
            assert answer["ETag"] == (condition if condition.startswith('"abc') else '"abc"')
            assert answer["Cache-Control"] == "private, no-cache" and answer["Content-Type"] is None
        client.send(get("/page", 'If-None-Match: "other"'))
        assert client.answer().status == 200
        # A 304's Content-Length is that of the body it stands for.
        client.send(get("/page", "Accept-Encoding: gzip", f"If-None-Match: {condition}"))
        not_modified = client.answer()
        client.send(get("/page", "Accept-Encoding: gzip"))
        assert not_modified["Content-Length"] == client.answer()["Content-Length"]


def test_not_modified_is_for_get_and_head(server):
    assert server.ask(get("/page", 'If-None-Match: "abc"', method="POST")).status == 200


def test_limits(server):
    with server.connect() as client:
        client.send(get("/" + "a" * 4000) + get("/" + "a" * 5000) + get("/plain"))
        assert [client.answer().status for _ in range(3)] == [200, 414, 200]
        client.send(get("/plain", "X-Big: " + "a" * 5800) + get("/plain", "X-Big: " + "a" * 6200) + get("/plain"))
        assert [client.answer().status for _ in range(3)] == [200, 431, 200]
        client.send(get("/plain", *(f"X-{i}: v" for i in range(60))) + get("/plain", *(f"X-{i}: v" for i in range(160))) + get("/plain"))
        assert [client.answer().status for _ in range(3)] == [200, 431, 200]
        client.send(get("/plain", "Cookie: " + "; ".join(f"c{i}=v" for i in range(150))) + get("/plain"))
        assert [client.answer().status for _ in range(2)] == [431, 200]
        for length, status in ((100000, 200), (100001, 413), (3000000, 413)):
            client.send(get("/echo", f"Content-Length: {length}", method="POST", body="x" * length) + get("/plain"))
            assert [client.answer().status for _ in range(2)] == [status, 200]
        for length, status in ((100001, 200), (300000, 200), (300001, 413)):
            client.send(get("/echo?more", f"Content-Length: {length}", method="POST", body="x" * length) + get("/plain"))
            assert [client.answer().status for _ in range(2)] == [status, 200]
    refused = server.ask(get("/" + "a" * 5000))
    assert refused["Content-Type"] == "application/problem+json" and b'"status":414' in refused.body
    # Beyond what a connection has memory for, libmicrohttpd answers by itself.
    assert server.ask(get("/" + "a" * 30000)).status == 414
    assert server.ask(get("/plain", "X-Big: " + "a" * 30000)).status == 431


def test_chunked_bodies(server):
    chunked = "Transfer-Encoding: chunked"
    with server.connect() as client:
        client.send(get("/echo", chunked, method="POST", body="3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n"))
        assert client.answer().body.endswith(b"length=7\ncookie=(none)\nx-test=(none)\n\nabcdefg")
        client.send(get("/echo", chunked, method="POST"))
        for _ in range(12):
            client.send("2710\r\n" + "x" * 10000 + "\r\n")
        client.send("0\r\n\r\n" + get("/plain"))
        assert [client.answer().status for _ in range(2)] == [413, 200]
    with server.connect() as client:
        for pieces, status in ((12, 200), (31, 413)):
            client.send(get("/echo?more", chunked, method="POST"))
            for _ in range(pieces):
                client.send("2710\r\n" + "x" * 10000 + "\r\n")
            client.send("0\r\n\r\n" + get("/plain"))
            assert [client.answer().status for _ in range(2)] == [status, 200]
    assert server.ask(get("/echo", chunked, method="POST", body="zz\r\nabc\r\n0\r\n\r\n")).status == 400


def test_expect_continue(server):
    with server.connect() as client:
        client.send(get("/echo", "Content-Length: 3", "Expect: 100-continue", method="POST"))
        assert client.answer().status == 100
        client.send("abc")
        assert client.answer().body.endswith(b"\n\nabc")
        client.send(get("/echo", "Content-Length: 200000", "Expect: 100-continue", method="POST"))
        assert client.answer().status == 413
        assert client.closed()
    with server.connect() as client:  # gigabytes aren't read to the end
        client.send(get("/echo", "Content-Length: 5000000000", method="POST"))
        assert client.answer().status == 413


@pytest.mark.parametrize(
    "request_bytes",
    [
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nabcde",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nabcde",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encodin: chunked\r\n g\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: a\r\nX-A: b\nX-C: d\r\n\r\n",
        "GET /echo HTTP/1.1\nHost: a\n\n",
        "GET /echo HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: a\r\nX-A: b\x01c\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: a\r\nX A: b\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n",
        "GET /echo HTTP/1.1\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: a@b\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost:\r\n\r\n",
        "GET echo HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a\x01b HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        "G(T /echo HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /echo HTTP/x\r\nHost: a\r\n\r\n",
    ],
)
def test_refuses_what_others_may_read_otherwise(server, request_bytes):
    with server.connect() as client:
        client.send(request_bytes + get("/plain"))
        answer = client.answer()
        assert answer.status == 400 and answer["Connection"] == "close"
        assert client.closed()


@pytest.mark.parametrize("length", ["5, 5", "+5", "-5", "0x5", "", "99999999999999999999999"])
def test_refuses_lengths_that_are_none(server, length):
    # libmicrohttpd 0.9 answers these by itself, with its head twice, and closes.
    with server.connect() as client:
        client.send(f"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\nabcde" + get("/plain"))
        assert client.answer().status in (400, 413)
        while client.fill():
            pass
        assert b"hello" not in client.left


def test_a_client_that_closes_its_sending_side_gets_its_answer(server):
    for path in ("/plain", "/late?30"):
        with server.connect() as client:
            client.send(get(path))
            client.socket.shutdown(socket.SHUT_WR)
            assert client.answer().status == 200
            assert client.closed()


def test_a_client_may_leave_before_its_answer(server):
    for linger in (False, True):
        before = server.stats()["sent"]
        for _ in range(10):
            client = server.connect()
            client.send(get("/late?60"))
            time.sleep(0.01)
            if linger:  # by a reset
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.socket.close()
        server.wait_for(in_flight=1, sent=before + 10)


def test_what_a_handler_kept_stays_where_it_is(server):
    # Held up, the server has many requests to hand over at once, and sees some leave before it has put them aside.
    for _ in range(5):
        clients = [server.connect() for _ in range(100)]
        server.process.send_signal(signal.SIGSTOP)
        for client in clients:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.send(get("/late?20", "X-Request-Id: kept-by-the-handler"))
        server.process.send_signal(signal.SIGCONT)
        for client in clients:
            client.socket.close()
        server.wait_for(in_flight=1)
    assert server.stats()["moved"] == 0


def test_streams(server):
    assert server.ask(get("/stream?f:3000000")).body == b"x" * 3000000
    assert server.ask(get("/stream?f:0")).body == b""
    slow = server.ask(get("/stream?s:1050"))
    assert slow.body == b"x" * 1050 and slow["Transfer-Encoding"] == "chunked"
    server.wait_for(sources=0, in_flight=1)


def test_a_slow_reader_holds_its_stream_up(server):
    with server.connect() as client:
        client.send(get("/stream?f:20000000"))
        time.sleep(0.3)
        assert server.stats()["sources"] == 1
        assert len(client.answer().body) == 20000000
    server.wait_for(sources=0)


def test_a_reader_that_leaves_ends_its_stream(server):
    for kind in "fs":
        client = server.connect()
        client.send(get(f"/stream?{kind}:50000000"))
        client.fill()
        client.socket.close()
    server.wait_for(sources=0, in_flight=1)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_broken_stream_breaks_the_connection(server, version):
    with server.connect() as client:
        client.send(f"GET /stream?b:100000 HTTP/{version}\r\nHost: a\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            while client.fill():
                pass
    server.wait_for(sources=0, in_flight=1)


def test_http_1_0_gets_streams_to_the_end(server):
    with server.connect() as client:
        client.send("GET /stream?s:1050 HTTP/1.0\r\n\r\n")
        while client.fill():
            pass
        assert client.left.endswith(b"\r\n\r\n" + b"x" * 1050)


def test_tells_what_was_sent(server):
    server.ask(get("/page"))
    assert server.stats()["bytes"] > 20000
    server.ask(get("/page", 'If-None-Match: "abc"'))
    stats = server.stats()
    assert stats["status"] == 304 and stats["bytes"] == 0
    server.ask(get("/stream?f:12345"))
    assert server.wait_for(sources=0)["bytes"] == 12345


def test_stops_when_its_answers_are_sent():
    server = Server()
    with server.connect() as late, server.connect() as stream, server.connect() as idle, server.connect() as last:
        idle.send(get("/plain"))
        idle.answer()
        late.send(get("/late?300"))
        stream.send(get("/stream?s:3000"))
        time.sleep(0.1)
        last.send(get("/stop"))
        assert last.answer()["Connection"] == "close"
        with pytest.raises(ConnectionRefusedError):
            server.connect()
        assert late.answer().status == 200
        assert len(stream.answer().body) == 3000
        assert idle.closed()
    assert server.process.stdout.read() == "in_flight=0\n"
    assert server.process.wait(timeout=5) == 0


def test_dies_cleanly_with_requests_open():
    server = Server()
    with server.connect() as half, server.connect() as stream:
        half.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        stream.send(get("/stream?f:50000000"))
        time.sleep(0.1)
        assert server.stop() == 0


def test_slow_clients_time_out():
    server = Server(1)
    began = time.monotonic()
    with server.connect() as silent, server.connect() as drip, server.connect() as line, server.connect() as waiting:
        drip.send("GET /plain HTTP/1.1\r\nHost: a\r\n")
        waiting.send(get("/late?2500"))
        for i in range(5):  # each byte starts libmicrohttpd's own timeout again
            try:
                drip.send(f"X-{i}: y\r\n")
                line.send("G")
            except (BrokenPipeError, ConnectionResetError):
                break
            time.sleep(0.5)
        assert silent.closed() and drip.closed() and line.closed()
        assert 1 < time.monotonic() - began < 4
        assert waiting.answer().status == 200  # who waits for us is not slow
    assert server.stop() == 0


def test_connections_per_address():
    server = Server(60, 3)
    clients = [server.connect() for _ in range(3)]
    for client in clients:
        client.send(get("/plain"))
        assert client.answer().status == 200
    with server.connect() as fourth:
        assert fourth.closed()
    clients.pop().socket.close()
    time.sleep(0.1)
    with server.connect() as fourth:
        fourth.send(get("/plain"))
        assert fourth.answer().status == 200
    for client in clients:
        client.socket.close()
    assert server.stop() == 0


def test_a_port_in_use_is_not_shared():
    server = Server()
    second = subprocess.run([SERVER, "60", "0", str(server.port)], capture_output=True, text=True, timeout=5, check=False)
    assert second.returncode == 1 and "in use" in second.stderr
    assert server.stop() == 0
