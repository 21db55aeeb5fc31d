#!/bin/bash
# scripts/docker-vs-ktl-sandbox-demo.sh: the same hostile Dockerfile with docker build and ktl build.
# docker is asked to use this machine's network, which it grants to whoever asks; ktl wants --allow.
#   KTL, DEMO_PORT   as for scripts/sandbox-demo.sh
source "$(dirname "$0")/demo.sh"

docker_build() {
  DOCKER_BUILDKIT="${DOCKER_BUILDKIT:-0}" docker build --no-cache --network host "$DEMO/context" 2>&1 || true
}

ktl_build() { "$KTL" build "$DEMO/context" --progress plain --no-cache "$@" 2>&1 || true; }

prepare
has_service || skip_all "busybox httpd does not listen at 127.0.0.1:$PORT"
dockerfile Dockerfile "$ASK"
if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
  check docker "$(docker_build)" yes "$MARKER" "docker build --network host: the step reads what loopback serves"
else
  skip docker "no docker daemon answers, so there is nothing to compare with"
fi
if ! "$KTL" build sandbox doctor --context "$DEMO/context" >"$DEMO/doctor" 2>&1 &&
  grep -q '^FAIL runtime' "$DEMO/doctor"; then
  skip ktl "no sandbox runtime: run scripts/install-nsjail"
  exit "$FAILED"
fi
check ktl "$(ktl_build)" no "$MARKER" "ktl build: it does not"
said=$(ktl_build --network host)
check ktl-asked "$said" no "$MARKER" "ktl build --network host: refused"
check ktl-says-why "$said" yes "network.host" "and what would allow it is named"
check ktl-allowed "$(ktl_build --network host --allow network.host)" yes "$MARKER" \
  "with --allow network.host it does, so that the demo shows a difference"
exit "$FAILED"
