"""ktl.policy/1: nothing is built of a source that is refused, nothing leaves that is denied."""

import pytest

from rig import images
from stages.puppets import PASSED, WHERES

COPY = "FROM scratch\nCOPY Dockerfile /\n"


def denied(**more):
    return {"schema": "ktl.verdict/1", "passed": False, "warnings": [], "denials": [
        {"rule": "no-root", "message": "runs as root", "location": "Dockerfile:1",
         "edit": "USER 1000"}], **more}


@pytest.mark.parametrize("where", WHERES)
@pytest.mark.parametrize("when", ["prepare", "attest"])
def test_a_denial_exports_nothing(stage, puppet, context, fresh_registry, where, when):
    policy = puppet("policy", where).says(f"evaluate-{when}", denied())
    result = stage.build(context(COPY), "--push", "-t", f"{fresh_registry.host}/denied:1")
    assert result.code == 3, result.err
    for words in ("no-root: runs as root", "Dockerfile:1", "USER 1000", policy.id):
        assert words in result.err
    assert not stage.out.exists() and fresh_registry.tags("denied") == []
    record = stage.record()
    assert record["outcome"] == "refused" and (record["builder"] == {}) == (when == "prepare")
    verdict = record["verdicts"][-1]
    assert (verdict["plugin"], verdict["stage"], verdict["passed"]) == (policy.id, when, False)
    assert verdict["denials"] == denied()["denials"]


def test_it_sees_what_is_known(stage, puppet, context):
    policy = puppet("policy")
    stage.build_ok(context(COPY))
    before, after = policy.seen("evaluate-prepare") or policy.seen("evaluate")
    assert before["stage"] == "prepare" and "solved" not in before
    assert after["stage"] == "attest" and after["plan"] == before["plan"]
    assert after["solved"]["root"]["digest"] and after["isolation"]["steps"]
    assert [each["passed"] for each in stage.record()["verdicts"]] == [True, True]


def test_all_must_agree(stage, puppet, context):
    puppet("policy")
    puppet("second-policy").says("evaluate", denied())
    stage.refused(context(COPY), 3, "e2e.second-policy", "no-root")


def test_warnings_are_shown_and_stop_nothing(stage, puppet, context):
    puppet("policy").says("evaluate", {**PASSED, "warnings": [{"rule": "old", "message": "is old"}]})
    assert "warning: [e2e.policy] old: is old" in stage.build_ok(context(COPY)).err
    assert stage.record()["verdicts"][0]["warnings"] == [{"rule": "old", "message": "is old"}]


@pytest.mark.parametrize("answer,code,words", [
    (denied(passed=True), 3, "denies this build and says that it has passed"),
    (denied(denials=[]), 3, "has not passed, and not why"),
    ("fail 13 no rules to be had", 3, "no rules to be had"),
    ("fail 3 line 7 is no rule", 2, "line 7 is no rule"),
    ("{}", 3, "the answer of e2e.policy evaluate"),
])
@pytest.mark.parametrize("when", ["prepare", "attest"])
def test_what_cannot_be_judged_is_refused(stage, puppet, context, when, answer, code, words):
    puppet("policy").says(f"evaluate-{when}", answer)
    stage.refused(context(COPY), code, words, "e2e.policy")


def test_one_that_crashes_apart_is_named(stage, puppet, context):
    puppet("policy", "isolated").says("evaluate-attest", "crash")
    stage.refused(context(COPY), 3, "plugin e2e.policy was killed by signal 11 (SIGSEGV)")


def test_a_refused_source_is_never_fetched(stage, puppet, context, fresh_registry):
    policy = puppet("policy").says("decide", {
        "schema": "ktl.answer/1", "allow": False, "reason": "not from there", "rule": "sources"})
    image = f"{fresh_registry.host}/base:1"
    stage.refused(context(f"FROM {image}\nCOPY Dockerfile /\n"), 3,
                  f"sources: {image} may not be used: not from there", "Dockerfile:1")
    (question,) = policy.seen("decide")
    assert question["kind"] == "source" and question["source"] == {"ref": image}
    assert not [hit for hit in fresh_registry.requests() if "base" in hit[1]]


def test_it_is_told_the_pin(stage, puppet, context, busybox):
    digest = "sha256:" + "1" * 64
    puppet("prepare").amends(pins=[{"ref": busybox, "digest": digest}])
    policy = puppet("policy").says("evaluate-prepare", denied())
    stage.refused(context(f"FROM {busybox}\n"), 3)
    assert policy.seen("decide")[0]["source"] == {"ref": busybox, "digest": digest}
    assert policy.seen("evaluate-prepare")[0]["plan"]["pins"] == [{"ref": busybox, "digest": digest}]


@pytest.mark.parametrize("where", WHERES)
def test_it_hears_of_what_only_the_builder_finds(stage, puppet, context, registry, busybox, where):
    base = images.push(registry, f"it/policy-onbuild-{where}", images.busybox_files(),
                       {"OnBuild": [f"COPY --from={busybox} /bin/ls /ls"]})
    policy = puppet("policy", where)
    stage.build_ok(context(f"FROM {base}\n"))
    asked = [question["source"] for question in policy.seen("decide")]
    assert asked[0] == {"ref": base}
    digest = images.inspect(f"docker://{busybox}")["Digest"]
    assert any(source["ref"] == busybox and source.get("digest") == digest for source in asked)
