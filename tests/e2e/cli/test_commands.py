"""The commands around the build: version, help, plugin, doctor."""

import hashlib
import json
import pathlib
import shutil
import subprocess

import pytest

from rig.ktl import KTL


@pytest.fixture
def user(lone_ktl):
    return lone_ktl


def ok(result):
    assert result.code == 0, result.err
    return result.out


def test_version(user):
    assert ok(user.run("version")).startswith("ktl ")
    version = json.loads(ok(user.run("version", "--json")))
    assert version["ktl"] in user.run("version").out
    assert len(version["abi"]) == 64


@pytest.mark.parametrize("words", [["--help"], ["help"], ["build", "--help"], ["help", "build"]])
def test_help_goes_to_stdout(user, words):
    result = user.run(*words)
    assert result.code == 0 and result.err == ""
    assert "build" in result.out


def test_help_of_build_shows_the_flags_of_plugins(user):
    text = ok(user.run("build", "--help"))
    for flag in ("--tag", "--build-arg", "--push", "--oci"):
        assert flag in text
    assert "--sandbox-bind" in text
    assert "--secure" not in text  # promised, not built yet


def test_plugins_are_listed_with_their_hash(user):
    plugins = json.loads(ok(user.run("plugin", "list", "--json")))["plugins"]
    by_id = {plugin["id"]: plugin for plugin in plugins}
    assert {"ktl.solver.buildkit", "ktl.export.oci"} <= by_id.keys()
    for plugin in plugins:
        digest = hashlib.sha256(pathlib.Path(plugin["path"]).read_bytes()).hexdigest()
        assert plugin["sha256"] == digest
        assert plugin["fault"] == ""


def test_plugin_show(user):
    text = ok(user.run("plugin", "show", "ktl.export.oci"))
    assert "ktl.export/1" in text and "--push" in text
    result = user.run("plugin", "show", "ktl.export.oic")
    assert result.code == 2
    assert "ktl.export.oci" in result.err


def test_a_file_that_is_no_plugin(user, tmp_path):
    (tmp_path / "bad.so").write_bytes(b"not an ELF file at all")
    shutil.copy("/bin/busybox", tmp_path / "other.so")
    text = ok(user.run("plugin", "list", "--plugin-dir", tmp_path))
    assert text.count("faulty") == 2
    assert "bad.so" in text and "other.so" in text


def test_a_plugin_of_another_contract(user, tmp_path, plugins):
    """The manifest's `abi` decides, before anything is loaded."""
    data = (plugins / "plugins/judge.so").read_bytes()
    at = data.index(b'"abi"')
    at = data.index(b'"', at + 6) + 1
    (tmp_path / "old.so").write_bytes(data[:at] + b"0" * 64 + data[at + 64:])
    text = ok(user.run("plugin", "list", "--plugin-dir", tmp_path))
    assert "faulty" in [line for line in text.splitlines() if "judge" in line][0]


def test_a_plugin_that_others_may_write_is_not_loaded(user, context, tmp_path, plugins):
    copy = tmp_path / "plugins"
    shutil.copytree(plugins / "plugins", copy)
    (copy / "judge.so").chmod(0o777)
    (user.home / "p.yaml").write_text(f"plugin-dirs: [{copy}]\nplugins:\n  - id: e2e.judge\n"
                                      "    config: {end: pass}\n")
    result = user.run("build", context("FROM scratch\n"), "--project", user.home / "p.yaml")
    assert result.code == 2
    assert "judge" in result.err
    listed = user.run("plugin", "list", "--plugin-dir", copy).out
    assert "judge.so" in listed and "faulty" in listed


def test_doctor(ktl):
    result = ktl.run("doctor", "--builder", ktl.builder)
    assert "PASS" in result.out
    assert result.code == 0, result.out
    broken = ktl.run("doctor", "--builder", "unix:///no/such/socket", "--json")
    assert broken.code != 0
    probes = json.loads(broken.out)["probes"]
    failed = [probe for probe in probes if probe["status"] == "FAIL"]
    assert failed and all(probe["fix"] for probe in failed)


def test_the_program_needs_nothing_but_libc():
    needed = subprocess.run(["readelf", "-d", KTL], capture_output=True, text=True, check=True)
    libraries = [line.split("[")[1].rstrip("]") for line in needed.stdout.splitlines()
                 if "NEEDED" in line]
    assert all(name.startswith(("libc.", "libm.", "ld-linux")) for name in libraries), libraries


def test_a_plugin_exports_one_symbol():
    folder = KTL.parent.parent / "lib/ktl/plugins"
    for plugin in folder.glob("*.so"):
        shown = subprocess.run(["nm", "-D", "--defined-only", plugin], capture_output=True,
                               text=True, check=True).stdout.split()
        assert [word for word in shown if not word.isalnum() or len(word) > 16] == [
            "ktl_plugin_draft_entry"], plugin
