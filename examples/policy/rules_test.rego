package ktl.build_test

import data.ktl.build

plan(ref) := {"stage": "prepare", "plan": {"sources": [{"kind": "image", "ref": ref, "line": 1}]}}

test_latest_is_denied if {
	some denial in build.deny with input as plan("docker.io/library/alpine:latest")
	denial.rule == "no-latest"
}

test_a_version_passes if {
	count(build.deny) == 0 with input as plan("docker.io/library/alpine:3.20")
}
