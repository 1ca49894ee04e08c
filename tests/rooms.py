#!/usr/bin/env python3
"""rooms.py: holds the include graph against the table of rooms in ARCHITECTURE.md.

A room may include its own headers and those of the rooms its row names; microhttpd.h belongs to http/, libpq-fe.h to db/, GMime and libcurl to mail/.
Prints each arrow that points the wrong way and exits with 1 if there is one.
"""
import pathlib
import re
import sys

top = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.M)
OWNED = {'microhttpd.h': 'http', 'libpq-fe.h': 'db', 'gmime/gmime.h': 'mail', 'libical/ical.h': 'mail', 'pango/pango.h': 'print', 'pango/pangocairo.h': 'print', 'cairo.h': 'print', 'cairo-pdf.h': 'print', 'fontconfig/fontconfig.h': 'print', 'qrencode.h': 'represent', 'png.h': 'represent', 'curl/curl.h': 'mail', 'xlsxwriter.h': 'represent', 'minizip/zip.h': 'represent'}


def table():
    """room -> the rooms it may touch, from the Markdown table under "## Rooms"."""
    section = (top / 'ARCHITECTURE.md').read_text().split('## Rooms', 1)[1].split('\n## ', 1)[0]
    rows = re.findall(r'^\| (.+?) \| .*? \| (.+?) \|$', section, re.M)[1:]
    allowed = {}
    for names, may in rows:
        for name in re.findall(r'`(\w+)`', names):
            allowed[name] = set(may.replace(',', ' ').split())
    return allowed


def room_of(path):
    parts = path.relative_to(top / 'server').parts
    return 'serve' if len(parts) == 1 or parts[0] == 'cli' else parts[0]


def main():
    allowed, wrong, seen = table(), [], 0
    if not allowed.get('serve'):
        sys.exit('rooms.py: no table of rooms found in ARCHITECTURE.md')
    for path in sorted((top / 'server').rglob('*.[ch]')):
        room = room_of(path)
        where = path.relative_to(top)
        if room not in allowed:
            wrong.append(f'{where}: room {room} is not in the table')
            continue
        for name in INCLUDE.findall(path.read_text()):
            seen += 1
            target = name.split('/')[0] if '/' in name else None
            if target in allowed and target != room and target not in allowed[room]:
                wrong.append(f'{where} includes {name}: {room} may touch {", ".join(sorted(allowed[room]))}')
            if name in OWNED and OWNED[name] != room:
                wrong.append(f'{where} includes {name}, which belongs to {OWNED[name]}/')
    print('\n'.join(wrong) if wrong else f'{seen} includes, all allowed')
    return bool(wrong)


if __name__ == '__main__':
    sys.exit(main())
