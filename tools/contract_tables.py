# contract_tables.py: writes what was read and checked as C tables and as the document that is served.
import json
import re

from contract_operations import BY_LINK, EXTENSIONS, METHODS, binding
from contract_schema import as_text, quote

# Responses that the server gives by itself: status → component, and when.
COMMON = {
    "400": ("BadRequest", lambda operation: True),
    "401": ("NotSignedIn", lambda operation: operation.role not in ("public", *BY_LINK)),
    "403": ("NotAllowed", lambda operation: operation.role not in ("public", "session", *BY_LINK)),
    "404": ("NotFound", lambda operation: bool(operation.path_parameters)),
    "406": ("NotAcceptable", lambda operation: operation.method == "get"),
    "410": ("Gone", lambda operation: operation.role in BY_LINK),
    "412": ("Stale", lambda operation: bool(operation.if_match)),
    "413": ("TooLarge", lambda operation: operation.body is not None),
    "415": ("MediaType", lambda operation: operation.body is not None),
    "422": ("BadInput", lambda operation: operation.body is not None or bool(operation.query_parameters)),
    "428": ("NeedsVersion", lambda operation: operation.if_match == "required"),
    "429": ("TooMany", lambda operation: operation.role in BY_LINK),
    "503": ("Busy", lambda operation: not operation.built_in),
    "default": ("Problem", lambda operation: True),
}


def served_document(document, operations):
    """The document as the world sees it: forms, common refusals and security added, our own keys gone."""
    served = json.loads(json.dumps(document))
    responses = served["components"].get("responses", {})
    for operation in operations:
        shown = served["paths"][operation.path][operation.method]
        if operation.body is not None:
            body = shown["requestBody"]
            if "$ref" in body:
                body = served["components"]["requestBodies"][body["$ref"].rsplit("/", 1)[1]]
            first = next(iter(body["content"].values()))
            body["content"].setdefault("application/json", first)
            body["content"].setdefault("application/x-www-form-urlencoded", {"schema": first["schema"]})
        for status, (component, applies) in COMMON.items():
            if component in responses and applies(operation) and status not in shown.get("responses", {}):
                shown["responses"][status] = {"$ref": f"#/components/responses/{component}"}
        shown["security"] = [] if operation.role in ("public", *BY_LINK) else [{"token": []}, {"session": []}]
        if operation.role == "public":
            shown["security"] = [{}, {"token": []}, {"session": []}]
        for key in EXTENSIONS - {"x-role"}:
            shown.pop(key, None)
    for key in ("tags",):
        if not served[key]:
            del served[key]
    return json.dumps(served, ensure_ascii=False, separators=(",", ":"))


def _literal(text):
    """A long C string, one line of source per piece."""
    pieces = [text[start : start + 110] for start in range(0, len(text), 110)] or [""]
    return "\n".join("\t" + quote(piece) for piece in pieces)


def _routes(operations, faults):
    """The tree of path segments, breadth first so that the literal children of a node stand together, sorted."""
    root = {"literal": {}, "parameter": None, "operations": {}, "name": None}
    for index, operation in enumerate(operations):
        node = root
        for segment in [part for part in operation.path.split("/")[1:] if operation.path != "/"]:
            named = re.fullmatch(r"\{([a-z][a-z0-9_]*)\}", segment)
            if named:
                if node["parameter"] is None:
                    node["parameter"] = {"literal": {}, "parameter": None, "operations": {}, "name": named[1]}
                node = node["parameter"]
                if node["name"] != named[1]:
                    faults.add(operation.where, f"{operation.id}: {{{named[1]}}} is called {{{node['name']}}} by another path")
            else:
                if "{" in segment or not segment:
                    faults.add(operation.where, f"{operation.id}: a path segment is a word or one {{parameter}}, not `{segment}`")
                node = node["literal"].setdefault(segment, {"literal": {}, "parameter": None, "operations": {}, "name": None})
        node["operations"][operation.method] = index
    nodes, rows = [(None, root)], []
    for segment, node in nodes:
        words = sorted(node["literal"], key=lambda word: word.encode())
        first = len(nodes)
        nodes.extend((word, node["literal"][word]) for word in words)
        parameter = 0
        if node["parameter"] is not None:
            parameter = len(nodes)
            nodes.append((None, node["parameter"]))
        indexes = ", ".join(str(node["operations"].get(method, -1)) for method in METHODS)
        allow = [name for method in METHODS if method in node["operations"] for name in ([method.upper(), "HEAD"] if method == "get" else [method.upper()])]
        allow = ", ".join(allow + ["OPTIONS"]) if allow else None
        rows.append(f"\t{{{quote(segment)}, {first}, {len(words)}, {parameter}, {{{indexes}}}, {quote(allow)}}},")
    return rows


def _parameters(kind, operation, parameters, schemas):
    rows = []
    for parameter in parameters:
        schema = schemas.request(parameter.get("schema", {}), operation.where)
        required = str(bool(parameter.get("required"))).lower()
        rows.append(f"{{{quote(parameter['name'])}, {kind}, {required}, &{schema}}}")
    if not rows:
        return "NULL"
    return schemas.share("parameters", f"static const struct contract_parameter @[] = {{{', '.join(rows)}}};")


def _steps(operation, numbers, schemas):
    if not operation.steps:
        return "NULL"
    rows = []
    for step in operation.steps:
        bindings = [binding(operation, name)[0] for name in step.parameters]
        table = "NULL"
        if bindings and None not in bindings:
            listed = ", ".join(f"{{{source}, {index}}}" for source, index in bindings)
            table = schemas.share("bindings", f"static const struct contract_binding @[] = {{{listed}}};")
        when = " | ".join(f"FORM_{form.upper()}" for form in step.when) or "0"
        rows.append(f"{{&statements[{numbers[step.name]}], {quote(step.part)}, SHAPE_{step.shape.upper()}, {when}, {table}}}")
    return schemas.share("steps", f"static const struct contract_step @[] = {{{', '.join(rows)}}};")


def _operation(operation, position, numbers, schemas):
    yaml, body = operation.yaml, "NULL"
    if operation.body is not None:
        body = "&" + schemas.request(operation.body, operation.where, body=True)
    extras = "NULL"
    if operation.extras:
        extras = schemas.share("extras", f"static const char *const @[] = {{{', '.join(quote(name) for name in operation.extras)}}};")
    files = "NULL"
    if operation.files:
        files = schemas.share("files", f"static const char *const @[] = {{{', '.join(quote(media) for media in operation.files)}, NULL}};")
    flag = lambda value: str(bool(value)).lower()
    fields = {
        "id": quote(operation.id), "method": quote(operation.method.upper()), "path": quote(operation.path), "status": operation.status,
        "role": f"ROLE_{operation.role.upper()}", "forms": " | ".join(f"FORM_{form.upper()}" for form in operation.forms) or "0",
        "page": quote(yaml.get("x-page")), "form_page": f"&contract_operations[{position[operation.form_page]}]" if operation.form_page else "NULL",
        "location": quote(as_text(yaml.get("x-location"))), "audit": flag(operation.method != "get" and yaml.get("x-audit", True)),
        "takes_if_match": flag(operation.if_match == "required"), "handler": f"api_{operation.handler}" if operation.handler else "NULL",
        "path_parameters": len(operation.path_parameters), "query_parameters": len(operation.query_parameters),
        "path_parameter": _parameters("IN_PATH", operation, operation.path_parameters, schemas),
        "query_parameter": _parameters("IN_QUERY", operation, operation.query_parameters, schemas),
        "body": body, "body_required": flag(operation.body_required), "merge_patch": flag(operation.merge_patch),
        "files": files, "max_body": yaml.get("x-max-body", 0),
        "steps": len(operation.steps), "step": _steps(operation, numbers, schemas), "extras": len(operation.extras), "extra": extras,
    }  # fmt: skip
    return "\t{" + ", ".join(f".{key} = {value}" for key, value in fields.items()) + "},"


def tables(document, operations, statements, schemas, faults):
    position = {operation.id: index for index, operation in enumerate(operations)}
    numbers = {statement.name: index for index, statement in enumerate(statements)}
    rows = [_operation(operation, position, numbers, schemas) for operation in operations]
    nodes = _routes(operations, faults)
    handlers = sorted({operation.handler for operation in operations if operation.handler})
    served = served_document(document, operations)
    out = [
        "// contract_tables.c: made by tools/compile_contract.py from openapi/*.yaml and server/api/*.sql; never edited.",
        '#include "contract/contract.h"', "", "#include <string.h>", "", '#include "contract/tables.h"', '#include "db/db.h"', "",
        *[f"bool api_{name}(struct plan *plan, struct problem *why);" for name in handlers], "",
        "static const struct db_statement statements[] = {",
        *[f"\t{{{quote(s.name)},\n{_literal(s.sql)},\n\t {len(s.parameters)}, {numbers[s.name]}}}," for s in statements],
        *([] if statements else ["\t{NULL}"]), "};",
        f"const struct db_registry contract_registry = {{statements, {len(statements)}}};", "",
        "const struct db_statement *contract_statement(const char *name)", "{",
        f"\tfor (int i = 0; i < {len(statements)}; i++)", "\t\tif (!strcmp(statements[i].name, name))", "\t\t\treturn &statements[i];",
        "\treturn NULL;", "}", "",
        *schemas.emitted, "",
        "const struct contract_operation contract_operations[] = {", *rows, *([] if rows else ["\t{NULL}"]), "};",
        f"const int contract_operation_count = {len(rows)};", "",
        "const struct contract_node contract_nodes[] = {", *nodes, "};", "",
        f"const char contract_document[] =\n{_literal(served)};", f"const size_t contract_document_length = {len(served.encode())};", "",
    ]  # fmt: skip
    return "\n".join(out)
