"""ktl policy: rules without a build."""

import json

RULES = 'package ktl.build\n\ndeny contains {"rule": "r", "message": "no", "line": 2, "edit": "do"} if input.bad\n'
TESTS = ('package ktl.build_test\n\nimport data.ktl.build\n\ntest_bad if count(build.deny) == 1 with input as {"bad": true}\n\n'
         "test_good if count(build.deny) == 0 with input as {}\n")


def write(tmp_path, rules=RULES, tests=TESTS):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "rules.rego").write_text(rules)
    (tmp_path / "p" / "rules_test.rego").write_text(tests)
    return tmp_path / "p"


def test_tests_pass_and_fail(ktl, tmp_path):
    folder = write(tmp_path)
    passed = ktl.run("policy", "test", folder)
    assert passed.code == 0 and passed.out.count("PASS ") == 2, passed.err
    assert ktl.run("policy", "test", "--run", "good", folder).out.count("PASS ") == 1
    (folder / "rules.rego").write_text(RULES.replace("input.bad", "false"))
    failed = ktl.run("policy", "test", "--json", folder)
    assert failed.code == 1
    assert {each["name"].rsplit(".", 1)[1]: each["failed"] for each in failed.json()["tests"]} == {
        "test_bad": True, "test_good": False}


def test_no_tests_is_no_success(ktl, tmp_path):
    folder = write(tmp_path, tests="package ktl.build_test\n")
    assert ktl.run("policy", "test", folder).code == 2


def test_eval_and_explain(ktl, tmp_path):
    folder = write(tmp_path)
    document = tmp_path / "in.json"
    document.write_text('{"bad": true}')
    result = ktl.run("policy", "eval", "--input", document, folder)
    assert result.code == 3, result.err
    assert json.loads(result.out)["denials"] == [
        {"rule": "r", "message": "no", "location": "Dockerfile:2", "edit": "do"}]
    told = ktl.run("policy", "explain", "--input", document, folder)
    assert told.code == 3
    assert told.out == "deny r: no\n  location: Dockerfile:2\n  edit: do\n"
    document.write_text("{}")
    assert ktl.run("policy", "eval", "--input", document, folder).code == 0


def test_what_is_wrong_is_said(ktl, tmp_path):
    broken = ktl.run("policy", "eval", write(tmp_path, rules="package ktl.build\n\ndeny contains {\n"))
    assert broken.code == 2 and "rules.rego:4:" in broken.err
    assert ktl.run("policy", "evil", tmp_path / "p").code == 2
    assert "explain" in ktl.run("policy", "help").out
