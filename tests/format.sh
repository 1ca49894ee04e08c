#!/bin/sh
# format.sh: every C file is as clang-format and .clang-format would write it.
set -eu
cd "$(dirname "$0")/.."
sources=$(git ls-files 'server/*.c' 'server/*.h' 'tests/*.c' 'tests/*.h')
[ -n "$sources" ]
# Split on purpose: no file of ours has a space in its name.
# shellcheck disable=SC2086
clang-format-14 --dry-run -Werror $sources
