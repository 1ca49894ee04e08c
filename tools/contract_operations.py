# contract_operations.py: what each operation of the document promises, held against its statements.
import dataclasses
import re

from contract_yaml import Map, resolve

METHODS = ("get", "post", "put", "patch", "delete")
ROLES = ("public", "session", "invitee", "registrant", "viewer", "assistant", "organiser", "owner")
BY_LINK = ("invitee", "registrant")  # a link in the path is their only credential
MEDIA = {
    "application/json": "json", "text/html": "html", "text/csv": "csv", "text/calendar": "ics", "text/vcard": "vcf", "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx", "image/svg+xml": "svg", "image/png": "png", "application/zip": "zip", "text/event-stream": "events",
    "application/octet-stream": "bytes",
}  # fmt: skip
EXTENSIONS = {"x-role", "x-page", "x-form-page", "x-handler", "x-extra", "x-audit", "x-location", "x-built-in", "x-max-body"}
KNOWN = EXTENSIONS | {"operationId", "summary", "description", "tags", "parameters", "requestBody", "responses", "deprecated"}
SPECIAL = {
    "if_match": "FROM_IF_MATCH", "body": "FROM_BODY_ALL", "request_path": "FROM_REQUEST_PATH", "request_id": "FROM_REQUEST_ID",
    "language": "FROM_LANGUAGE",
}  # fmt: skip
FORM = "application/x-www-form-urlencoded"
RESERVED_QUERY = ("lang", "done")  # every page takes them
NOT_FOR_SQL = ("excel", "columns", "headers", "separator", "bom", "progress")  # speak to the encoder
MAX_STEPS = 13  # DB_MAX_STATEMENTS less entering, auditing and one to spare


@dataclasses.dataclass
class Operation:
    id: str
    method: str
    path: str
    yaml: Map
    where: str
    role: str = "public"
    status: int = 0
    forms: list = dataclasses.field(default_factory=list)
    path_parameters: list = dataclasses.field(default_factory=list)
    query_parameters: list = dataclasses.field(default_factory=list)
    if_match: str = ""  # "", "optional", "required"
    body: Map = None
    body_required: bool = False
    merge_patch: bool = False
    handler: str = None
    extras: list = dataclasses.field(default_factory=list)
    form_page: str = None
    steps: list = dataclasses.field(default_factory=list)
    members: list = dataclasses.field(default_factory=list)
    built_in: bool = False
    files: list = dataclasses.field(default_factory=list)


def _parameters(operation, item, document, faults):
    found = {}
    for source in (item, operation.yaml):
        for reference in source.get("parameters", []):
            parameter, _ = resolve(document, reference, faults, operation.where)
            if "name" in parameter and "in" in parameter:
                found[parameter["in"], parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]] = parameter
    for (place, name), parameter in found.items():
        if place == "path":
            operation.path_parameters.append(parameter)
        elif place == "query":
            if name in RESERVED_QUERY:
                faults.add(operation.where, f"{operation.id}: query parameter `{name}` is reserved")
            operation.query_parameters.append(parameter)
        elif place == "header" and name == "if-match":
            operation.if_match = "required" if parameter.get("required") else "optional"
        else:
            faults.add(operation.where, f"{operation.id}: {place} parameter `{parameter['name']}` is not implemented (only If-Match is)")
        if "schema" not in parameter:
            faults.add(operation.where, f"{operation.id}: parameter `{parameter['name']}` has no schema")
    names = re.findall(r"\{([^}]*)\}", operation.path)
    declared = [parameter["name"] for parameter in operation.path_parameters]
    if sorted(names) != sorted(declared):
        faults.add(operation.where, f"{operation.id}: the path names {names}, the parameters {declared}")
    operation.path_parameters.sort(key=lambda parameter: names.index(parameter["name"]) if parameter["name"] in names else 99)


def _body(operation, document, faults):
    if "requestBody" not in operation.yaml:
        return
    if operation.method in ("get", "delete"):
        faults.add(operation.yaml.where("requestBody"), f"{operation.id}: a {operation.method.upper()} has no body")
    body, _ = resolve(document, operation.yaml["requestBody"], faults, operation.where)
    content = body.get("content", Map())
    written = [media for media in content if media in ("application/json", "application/merge-patch+json")]
    operation.files = [media for media in content if media not in written]
    if operation.files and ("x-handler" not in operation.yaml or list(content)[:1] != written[:1] or FORM in operation.files):
        faults.add(content.where(operation.files[0]), f"{operation.id}: request bodies are JSON, forms are added by themselves; others come after it and need an x-handler")
    schemas = [content[media].get("schema") for media in written]
    if not schemas or any(schema is None or schema != schemas[0] for schema in schemas):
        faults.add(operation.yaml.where("requestBody"), f"{operation.id}: the body needs a schema, the same for each media type")
        return
    operation.body, operation.body_required = schemas[0], bool(body.get("required", False))
    operation.merge_patch = operation.method == "patch"
    if operation.merge_patch and "application/merge-patch+json" not in content:
        faults.add(operation.yaml.where("requestBody"), f"{operation.id}: a PATCH takes application/merge-patch+json")


def _answers(operation, document, schemas, faults):
    responses = operation.yaml.get("responses", Map())
    good = [status for status in responses if re.fullmatch(r"2\d\d", status)] or [status for status in responses if re.fullmatch(r"3\d\d", status)]
    if len(good) != 1:
        faults.add(operation.where, f"{operation.id}: exactly one success among the responses, not {good or 'none'}")
        return
    operation.status = int(good[0])
    for status, response in responses.items():
        response, _ = resolve(document, response, faults, operation.where)
        if "description" not in response:
            faults.add(responses.where(status), f"{operation.id}: response {status} has no description")
        for media, entry in (response.get("content") or Map()).items():
            if status == good[0] and media in MEDIA:
                operation.forms.append(MEDIA[media])
            elif status == good[0] and not operation.built_in:
                faults.add(responses.where(status), f"{operation.id}: no encoder for {media}")
            if isinstance(entry, Map) and "schema" in entry:
                schemas.response(entry["schema"], operation.where)
            elif media == "application/json":
                faults.add(responses.where(status), f"{operation.id}: the JSON of {status} has no schema")


def _extensions(operation, faults):
    yaml = operation.yaml
    for key in yaml:
        if key not in KNOWN:
            faults.add(yaml.where(key), f"{operation.id}: unknown key `{key}`")
    operation.role = yaml.get("x-role")
    if operation.role not in ROLES:
        faults.add(yaml.where("x-role"), f"{operation.id}: x-role is one of {', '.join(ROLES)}, not `{operation.role}`")
        operation.role = "public"
    if operation.role in BY_LINK and [parameter["name"] for parameter in operation.path_parameters][:2] != ["platform", "token"]:
        faults.add(operation.where, f"{operation.id}: x-role {operation.role} comes by {{platform}} and {{token}} in the path")
    operation.handler, operation.extras = yaml.get("x-handler"), yaml.get("x-extra", [])
    if operation.handler is not None and not re.fullmatch(r"[a-z][a-z0-9_]*", str(operation.handler)):
        faults.add(yaml.where("x-handler"), f"{operation.id}: x-handler is a name, api_<name> its function")
    if operation.extras and not operation.handler:
        faults.add(yaml.where("x-extra"), f"{operation.id}: x-extra needs an x-handler that provides it")
    if ("x-page" in yaml) != ("html" in operation.forms):
        faults.add(operation.where, f"{operation.id}: x-page and a text/html response go together")
    if "x-page" in yaml and not re.fullmatch(r"[a-z][a-z0-9_]*", str(yaml["x-page"])):
        faults.add(yaml.where("x-page"), f"{operation.id}: x-page is the name of a template, without directory and suffix")
    if not isinstance(yaml.get("x-audit", True), bool):
        faults.add(yaml.where("x-audit"), f"{operation.id}: x-audit is true or false")
    most = yaml.get("x-max-body", 1)
    if not isinstance(most, int) or most < 1 or "requestBody" not in yaml and "x-max-body" in yaml:
        faults.add(yaml.where("x-max-body"), f"{operation.id}: x-max-body is how many bytes its body may have")
    for name in re.findall(r"\{([^}]*)\}", yaml.get("x-location", "")):
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
            faults.add(yaml.where("x-location"), f"{operation.id}: `{{{name}}}` is no name")


def read(document, schemas, faults):
    operations, seen = [], {}
    for path, item in document["paths"].items():
        if not path.startswith("/") or (path != "/" and path.endswith("/")):
            faults.add(document["paths"].where(path), f"path `{path}` starts with / and does not end with it")
        for method, yaml in item.items():
            if method == "parameters":
                continue
            if method not in METHODS or not isinstance(yaml, Map):
                faults.add(item.where(method), f"`{method}` of {path} is not implemented")
                continue
            operation = Operation(str(yaml.get("operationId")), method, path, yaml, item.where(method), built_in=yaml.get("x-built-in", False))
            if not re.fullmatch(r"[a-z][a-z0-9_]*", operation.id) or operation.id in seen:
                faults.add(operation.where, f"operationId `{operation.id}` of {method} {path} is missing, not lower_snake_case or taken")
                continue
            seen[operation.id] = operation
            _parameters(operation, item, document, faults)
            _body(operation, document, faults)
            _answers(operation, document, schemas, faults)
            _extensions(operation, faults)
            operation.members = list(schemas.body_properties(operation.body)) if operation.body is not None else []
            operations.append(operation)
    for operation in operations:
        _form_page(operation, seen, faults)
    return operations


def _form_page(operation, by_id, faults):
    name = operation.yaml.get("x-form-page")
    if name is None:
        return
    page, where = by_id.get(name), operation.yaml.where("x-form-page")
    if page is None or page.method != "get" or "html" not in page.forms:
        faults.add(where, f"{operation.id}: x-form-page `{name}` is no GET operation with a page")
        return
    own = {parameter["name"] for parameter in operation.path_parameters}
    foreign = {parameter["name"] for parameter in page.path_parameters} - own
    if foreign:
        faults.add(where, f"{operation.id}: its form page `{name}` needs {sorted(foreign)} which this path does not have")
    operation.form_page = name


def binding(operation, name):
    """Where `:name` comes from, as the C initialiser; None when nothing provides it, a sentence when two things do."""
    names = lambda parameters: [parameter["name"] for parameter in parameters]
    rows = [("FROM_PATH", names(operation.path_parameters)), ("FROM_QUERY", names(operation.query_parameters)), ("FROM_BODY", operation.members)]
    found = [(source, listed.index(name)) for source, listed in rows if name in listed]
    if name in operation.extras:
        found.append(("FROM_EXTRA", operation.extras.index(name)))
    if len(found) > 1:
        return None, f"`:{name}` is both {found[0][0]} and {found[1][0]}; rename one"
    if found:
        return found[0], None
    if name.startswith("has_") and name[4:] in operation.members:
        return ("FROM_PRESENT", operation.members.index(name[4:])), None
    if name == "if_match" and not operation.if_match:
        return None, "`:if_match` needs the If-Match header among the parameters"
    if name == "body" and operation.body is None:
        return None, "`:body` needs a requestBody"
    if name in SPECIAL:
        return (SPECIAL[name], 0), None
    return None, f"nothing provides `:{name}` (path, query, body member, special value or x-extra)"


def attach(operations, statements, faults):
    """Gives each operation its statements, and checks that the two agree."""
    by_id = {operation.id: operation for operation in operations}
    for statement in statements:
        if statement.internal:
            continue
        operation = by_id.get(statement.operation)
        if operation is None:
            faults.add(statement.where, f"{statement.name}: there is no operation `{statement.operation}`")
            continue
        operation.steps.append(statement)
        for form in statement.when:
            if form not in operation.forms:
                faults.add(statement.where, f"{statement.name}: `when {form}`, but the operation has no such representation")
        for name in statement.parameters:
            found, message = binding(operation, name)
            if found is None:
                faults.add(statement.where, f"{statement.name}: {message}")
    for operation in operations:
        _complete(operation, faults)


def _complete(operation, faults):
    mains = [step for step in operation.steps if step.part is None]
    if operation.built_in:
        if operation.steps or operation.handler:
            faults.add(operation.where, f"{operation.id}: x-built-in is answered by the server itself, without statements or handler")
        return
    if not operation.steps and not operation.handler:
        faults.add(operation.where, f"{operation.id}: no statement `-- name: {operation.id} …` and no x-handler")
        return
    if operation.steps and not mains and not operation.handler:
        faults.add(operation.where, f"{operation.id}: parts but no main statement `-- name: {operation.id} …`")
    most = max((len([step for step in operation.steps if not step.when or form in step.when]) for form in operation.forms or [None]), default=0)
    if most > MAX_STEPS:
        faults.add(operation.where, f"{operation.id}: {most} statements for one representation; at most {MAX_STEPS} fit in one round trip")
    if operation.handler:
        return
    used = {name for step in operation.steps for name in step.parameters}
    for parameter in operation.query_parameters:
        if parameter["name"] not in used and parameter["name"] not in NOT_FOR_SQL:
            faults.add(operation.where, f"{operation.id}: no statement uses the query parameter `{parameter['name']}`")
    for member in operation.members:
        if not {member, f"has_{member}", "body"} & used:
            faults.add(operation.where, f"{operation.id}: no statement uses the body member `{member}`")
    if operation.if_match and "if_match" not in used:
        faults.add(operation.where, f"{operation.id}: no statement uses `:if_match`")
