#!/usr/bin/env python3
"""length.py: no C file passes 600 lines without a reason written at its top ("Long because …" in its first ten lines)."""
import pathlib
import subprocess
import sys

top = pathlib.Path(__file__).resolve().parent.parent
names = subprocess.run(['git', 'ls-files', 'server/*.c', 'server/*.h'], cwd=top, capture_output=True, text=True, check=True).stdout.split()
long = []
for name in names:
    lines = (top / name).read_text().splitlines()
    if len(lines) > 600 and 'Long because' not in '\n'.join(lines[:10]):
        long.append(f'{name}: {len(lines)} lines')
print('\n'.join(long) or f'{len(names)} files, none too long')
sys.exit(bool(long))
