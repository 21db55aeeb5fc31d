#!/bin/bash
# scripts/sandbox-demo.sh: what a build sees of this machine with the sandbox and without.
#   KTL                  the program to show              bin/ktl
#   KTL_SANDBOX_CONFIG   the policy                       ktl's own linux-ci.cfg
#   DEMO_PORT            of the service on loopback       18766
source "$(dirname "$0")/demo.sh"

build() { "$KTL" build "$DEMO/context" --progress plain --no-cache "$@" 2>&1 || true; }

code_of() {
  local code=0
  "$@" >/dev/null 2>&1 || code=$?
  echo "$code"
}

files_of_the_client() {
  local inside
  check host-marker "$(cat "$DEMO/outside.txt")" yes "$MARKER" "a program on this machine reads the marker"
  inside=$(cd "$DEMO/context" && "$KTL" sandbox exec -- cat "$DEMO/outside.txt" 2>&1 || true)
  check sandbox-hides "$inside" no "$MARKER" "the same program in the sandbox does not"
  inside=$(cd "$DEMO/context" && "$KTL" sandbox exec -- cat /workspace/link.txt 2>&1 || true)
  check link "$inside" no "$MARKER" "nor through a link in the context"
  inside=$(cd "$DEMO/context" && "$KTL" sandbox exec --sandbox-bind "$DEMO/outside.txt:/shown.txt" -- \
    cat /shown.txt 2>&1 || true)
  check allowlist "$inside" yes "$MARKER" "a file that --sandbox-bind names is there"
}

what_a_build_says() {
  local said
  dockerfile Dockerfile "echo built"
  said=$(build --sandbox-probe-path "$DEMO/outside.txt")
  check banner "$said" yes "Running ktl build inside the sandbox" "a build says that it runs inside"
  check probe-path "$said" yes "$DEMO/outside.txt: hidden" "and that the marker's path is hidden"
  said=$(KTL_SANDBOX_DISABLE=1 build)
  check disabled "$said" no "inside the sandbox" "KTL_SANDBOX_DISABLE=1 lifts it, and ktl says so"
}

steps_of_a_build() {
  if ! has_service; then
    skip loopback "busybox httpd does not listen at 127.0.0.1:$PORT"
    return
  fi
  dockerfile Dockerfile "$ASK"
  check steps-unfenced "$(build --network host --allow network.host)" yes "$MARKER" \
    "a RUN step on this machine's network reads what loopback serves"
  check steps-fenced "$(build)" no "$MARKER" "a RUN step in the private builder's jail does not"
  dockerfile Dockerfile "/bin/busybox cat $DEMO/outside.txt /proc/1/root$DEMO/outside.txt"
  check steps-files "$(build)" no "$MARKER" "nor does it read the marker's file"
}

fails_closed() {
  local code
  code=$(code_of "$KTL" build "$DEMO/context" --sandbox --sandbox-bin /nonexistent/nsjail)
  check no-runtime "$code" yes 5 "--sandbox without a runtime ends with 5"
  code=$(code_of env KTL_SANDBOX_DISABLE=1 "$KTL" build "$DEMO/context" --sandbox)
  check contradiction "$code" yes 5 "--sandbox with KTL_SANDBOX_DISABLE=1 ends with 5"
  code=$(code_of "$KTL" build "$DEMO/context" --require isolation.client.fence=none)
  check demand "$code" yes 5 "a demand that is not met ends with 5"
}

prepare
if ! "$KTL" build sandbox doctor --context "$DEMO/context" >"$DEMO/doctor" 2>&1; then
  if grep -q '^FAIL runtime' "$DEMO/doctor"; then
    skip_all "no sandbox runtime: run scripts/install-nsjail"
  fi
  sed -n 's/^FAIL/doctor: FAIL/p' "$DEMO/doctor" >&2
fi
files_of_the_client
what_a_build_says
steps_of_a_build
fails_closed
exit "$FAILED"
