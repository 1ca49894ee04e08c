# contract_yaml.py: reads openapi/*.yaml into one document, remembering where each thing was written.
import pathlib

import yaml


class Faults:
    """What is wrong, all of it, with file and line; nothing stops at the first mistake."""

    def __init__(self):
        self.lines = []

    def add(self, where, message):
        line = f"{where}: {message}"
        if line not in self.lines:
            self.lines.append(line)


class Map(dict):
    """A YAML mapping that knows its file and the line of each key."""

    file, line, key_lines = "?", 0, {}

    def where(self, key=None):
        return f"{self.file}:{self.key_lines.get(key, self.line)}"


class Loader(yaml.SafeLoader):
    """YAML 1.2's idea of scalars: `no`, `on` and 2019-12-17 are strings; keys are always strings."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile(r"^(?:true|false)$"), list("tf"))


def _construct_map(loader, node):
    result = Map()
    result.file, result.line, result.key_lines = loader.label, node.start_mark.line + 1, {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        key = key if isinstance(key, str) else str(key)
        line = key_node.start_mark.line + 1
        if key in result:
            loader.faults.add(f"{loader.label}:{line}", f"`{key}` is written twice in one mapping")
        result[key] = loader.construct_object(value_node, deep=True)
        result.key_lines[key] = line
    return result


Loader.add_constructor("tag:yaml.org,2002:map", _construct_map)


def read_file(path, faults):
    label = str(path)
    with open(path, encoding="utf-8") as source:
        loader = Loader(source)
        loader.label, loader.faults = label, faults
        try:
            document = loader.get_single_data()
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            faults.add(f"{label}:{mark.line + 1 if mark else 0}", f"not YAML: {getattr(error, 'problem', error)}")
            return None
        finally:
            loader.dispose()
    if not isinstance(document, Map):
        if document is not None:
            faults.add(label, "is not a mapping")
        return None
    return document


def _merge_into(target, source, what, faults):
    for key, value in source.items():
        if key in target:
            faults.add(source.where(key), f"{what} `{key}` is already defined at {target.where(key)}")
            continue
        target[key] = value
        target.key_lines[key] = source.key_lines.get(key, source.line)
        target.files[key] = source.file


class Merged(Map):
    """Collects keys of many files: `where` says which one."""

    def __init__(self):
        super().__init__()
        self.key_lines, self.files = {}, {}

    def where(self, key=None):
        return f"{self.files.get(key, '?')}:{self.key_lines.get(key, 0)}"


def _merge_paths(paths, document, faults):
    for path, item in document.get("paths", Map()).items():
        if path not in paths:
            _merge_into(paths, _only(document["paths"], path), "path", faults)
            continue
        for method, operation in item.items():
            if method in paths[path]:
                faults.add(item.where(method), f"{method} {path} is already defined at {paths[path].where(method)}")
            else:
                paths[path][method] = operation
                paths[path].key_lines[method] = item.key_lines[method]


def _only(mapping, key):
    one = Map({key: mapping[key]})
    one.file, one.line, one.key_lines = mapping.file, mapping.line, {key: mapping.key_lines.get(key, mapping.line)}
    return one


def load(directory, faults):
    """One OpenAPI document of all files in `directory`; every reference stays `#/components/...`."""
    root, paths, components, tags = Map(), Merged(), {}, []
    for path in sorted(pathlib.Path(directory).glob("*.yaml")):
        document = read_file(path, faults)
        if document is None:
            continue
        for key, value in document.items():
            if key == "paths":
                _merge_paths(paths, document, faults)
            elif key == "components":
                for kind, things in value.items():
                    _merge_into(components.setdefault(kind, Merged()), things, f"components/{kind}", faults)
            elif key == "tags":
                tags += [tag for tag in value if tag["name"] not in [known["name"] for known in tags]]
            elif key in root:
                faults.add(document.where(key), f"`{key}` belongs in one file only")
            elif key in ("openapi", "info", "servers", "security", "externalDocs", "jsonSchemaDialect"):
                root[key] = value
            else:
                faults.add(document.where(key), f"unknown top-level key `{key}`")
    root["tags"], root["paths"], root["components"] = tags, paths, components
    return root


def resolve(document, thing, faults, where):
    """Follows `$ref`s to `#/components/...` until something real; gives (thing, name of the component or None)."""
    name, seen = None, set()
    while isinstance(thing, dict) and "$ref" in thing:
        reference = thing["$ref"]
        parts = reference.split("/") if isinstance(reference, str) else []
        target = None
        if len(parts) == 4 and parts[:2] == ["#", "components"]:
            target = document["components"].get(parts[2], {}).get(parts[3])
        if target is None or reference in seen:
            faults.add(where, f"`$ref: {reference}` leads nowhere")
            return Map(), None
        seen.add(reference)
        thing, name = target, parts[3]
    return thing, name
