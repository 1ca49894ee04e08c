"""test_compiler.py: what tools/compile_contract.py refuses, with the place; and what it makes of named parameters."""
import json
import pathlib
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[3]
FIXTURE = pathlib.Path(__file__).parent / "fixture"
sys.path.insert(0, str(TOP / "tools"))

import compile_contract  # noqa: E402
import contract_sql  # noqa: E402
import contract_tables  # noqa: E402
import contract_yaml  # noqa: E402

YAML = """openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /things/{thing}:
    parameters:
      - {name: thing, in: path, required: true, schema: {type: string}}
    get:
      operationId: get_thing
      x-role: viewer
      parameters:
        - {name: q, in: query, schema: {type: string}}
      responses:
        '200': {description: A thing, content: {application/json: {schema: {type: object}}}}
    post:
      operationId: make_thing
      x-role: owner
      requestBody:
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              properties:
                title: {type: string}
      responses:
        '204': {description: Made}
"""
SQL = """-- name: get_thing one
select :thing, :q;
-- name: make_thing exec
select :title;
"""


def faults(tmp_path, yaml=YAML, sql=SQL):
    (tmp_path / "t.yaml").write_text(yaml)
    (tmp_path / "t.sql").write_text(sql)
    *_, found = compile_contract.compile_tree(tmp_path, tmp_path)
    return [line.replace(f"{tmp_path}/", "") for line in found.lines]


def test_a_fitting_contract_has_no_faults(tmp_path):
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    "change, line, words",
    [
        (("{type: string}}\n      responses", "{type: string, exclusiveMinimum: 1}}\n      responses"), 11, "`exclusiveMinimum` is not implemented"),
        (("title: {type: string}", "title: {type: string, pattern: 'a+'}"), 25, "not anchored"),
        (("title: {type: string}", r"title: {type: string, pattern: '^\d$'}"), 25, "differ between engines"),
        (("title: {type: string}", "title: {type: string, pattern: '^(a$'}"), 25, "pattern `^(a$`"),
        (("title: {type: string}", "title: {type: string, format: phone}"), 25, "format `phone` is not implemented"),
        (("title: {type: string}", "title: {type: string, minimum: 1}"), 25, "`minimum` says nothing about string"),
        (("title: {type: string}", "title: {type: [string, integer]}"), 25, "one type"),
        (("title: {type: string}", "title: {type: [string, 'null'], enum: [a]}"), 25, "both `type` and `enum`"),
        (("title: {type: string}", "title: {type: object, properties: {}}"), 25, "closed"),
        (("title: {type: string}", "title: {type: array}"), 25, "`items`"),
        (("title: {type: string}", "title: {oneOf: [{type: string}]}"), 25, "whole bodies only"),
        (("title: {type: string}", "title: {$ref: '#/components/schemas/No'}"), 22, "leads nowhere"),
        (("title: {type: string}", "Title: {type: string}"), 25, "lower_snake_case"),
        (("title: {type: string}", "has_title: {type: string}"), 25, "names in has_ are taken"),
        (("              additionalProperties: false\n", ""), 21, "closed"),
        (("x-role: viewer", "x-role: king"), 9, "x-role is one of"),
        (("x-role: viewer", "x-role: viewer\n      x-colour: red"), 10, "unknown key `x-colour`"),
        (("x-role: viewer", "x-role: viewer\n      x-page: thing"), 8, "text/html response go together"),
        (("x-role: viewer", "x-role: viewer\n      x-extra: [a]"), 10, "needs an x-handler"),
        (("x-role: owner", "x-role: owner\n      x-form-page: get_thing"), 17, "no GET operation with a page"),
        (("x-role: viewer", "x-role: invitee"), 8, "x-role invitee comes by"),
        (("operationId: get_thing", "operationId: getThing"), 8, "not lower_snake_case"),
        (("name: q, in: query", "name: lang, in: query"), 8, "is reserved"),
        (("name: q, in: query", "name: q, in: cookie"), 8, "cookie parameter `q` is not implemented"),
        (("{thing}:", "{things}:"), 8, "the parameters ['thing']"),
        (("'200'", "'404'"), 8, "exactly one success"),
        (("application/json: {schema: {type: object}}", "application/xml: {}"), 13, "no encoder for application/xml"),
        (("application/json:\n", "multipart/form-data:\n"), 19, "forms are added by themselves"),
        (("    get:", "    trace:"), 7, "`trace` of /things/{thing} is not implemented"),
        (("info:", "colour: red\ninfo:"), 2, "unknown top-level key"),
        (("x-role: viewer", "x-role: viewer\n      x-role: owner"), 10, "written twice"),
        (("paths:", "paths: ["), 4, "not YAML"),
    ],
)
def test_yaml_faults_say_where(tmp_path, change, line, words):
    assert change[0] in YAML
    found = faults(tmp_path, yaml=YAML.replace(*change, 1))
    # The line of the fault, give or take the mapping that holds it.
    assert any(words in fault and abs(int(fault.split(":")[1]) - line) <= 1 for fault in found), found


@pytest.mark.parametrize(
    "sql, line, words",
    [
        (SQL + "-- name: other one\nselect 1", 5, "there is no operation `other`"),
        (SQL.replace("-- name: make_thing exec\nselect :title;", ""), 14, "no statement `-- name: make_thing …`"),
        (SQL.replace("make_thing exec", "make_thing.part exec"), 14, "parts but no main statement"),
        (SQL.replace(":title", ":tilte, :title"), 3, "nothing provides `:tilte`"),
        (SQL.replace(":title", ":title, :if_match"), 3, "needs the If-Match header"),
        (SQL.replace(":thing", ":thing, :body"), 1, "needs a requestBody"),
        (SQL.replace(":title", "1"), 14, "no statement uses the body member `title`"),
        (SQL.replace(", :q", ""), 7, "no statement uses the query parameter `q`"),
        (SQL.replace("get_thing one", "get_thing some"), 1, "`some` is not one of"),
        (SQL.replace("get_thing one", "get_thing"), 1, "not a heading"),
        (SQL.replace("get_thing one", "get_thing one when html"), 1, "only a part can have `when`"),
        (SQL + "-- name: get_thing.rows many when csv\nselect 1", 5, "no such representation"),
        (SQL + "-- name: get_thing.rows many when docx\nselect 1", 5, "should be `when`"),
        (SQL + "-- name: get_thing one\nselect 1", 5, "already defined"),
        (SQL.replace(":q;", ":q; select 2;"), 2, "more than one statement"),
        (SQL.replace(":q", "$2, :q"), 2, "a name instead of $2"),
        (SQL + "-- name: get_thing.rows many\n-- nothing", 5, "no SQL under the heading"),
        ("select 1;\n" + SQL, 1, "SQL without a heading"),
    ],
)
def test_sql_faults_say_where(tmp_path, sql, line, words):
    found = faults(tmp_path, sql=sql)
    assert any(words in fault and abs(int(fault.split(":")[1]) - line) <= 1 for fault in found), found


def test_a_name_from_two_places_is_refused(tmp_path):
    yaml = YAML.replace("title: {type: string}", "thing: {type: string}")
    found = faults(tmp_path, yaml=yaml, sql=SQL.replace(":title", ":thing"))
    assert any("`:thing` is both FROM_PATH and FROM_BODY" in fault for fault in found), found


def test_all_faults_are_said_at_once(tmp_path):
    found = faults(tmp_path, yaml=YAML.replace("viewer", "king").replace("'204'", "'404'"), sql=SQL.replace(":q", ":p"))
    assert len(found) >= 4, found


def test_one_operation_in_two_files_is_refused(tmp_path):
    (tmp_path / "u.sql").write_text("-- name: get_thing.more many\nselect 1")
    assert any("belong in one file" in fault for fault in faults(tmp_path))


def test_headings_that_follow_each_other_share_what_is_below(tmp_path):
    sql = SQL.replace("-- name: get_thing one\n", "-- name: get_thing.first one\n-- name: get_thing one\n")
    (tmp_path / "shared.sql").write_text(sql)
    found = contract_yaml.Faults()
    first, second = contract_sql.read_file(tmp_path / "shared.sql", found)[:2]
    assert found.lines == [] and (first.name, second.name) == ("get_thing.first", "get_thing")
    assert first.sql == second.sql and first.parameters == second.parameters


def numbered(sql, heading="x one"):
    found = contract_yaml.Faults()
    statement = contract_sql.parse_heading(heading, "x.sql", 1, found, heading.endswith("internal"))
    contract_sql.number_parameters(statement, sql, found)
    assert found.lines == []
    return statement.sql, statement.parameters


@pytest.mark.parametrize(
    "sql, expected, names",
    [
        ("select :a::int + :b, :a", "select $1::int + $2, $1", ["a", "b"]),
        ("select ':a', E'\\':b', \":c\", :d", "select ':a', E'\\':b', \":c\", $1", ["d"]),
        ("select 'it''s :a' || :b", "select 'it''s :a' || $1", ["b"]),
        ("select $$:a$$, $x$:b $$ :c$x$, :d", "select $$:a$$, $x$:b $$ :c$x$, $1", ["d"]),
        ("select 1 -- :a\n, :b", "select 1\n, $1", ["b"]),
        ("select /* :a /* :b */ :c */ :d", "select  $1", ["d"]),
        ("do_it(x := :a)", "do_it(x := $1)", ["a"]),
        ("select a[1:2], now()::timestamptz, :a", "select a[1:2], now()::timestamptz, $1", ["a"]),
        ("select :a ; -- done", "select $1", ["a"]),
        ("select ';' || :a", "select ';' || $1", ["a"]),
    ],
)
def test_named_parameters(sql, expected, names):
    assert numbered(sql) == (expected, names)


def test_internal_statements_may_number():
    assert numbered("select $2, $1", "enter internal") == ("select $2, $1", ["1", "2"])


def test_yaml_words_are_words(tmp_path):
    (tmp_path / "w.yaml").write_text("info: {a: no, b: on, c: 2019-12-17, d: true, 200: 7}")
    document = contract_yaml.load(tmp_path, contract_yaml.Faults())
    assert document["info"] == {"a": "no", "b": "on", "c": "2019-12-17", "d": True, "200": 7}


def test_the_served_document(tmp_path):
    _, document, operations, _, found = compile_contract.compile_tree(FIXTURE, FIXTURE)
    assert found.lines == []
    served = json.loads(contract_tables.served_document(document, operations))
    create, update = served["paths"]["/rooms"]["post"], served["paths"]["/rooms/{room}"]["patch"]
    assert set(create["requestBody"]["content"]) == {"application/json", "application/x-www-form-urlencoded"}
    assert set(update["requestBody"]["content"]) == {"application/merge-patch+json", "application/json", "application/x-www-form-urlencoded"}
    assert create["responses"]["400"] == {"$ref": "#/components/responses/BadRequest"}
    assert create["security"] == [{"token": []}, {"session": []}]
    assert served["paths"]["/r/{platform}/{token}"]["post"]["security"] == []
    assert create["x-role"] == "organiser" and "x-form-page" not in create


def test_the_project_fits():
    assert compile_contract.main(["--check", "--openapi", str(TOP / "openapi"), "--sql", str(TOP / "server/api")]) == 0
