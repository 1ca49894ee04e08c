#!/bin/sh
# vendor.sh: the code of others in web/vendor is as it was published, and nothing lies there unlisted.
set -eu
cd "$(dirname "$0")/../web/vendor"
sha256sum --check --strict --quiet SHA256SUMS
listed=$(cut -c67- SHA256SUMS | sort)
there=$(find . -mindepth 2 -type f | cut -c3- | sort)
[ "$listed" = "$there" ] || { printf 'Listed:\n%s\nThere:\n%s\n' "$listed" "$there"; exit 1; }
echo "$(printf '%s\n' "$there" | wc -l) files, all as published"
