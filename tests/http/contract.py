"""contract.py: holds every answer of the tests against the served OpenAPI document, and remembers what was exercised.

`Contract.check(response)` runs on each response that a test gets. Bookkeeping is one line of JSON per answer in a directory
that all pytest-xdist workers share, so that the last test can say which operations nobody ever tried.
"""

import json
import os
import pathlib
import re
import tempfile
import urllib.parse

import jsonschema

MERGE_PATCH = "application/merge-patch+json"
FORM = "application/x-www-form-urlencoded"
ROLES = ["viewer", "assistant", "organiser", "owner"]
SUFFIXES = (".json", ".html", ".csv", ".ics", ".xlsx", ".vcf", ".pdf", ".svg", ".png", ".zip")
PLATFORM_PATH = "/platforms/{platform}"


class Operation:
    """One operation of the document, with references at its first level resolved."""

    def __init__(self, contract, method, path, yaml, shared):
        self.contract, self.method, self.path, self.yaml = contract, method.upper(), path, yaml
        self.id, self.role = yaml["operationId"], yaml.get("x-role")
        self.parameters = [contract.resolve(one) for one in shared + yaml.get("parameters", [])]
        self.pattern = re.compile(re.sub(r"\\{[^/]*?\\}", "[^/]+", re.escape(path)) + "$")
        self.literals = path.count("/") * 2 - path.count("{")

    @property
    def content(self):
        """Media types of the request body with their schemas; empty if it takes none."""
        return self.contract.resolve(self.yaml.get("requestBody", {})).get("content", {})

    @property
    def needs_version(self):
        return any(one["in"] == "header" and one["name"] == "If-Match" and one.get("required") for one in self.parameters)

    @property
    def success(self):
        return [int(status) for status in self.yaml["responses"] if status.startswith(("2", "3"))]

    @property
    def media(self):
        """Media types of the answer when all goes well; empty for one without a body."""
        return set((self.response(self.success[0]) or {}).get("content", {}))

    def response(self, status):
        responses = self.yaml["responses"]
        found = responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default")
        return self.contract.resolve(found) if found else None


class Contract:
    def __init__(self, document, ledger):
        self.document, self.ledger = document, ledger
        self.resolver = jsonschema.RefResolver("", document)
        self.operations = [
            Operation(self, method, path, yaml, item.get("parameters", []))
            for path, item in document["paths"].items()
            for method, yaml in item.items()
            if method in ("get", "put", "post", "patch", "delete")
        ]
        self.by_id = {operation.id: operation for operation in self.operations}

    def resolve(self, thing):
        while isinstance(thing, dict) and "$ref" in thing:
            target = self.document
            for part in thing["$ref"][2:].split("/"):
                target = target[part]
            thing = target
        return thing

    def find(self, method, url):
        """The operation that `method url` is, as the router would decide: literal segments first. None if there is none."""
        path = urllib.parse.unquote(urllib.parse.urlsplit(url).path)
        method = "GET" if method == "HEAD" else method
        candidates = [path] + [path[: -len(suffix)] for suffix in SUFFIXES if path.endswith(suffix)]
        matching = [one for candidate in candidates for one in self.operations if one.method == method and one.pattern.match(candidate)]
        return max(matching, key=lambda one: one.literals, default=None)

    def faults(self, schema, value):
        validator = jsonschema.Draft202012Validator(schema, resolver=self.resolver, format_checker=jsonschema.draft202012_format_checker)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    def check(self, response, role, method):
        """Fails the test when an answer is not what the document promises; gives the response back."""
        operation = self.find(method, response.request.url)
        shown = f"{response.request.method} {response.request.url} → {response.status_code}"
        media = response.headers.get("Content-Type", "").split(";")[0]
        if operation is not None:
            self.ledger.add(operation.id, response.status_code, role)
            browser = media == "text/html" or 300 <= response.status_code < 400
            promised = operation.response(response.status_code)
            assert promised is not None or browser or response.status_code >= 400, f"{shown}: {operation.id} promises no such status"
        if response.status_code == 204 or response.status_code == 304:
            assert response.content == b"", f"{shown}: an answer without content has {len(response.content)} bytes"
        elif method != "HEAD" and response.status_code >= 400 and media != "text/html":
            assert media == "application/problem+json", f"{shown}: a refusal is a problem, not {media or 'nothing'}: {response.text[:300]}"
            problem = response.json()
            assert problem.get("status") == response.status_code, f"{shown}: the problem says {problem.get('status')}"
            self._fits({"$ref": "#/components/schemas/Problem"}, problem, shown)
        elif method != "HEAD" and operation is not None and response.ok and media == "application/json":
            content = (promised or {}).get("content", {}).get("application/json", {})
            self._fits(content.get("schema", {}), response.json(), shown)
        return response

    def _fits(self, schema, value, shown):
        faults = self.faults(schema, value)
        assert not faults, f"{shown}: the answer does not fit its schema:\n  " + "\n  ".join(faults)

    # ── Examples: the smallest request that the document allows ──

    def example(self, schema, name=""):
        schema = self.resolve(schema)
        if "oneOf" in schema:
            return self.example(schema["oneOf"][0], name)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type", "string")
        kind = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
        if kind == "object":
            return {key: self.example(schema["properties"][key], key) for key in schema.get("required", [])}
        if kind == "array":
            return [self.example(schema["items"], name)] * schema.get("minItems", 0)
        if kind in ("integer", "number"):
            return schema.get("minimum", 1)
        if kind == "boolean":
            return True
        return self._text(schema, name)

    def _text(self, schema, name):
        by_format = {
            "uuid": "01890000-0000-7000-8000-000000000000", "email": "someone@example.org", "idn-email": "someone@example.org", "uri": "https://example.org/",
            "date": "2031-05-06", "time-zone": "Europe/Warsaw", "language": "pl",
            "date-time": "2031-05-06T10:00:00Z" if "end" in name else "2031-05-06T08:00:00Z",
        }  # fmt: skip
        return by_format.get(schema.get("format"), "example")

    def example_path(self, operation, **known):
        def value(match):
            name = match[1]
            parameter = next(one for one in operation.parameters if one["in"] == "path" and one["name"] == name)
            return known.get(name) or self.example(parameter["schema"], name)

        return re.sub(r"\{([^}]*)\}", value, operation.path)

    def example_request(self, operation):
        """(headers, body bytes) of the smallest allowed request."""
        headers, body = {}, None
        if operation.needs_version:
            headers["If-Match"] = '"1"'
        if operation.content:
            media = MERGE_PATCH if MERGE_PATCH in operation.content else "application/json"
            headers["Content-Type"] = media
            body = json.dumps(self.example(operation.content[media]["schema"])).encode()
        return headers, body


class Ledger:
    """Who tried what, across the workers of one run."""

    def __init__(self, run, worker):
        self.directory = pathlib.Path(tempfile.gettempdir()) / f"narada-tests-{os.getuid()}-{run}"
        self.directory.mkdir(mode=0o700, exist_ok=True)
        self.file = self.directory / f"{worker}.jsonl"

    def _write(self, line):
        with open(self.file, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def add(self, operation, status, role):
        self._write({"operation": operation, "status": status, "role": role})

    def finished(self, test):
        self._write({"test": test})

    def lines(self):
        for file in sorted(self.directory.glob("*.jsonl")):
            for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
                if line.endswith("\n"):  # another worker may be in the middle of one
                    yield json.loads(line)

    def exercised(self):
        """{operationId: {statuses}}"""
        found = {}
        for line in self.lines():
            if "operation" in line:
                found.setdefault(line["operation"], set()).add(line["status"])
        return found

    def tests(self):
        return {line["test"] for line in self.lines() if "test" in line}
