"""The private builder: started on demand, shared, kept warm, replaced, stopped."""

import pathlib
import shutil
import time

from rig import residue
from rig.images import BASE
from rig.private import HELLO, alive, state
from rig.process import program, wait_until


def test_it_is_started_kept_and_stopped(lone_ktl, context):
    folder = context(HELLO)
    assert not state(lone_ktl)["running"]
    first = lone_ktl.build_ok(folder)
    assert "not fenced" not in first.err
    running = state(lone_ktl)
    assert running["running"] and running["steps_fenced"]
    assert pathlib.Path(running["state"]).is_relative_to(lone_ktl.home)

    assert "CACHED" in lone_ktl.build_ok(folder).err
    assert state(lone_ktl)["pid"] == running["pid"]

    assert lone_ktl.run("builder", "stop").code == 0
    assert not state(lone_ktl)["running"]
    assert not alive(running["pid"])
    assert not residue.of_stopped(lone_ktl.home)
    assert "CACHED" in lone_ktl.build_ok(folder).err  # its state was kept


def test_builds_that_start_together_share_one(lone_ktl, context):
    folders = [context(HELLO + f"LABEL n={n}\n", name=f"c{n}") for n in range(4)]
    together = [lone_ktl.start("build", folder, "-q") for folder in folders]
    ends = [process.communicate(timeout=120) for process in together]
    assert [process.returncode for process in together] == [0] * 4, ends
    assert len(residue.daemons(lone_ktl.home)) == 1


def test_without_a_daemon_to_run_it_says_what_to_install(lone_ktl, context):
    result = lone_ktl.build(context(HELLO), env={"KTL_BUILDKITD": "/no/such/buildkitd"})
    assert result.code == 6
    assert "/no/such/buildkitd" in result.err


def test_buildkit_host_comes_first(lone_ktl, context, buildkitd):
    lone_ktl.build_ok(context(HELLO), env={"BUILDKIT_HOST": buildkitd.address})
    assert not state(lone_ktl)["running"]


def test_it_stops_when_nobody_needs_it(lone_ktl, context):
    assert lone_ktl.run("builder", "start", "--idle", "1").code == 0
    wait_until(lambda: state(lone_ktl)["last_end"], "idle stop")
    assert state(lone_ktl)["last_end"]["reason"] == "idle"
    wait_until(lambda: not residue.processes(lone_ktl.home), "the end of the supervisor")
    assert not residue.of_stopped(lone_ktl.home)
    lone_ktl.build_ok(context(HELLO))


def test_a_build_keeps_it_from_idling(lone_ktl, context):
    assert lone_ktl.run("builder", "start", "--idle", "5").code == 0
    running = state(lone_ktl)
    lone_ktl.build_ok(context(BASE + "RUN sleep 8\n"))
    assert alive(running["supervisor"])


def test_another_daemon_replaces_the_running_one(lone_ktl, context, tmp_path):
    folder = context(HELLO)
    lone_ktl.build_ok(folder)
    before = state(lone_ktl)
    other = tmp_path / "buildkitd"
    shutil.copy(program("buildkitd", "build/libexec/ktl/buildkitd"), other)
    result = lone_ktl.build_ok(folder, env={"KTL_BUILDKITD": str(other)})
    assert "replacing it" in result.err and "CACHED" in result.err
    assert not alive(before["pid"])
    assert len(residue.daemons(lone_ktl.home)) == 1


def test_a_replacement_waits_for_the_builds_of_the_former(lone_ktl, context):
    slow = lone_ktl.start("build", context(BASE + "RUN sleep 4; echo $((40 + 2)) done\n"),
                          "--progress", "plain")
    wait_until(lambda: residue.steps("sleep 4"), "the step")
    project = lone_ktl.home / "limits.yaml"
    project.write_text("plugins: [{id: ktl.builder.private, config: {keep_storage: 1GB}}]\n")
    begun = time.monotonic()
    lone_ktl.build_ok(context(HELLO, name="other"), "--project", project)
    _, err = slow.communicate(timeout=60)
    assert slow.returncode == 0, err
    assert time.monotonic() - begun > 1
    config = next(lone_ktl.home.rglob("buildkitd.toml")).read_text()
    assert 'maxUsedSpace = "1GB"' in config


def test_zones_share_nothing(lone_ktl, context):
    folder = context(HELLO)
    lone_ktl.build_ok(folder)
    assert "CACHED" not in lone_ktl.build_ok(folder, "--trust", "pr").err
    zones = lone_ktl.run("builder", "ls", "--json").json()["builders"]
    assert [(zone["zone"], zone["running"]) for zone in zones] == [("default", True), ("pr", True)]
    assert len({zone["state"] for zone in zones}) == 2
    assert lone_ktl.run("builder", "stop", "--trust", "pr").out == "stopped\n"
    assert state(lone_ktl)["running"] and not state(lone_ktl, "--trust", "pr")["running"]
    refused = lone_ktl.build(folder, "--trust", "../x")
    assert refused.code == 2 and "trust zone" in refused.err
