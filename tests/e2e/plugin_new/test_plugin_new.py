"""`ktl plugin new` and `ktl plugin check`: a plugin written, built elsewhere, checked and used."""

import json
import os
import shutil
import time

import pytest

from rig.process import ROOT, ok

GCC = {"CC": "gcc", "CXX": "g++"}
CLANG = {"CC": "clang-19", "CXX": "clang++-19", "CXXFLAGS": "-stdlib=libc++"}
KINDS = [("cpp", GCC), ("cpp", CLANG), ("c", GCC), ("c", CLANG)]


@pytest.fixture(scope="module")
def installed_sdk(tmp_path_factory):
    """The SDK as a package would bring it, away from ktl's sources."""
    prefix = tmp_path_factory.mktemp("prefix")
    ok(["cmake", "--install", ROOT / "build", "--component", "sdk", "--prefix", prefix])
    assert (prefix / "include/ktl/plugin.h").exists()
    return [f"-DCMAKE_PREFIX_PATH={prefix}"]


def write_and_build(ktl, language, compiler, sdk):
    """A new plugin's folder, with the built plugin in build/."""
    folder = ktl.home / f"{language}-{compiler['CC']}"
    made = ktl.run("plugin", "new", "--lang", language, folder, "--id", "com.example.look")
    assert made.code == 0, made.err
    assert made.out == f"{folder}\n"
    env = {**ktl.env, **compiler}
    ok(["cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", *sdk], env=env)
    ok(["ninja", "-C", folder / "build"], env=env)
    return folder


@pytest.mark.parametrize("language,compiler", KINDS, ids=["cpp-g++", "cpp-clang-libc++", "c-gcc",
                                                          "c-clang"])
def test_what_new_writes_builds_passes_and_runs(ktl, installed_sdk, language, compiler):
    folder = write_and_build(ktl, language, compiler, installed_sdk)
    plugin = folder / "build/com-example-look.so"
    checked = ktl.run("plugin", "check", plugin, "--json")
    assert checked.code == 0, checked.out + checked.err
    report = json.loads(checked.out)
    assert report["ok"] and report["id"] == "com.example.look"
    assert {"file", "exports", "load", "create", "ktl.scan/1 scan",
            "ktl.scan/1 scan: cancel"} <= {line["step"] for line in report["checks"]}

    (folder / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    built = ktl.run("build", folder, "--progress", "plain", "--project", folder / "ktl.yaml")
    assert built.code == 0, built.err
    assert "com.example.look looked at the result" in built.err
    stopped = folder / "block.yaml"
    stopped.write_text((folder / "ktl.yaml").read_text().replace("info", "block"))
    refused = ktl.run("build", folder, "--project", stopped, "-t", "never:1")
    assert refused.code not in (0, 2, 8), refused.err


def test_the_sources_serve_as_sdk_too(ktl):
    folder = write_and_build(ktl, "c", GCC, [f"-Dktl-sdk_DIR={ROOT}/sdk/cmake"])
    assert ktl.run("plugin", "check", folder / "build/com-example-look.so").code == 0


def test_a_plugin_replaces_a_default_one_from_the_project_file_alone(ktl):
    folder = write_and_build(ktl, "c", GCC, [f"-Dktl-sdk_DIR={ROOT}/sdk/cmake"])
    project = folder / "ktl.yaml"
    project.write_text(project.read_text().replace("    config",
                                                   "    replaces: ktl.export.oci\n    config"))
    listed = json.loads(ktl.run("plugin", "list", "--json", "--project", project).out)["plugins"]
    by_id = {plugin["id"]: plugin for plugin in listed}
    assert by_id["com.example.look"]["used"]
    assert not by_id["ktl.export.oci"]["used"]
    assert by_id["ktl.export.oci"]["replaced_by"] == "com.example.look"
    # The flags of the one that was replaced went with it.
    assert ktl.run("build", folder, "--project", project, "--push").code == 2

    # A project file of the context's own may not do that.
    hostile = folder / "hostile"
    hostile.mkdir()
    shutil.copy(project, hostile / "ktl.yaml")
    (hostile / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    refused = ktl.run("build", ".", cwd=hostile)
    assert refused.code == 2 and "ktl.yaml:2:1" in refused.err


def test_new_writes_all_or_nothing(lone_ktl):
    full = lone_ktl.home / "full"
    full.mkdir()
    (full / "mine").write_text("mine")
    taken = lone_ktl.run("plugin", "new", full, "--id", "com.example.look")
    assert taken.code == 2 and "not empty" in taken.err
    wrong = lone_ktl.run("plugin", "new", lone_ktl.home / "p", "--id", "Not An Id")
    assert wrong.code == 2 and not (lone_ktl.home / "p").exists()
    assert lone_ktl.run("plugin", "new", lone_ktl.home / "p").code == 2
    assert lone_ktl.run("plugin", "new", "--lang", "go", lone_ktl.home / "p", "--id",
                        "a.b").code == 2
    assert [path.name for path in full.iterdir()] == ["mine"]


def test_check_fails_with_one(lone_ktl):
    planted = ROOT / "build/tests/plugins/test-planted-crash.so"
    result = lone_ktl.run("plugin", "check", planted)
    assert result.code == 1
    assert "FAIL ktl.scan/1 scan (crash): it was ended by Segmentation fault" in result.out
    assert lone_ktl.run("plugin", "check", lone_ktl.home / "gone.so").code == 2
    assert lone_ktl.run("plugin", "check").code == 2


def test_the_default_plugins_pass(lone_ktl):
    for name in ("export-oci", "solver-buildkit"):
        result = lone_ktl.run("plugin", "check", ROOT / f"build/lib/ktl/plugins/{name}.so")
        assert result.code == 0, result.out


def test_the_index_is_kept_and_checked(lone_ktl):
    time.sleep(max(0.0, 2.5 - (time.time() - (ROOT / "build/lib/ktl/plugins/export-oci.so")
                               .stat().st_ctime)))
    assert lone_ktl.run("build", "--help").code == 0
    index = next(lone_ktl.home.rglob("plugin-index.json"))
    assert index.stat().st_mode & 0o777 == 0o600
    files = json.loads(index.read_text())["files"]
    assert {"ktl.export.oci", "ktl.solver.buildkit"} <= {file["manifest"]["id"] for file in files}
    os.chmod(index, 0o666)
    warned = lone_ktl.run("build", "--help")
    assert warned.code == 0 and "can be changed by others" in warned.err
    assert lone_ktl.run("build", "--help").err == ""
