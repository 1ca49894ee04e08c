# contract_sql.py: reads server/api/*.sql: headings, and named parameters turned into $1…$n.
import dataclasses
import pathlib
import re

SHAPES = ("one", "maybe", "many", "exec")
FORMS = ("json", "html", "csv", "ics", "xlsx", "vcf", "pdf", "svg", "png", "zip", "events", "bytes")
HEADING = re.compile(r"^--\s*name:\s*(.*?)\s*$")
NAME = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")

# What the scanner steps over as a whole, so that a colon inside is no parameter.
TOKEN = re.compile(
    r"""
    (?P<comment>--[^\n]*)
  | (?P<block>/\*)
  | (?P<escape>\b[eE]'(?:[^'\\]|\\.|'')*')
  | (?P<string>'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<dollar>\$(?P<tag>(?:[A-Za-z_][A-Za-z0-9_]*)?)\$)
  | (?P<cast>::)
  | (?P<assign>:=)
  | (?P<number>\$[0-9]+)
  | (?P<parameter>:[A-Za-z_][A-Za-z0-9_]*)
  | (?P<end>;)
  | (?P<word>[A-Za-z_][A-Za-z0-9_$]*)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclasses.dataclass
class Statement:
    name: str
    operation: str
    part: str
    shape: str
    when: list
    file: str
    line: int
    sql: str = ""
    parameters: list = dataclasses.field(default_factory=list)
    columns: list = dataclasses.field(default_factory=list)

    @property
    def where(self):
        return f"{self.file}:{self.line}"

    @property
    def internal(self):
        return self.shape == "internal"


def _block_end(text, start):
    """Where a comment that starts at `start` ends; PostgreSQL's nest."""
    depth, at = 0, start
    while at < len(text):
        if text.startswith("/*", at):
            depth, at = depth + 1, at + 2
        elif text.startswith("*/", at):
            depth, at = depth - 1, at + 2
            if depth == 0:
                return at
        else:
            at += 1
    return len(text)


def number_parameters(statement, text, faults):
    """Fills `sql` and `parameters`; comments go, everything else stays as it was written."""
    out, at, ended, highest = [], 0, False, 0
    line_of = lambda position: statement.line + 1 + text.count("\n", 0, position)
    while match := TOKEN.search(text, at):
        out.append(text[at : match.start()])
        if ended and (text[at : match.start()].strip() or match["comment"] is None and match["block"] is None):
            faults.add(f"{statement.file}:{line_of(match.start())}", f"{statement.name}: more than one statement; give the second a heading")
            return
        at = match.end()
        if match["block"]:
            at = _block_end(text, match.start())
        elif match["dollar"]:
            end = text.find(match["dollar"], at)
            at = len(text) if end < 0 else end + len(match["dollar"])
            out.append(text[match.start() : at])
        elif match["end"]:
            ended = True
        elif match["parameter"]:
            name = match["parameter"][1:]
            if name not in statement.parameters:
                statement.parameters.append(name)
            out.append(f"${statement.parameters.index(name) + 1}")
        elif match["number"]:
            if not statement.internal:
                faults.add(f"{statement.file}:{line_of(match.start())}", f"{statement.name}: write a name instead of {match[0]}")
            highest = max(highest, int(match[0][1:]))
            out.append(match[0])
        elif not match["comment"]:
            out.append(match[0])
    if ended and text[at:].strip():
        faults.add(f"{statement.file}:{line_of(at)}", f"{statement.name}: more than one statement; give the second a heading")
    out.append(text[at:])
    if highest and statement.parameters:
        faults.add(statement.where, f"{statement.name}: either names or numbers, not both")
    if highest:
        statement.parameters = [str(number) for number in range(1, highest + 1)]
    statement.sql = "\n".join(line.rstrip() for line in "".join(out).strip().splitlines() if line.strip())
    if not statement.sql:
        faults.add(statement.where, f"{statement.name}: no SQL under the heading")


def parse_heading(text, file, line, faults, internal):
    """`<operationId>[.<part>] <shape> [when <form>,…]`, or `<name> internal` for a statement that C sends by itself."""
    where, words = f"{file}:{line}", text.split(None, 3)
    if internal and len(words) == 1:
        words.append("internal")
    if len(words) not in (2, 4) or not NAME.match(words[0]):
        faults.add(where, f"not a heading: `-- name: {text}` (wants: <operationId>[.<part>] <{'|'.join(SHAPES)}> [when <form>,…])")
        return None
    name, shape = words[0], words[1]
    operation, _, part = name.partition(".")
    if shape not in SHAPES + ("internal",):
        faults.add(where, f"{name}: `{shape}` is not one of {', '.join(SHAPES)}, internal")
        return None
    when = []
    if len(words) == 4:
        when = [form.strip() for form in words[3].split(",")]
        if words[2] != "when" or any(form not in FORMS for form in when):
            faults.add(where, f"{name}: `{words[2]} {words[3]}` should be `when` and some of {', '.join(FORMS)}")
            return None
        if not part:
            faults.add(where, f"{name}: only a part can have `when`; the main statement always runs")
    return Statement(name, operation, part or None, shape, when, file, line)


def read_file(path, faults, internal=False):
    """`internal`: every statement of the file is one that C sends by itself, whatever its heading leaves out. Headings in lines that follow each other share what is below the last."""
    statements, sharing, current, body, headless = [], [], None, [], True

    def finish():
        for statement in [*sharing, current]:
            if statement is not None:
                number_parameters(statement, "\n".join(body), faults)
                statements.append(statement)

    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        heading = HEADING.match(line)
        if heading:
            if current is not None and not body:
                sharing.append(current)
            else:
                finish()
                sharing.clear()
            current, body, headless = parse_heading(heading[1], str(path), number, faults, internal), [], False
        elif current is None:
            if headless and line.strip() and not line.lstrip().startswith("--"):
                faults.add(f"{path}:{number}", "SQL without a heading `-- name: …`")
        else:
            body.append(line)
    finish()
    return statements


def load(directory, internal, faults):
    """The statements of all operations, and of the files in `internal` those that C sends by itself."""
    statements, seen, internal = [], {}, [pathlib.Path(path) for path in internal]
    for path in internal + sorted(pathlib.Path(directory).glob("*.sql")):
        for statement in read_file(path, faults, path in internal):
            if statement.name in seen:
                faults.add(statement.where, f"{statement.name} is already defined at {seen[statement.name].where}")
                continue
            seen[statement.name] = statement
            statements.append(statement)
    files = {}
    for statement in statements:
        first = files.setdefault(statement.operation, statement.file)
        if first != statement.file:
            faults.add(statement.where, f"{statement.name}: the statements of one operation belong in one file ({first})")
    return statements
