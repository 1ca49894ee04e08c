#!/usr/bin/env bash
# container.sh: builds the image for real, on a base made by debootstrap, starts it against a PostgreSQL and waits for /readyz.
#
# As root: chroot isolation and plain directories as storage need no container engine and no user namespaces.
set -euo pipefail
cd "$(dirname "$0")/.."
source packages/install.sh

[ "$(id -u)" -eq 0 ] || { echo "container.sh: debootstrap and buildah's chroot isolation need root" >&2; exit 1; }
install_packages container run

# The base image is kept between runs: it is the same for all.
store=${NARADA_CONTAINER_STORE:-/var/tmp/narada-containers}
work=$(mktemp -d /tmp/narada-container.XXXXXX)
port=${NARADA_CONTAINER_PORT:-18080}
database_port=$((port + 1))
base=docker.io/library/debian:12-slim
narada= runner=

buildah_here() {
	buildah --root "$store" --runroot "$work/run" --storage-driver vfs "$@"
}

finish() {
	local code=$?
	[ "$code" -eq 0 ] || tail -n 40 "$work"/*.log >&2 || true
	[ -z "$narada" ] || kill "$narada" 2>/dev/null || true
	[ -z "$runner" ] || wait "$runner" || true
	[ ! -f "$work/database/postmaster.pid" ] || as_postgres "$postgres/pg_ctl" stop -s -m immediate -D "$work/database" || true
	[ -z "${container:-}" ] || buildah_here rm "$container" >/dev/null || true
	rm -rf "$work"
}
trap finish EXIT

as_postgres() {
	setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
}

make_base() {
	local scratch
	[ -z "$(buildah_here images -q "$base" 2>/dev/null)" ] || return 0
	echo "Making $base with debootstrap…"
	debootstrap --variant=minbase bookworm "$work/base" ${NARADA_DEBIAN_MIRROR:+"$NARADA_DEBIAN_MIRROR"} >"$work/debootstrap.log"
	# What the machine needs to reach its package mirror, its image needs too.
	cp /etc/apt/apt.conf.d/*proxy* "$work/base/etc/apt/apt.conf.d/" 2>/dev/null || true
	rm -rf "$work"/base/var/cache/apt/archives/*.deb
	tar -C "$work/base" -cf "$work/base.tar" .
	scratch=$(buildah_here from scratch)
	buildah_here add -q "$scratch" "$work/base.tar" / >/dev/null
	buildah_here config --cmd /bin/bash "$scratch"
	buildah_here commit -q "$scratch" "$base" >/dev/null
	buildah_here rm "$scratch" >/dev/null
	rm -rf "$work/base" "$work/base.tar"
}

start_database() {
	postgres=/usr/lib/postgresql/15/bin
	chmod 755 "$work"
	install -d -o postgres -g postgres -m 700 "$work/database"
	as_postgres "$postgres/initdb" -D "$work/database" -U narada --auth=trust -E UTF8 --locale=C.UTF-8 >"$work/initdb.log"
	as_postgres "$postgres/pg_ctl" start -s -w -D "$work/database" -l "$work/database/log" \
		-o "-c listen_addresses=127.0.0.1 -p $database_port -c unix_socket_directories=$work/database"
	as_postgres "$postgres/createdb" -h 127.0.0.1 -p $database_port -U narada narada
}

make_base
echo "Building the image…"
buildah_here build --isolation chroot --format docker --pull-never -f docker/Containerfile -t narada:test . >"$work/build.log" 2>&1
start_database
echo "Starting it…"
container=$(buildah_here from --pull-never narada:test)
buildah_here run --isolation chroot \
	--env NARADA_DATABASE_URL="postgresql://narada@127.0.0.1:$database_port/narada" --env NARADA_HOST=127.0.0.1 --env NARADA_PORT="$port" --env NARADA_DEMO=on \
	"$container" -- /usr/local/bin/narada serve >"$work/narada.log" 2>&1 &
runner=$!
for _ in $(seq 100); do
	status=$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/readyz" || true)
	[ "$status" != 200 ] || break
	kill -0 "$runner" 2>/dev/null || break
	sleep 0.2
done
# Its own process, to stop it: buildah hands no signal on.
narada=$(pgrep -n -f '^/usr/local/bin/narada serve' || true)
[ "$status" = 200 ] || { echo "container.sh: /readyz answered $status" >&2; exit 1; }
owner=$(ps -o uid= -p "$narada" | tr -d ' ')
[ "$owner" != 0 ] || { echo "container.sh: narada runs as root in its container" >&2; exit 1; }
echo "The image answers /readyz with 200, as user $owner."
