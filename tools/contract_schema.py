# contract_schema.py: holds JSON schemas to the keywords we implement, and turns request schemas into C tables.
import json
import re

from contract_yaml import Map, resolve

TYPES = {"string": 1, "integer": 2, "number": 4, "boolean": 8, "object": 16, "array": 32, "null": 64}
FORMATS = {
    "date-time": "FORMAT_DATE_TIME", "date": "FORMAT_DATE", "email": "FORMAT_EMAIL", "idn-email": "FORMAT_EMAIL", "uri": "FORMAT_URI",
    "uuid": "FORMAT_UUID", "time-zone": "FORMAT_TIME_ZONE", "language": "FORMAT_LANGUAGE", "int32": None, "int64": None,
    "float": None, "double": None,
}  # fmt: skip
PROSE = {"title", "description", "examples", "deprecated", "readOnly", "writeOnly"}
REQUEST = PROSE | {
    "$ref", "type", "format", "pattern", "enum", "const", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "default",
    "additionalProperties", "properties", "required", "items", "oneOf", "x-multiline",
}  # fmt: skip
# Responses are only validated by the tests, with a whole JSON Schema implementation.
RESPONSE = REQUEST | {"anyOf", "allOf", "unevaluatedProperties", "uniqueItems", "propertyNames", "minProperties", "exclusiveMinimum"}
BESIDE_REFERENCE = PROSE | {"$ref", "default"}

FOREIGN = {"List-Unsubscribe"}  # members that a standard names (RFC 8058)


def quote(text):
    """A C string literal; anything not plain ASCII as octal escapes, which cannot swallow what follows."""
    if text is None:
        return "NULL"
    plain = lambda byte: chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}"
    return '"' + "".join(plain(byte) for byte in text.encode()) + '"'


def as_text(value):
    """A default as the text that SQL will be given."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


class Schemas:
    """Compiles request schemas; equal ones are emitted once."""

    def __init__(self, document, faults):
        self.document, self.faults = document, faults
        self.emitted, self.names, self.busy = [], {}, []

    def share(self, kind, text):
        """The name of a static table with this text."""
        if (kind, text) not in self.names:
            name = f"{kind}_{len(self.names)}"
            self.names[kind, text] = name
            self.emitted.append(text.replace("@", name, 1))
        return self.names[kind, text]

    def flat(self, schema, where):
        """The schema behind `$ref`, with what is written beside it."""
        target, name = resolve(self.document, schema, self.faults, where)
        if target is schema or not isinstance(schema, Map):
            return target, name
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        for key in set(schema) - BESIDE_REFERENCE:
            self.faults.add(schema.where(key), f"`{key}` cannot stand beside `$ref`")
        if not beside:
            return target, name
        merged = Map({**target, **beside})
        merged.file, merged.line, merged.key_lines = target.file, target.line, target.key_lines
        return merged, name

    def request(self, schema, where, body=False):
        """C name of the compiled schema. `body`: the outermost schema of a request body."""
        schema, name = self.flat(schema, where)
        if not isinstance(schema, Map):
            self.faults.add(where, "is no schema")
            return "0"
        at = schema.where()
        if name and name in self.busy:
            self.faults.add(at, f"`{name}` contains itself, which a request cannot")
            return "0"
        self.busy.append(name)
        try:
            return self._compile(schema, at, body)
        finally:
            self.busy.pop()

    def _compile(self, schema, at, body):
        for key in schema:
            if key not in REQUEST:
                self.faults.add(schema.where(key), f"schema keyword `{key}` is not implemented for requests")
        if "oneOf" in schema:
            if not body:
                self.faults.add(schema.where("oneOf"), "`oneOf` is implemented for whole bodies only")
            return self._one_of(schema, at)
        types = self._types(schema, at)
        fields = [f".types = {sum(TYPES[kind] for kind in types)}", f".format = {self._format(schema, types)}"]
        self._fitting(schema, types)
        fields += self._text(schema, types)
        fields += self._numbers(schema, types)
        fields.append(f".min_items = {schema.get('minItems', -1)}, .max_items = {schema.get('maxItems', -1)}")
        if "default" in schema:
            fields.append(f".preset = {quote(as_text(schema['default']))}")
        if "array" in types:
            if "items" not in schema:
                self.faults.add(at, "an array says what its `items` are")
            else:
                fields.append(f".items = &{self.request(schema['items'], at)}")
        if "object" in types:
            fields += self._object(schema, at)
        elif body:
            self.faults.add(at, "a request body is an object")
        return self.share("schema", "static const struct contract_schema @ = {" + ", ".join(fields) + "};")

    def _types(self, schema, at):
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if not kinds:
            if isinstance(schema.get("const"), str):
                return ["string"]
            self.faults.add(at, "a request schema says its `type`")
            return ["string"]
        for kind in kinds:
            if kind not in TYPES:
                self.faults.add(schema.where("type"), f"`{kind}` is no type")
        kinds = [kind for kind in kinds if kind in TYPES]
        if len([kind for kind in kinds if kind != "null"]) > 1:
            self.faults.add(schema.where("type"), "one type, and perhaps \"null\": a form could not tell more apart")
        return kinds

    def _fitting(self, schema, types):
        """A keyword of another type would silently do nothing."""
        belongs = {
            "string": ("format", "pattern", "enum", "const", "minLength", "maxLength", "x-multiline"), "array": ("items", "minItems", "maxItems"),
            "object": ("properties", "required", "additionalProperties"),
        }  # fmt: skip
        for kind, keys in belongs.items():
            for key in keys:
                numeric = key == "format" and ("integer" in types or "number" in types)
                if key in schema and kind not in types and not numeric:
                    self.faults.add(schema.where(key), f"`{key}` says nothing about {' or '.join(types)}")
        for key in ("minimum", "maximum"):
            if key in schema and "integer" not in types and "number" not in types:
                self.faults.add(schema.where(key), f"`{key}` says nothing about {' or '.join(types)}")

    def _format(self, schema, types):
        name = schema.get("format")
        if name is None:
            return "FORMAT_NONE"
        if name not in FORMATS:
            self.faults.add(schema.where("format"), f"format `{name}` is not implemented")
        return FORMATS.get(name) or "FORMAT_NONE"

    def _text(self, schema, types):
        fields = [f".min_length = {schema.get('minLength', -1)}, .max_length = {schema.get('maxLength', -1)}"]
        pattern = schema.get("pattern")
        if pattern is not None:
            if not (pattern.startswith("^") and pattern.endswith("$")):
                self.faults.add(schema.where("pattern"), f"pattern `{pattern}` is not anchored: ^…$")
            try:
                re.compile(pattern)
            except re.error as error:
                self.faults.add(schema.where("pattern"), f"pattern `{pattern}`: {error}")
            if re.search(r"\\[dDwWsSbB]", pattern):
                self.faults.add(schema.where("pattern"), r"\d, \w, \s, \b differ between engines: write the characters out")
            fields.append(f".pattern = {self.share('pattern', f'static const char @[] = {quote(pattern)};')}")
        choices = [schema["const"]] if "const" in schema else schema.get("enum")
        if choices is not None:
            if ("null" in types) != (None in choices) and "const" not in schema:
                self.faults.add(schema.where("enum"), "`null` is in both `type` and `enum`, or in neither")
            words = [choice for choice in choices if choice is not None]
            if any(not isinstance(word, str) for word in words):
                self.faults.add(schema.where("enum"), "choices are strings")
            listed = ", ".join(quote(str(word)) for word in words)
            fields.append(f".choices = {self.share('choices', f'static const char *const @[] = {{{listed}, NULL}};')}")
        if schema.get("x-multiline"):
            fields.append(".multiline = true")
        return fields

    def _numbers(self, schema, types):
        bounds = {"minimum": schema.get("minimum"), "maximum": schema.get("maximum")}
        if "integer" in types and schema.get("format") != "int64":
            # Without bounds an integer would reach a column of four bytes and fail there.
            bounds["minimum"] = max(bounds["minimum"], -(2**31)) if bounds["minimum"] is not None else -(2**31)
            bounds["maximum"] = min(bounds["maximum"], 2**31 - 1) if bounds["maximum"] is not None else 2**31 - 1
        fields = []
        for key, value in bounds.items():
            if value is not None:
                fields.append(f".has_{key} = true, .{key} = {float(value)!r}")
        return fields

    def _object(self, schema, at):
        if schema.get("additionalProperties") is not False:
            self.faults.add(at, "an object in a request is closed: additionalProperties: false")
        properties, required = schema.get("properties", Map()), schema.get("required", [])
        for name in required:
            if name not in properties:
                self.faults.add(schema.where("required"), f"`{name}` is required but not among the properties")
        rows = [f"{{{quote(name)}, {str(name in required).lower()}, &{self.request(property, at)}}}" for name, property in properties.items()]
        return [".closed = true", *self._property_fields(properties, rows)]

    def _property_fields(self, properties, rows):
        for name in properties:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name) and name not in FOREIGN:
                self.faults.add(properties.where(name), f"member `{name}` is not lower_snake_case")
            if name.startswith("has_"):
                self.faults.add(properties.where(name), f"member `{name}`: names in has_ are taken (`:has_<member>`)")
        if not rows:
            return [".properties = 0"]
        table = self.share("properties", f"static const struct contract_property @[] = {{{', '.join(rows)}}};")
        return [f".properties = {len(rows)}, .property = {table}"]

    def _one_of(self, schema, at):
        for key in set(schema) - PROSE - {"oneOf"}:
            self.faults.add(schema.where(key), f"`{key}` cannot stand beside `oneOf`")
        branches = [self.flat(branch, at)[0] for branch in schema["oneOf"]]
        for branch in branches:
            if not branch.get("required"):
                self.faults.add(branch.where(), "each of `oneOf` is told apart by its required members; this one has none")
        compiled = [self.request(branch, at, body=True) for branch in branches]
        table = self.share("branches", f"static const struct contract_schema *const @[] = {{{', '.join('&' + name for name in compiled)}, NULL}};")
        union = self.body_properties(schema)
        rows = [f"{{{quote(name)}, false, &{self.request(property, at)}}}" for name, property in union.items()]
        fields = [".types = 16, .min_length = -1, .max_length = -1, .min_items = -1, .max_items = -1, .closed = true", f".one_of = {table}"]
        return self.share("schema", "static const struct contract_schema @ = {" + ", ".join(fields + self._property_fields(union, rows)) + "};")

    def body_properties(self, schema):
        """The top-level members of a body, in the order of its table; of `oneOf`, all that any has."""
        schema, _ = self.flat(schema, "body")
        if "oneOf" not in schema:
            return schema.get("properties", Map())
        union = Map()
        union.file, union.key_lines = schema.file, {}
        for branch in schema["oneOf"]:
            properties = self.flat(branch, "body")[0].get("properties", Map())
            for name, property in properties.items():
                if name in union and union[name] != property:
                    self.faults.add(properties.where(name), f"`{name}` means different things in one `oneOf`")
                union.setdefault(name, property)
                union.key_lines.setdefault(name, properties.key_lines.get(name, 0))
        return union

    def response(self, schema, where, seen=None):
        """Only checks that every keyword is known and every reference leads somewhere."""
        seen = set() if seen is None else seen
        schema, name = self.flat(schema, where)
        if not isinstance(schema, Map) or name in seen:
            return
        if name:
            seen.add(name)
        for key in schema:
            if key not in RESPONSE:
                self.faults.add(schema.where(key), f"schema keyword `{key}` is not known")
        if "format" in schema and schema["format"] not in FORMATS:
            self.faults.add(schema.where("format"), f"format `{schema['format']}` is not known")
        for kind in [schema.get("type", [])] if isinstance(schema.get("type"), str) else schema.get("type", []):
            if kind not in TYPES:
                self.faults.add(schema.where("type"), f"`{kind}` is no type")
        nested = list(schema.get("properties", {}).values())
        nested += [item for key in ("oneOf", "anyOf", "allOf") for item in schema.get(key, [])]
        nested += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), Map)]
        for item in nested:
            self.response(item, schema.where(), seen)
