"""paper.py: PDFs read back by other programs: text, facts, fonts, pictures."""

import re
import subprocess
import tempfile


def run(*command, content, binary=False):
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        done = subprocess.run([word.replace("{}", file.name) for word in command], capture_output=True, timeout=120)
    assert done.returncode == 0 and not done.stderr, done.stderr.decode()
    return done.stdout if binary else done.stdout.decode()


def pdf(api, path, expect=200, **more):
    """The file at an address; what it is, is looked at by the way."""
    answer = api.get(path, expect, headers={"Accept": "application/pdf", **more.pop("headers", {})}, **more)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.") and answer.content.endswith(b"%%EOF\n")
    return answer.content


def text(content, *options):
    return run("pdftotext", *options, "{}", "-", content=content)


def pages(content):
    return text(content, "-layout").split("\f")[:-1]


def facts(content):
    """pdfinfo's lines: {"Title": …}"""
    return {key: value.strip() for key, value in (line.split(":", 1) for line in run("pdfinfo", "{}", content=content).splitlines() if ":" in line)}


def language(content):
    return re.findall(rb"/Lang \((\w+)\)", content)[-1].decode()


def structure(content):
    return re.findall(r"^ *(\w+)(?: \(\w+\))?$", run("pdfinfo", "-struct", "{}", content=content), re.M)


def fonts(content):
    """[(name, embedded, subset, with Unicode)]"""
    lines = run("pdffonts", "{}", content=content).splitlines()[2:]
    return [(line.split()[0], *re.search(r" (yes|no) +(yes|no) +(yes|no) +\d+ +\d+$", line).groups()) for line in lines]


def codes(content, resolution=300):
    """What a reader sees in the QR codes of the first page."""
    with tempfile.NamedTemporaryFile(suffix=".png") as picture:
        picture.write(run("pdftoppm", "-r", str(resolution), "-f", "1", "-l", "1", "-png", "{}", content=content, binary=True))
        picture.flush()
        done = subprocess.run(["zbarimg", "--quiet", "--raw", picture.name], capture_output=True, text=True, timeout=120)
    return done.stdout.split()
