"""test_statements.py: every statement of the binary, prepared by the role that runs it, answers what its operation's schema promises."""

import ctypes
import ctypes.util
import json
import subprocess

import pytest

from conftest import TOP

# pg_type's oids, as the encoders see them: ARCHITECTURE.md, "The SQL". Everything else is a string.
TYPES = {16: "boolean", 20: "integer", 21: "integer", 23: "integer", 700: "number", 701: "number", 114: None, 3802: None}


def all_statements():
    command = ["/usr/bin/python3", TOP / "tools/compile_contract.py"]
    return json.loads(subprocess.run([*command, "--statements", "/dev/stdout"], cwd=TOP, check=True, capture_output=True, text=True).stdout)


STATEMENTS = all_statements()


class Database:
    """libpq itself: only it tells the columns of a statement without running it."""

    def __init__(self, directory):
        self.pq = ctypes.CDLL(ctypes.util.find_library("pq"))
        for name in ("PQconnectdb", "PQprepare", "PQdescribePrepared", "PQexec"):
            getattr(self.pq, name).restype = ctypes.c_void_p
        for name in ("PQerrorMessage", "PQfname", "PQresultErrorMessage"):
            getattr(self.pq, name).restype = ctypes.c_char_p
        conninfo = f"host={directory} dbname=narada user=narada_service options='-c search_path=narada,public'"
        self.connection = ctypes.c_void_p(self.pq.PQconnectdb(conninfo.encode()))
        assert self.pq.PQstatus(self.connection) == 0, self.pq.PQerrorMessage(self.connection).decode()

    def columns(self, sql):
        """[(name, oid)] of the statement; fails when the service's role can't prepare it."""
        for result in (self.pq.PQprepare(self.connection, b"", sql.encode(), 0, None), self.pq.PQdescribePrepared(self.connection, b"")):
            result = ctypes.c_void_p(result)
            assert self.pq.PQresultStatus(result) == 1, self.pq.PQresultErrorMessage(result).decode()
        return [(self.pq.PQfname(result, n).decode(), self.pq.PQftype(result, n)) for n in range(self.pq.PQnfields(result))]

    def close(self):
        self.pq.PQfinish(self.connection)


@pytest.fixture(scope="module")
def database(server):
    database = Database((server.data / "postgres").resolve())
    yield database
    database.close()


def promised(contract, operation, statement):
    """The schema of a row of the operation's JSON; None if it has no JSON."""
    success = next((operation.response(status) for status in operation.success if status < 300), None)
    schema = contract.resolve(((success or {}).get("content", {}).get("application/json") or {}).get("schema", {}))
    if not schema:
        return None
    if statement["shape"] == "many":
        return contract.resolve(contract.resolve(schema["properties"]["items"])["items"])
    return schema


@pytest.mark.parametrize("statement", STATEMENTS, ids=[f"{one['file'].split('/')[-1]}:{one['name']}" for one in STATEMENTS])
def test_statement(statement, server, database):
    columns = database.columns(statement["sql"])
    names = [name for name, _ in columns]
    assert len(set(names)) == len(names), f"a column's name comes twice: {names}"
    if not statement["operationId"] or statement["part"] or statement["shape"] == "exec":
        return
    operation = server.contract.by_id[statement["operationId"]]
    schema = promised(server.contract, operation, statement)
    if schema is None:
        return
    if any(parameter["name"] == "after" for parameter in operation.parameters):
        assert "_cursor" in names, "a list that goes on gives the column `_cursor`"
    shown = {name: oid for name, oid in columns if not name.startswith("_")}
    alternatives = [server.contract.resolve(one) for one in schema.get("oneOf", schema.get("anyOf", [schema]))]
    known = {name: member for one in alternatives for name, member in one.get("properties", {}).items()}
    assert set(shown) <= set(known), f"columns that the schema does not know: {set(shown) - set(known)}"
    # `token` is the one member that is never a column: a secret is shown once, by the handler that made it.
    missing = set.intersection(*[set(one.get("required", [])) for one in alternatives]) - set(shown) - {"token"}
    assert not missing, f"the schema requires what no column gives: {missing}"
    for name, oid in shown.items():
        member = server.contract.resolve(known[name])
        allowed = member.get("type", [])
        allowed = {allowed} if isinstance(allowed, str) else set(allowed)
        written = TYPES.get(oid, "string")
        assert not allowed or written is None or written in allowed or (written == "integer" and "number" in allowed), (
            f"{name} is written as {written}, and the schema says {sorted(allowed)}"
        )
