#!/usr/bin/python3
# compile_contract.py: openapi/*.yaml and server/api/*.sql become contract_tables.c, or a list of what does not fit.
import argparse
import json
import pathlib
import sys

import contract_operations
import contract_sql
import contract_tables
import contract_yaml
from contract_schema import Schemas


# Beside the directory of the operations' SQL: files of statements that C sends by itself.
INTERNAL = ("access.sql", "cli/cli.sql", "work/*.sql")


def internal_files(sql):
    return [path for pattern in INTERNAL for path in sorted(pathlib.Path(sql).parent.glob(pattern))]


def compile_tree(openapi, sql, templates=None):
    """Reads and checks everything; gives (C source, document, operations, statements, faults)."""
    faults = contract_yaml.Faults()
    document = contract_yaml.load(openapi, faults)
    schemas = Schemas(document, faults)
    statements = contract_sql.load(sql, internal_files(sql), faults)
    operations = contract_operations.read(document, schemas, faults)
    contract_operations.attach(operations, statements, faults)
    if templates:
        for operation in operations:
            page = operation.yaml.get("x-page")
            if page and not (pathlib.Path(templates) / f"{page}.html").exists():
                faults.add(operation.yaml.where("x-page"), f"{operation.id}: there is no template {page}.html")
    source = contract_tables.tables(document, operations, statements, schemas, faults)
    for name, schema in document["components"].get("schemas", {}).items():
        schemas.response(schema, document["components"]["schemas"].where(name))
    return source, document, operations, statements, faults


def statements_json(operations, statements):
    """For tests: what is prepared, and what each statement answers."""
    by_id = {operation.id: operation for operation in operations}
    rows = []
    for number, statement in enumerate(statements):
        operation = by_id.get(statement.operation) if not statement.internal else None
        row = {
            "number": number, "name": statement.name, "operationId": operation.id if operation else None, "part": statement.part,
            "shape": statement.shape, "when": statement.when, "sql": statement.sql, "parameters": statement.parameters,
            "file": statement.file, "line": statement.line,
        }  # fmt: skip
        if operation:
            row.update(method=operation.method.upper(), path=operation.path, status=operation.status, forms=operation.forms)
            row.update(role=operation.role, page=operation.yaml.get("x-page"))
        rows.append(row)
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def arguments(given):
    parser = argparse.ArgumentParser(description="Compiles the contract: openapi/*.yaml and server/api/*.sql to C tables.")
    parser.add_argument("--openapi", default="openapi", help="directory of the YAML (openapi)")
    parser.add_argument("--sql", default="server/api", help="directory of the SQL (server/api)")
    parser.add_argument("--templates", help="directory of the templates: then every x-page must have one")
    parser.add_argument("--check", action="store_true", help="only say what does not fit")
    parser.add_argument("--output", metavar="FILE", help="write the C tables there")
    parser.add_argument("--document", metavar="FILE", help="write the served OpenAPI document there")
    parser.add_argument("--statements", metavar="FILE", help="write the statements as JSON there")
    parser.add_argument("--depfile", metavar="FILE", help="write the files that were read, for ninja")
    return parser.parse_args(given)


def main(given=None):
    options = arguments(given)
    source, document, operations, statements, faults = compile_tree(options.openapi, options.sql, options.templates)
    for line in faults.lines:
        print(line, file=sys.stderr)
    if faults.lines:
        print(f"The contract does not fit: {len(faults.lines)} faults.", file=sys.stderr)
        return 1
    if options.check:
        print(f"The contract fits: {len(operations)} operations, {len(statements)} statements.")
    wanted = {
        options.output: lambda: source,
        options.document: lambda: contract_tables.served_document(document, operations) + "\n",
        options.statements: lambda: statements_json(operations, statements),
        options.depfile: lambda: f"{options.output}: " + " ".join(inputs(options)) + "\n",
    }
    for path, text in wanted.items():
        if path:
            pathlib.Path(path).write_text(text(), encoding="utf-8")
    return 0


def inputs(options):
    """Everything the result depends on: a new file in a directory too, hence the directories themselves."""
    found = [pathlib.Path(options.openapi), pathlib.Path(options.sql), pathlib.Path(options.sql).parent / "work", *internal_files(options.sql)]
    found += sorted(found[0].glob("*.yaml")) + sorted(found[1].glob("*.sql")) + sorted(pathlib.Path(__file__).parent.glob("contract_*.py"))
    return [str(path).replace(" ", "\\ ") for path in found if path.exists()]


if __name__ == "__main__":
    sys.exit(main())
