"""embed.py: checks web/ and embeds it in the binary: templates, mails, words, assets become the table of represent/page.h.

    embed.py --web web --output embedded_web.c --depfile embedded_web.d [--strict]
    embed.py --web web --check

Always an error: words that are no JSON, templates whose sections don't close. Errors with --strict and --check, else warnings (since the
languages of a change are written one after the other): keys that another language lacks, plural forms that a language needs, and what
templates refer to but nobody wrote: words, labels of fields, partials, assets.
"""

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path

# CLDR's categories for integers, and `other`, which fractions take.
PLURALS = {"en": {"one", "other"}, "fi": {"one", "other"}, "pl": {"one", "few", "many", "other"}}
CATEGORIES = {"zero", "one", "two", "few", "many", "other"}
SHOWN_WARNINGS = 12

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}

TAG = re.compile(r"\{\{(\{)?\s*([#^/!=&><$]?)\s*(.*?)\s*(?(1)\}\}\}|\}\})", re.DOTALL)


class Findings:
    def __init__(self, strict):
        self.strict, self.errors, self.warnings = strict, [], []

    def error(self, where, what):
        self.errors.append(f"{where}: {what}")

    def doubt(self, where, what):
        (self.errors if self.strict else self.warnings).append(f"{where}: {what}")


def visible(folder, pattern):
    return sorted(path for path in folder.glob(pattern) if path.is_file() and not path.name.startswith(".") and not path.name.endswith("~"))


# Words


def unique_keys(pairs):
    seen = {}
    for key, value in pairs:
        if key in seen:
            raise ValueError(f"the key {key!r} is there twice")
        seen[key] = value
    return seen


def is_plural(value):
    return isinstance(value, dict) and "other" in value and set(value) <= CATEGORIES


def flatten(tree, prefix=""):
    """Dotted keys to strings and plurals."""
    flat = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and not is_plural(value):
            flat.update(flatten(value, name + "."))
        else:
            flat[name] = value
    return flat


def read_words(web, findings):
    languages = {}
    for folder in sorted(path for path in (web / "words").glob("*") if path.is_dir()):
        tree = languages[folder.name] = {}
        for path in visible(folder, "*.json"):
            try:
                tree[path.stem] = json.loads(path.read_text("utf-8"), object_pairs_hook=unique_keys)
            except ValueError as problem:
                findings.error(path, problem)
    return languages


def check_leaf(where, language, key, value, findings):
    if is_plural(value):
        missing = PLURALS[language] - set(value)
        if missing:
            findings.doubt(where, f"the plural {key} lacks {', '.join(sorted(missing))}, which {language} needs")
        value = list(value.values())
    for text in value if isinstance(value, list) else [value]:
        if not isinstance(text, str):
            findings.error(where, f"{key} is neither a text, an object nor a plural")


def check_words(web, languages, findings):
    flat = {language: flatten(tree) for language, tree in languages.items()}
    every = {key: language for language in flat for key in flat[language]}
    for language, keys in flat.items():
        if language not in PLURALS:
            findings.error(web / "words" / language, "tools/embed.py does not know the plural categories of this language")
            continue
        for key, value in keys.items():
            check_leaf(web / "words" / language / f"{key.split('.')[0]}.json", language, key, value, findings)
        for key in sorted(every.keys() - keys.keys()):
            findings.doubt(web / "words" / language / f"{key.split('.')[0]}.json", f"lacks {key}, which {every[key]} has")


def has_word(languages, key):
    """Whether every language has something there: a text, a plural or a tree."""
    for tree in languages.values():
        for part in key.split("."):
            tree = tree.get(part) if isinstance(tree, dict) else None
        if tree is None:
            return False
    return True


# Templates


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check_balance(path, text, findings):
    """Gives (kind, name, inner text, line) of each tag, sections with what is between."""
    open_tags, tags = [], []
    for tag in TAG.finditer(text):
        kind, name, line = tag[2], tag[3], line_of(text, tag.start())
        if kind in ("#", "^", "<", "$"):
            open_tags.append((kind, name, tag.end(), line))
        elif kind == "/":
            if not open_tags or open_tags[-1][1] != name:
                expected = f"{open_tags[-1][1]} of line {open_tags[-1][3]}" if open_tags else "nothing"
                findings.error(f"{path}:{line}", f"closes {name} where {expected} is open")
                return tags
            opened, _, start, begun = open_tags.pop()
            tags.append((opened, name, text[start : tag.start()].strip(), begun))
        elif kind != "!":
            tags.append((kind, name, "", line))
    for _, name, _, line in open_tags:
        findings.error(f"{path}:{line}", f"{name} is not closed")
    return tags


def check_field(where, inner, languages, findings):
    parts = inner.split()
    if len(parts) < 3 or "." not in parts[0]:
        findings.doubt(where, f"a field is <subject>.<operation> <member> <kind> …, not {inner!r}")
        return None
    subject = parts[0].split(".")[0]
    own_label = any(part.startswith("label=") for part in parts[3:])
    if parts[2] != "hidden" and not own_label and not has_word(languages, f"{subject}.field.{parts[1]}"):
        findings.doubt(where, f"no word {subject}.field.{parts[1]} for the field's label")
    if parts[2] == "select" and not has_word(languages, f"{subject}.choice.{parts[1]}"):
        findings.doubt(where, f"no words {subject}.choice.{parts[1]} for the field's choices")
    return f"field_{parts[2]}"


def check_references(path, tags, names, assets, languages, findings):
    for kind, name, inner, line in tags:
        where = f"{path}:{line}"
        wanted = name if kind in (">", "<") and not name.startswith("*") else None
        if name.startswith("w.") and kind in ("", "&", "#") and not has_word(languages, name[2:]):
            findings.doubt(where, f"no word {name[2:]}")
        elif kind == "#" and name == "word" and not has_word(languages, inner.split("{{")[0].rsplit(".", 1)[0] if "{{" in inner else inner):
            findings.doubt(where, f"no word {inner}")
        elif kind == "#" and name == "count" and not has_word(languages, f"plural.{inner.split()[0]}"):
            findings.doubt(where, f"no word plural.{inner.split()[0]}")
        elif kind == "#" and name == "asset" and inner not in assets:
            findings.doubt(where, f"no asset {inner}")
        elif kind == "#" and name == "field":
            wanted = check_field(where, inner, languages, findings)
        if wanted and wanted not in names:
            findings.doubt(where, f"no template {wanted}.html")


def vendored(web):
    """Code of others: qr/decode.js is the asset qr-decode.js."""
    return {"-".join(path.relative_to(web / "vendor").parts): path for path in visible(web / "vendor", "*/*.js")}


def check_templates(web, languages, findings):
    pages, mails = visible(web / "templates", "*.html"), visible(web / "mail", "*.html") + visible(web / "mail", "*.txt")
    paths = pages + mails
    names = {path.stem for path in pages} | {f"mail/{path.name}" for path in mails}
    assets = {str(path.relative_to(web / "assets")) for path in visible(web / "assets", "**/*")} | set(vendored(web))
    for path in paths:
        tags = check_balance(path, path.read_text("utf-8"), findings)
        check_references(path, tags, names, assets, languages, findings)


# Embedding


def digest(data):
    return hashlib.blake2b(data, digest_size=6).hexdigest()


def with_addresses(css, files):
    """A style sheet's url(name) becomes the address that has that asset's digest."""

    def address(match):
        name = f"assets/{match[1]}"
        return f'url("/assets/{digest(files[name])}/{match[1]}")' if name in files else match[0]

    return re.sub(r"""url\(["']?([^"')]+)["']?\)""", address, css.decode("utf-8")).encode("utf-8")


def with_imports(name, sources, made):
    """A module's imports become addresses with the digest of what they import, so that modules of two releases never meet."""
    if name in made:
        return made[name]
    made[name] = sources[name]  # a circle of imports keeps the plain name

    def address(match):
        wanted = f"assets/{re.sub('[^-/]*$', '', name.removeprefix('assets/'))}{match[2]}"
        return f'{match[1]}"/assets/{digest(with_imports(wanted, sources, made))}/{wanted[7:]}"' if wanted in sources else match[0]

    made[name] = re.sub(r"""(\bfrom |\bimport |\bimport\()["']\./([^"'/]+)["']""", address, sources[name].decode("utf-8")).encode("utf-8")
    return made[name]


def read_files(web):
    files = {}
    for folder, pattern in (("templates", "*.html"), ("mail", "*.html"), ("mail", "*.txt"), ("words", "*/*.json"), ("assets", "**/*")):
        for path in visible(web / folder, pattern):
            files[path.relative_to(web).as_posix()] = path.read_bytes()
    files |= {f"assets/{name}": path.read_bytes() for name, path in vendored(web).items()}
    scripts, made = {name: data for name, data in files.items() if name.endswith(".js")}, {}
    files |= {name: with_imports(name, scripts, made) for name in scripts}
    for name in [name for name in files if name.endswith(".css")]:
        files[name] = with_addresses(files[name], files)
    return dict(sorted(files.items(), key=lambda item: item[0].encode()))


def c_string(data):
    lines, printable = [], set(range(0x20, 0x7F)) - set(b'"\\?')
    for start in range(0, len(data), 100):
        lines.append('"' + "".join(chr(byte) if byte in printable else f"\\{byte:03o}" for byte in data[start : start + 100]) + '"')
    return "\n\t".join(lines) or '""'


def write_table(files, output):
    parts = ["// Made by tools/embed.py from web/.\n#include \"represent/page.h\"\n\nconst struct embedded_file embedded_web[] = {\n"]
    for name, data in files.items():
        media_type = TYPES.get(Path(name).suffix, "application/octet-stream")
        parts.append(f'{{"{name}",\n\t{c_string(data)},\n\t{len(data)}, "{media_type}", "{digest(data)}"}},\n')
    # A row without a name, since C has no empty arrays.
    parts.append("{0},\n};\nconst int embedded_web_count = %d;\n" % len(files))
    text = "".join(parts)
    if not output.exists() or output.read_text("utf-8") != text:
        output.write_text(text, "utf-8")


def write_depfile(web, output, depfile):
    """Files, and the folders too: a folder is newer once a file is added or gone."""
    folders = [web] + sorted(path for path in web.rglob("*") if path.is_dir())
    files = sorted(path for path in web.rglob("*") if path.is_file())
    escaped = [str(path).replace(" ", "\\ ") for path in folders + files]
    depfile.write_text(f"{output}: " + " \\\n ".join(escaped) + "\n", "utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--web", type=Path, required=True)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--depfile", type=Path)
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    findings = Findings(options.strict or options.check)
    languages = read_words(options.web, findings)
    check_words(options.web, languages, findings)
    check_templates(options.web, languages, findings)
    for text in findings.warnings[:SHOWN_WARNINGS]:
        print(f"warning: {text}", file=sys.stderr)
    if len(findings.warnings) > SHOWN_WARNINGS:
        print(f"warning: … and {len(findings.warnings) - SHOWN_WARNINGS} more; embed.py --web web --check shows all", file=sys.stderr)
    for text in findings.errors:
        print(f"error: {text}", file=sys.stderr)
    if findings.errors:
        return 1
    if options.output:
        write_table(read_files(options.web), options.output)
        write_depfile(options.web, options.output, options.depfile)
    return 0


if __name__ == "__main__":
    sys.exit(main())
