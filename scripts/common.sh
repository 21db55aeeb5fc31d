# Shared by every script here; to be sourced. Sets ROOT (the checkout) and strict mode.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
NAME="$(basename "$0")"
JOBS="${KTL_JOBS:-$(nproc)}"
CACHE="${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}"
export CCACHE_DIR="${CCACHE_DIR:-$CACHE/ccache}"
export LC_ALL=C.UTF-8

say() { printf '%s: %s\n' "$NAME" "$*" >&2; }

# die WHAT [NEXT]: what happened, and what to do about it.
die() {
  printf '%s: error: %s\n' "$NAME" "$1" >&2
  [ $# -lt 2 ] || printf '%s: next:  %s\n' "$NAME" "$2" >&2
  exit 1
}

# need COMMAND...: fails unless each one is on the PATH.
need() {
  local command
  for command in "$@"; do
    command -v "$command" >/dev/null || die "$command is not installed" "run scripts/install"
  done
}

# as_root COMMAND...: runs it as root, through sudo when we are somebody else.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# logged FILE COMMAND...: runs quietly; on failure shows the end of the log and stops.
logged() {
  local log=$1
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    die "'$1 ${2-} ...' failed" "the whole log is $(realpath "$log")"
  fi
}
