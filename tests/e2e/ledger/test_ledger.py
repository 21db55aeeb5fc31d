"""The ledger: digests of steps that hold in every session, and what becomes of a broken one."""

import json
import os
import pathlib
import random
import signal
import threading
import time
import uuid

import pytest

from rig.plugins import judged

RUN_TWO = ("FROM scratch\nCOPY busybox /bin/busybox\nCOPY one /one\n"
           "RUN [\"/bin/busybox\", \"true\", \"first\"]\n"
           "COPY dir /dir\nRUN [\"/bin/busybox\", \"true\", \"second\"]\n")


@pytest.fixture
def project(context):
    """Unique, so that nothing of it is in the builder's cache; older than the build."""
    folder = context(RUN_TWO.replace("first", f"first {uuid.uuid4()}"),
                     {"one": "1\n", "dir/a": "a\n", "dir/deep/b": "b\n", "other": "not copied\n"})
    time.sleep(0.05)
    return folder


def record(result_home, name="meta.json"):
    meta = json.loads((result_home / name).read_text())
    return json.loads(pathlib.Path(meta["ktl.record"]).read_text())


def steps(ktl, folder, *args):
    """The record's RUN and COPY steps by name, and what was said."""
    result = ktl.build_ok(folder, "--metadata-file", ktl.home / "meta.json", *args)
    found = [step for step in record(ktl.home)["steps"] if step["kind"] != "source"]
    return {step["name"].split("] ")[1].split("  ")[0][:40]: step for step in found}, result


def digests(found):
    return {name: step["step"] for name, step in found.items()}


def ledger(ktl):
    (file,) = (ktl.home / "state/ktl/ledger").glob("*.jsonl")
    return file


def runs(found):
    return [step for step in found.values() if step["kind"] == "exec"]


def test_the_same_context_has_the_same_digests(ktl, project):
    first, _ = steps(ktl, project)
    assert [step["cached"] for step in runs(first)] == [False, False]
    assert all(step["step"].startswith("sha256:") for step in first.values())
    assert [step["fence"] for step in runs(first)] == ["none", "none"]
    again, _ = steps(ktl, project)
    assert digests(again) == digests(first)
    assert [(step["cached"], step["fence"]) for step in runs(again)] == [(True, "none")] * 2
    entries = [json.loads(line) for line in ledger(ktl).read_text().splitlines()]
    assert {entry["step"] for entry in entries} == {step["step"] for step in runs(first)}
    assert (ledger(ktl).stat().st_mode & 0o777, ledger(ktl).parent.stat().st_mode & 0o777) == (
        0o600, 0o700)


def test_staged_or_not_the_digests_are_the_same(ktl, project):
    first, _ = steps(ktl, project, "-t", "it:1")
    again, _ = steps(ktl, project)
    assert digests(again) == digests(first)


def change(path, text):
    path.write_text(text)
    time.sleep(0.05)


def test_a_changed_file_changes_what_selects_it_and_what_follows(ktl, project):
    before, _ = steps(ktl, project)
    names = list(before)
    change(project / "other", "changed, and not copied\n")
    assert digests(steps(ktl, project)[0]) == digests(before)
    change(project / "dir/deep/b", "changed\n")
    after, _ = steps(ktl, project)
    same = [name for name in names if after[name]["step"] == before[name]["step"]]
    assert same == names[:3] and "first" in names[2]
    (project / "dir/deep/b").chmod(0o755)
    time.sleep(0.05)
    moded, _ = steps(ktl, project)
    assert moded["COPY dir /dir"]["step"] != after["COPY dir /dir"]["step"]


def test_a_file_that_changes_during_the_build_has_no_digest(ktl, project):
    change(project / "one", "as it was\n")
    (project / "Dockerfile").write_text((project / "Dockerfile").read_text().replace(
        '"true", "second"', '"sleep", "1"'))
    builder = threading.Timer(0.6, lambda: (project / "one").write_text("other\n"))
    builder.start()
    found, _ = steps(ktl, project)
    builder.join()
    assert digests(found)["COPY one /one"] == ""
    assert digests(found)["COPY busybox /bin/busybox"] != ""
    assert [step["step"] for step in runs(found)] == ["", ""]


def test_a_cached_step_without_an_entry_is_unknown(ktl, project):
    steps(ktl, project)
    ledger(ktl).unlink()
    again, result = steps(ktl, project)
    assert [(step["cached"], step["fence"]) for step in runs(again)] == [(True, "unknown")] * 2
    assert "ledger" not in result.err


def test_what_a_refused_build_ran_is_known_to_the_next(ktl, project, plugins):
    refused = ktl.build(project, "-t", "it:1", "--project", judged(ktl, plugins, "block"))
    assert refused.code == 3, refused.err
    again, _ = steps(ktl, project)
    assert [(step["cached"], step["fence"]) for step in runs(again)] == [(True, "none")] * 2


def test_what_ran_before_a_failing_step_is_unknown(ktl, project):
    """BuildKit keeps no provenance of such a build (plugins/solver-buildkit/build_end.cpp)."""
    dockerfile = (project / "Dockerfile").read_text()
    (project / "Dockerfile").write_text(dockerfile.replace('"true", "second"', '"false"'))
    assert ktl.build(project).code == 1
    (project / "Dockerfile").write_text(dockerfile)
    again, _ = steps(ktl, project)
    assert [(step["cached"], step["fence"]) for step in runs(again)] == [
        (True, "unknown"), (False, "none")]


@pytest.mark.parametrize("harm", ["garbage", "half a line", "cut", "nulls"])
def test_a_damaged_ledger_is_said_and_repaired(ktl, project, harm):
    before, _ = steps(ktl, project)
    file = ledger(ktl)
    text = file.read_bytes()
    file.write_bytes({"garbage": b"\xff{]\n" + text, "half a line": text + text[:40],
                      "cut": text[:-20], "nulls": bytes(len(text) // 2) + text}[harm])
    again, result = steps(ktl, project)
    assert "warning: the ledger" in result.err and "damaged" in result.err
    assert digests(again) == digests(before)
    fences = [step["fence"] for step in runs(again)]
    assert fences == {"cut": ["none", "unknown"], "nulls": ["unknown", "none"]}.get(
        harm, ["none", "none"])
    quiet, result = steps(ktl, project)
    assert "was damaged" not in result.err
    assert [step["fence"] for step in runs(quiet)] == fences


@pytest.mark.parametrize("harm", ["folder", "link", "huge"])
def test_a_ledger_that_cannot_be_used_is_said(ktl, project, harm, tmp_path):
    steps(ktl, project)
    file = ledger(ktl)
    file.unlink()
    if harm == "folder":
        file.mkdir()
    elif harm == "link":
        (tmp_path / "elsewhere").write_text("")
        file.symlink_to(tmp_path / "elsewhere")
    else:
        with open(file, "wb") as out:
            out.truncate(200 << 20)
    again, result = steps(ktl, project, "--no-cache")
    assert "warning: the ledger of this builder's steps" in result.err
    assert [step["fence"] for step in runs(again)] == ["none", "none"]  # they ran just now
    if harm == "link":
        assert (tmp_path / "elsewhere").read_text() == ""


def test_two_at_once_lose_nothing(ktl, context):
    folders = [context(RUN_TWO.replace("first", f"first {uuid.uuid4()}"),
                       {"one": "1\n", "dir/a": "a\n"}, name=f"c{i}") for i in range(2)]
    time.sleep(0.05)
    builds = [ktl.start("build", folder, "--builder", ktl.builder, "--progress", "plain")
              for folder in folders]
    for build in builds:
        _, err = build.communicate(timeout=120)
        assert build.returncode == 0, err
        assert "ledger" not in err
    lines = ledger(ktl).read_text().splitlines()
    assert len({json.loads(line)["step"] for line in lines}) == 4


def test_killed_at_any_moment_it_stays_readable(ktl, project):
    seed = random.randrange(1 << 30)
    moments = random.Random(seed)
    for _ in range(12):
        build = ktl.start("build", project, "--builder", ktl.builder, "--no-cache", "--progress",
                          "plain", start_new_session=True)
        time.sleep(moments.uniform(0.02, 0.6))
        os.kill(build.pid, signal.SIGKILL)
        build.communicate(timeout=60)
    for _ in range(10):  # a step may join one that a killed build left running: that is no run
        ran, _ = steps(ktl, project, "--no-cache")
        if not any(step["cached"] for step in runs(ran)):
            break
    again, result = steps(ktl, project)
    assert "ledger of" not in result.err, f"seed {seed}"
    assert [step["fence"] for step in runs(again)] == ["none", "none"]
    for line in ledger(ktl).read_text().splitlines():
        assert json.loads(line)["schema"] == "ktl.ledger/1"
