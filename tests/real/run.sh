#!/usr/bin/env bash
# A real site, crawled for real: the Debian Administrator's Handbook from its Debian package, two languages of it,
# served on loopback by nginx (without nginx: by Python's http.server), crawled twice, and compared with the files.
#
#   PYTHON=.venv/bin/python bash tests/real/run.sh
#
# HANDBOOK=/usr/share/doc/debian-handbook/html   a folder to serve instead of fetching the package
# SERVER=nginx|python                            insist on one web server
# KEEP=1                                         leave the archive and the logs, and say where they are
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHON=$(command -v "${PYTHON:-python3}") || { echo "real: FAILED: no Python at ${PYTHON:-python3}" >&2; exit 2; }
PYTHON=$(cd "$(dirname "$PYTHON")" && pwd)/$(basename "$PYTHON")
SERVER=${SERVER:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/archiver-real.XXXXXX")
server=""

die() { echo "real: FAILED: $*" >&2; exit 1; }

clean() {
  status=$?
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  if [ -n "${KEEP:-}" ]; then echo "real: kept $work" >&2; else rm -rf "$work"; fi
  exit "$status"
}
trap clean EXIT
trap 'exit 130' INT TERM

# A Debian package, unpacked into a folder: nothing is installed, nobody needs to be root.
unpack() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
  mkdir -p "$work/deb/$1" "$2"
  (cd "$work/deb/$1" && apt-get download "$1") >>"$work/apt.log" 2>&1 || return 1
  dpkg-deb -x "$work/deb/$1/$1"_*.deb "$2"
}

# 1. the site
html=${HANDBOOK:-}
if [ -z "$html" ]; then
  installed=/usr/share/doc/debian-handbook/html
  if unpack debian-handbook "$work/root"; then
    html=$work/root$installed
  elif [ -d "$installed" ]; then
    html=$installed
  elif [ "$(id -u)" = 0 ] && apt-get install -y --no-install-recommends debian-handbook >>"$work/apt.log" 2>&1; then
    html=$installed
  else
    cat "$work/apt.log" >&2 2>/dev/null || true
    die "debian-handbook can neither be downloaded nor installed (it needs Debian's apt-get, and the network)"
  fi
fi
[ -f "$html/en-US/index.html" ] && [ -f "$html/vi-VN/index.html" ] || die "no handbook in $html"

# 2. the web server, on a free port
port=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
PATH=$PATH:/usr/sbin
nginx=$(command -v nginx || true)
if [ -z "$nginx" ] && [ "$SERVER" != python ] && unpack nginx "$work/nginx-root"; then
  nginx=$work/nginx-root/usr/sbin/nginx
fi
mkdir -p "$work/www"
cat >"$work/www/nginx.conf" <<CONF
daemon off;
master_process off;
pid $work/www/pid;
error_log $work/www/error.log;
events {}
http {
  types { text/html html; text/css css; image/png png; image/jpeg jpg; image/svg+xml svg; }
  charset utf-8;
  access_log $work/www/access.log;
  client_body_temp_path $work/www/1; proxy_temp_path $work/www/2; fastcgi_temp_path $work/www/3;
  uwsgi_temp_path $work/www/4; scgi_temp_path $work/www/5;
  server { listen 127.0.0.1:$port; root $html; }
}
CONF
if [ "$SERVER" != python ] && [ -n "$nginx" ] && "$nginx" -t -q -e "$work/www/error.log" -c "$work/www/nginx.conf" 2>>"$work/www/start.log"
then
  name=$("$nginx" -v 2>&1 | sed 's/.*: //')
  "$nginx" -e "$work/www/error.log" -c "$work/www/nginx.conf" >>"$work/www/start.log" 2>&1 &
elif [ "$SERVER" = nginx ]; then
  cat "$work/www/start.log" >&2 2>/dev/null || true
  die "nginx can neither be found nor downloaded, or does not start"
else
  name="Python's http.server"
  "$PYTHON" -m http.server --bind 127.0.0.1 --directory "$html" "$port" >"$work/www/access.log" 2>&1 &
fi
server=$!
"$PYTHON" - "$port" "$server" <<'WAIT' || { cat "$work"/www/*.log >&2; die "the web server did not start"; }
import os, socket, sys, time
for _ in range(100):
    os.kill(int(sys.argv[2]), 0)
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.1)
sys.exit(1)
WAIT

# 3. the profile with the real port, and the crawl
mkdir -p "$work/selectors"
sed "s/127\.0\.0\.1:8912/127.0.0.1:$port/g" "$here/handbook.toml" >"$work/selectors/handbook.toml"
echo "real: $html on http://127.0.0.1:$port/ by $name"
"$PYTHON" "$here/check.py" --html "$html" --base "http://127.0.0.1:$port/" --work "$work"
