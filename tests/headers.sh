#!/bin/sh
# headers.sh: every header stands alone: it compiles as the only include of a file.
set -u
cd "$(dirname "$0")/.." || exit 1
failed=0
for header in server/*.h server/*/*.h; do
	echo "#include \"$header\"" | gcc -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -Iserver $(pkg-config --cflags libpq gmime-3.0 libical pangocairo) -fsyntax-only -x c - || failed=1
done
exit $failed
