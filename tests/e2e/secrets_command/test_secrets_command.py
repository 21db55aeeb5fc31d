"""`ktl secrets`: the scan of folders, files and standard input, the list of rules, rule files."""

import base64
import gzip
import os
import pathlib
import subprocess

RULES = pathlib.Path(__file__).resolve().parents[3] / "lib/secrets/rules"
TOKEN = "gh" + "p_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5"


def test_a_folder_is_read_and_nothing_outside_of_it(ktl, tmp_path):
    tree = tmp_path / "tree"
    (tree / "deep").mkdir(parents=True)
    (tmp_path / "outside").write_text(TOKEN)
    (tree / "plain").write_text(f"a\nb {TOKEN}\n")
    (tree / "deep/encoded").write_text(base64.b64encode(f"my {TOKEN}".encode()).decode())
    (tree / "deep/packed.gz").write_bytes(gzip.compress(TOKEN.encode()))
    (tree / "loop").symlink_to(tree)
    (tree / "out").symlink_to(tmp_path / "outside")
    os.mkfifo(tree / "fifo")
    done = ktl.run("secrets", "scan", "--json", tree)
    assert done.code == 4
    report = done.json()
    assert [(each["location"], each["decoded_by"]) for each in report["findings"]] == [
        ("deep/encoded:1:1", "base64"), ("deep/packed.gz:1:1", "gzip"), ("plain:2:3", "none")]
    assert report["not_scanned"] == ["fifo: it is neither a file nor a folder"]
    assert TOKEN not in done.out


def test_a_clean_folder_ends_with_zero_and_sarif_names_the_place(ktl, tmp_path):
    (tmp_path / "a").write_text("nothing here\n")
    assert ktl.run("secrets", "scan", tmp_path).code == 0
    (tmp_path / "a").write_text(TOKEN)
    sarif = ktl.run("secrets", "scan", "--sarif", tmp_path)
    assert sarif.code == 4
    place = sarif.json()["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a"}, "region": {"startLine": 1, "startColumn": 1}}


def test_a_rule_file_adds_allows_and_is_refused_with_its_place(ktl, tmp_path):
    (tmp_path / "a").write_text(TOKEN)
    rules = tmp_path / "rules.yaml"
    rules.write_text("allow:\n  - {rule: github-pat, path: '^a$', reason: a test}\n")
    assert ktl.run("secrets", "scan", "--secrets-config", rules, tmp_path).code == 0
    rules.write_text("rules:\n  - {id: x, description: y, regex: '(a'}\n")
    broken = ktl.run("secrets", "scan", "--secrets-config", rules, tmp_path)
    assert broken.code == 2
    assert f"{rules}:2:" in broken.err
    assert ktl.run("secrets", "scan", tmp_path / "missing").code == 2


def test_rules_are_listed_and_their_samples_pass(ktl):
    listed = ktl.run("secrets", "rules", "--json").json()["rules"]
    assert len(listed) >= 80
    assert all(rule["fix"] and rule["description"] for rule in listed)
    for file in RULES.glob("*.yaml"):
        judged = ktl.run("secrets", "test", file)
        assert judged.code == 0, judged.out


def test_failing_samples_are_named(ktl, tmp_path):
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules:\n  - {id: x, description: y, regex: 'ab+c', positive: [nothing]}\n")
    judged = ktl.run("secrets", "test", rules)
    assert judged.code == 1
    assert "x does not find: nothing" in judged.out
