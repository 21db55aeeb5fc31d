# Shared by the demonstrations; to be sourced. They show on this machine alone: markers in files and
# a service on loopback, no address outside. PASS, FAIL or SKIP for each; 1 when something FAILs.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
KTL="${KTL:-$ROOT/bin/ktl}"
PORT="${DEMO_PORT:-18766}"
FAILED=0
# What a step asks the service; a static busybox has no wget that works without a resolver.
ASK="{ echo GET /marker HTTP/1.0; echo; } | /bin/busybox nc -w 3 127.0.0.1 $PORT"

pass() { printf 'PASS %s: %s\n' "$1" "$2"; }
skip() { printf 'SKIP %s: %s\n' "$1" "$2"; }
fail() {
  printf 'FAIL %s: %s\n' "$1" "$2"
  FAILED=1
}

# skip_all WHY: there is nothing to show here.
skip_all() {
  skip demo "$1"
  exit 0
}

# check NAME TEXT yes|no WORD: whether TEXT has WORD, as it should.
check() {
  local found=no
  case "$2" in *"$4"*) found=yes ;; esac
  if [ "$found" = "$3" ]; then pass "$1" "$5"; else fail "$1" "not so: $5"; fi
}

# prepare: a folder of the demo's own with a marker, a context, and a service on loopback.
prepare() {
  [ "$(uname -s)" = Linux ] || skip_all "the sandbox is made of Linux namespaces; this is $(uname -s)"
  [ -x "$KTL" ] || skip_all "$KTL is not built: run scripts/build"
  [ -x /bin/busybox ] || skip_all "/bin/busybox is not installed: install busybox-static"
  DEMO="$(mktemp -d "${TMPDIR:-/tmp}/ktl-demo-XXXXXX")"
  trap clean EXIT
  MARKER="marker-$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')"
  mkdir "$DEMO/context" "$DEMO/www"
  echo "$MARKER" >"$DEMO/outside.txt"
  echo "$MARKER" >"$DEMO/www/marker"
  cp /bin/busybox "$DEMO/context/busybox"
  ln -s "$DEMO/outside.txt" "$DEMO/context/link.txt"
  /bin/busybox httpd -f -p "127.0.0.1:$PORT" -h "$DEMO/www" &
  SERVICE=$!
}

clean() {
  kill "$SERVICE" 2>/dev/null || true
  rm -rf "$DEMO"
}

# dockerfile NAME SCRIPT: a Dockerfile whose one step runs SCRIPT and never fails.
dockerfile() {
  cat >"$DEMO/context/$1" <<EOF
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "$2; exit 0"]
EOF
}

# has_service: the service answers on this machine, or the demo would prove nothing.
has_service() {
  local tries
  for tries in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(/bin/busybox wget -q -O - "http://127.0.0.1:$PORT/marker" 2>/dev/null || true)" = "$MARKER" ] && return
    sleep 0.1
  done
  return 1
}
