"""test_embed.py: what tools/embed.py refuses, and how it says so."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EMBED = Path(__file__).parents[3] / "tools" / "embed.py"
PLURAL = {"pl": {"one": "a", "few": "b", "many": "c", "other": "d"}, "en": {"one": "a", "other": "b"}}


@pytest.fixture
def web(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "site.css").write_text("body {}")
    for language in ("pl", "en"):
        words(tmp_path, language, {"field": {"name": "N"}, "size": PLURAL[language]})
    return tmp_path


def words(web, language, tree, subject="room"):
    folder = web / "words" / language
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{subject}.json").write_text(tree if isinstance(tree, str) else json.dumps(tree))


def template(web, text, name="page"):
    (web / "templates" / f"{name}.html").write_text(text)


def run(web, *options):
    return subprocess.run([sys.executable, EMBED, "--web", web, *options], capture_output=True, text=True)


def complaint(web):
    result = run(web, "--check")
    assert result.returncode == 1
    return result.stderr.replace(str(web) + "/", "")


def test_accepts_what_is_whole(web):
    template(web, "{{>part}}{{#asset}}site.css{{/asset}}{{w.room.field.name}}{{#field}}room.add name text{{/field}}")
    template(web, "{{! {{#a}} }}", "part")
    template(web, "", "field_text")
    result = run(web, "--check")
    assert (result.returncode, result.stderr) == (0, "")


def test_words_that_differ(web):
    words(web, "en", {"field": {}, "size": PLURAL["en"]})
    assert complaint(web) == "error: words/en/room.json: lacks room.field.name, which pl has\n"


def test_plural_that_lacks_a_form(web):
    words(web, "pl", {"field": {"name": "N"}, "size": PLURAL["en"]})
    assert complaint(web) == "error: words/pl/room.json: the plural room.size lacks few, many, which pl needs\n"


def test_words_that_are_no_json(web):
    words(web, "pl", '{"a": "b",}')
    assert "error: words/pl/room.json: " in complaint(web)


def test_key_that_is_there_twice(web):
    words(web, "pl", '{"a": "b", "a": "c"}')
    assert "the key 'a' is there twice" in complaint(web)


def test_language_that_is_not_known(web):
    words(web, "xx", {})
    assert "does not know the plural categories" in complaint(web)


@pytest.mark.parametrize("text, said", [
    ("a\n{{#b}}", "page.html:2: b is not closed"),
    ("{{#a}}\n{{/b}}", "page.html:2: closes b where a of line 1 is open"),
    ("{{/b}}", "page.html:1: closes b where nothing is open"),
    ("{{w.room.none}}", "page.html:1: no word room.none"),
    ("{{#word}}room.none.{{x}}{{/word}}", "page.html:1: no word room.none.{{x}}"),
    ("{{#count}}none x{{/count}}", "page.html:1: no word plural.none"),
    ("{{>none}}", "page.html:1: no template none.html"),
    ("{{<none}}{{/none}}", "page.html:1: no template none.html"),
    ("{{#asset}}none.css{{/asset}}", "page.html:1: no asset none.css"),
    ("{{#field}}room.add none text{{/field}}", "page.html:1: no word room.field.none for the field's label"),
    ("{{#field}}room.add name select{{/field}}", "page.html:1: no words room.choice.name for the field's choices"),
    ("{{#field}}room name{{/field}}", "page.html:1: a field is <subject>.<operation> <member> <kind>"),
])
def test_templates(web, text, said):
    template(web, text)
    assert said in complaint(web)


def test_doubts_are_warnings_unless_strict(web, tmp_path):
    template(web, "{{w.room.none}}")
    embed = ("--output", tmp_path / "web.c", "--depfile", tmp_path / "web.d")
    result = run(web, *embed)
    assert result.returncode == 0 and "warning: " in result.stderr
    assert run(web, "--strict", *embed).returncode == 1
    names = (tmp_path / "web.d").read_text()
    assert f"{web}/templates " in names and f"{web}/templates/page.html" in names and names.startswith(f"{tmp_path}/web.c: ")
