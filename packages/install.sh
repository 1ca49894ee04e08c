# install.sh: sourced by ./run and ./check: installs the Debian packages that packages/<list>.txt name.
#
# install_packages LIST… does nothing when all are there. As root, or with sudo; else it says what to do and fails.

missing_packages() {
	local lists=() list
	for list in "$@"; do lists+=("packages/$list.txt"); done
	grep -hv '^#' "${lists[@]}" | sort -u | while read -r name; do
		[ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
	done
}

install_packages() {
	local missing root=()
	missing=$(missing_packages "$@" | tr '\n' ' ')
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		if ! command -v sudo >/dev/null; then
			echo "These Debian packages are missing, and neither root nor sudo is here to install them. As root: apt-get install $missing" >&2
			return 1
		fi
		root=(sudo)
	fi
	# Debian starts a PostgreSQL cluster of its own when the package is installed. Ours is private and in the data directory,
	# so that one must not appear.
	local log cluster_setting=/etc/postgresql-common/createcluster.d/narada.conf
	log=$(mktemp)
	if [[ " $missing" == *" postgresql-15 "* ]]; then
		"${root[@]}" mkdir -p "$(dirname $cluster_setting)"
		echo 'create_main_cluster = false' | "${root[@]}" tee $cluster_setting >/dev/null
	fi
	# A mail server of the machine's own must not appear either, nor one that is there go: tests start Postfix with a configuration of theirs.
	if [[ " $missing" == *" postfix "* ]]; then
		echo 'postfix postfix/main_mailer_type select No configuration' | "${root[@]}" debconf-set-selections
	fi
	if ! { "${root[@]}" apt-get update -qq && "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-remove --no-install-recommends $missing; } >"$log" 2>&1; then
		echo "Installing failed: $missing" >&2
		tail -n 20 "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
	[[ " $missing" != *" postgresql-15 "* ]] || "${root[@]}" rm -f $cluster_setting
}
