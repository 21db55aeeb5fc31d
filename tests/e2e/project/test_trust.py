"""ktl config trust: a project file is believed as it was when the user looked at it."""

import json
import stat

import pytest

HELLO = "FROM scratch\nCOPY busybox /\n"


@pytest.fixture
def repo(context):
    folder = context(HELLO)
    (folder / "ktl.yaml").write_text("defaults: {iidfile: out/id}\n")
    return folder


def printed(ktl, repo, *args):
    return ktl.run("build", ".", "--print", *args, cwd=repo)


def test_a_trusted_file_is_believed_until_it_changes(ktl, repo):
    assert printed(ktl, repo).code == 2
    trusted = ktl.run("config", "trust", "ktl.yaml", cwd=repo)
    assert trusted.code == 0, trusted.err
    assert trusted.out.startswith(f"trusted: {repo}/ktl.yaml sha256:")
    assert printed(ktl, repo).json()["iidfile"] == f"{repo}/out/id"
    with open(repo / "ktl.yaml", "a", encoding="utf-8") as file:
        file.write("# changed\n")
    changed = printed(ktl, repo)
    assert changed.code == 2
    assert "has changed since it was trusted" in changed.err
    assert f"ktl config trust {repo}/ktl.yaml" in changed.err


def test_trust_can_be_taken_back(ktl, repo):
    ktl.run("config", "trust", repo / "ktl.yaml")
    assert printed(ktl, repo).code == 0
    assert ktl.run("config", "trust", "--forget", repo / "ktl.yaml").out.startswith("forgotten")
    assert printed(ktl, repo).code == 2


def test_the_record_is_the_users_alone(ktl, repo):
    ktl.run("config", "trust", repo / "ktl.yaml")
    record = ktl.home / "state/ktl/trust.json"
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert json.loads(record.read_text())["files"][0]["path"] == str(repo / "ktl.yaml")
    assert [path.name for path in record.parent.glob("*trust*")] == ["trust.json"]
    record.chmod(0o666)
    result = printed(ktl, repo)
    assert result.code == 2
    assert str(record) in result.err


def test_a_copy_is_not_the_file_that_was_trusted(ktl, repo, tmp_path):
    ktl.run("config", "trust", repo / "ktl.yaml")
    other = tmp_path / "other"
    other.mkdir()
    (other / "ktl.yaml").write_bytes((repo / "ktl.yaml").read_bytes())
    assert printed(ktl, other).code == 2


def test_what_is_wrong_is_not_trusted(ktl, repo):
    (repo / "ktl.yaml").write_text("defaults: []\n")
    result = ktl.run("config", "trust", repo / "ktl.yaml")
    assert result.code == 2
    assert f"{repo}/ktl.yaml:1:1" in result.err
    assert ktl.run("config", "trust").code == 2
    assert ktl.run("config", "trust", "/no/such.yaml").code == 2


def test_a_plugin_without_a_pin_is_pointed_at(ktl, repo):
    (repo / "ktl.yaml").write_text("plugins: [{id: a.b, path: x.so}]\n")
    result = ktl.run("config", "trust", repo / "ktl.yaml")
    assert result.code == 0
    assert "pin it with sha256" in result.err
