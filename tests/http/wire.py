"""wire.py: HTTP/1.1 by hand over asyncio: one kept connection a client, cheap enough for hundreds of clients in one process."""

import asyncio
import json
import urllib.parse


class Reply:
    """One answer; header names are in lower case."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body) if self.body else None

    @property
    def code(self):
        """The code of a problem, else None."""
        return self.json().get("code") if "problem+json" in self.headers.get("content-type", "") else None


class Wire:
    """A connection that is opened when it is needed, and again after the server closed it."""

    def __init__(self, base_url):
        parts = urllib.parse.urlsplit(base_url)
        self.host, self.port = parts.hostname, parts.port
        self.reader = self.writer = None

    async def send(self, method, path, body=None, **headers):
        """Sends a request and gives its Reply. A connection that was closed while it was idle is replaced once."""
        fresh = self.writer is None
        try:
            return await self._send(method, path, body, headers)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()
            if fresh:
                raise
            return await self._send(method, path, body, headers)

    async def _send(self, method, path, body, headers):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        data = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}", "Accept: application/json", f"Content-Length: {len(data)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body is not None and "content_type" not in headers:
            lines.append("Content-Type: application/json")
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
        return await self._receive()

    async def _receive(self):
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {}
        for line in head[1:-2]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        status = int(head[0].split()[1])
        body = await self._body(headers) if status not in (204, 304) else b""
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Reply(status, headers, body)

    async def _body(self, headers):
        if headers.get("transfer-encoding") != "chunked":
            return await self.reader.readexactly(int(headers.get("content-length", 0)))
        pieces = []
        while size := int((await self.reader.readline()).split(b";")[0], 16):
            pieces.append(await self.reader.readexactly(size))
            await self.reader.readexactly(2)
        await self.reader.readline()
        return b"".join(pieces)

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None
