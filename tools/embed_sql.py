# embed_sql.py: SQL files become C tables, so that no SQL stands in a C string and the binary needs no files beside it.
#
#   embed_sql.py migrations <directory> <out.c>        0001_name.sql ... -> embedded_migrations[]
#   embed_sql.py text <variable> <file.sql> <out.c>    a whole file -> one string
#
# Each writes <out.c>.d beside its output: which files it read, for ninja. (Statements are the work of compile_contract.py.)
import pathlib
import sys


def c_string(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join(f'\t"{line}\\n"' for line in escaped.rstrip("\n").split("\n"))


def head(out, source):
    return f'// {out.name}: made by tools/embed_sql.py from {source.name}.\n#include "cli/embedded_sql.h"\n\n'


def migrations(directory, out):
    files = sorted(directory.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    for expected, file in enumerate(files, 1):
        if int(file.name[:4]) != expected:
            sys.exit(f"{file}: migrations are numbered without gaps; this should be {expected:04d}")
    rows = [f'\t{{{int(file.name[:4])}, "{file.stem}",\n{c_string(file.read_text())}}},' for file in files]
    out.write_text(
        head(out, directory) + "const struct migration embedded_migrations[] = {\n" + "\n".join(rows) + "\n};\n"
        "const int embedded_migration_count = sizeof embedded_migrations / sizeof embedded_migrations[0];\n")
    return [directory, *files]


def text(variable, source, out):
    out.write_text(head(out, source) + f"const char {variable}[] =\n{c_string(source.read_text())};\n")
    return [source]


def main(kind, *arguments):
    if kind == "migrations":
        directory, out = map(pathlib.Path, arguments)
        read = migrations(directory, out)
    else:
        variable, source, out = arguments[0], *map(pathlib.Path, arguments[1:])
        read = text(variable, source, out)
    pathlib.Path(f"{out}.d").write_text(f"{out}: {' '.join(map(str, read))}\n")


main(*sys.argv[1:])
