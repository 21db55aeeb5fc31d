"""--policy: rules in Rego, in today's and the former syntax, decide what is built and what leaves."""

import hashlib
import io
import json
import tarfile

import pytest

DOCKERFILE = "FROM scratch\nCOPY Dockerfile /\nUSER root\n"
NEW = """package ktl.build

deny contains {"rule": "no-tag", "message": sprintf("%s has no tag", [input.plan.name]),
               "line": 3, "edit": "-t NAME"} if {
	input.stage == "prepare"
	count(input.plan.tags) == 0
}
"""
OLD = """package ktl.build

deny[msg] {
	input.stage == "prepare"
	count(input.plan.tags) == 0
	msg := "no tag"
}
"""
PASSES = "package ktl.build\n\ndeny contains \"never\" if false\n"


def rules(tmp_path, text, name="rules.rego"):
    file = tmp_path / "rules" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_a_denial_ends_the_build_before_it_begins(ktl, context, tmp_path):
    result = ktl.build(context(DOCKERFILE), "--policy", rules(tmp_path, NEW).parent)
    assert result.code == 3, result.err
    for words in ("no-tag: context has no tag", "Dockerfile:3", "-t NAME", "ktl.policy.rego"):
        assert words in result.err
    assert "#1" not in result.err


@pytest.mark.parametrize("text", [NEW, OLD, OLD.replace("deny[msg] {", "import rego.v1\n\ndeny contains msg if {")],
                         ids=["v1", "v0", "rego.v1"])
def test_both_syntaxes_judge(ktl, context, tmp_path, text):
    folder = context(DOCKERFILE)
    assert ktl.build(folder, "--policy", rules(tmp_path, text)).code == 3
    allowed = ktl.build(folder, "--policy", rules(tmp_path, text), "-t", "it/fine:1")
    assert allowed.code == 0, allowed.err


def test_an_array_denies_too_and_a_later_stage_is_judged(ktl, context, tmp_path):
    text = 'package ktl.build\n\ndeny := [m | input.stage == "attest"; m := "late"]\n'
    result = ktl.build(context(DOCKERFILE), "--policy", rules(tmp_path, text), "-t", "it/late:1")
    assert result.code == 3 and "ktl.build.deny: late" in result.err, result.err
    assert "it/late" not in ktl.run("image", "ls").out


def test_several_must_all_agree_and_meet_no_other(ktl, context, tmp_path):
    first = rules(tmp_path, PASSES, "a/rules.rego")
    second = rules(tmp_path, NEW, "b/rules.rego")
    result = ktl.build(context(DOCKERFILE), "--policy", first, "--policy", second)
    assert result.code == 3 and "no-tag" in result.err


def test_mode_warn_says_it_and_builds(ktl, context, tmp_path):
    result = ktl.build(context(DOCKERFILE), "--policy", rules(tmp_path, NEW), "--policy-mode", "warn")
    assert result.code == 0, result.err
    assert "warning: [ktl.policy.rego] no-tag: context has no tag" in result.err


@pytest.mark.parametrize("name,text,words", [
    ("syntax", "package ktl.build\n\ndeny contains {\n", ["rules.rego:4:"]),
    ("package", "package kti.build\n\ndeny contains 1 if true\n", ["no policy", "kti.build"]),
    ("no rule", "package ktl.build\n\ndenied contains 1 if true\n", ["no policy"]),
    ("text", 'package ktl.build\n\ndeny := "no"\n', ["rules.rego:3:1", "is string", "set or an array"]),
    ("function", "package ktl.build\n\ndeny(x) := [x]\n", ["is a function"]),
    ("network", 'package ktl.build\n\ndeny contains "x" if http.send({"method": "get", "url": "http://127.0.0.1"})\n',
     ["rules.rego:3:", "http.send"]),
    ("environment", "package ktl.build\n\ndeny contains x if x := opa.runtime().env.HOME\n", ["opa.runtime"]),
    ("cycle", "package ktl.build\n\ndeny contains a if a := b\n\nb := c\n\nc := b\n", ["recursive"]),
])
@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_what_does_not_load_is_a_mistake(ktl, context, tmp_path, name, text, words, mode):
    result = ktl.build(context(DOCKERFILE), "--policy", rules(tmp_path, text), "--policy-mode", mode)
    assert result.code == 2, (name, result.err)
    assert all(word in result.err for word in words), (name, result.err)


@pytest.mark.parametrize("name,text,words", [
    ("undefined", 'package ktl.build\n\ndeny := ["x"] if input.nothing\n', ["data.ktl.build.deny", "undefined"]),
    ("number", "package ktl.build\n\ndeny contains count(input)\n", ["text or an object"]),
    ("conflict", "package ktl.build\n\ndeny := [x] if some x in [\"a\", \"b\"]\n", ["rules.rego:3"]),
    ("division", 'package ktl.build\n\ndeny contains "x" if 1 / (count(input.plan.tags) * 0) > 0\n', ["divide by zero"]),
    ("no message", 'package ktl.build\n\ndeny contains {"rule": "r"} if true\n', ["without a message"]),
    ("endless", 'package ktl.build\n\ndeny contains "x" if {\n\tsome a in numbers.range(1, 30000)\n'
                "\tsome b in numbers.range(1, 30000)\n\ta + b == 0\n}\n", ["was stopped"]),
])
@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_what_cannot_be_evaluated_is_refused(ktl, context, tmp_path, name, text, words, mode):
    result = ktl.build(context(DOCKERFILE), "--policy", rules(tmp_path, text), "--policy-mode", mode)
    assert result.code == 3, (name, result.err)
    assert all(word in result.err for word in words), (name, result.err)


def test_rules_that_eat_memory_are_a_refusal(ktl, context, tmp_path):
    text = ('package ktl.build\n\nbig := [x | some a in numbers.range(1, 4000); some b in numbers.range(1, 4000); '
            'x := sprintf("%d-%d-%s", [a, b, concat("", [input.stage, "0123456789012345678901234567890"])])]\n\n'
            'deny contains "x" if count(big) == 0\n')
    result = ktl.build(context(DOCKERFILE), "--policy", rules(tmp_path, text))
    assert result.code == 3, result.err


def test_data_stands_where_its_folder_says(ktl, context, tmp_path):
    file = rules(tmp_path, 'package ktl.build\n\ndeny contains data.words.first if input.stage == "prepare"\n')
    rules(tmp_path, '{"first": "from data"}', "words/data.json")
    result = ktl.build(context(DOCKERFILE), "--policy", file.parent)
    assert result.code == 3 and "from data" in result.err, result.err


def bundle(tmp_path, files, name="rules.tar.gz"):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content.encode()))
    (tmp_path / name).write_bytes(packed.getvalue())
    return tmp_path / name


def test_a_bundle_is_a_policy(ktl, context, tmp_path):
    packed = bundle(tmp_path, {"it/rules.rego": NEW, "data.json": "{}"})
    result = ktl.build(context(DOCKERFILE), "--policy", packed)
    assert result.code == 3 and "no-tag" in result.err, result.err


@pytest.mark.parametrize("files,words", [
    ({"../rules.rego": NEW}, "leads out"),
    ({"rules.rego": NEW, "data.json": "[1]"}, "data.json"),
    ({"rules.rego": NEW, "./rules.rego": PASSES}, "twice"),
    ({"rules.rego": NEW, "data.json": '{"a": "' + "x" * (100 << 20) + '"}'}, "64 MiB"),
])
def test_a_bundle_that_lies_does_not_load(ktl, context, tmp_path, files, words):
    result = ktl.build(context(DOCKERFILE), "--policy", bundle(tmp_path, files))
    assert result.code == 2 and words in result.err, result.err


def test_a_huge_data_file_does_not_load(ktl, context, tmp_path):
    file = rules(tmp_path, NEW)
    rules(tmp_path, '{"a": "' + "x" * (100 << 20) + '"}', "data.json")
    result = ktl.build(context(DOCKERFILE), "--policy", file.parent)
    assert result.code == 2 and "data.json" in result.err, result.err[:2000]


def test_a_missing_policy_is_a_mistake(ktl, context, tmp_path):
    result = ktl.build(context(DOCKERFILE), "--policy", tmp_path / "none")
    assert result.code == 2 and "none" in result.err


def test_from_the_network_only_by_digest(ktl, context, tmp_path, web):
    packed = bundle(tmp_path, {"rules.rego": NEW})
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    url = web.serve(packed)
    folder = context(DOCKERFILE)
    assert "need their digest" in ktl.build(folder, "--policy", url).err
    wrong = ktl.build(folder, "--policy", f"{url}@sha256:{'0' * 64}")
    assert wrong.code == 2 and digest in wrong.err
    right = ktl.build(folder, "--policy", f"{url}@sha256:{digest}")
    assert right.code == 3 and "no-tag" in right.err, right.err


def test_the_report_keeps_every_phase(ktl, context, tmp_path):
    text = ('package ktl.build\n\nwarn contains {"message": "first", "line": 2} if input.stage == "prepare"\n\n'
            'deny contains "last" if input.stage == "attest"\n')
    file = rules(tmp_path, text)
    for name in ("report.json", "report.sarif"):
        assert ktl.build(context(DOCKERFILE, name=name + "-context"), "--policy", file, "--policy-report",
                         tmp_path / name).code == 3
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["mode"], report["passed"]) == ("enforce", False)
    assert report["warnings"] == [{"rule": "ktl.build.warn", "message": "first", "location": "Dockerfile:2", "edit": ""}]
    assert [each["message"] for each in report["denials"]] == ["last"]
    assert {each["phase"] for each in report["phases"]} >= {"prepare", "attest"}
    sarif = json.loads((tmp_path / "report.sarif").read_text())
    results = sarif["runs"][0]["results"]
    assert [(each["ruleId"], each["level"]) for each in results] == [
        ("ktl.build.deny", "error"), ("ktl.build.warn", "warning")]
    place = results[1]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("Dockerfile", 2)


def test_a_source_is_refused_before_it_is_fetched(ktl, context, tmp_path, fresh_registry):
    text = ('package ktl.build\n\ndeny contains msg if {\n\tinput.kind == "source"\n'
            '\tmsg := sprintf("not %s", [input.source.ref])\n}\n')
    image = f"{fresh_registry.host}/base:1"
    result = ktl.build(context(f"FROM {image}\n"), "--policy", rules(tmp_path, text))
    assert result.code == 3 and f"not {image}" in result.err, result.err
    assert not [hit for hit in fresh_registry.requests() if "base" in hit[1]]


def test_it_can_be_isolated(ktl, context, tmp_path):
    project = tmp_path / "ktl.yaml"
    project.write_text("plugins:\n  - id: ktl.policy.rego\n    isolate: true\n")
    folder = context(DOCKERFILE)
    denied = ktl.build(folder, "--project", project, "--policy", rules(tmp_path, NEW))
    assert denied.code == 3 and "no-tag" in denied.err, denied.err
    passed = ktl.build(folder, "--project", project, "--policy", rules(tmp_path, NEW), "-t", "it/fine:1")
    assert passed.code == 0, passed.err


def test_it_is_not_loaded_when_nothing_is_asked(ktl, context):
    ktl.build_ok(context(DOCKERFILE), env={"KTL_REGO": "/none/such"})
    (record,) = (ktl.home / "state" / "ktl" / "records").glob("*.json")
    assert "ktl.policy.rego" not in json.dumps(json.loads(record.read_text())["plugins"])


def test_an_engine_that_cannot_start_refuses(ktl, context, tmp_path):
    result = ktl.build(context(DOCKERFILE), "--policy", rules(tmp_path, PASSES), env={"KTL_REGO": "/none/such"})
    assert result.code != 0 and "engine" in result.err, result.err


def test_an_engine_that_dies_refuses(ktl, context, tmp_path):
    engine = tmp_path / "engine"
    engine.write_text("#!/bin/sh\nexit 0\n")
    engine.chmod(0o755)
    result = ktl.build(context(DOCKERFILE), "--policy", rules(tmp_path, PASSES), env={"KTL_REGO": str(engine)})
    assert result.code in (2, 8) and "engine" in result.err, result.err
