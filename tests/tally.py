#!/usr/bin/env python3
"""tally.py: sums the results of every layer of ./check into the line it ends with.

Usage: tally.py DIRECTORY. Reads *.xml (JUnit, from pytest and Meson) and *.step ("passed" or "failed", one a step of ./check).
A layer that left no result counts as failed: each *.expected names one that must be there. A skipped test is a failed one, since
./check installs all that the tests need.
"""
import pathlib
import sys
import xml.etree.ElementTree as tree


def junit(path):
    passed = failed = 0
    for case in tree.parse(path).iter('testcase'):
        bad = [child for child in case if child.tag in ('failure', 'error', 'skipped')]
        if bad:
            failed += 1
            print(f'FAILED {path.stem}: {case.get("classname", "")} {case.get("name")} ({bad[0].tag})')
        else:
            passed += 1
    return passed, failed


def main():
    where = pathlib.Path(sys.argv[1])
    passed = failed = 0
    for expected in sorted(where.glob('*.expected')):
        result = where / (expected.stem + '.xml')
        try:
            good, bad = junit(result)
        except (OSError, tree.ParseError) as why:
            good, bad = 0, 1
            print(f'FAILED {expected.stem}: no results ({why})')
        if good + bad == 0:
            bad = 1
            print(f'FAILED {expected.stem}: it ran no test')
        passed, failed = passed + good, failed + bad
    for step in sorted(where.glob('*.step')):
        if step.read_text().strip() == 'passed':
            passed += 1
        else:
            failed += 1
            print(f'FAILED {step.stem}')
    print(f'{passed} passed, {failed} failed')
    return failed > 0 or passed == 0


if __name__ == '__main__':
    sys.exit(main())
