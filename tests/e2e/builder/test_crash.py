"""What a crash leaves behind, and that the next build does not care."""

import os
import pathlib
import random
import signal
import time

import pytest

from rig import residue
from rig.images import BASE
from rig.private import HELLO, alive, kill, state
from rig.process import wait_until

SEED = int(os.environ.get("KTL_SEED", "1"))
MOMENTS = int(os.environ.get("KTL_MOMENTS", "10"))  # tests/proofs/kill-anywhere takes 100


@pytest.mark.parametrize("who", ["supervisor", "pid"])
def test_one_that_died_is_replaced(lone_ktl, context, who):
    folder = context(HELLO)
    lone_ktl.build_ok(folder)
    before = state(lone_ktl)
    kill(before[who])
    assert "CACHED" in lone_ktl.build_ok(folder).err
    after = state(lone_ktl)
    assert after["running"] and after["pid"] != before["pid"] and not alive(before["pid"])
    assert len(residue.daemons(lone_ktl.home)) == 1
    lone_ktl.run("builder", "stop")
    assert not residue.of_stopped(lone_ktl.home)


def test_the_supervisor_says_why_its_daemon_ended(lone_ktl, context):
    lone_ktl.build_ok(context(HELLO))
    running = state(lone_ktl)
    kill(running["pid"])
    wait_until(lambda: not alive(running["supervisor"]), "the end of the supervisor")
    end = state(lone_ktl)["last_end"]
    assert end["failed"] and end["reason"].startswith("the daemon ended with exit code ")
    assert "running server" in end["log_tail"]
    assert "the daemon ended" in lone_ktl.run("builder", "inspect").out
    assert not residue.of_stopped(lone_ktl.home)


def test_a_build_goes_on_when_the_supervisor_is_killed(lone_ktl, context):
    """The daemon finishes what it has begun; the next build waits for it and gets a new one."""
    slow = lone_ktl.start("build", context(BASE + "RUN sleep 5.3\n"), "--progress", "plain")
    wait_until(lambda: residue.steps("sleep 5.3"), "the step")
    before = state(lone_ktl)
    kill(before["supervisor"])
    lone_ktl.build_ok(context(HELLO, name="other"))
    _, err = slow.communicate(timeout=60)
    assert slow.returncode == 0, err
    assert not alive(before["pid"]) and len(residue.daemons(lone_ktl.home)) == 1


def test_a_killed_daemon_takes_its_steps_along(lone_ktl, context):
    build = lone_ktl.start("build", context(BASE + "RUN sleep 66\n"), "--progress", "plain")
    wait_until(lambda: residue.steps("sleep 66"), "the step")
    running = state(lone_ktl)
    kill(running["pid"])
    _, err = build.communicate(timeout=60)
    assert build.returncode == 6, err
    assert not residue.steps("sleep 66")
    wait_until(lambda: not alive(running["supervisor"]), "the end of the supervisor")
    assert not residue.of_stopped(lone_ktl.home)


def test_a_frozen_supervisor_is_replaced(lone_ktl, context):
    lone_ktl.build_ok(context(HELLO))
    before = state(lone_ktl)
    os.kill(before["supervisor"], signal.SIGSTOP)
    kill(before["pid"])
    lone_ktl.build_ok(context(HELLO, name="other"))
    assert not alive(before["supervisor"]) and len(residue.daemons(lone_ktl.home)) == 1


def guardian_of(supervisor):
    for comm in pathlib.Path("/proc").glob("[0-9]*/comm"):
        pid = int(comm.parent.name)
        if residue.parent(pid) == supervisor and comm.read_text() == "ktl-guardian\n":
            return pid
    raise AssertionError(f"{supervisor} has no guardian")


def test_a_frozen_guardian_goes_on(lone_ktl, context):
    """It holds the lock of the daemon's family, which the next daemon waits for."""
    lone_ktl.build_ok(context(HELLO))
    before = state(lone_ktl)
    guardian = guardian_of(before["supervisor"])
    os.kill(guardian, signal.SIGSTOP)
    kill(before["supervisor"])
    lone_ktl.build_ok(context(HELLO, name="other"))
    assert not alive(guardian) and len(residue.daemons(lone_ktl.home)) == 1


def test_a_frozen_daemon_ends_with_its_supervisor(lone_ktl, context):
    lone_ktl.build_ok(context(HELLO))
    before = state(lone_ktl)
    os.kill(before["pid"], signal.SIGSTOP)
    kill(before["supervisor"])
    wait_until(lambda: not alive(before["pid"]), "the end of the daemon")
    wait_until(lambda: not residue.of_stopped(lone_ktl.home), "the end of its family")


def test_stop_does_not_wait_for_a_frozen_supervisor(lone_ktl, context):
    lone_ktl.build_ok(context(HELLO))
    os.kill(state(lone_ktl)["supervisor"], signal.SIGSTOP)
    begun = time.monotonic()
    assert lone_ktl.run("builder", "stop").code == 0
    assert time.monotonic() - begun < 15  # one that does not answer is given up after 30 s
    assert not residue.of_stopped(lone_ktl.home)


def test_ktl_killed_at_any_moment(lone_ktl, context):
    """Nothing of a killed build goes on, its result is whole or absent, and the next one works."""
    dice = random.Random(SEED)
    folder = context(BASE + "COPY . /src\nRUN sleep 0.35\nRUN sleep 0.36\n",
                     {f"f{n}": "x" * 50_000 for n in range(20)})
    lone_ktl.build_ok(folder)  # the builder is up: its cold start has tests of its own
    begun = time.monotonic()
    lone_ktl.build_ok(folder, "--no-cache", f"--oci={lone_ktl.home}/reference")
    whole = time.monotonic() - begun
    for turn in range(MOMENTS):
        target = lone_ktl.home / f"out-{turn}"
        build = lone_ktl.start("build", folder, "--no-cache", f"--oci={target}")
        time.sleep(dice.uniform(0, whole))
        build.kill()
        build.communicate()
        assert not target.exists() or (target / "index.json").exists()
        wait_until(lambda: not residue.steps("sleep 0.3"), "the end of the steps", 15)
        wait_until(lambda: len(residue.processes(lone_ktl.home)) <= 5, "the end of the build")
        assert len(residue.daemons(lone_ktl.home)) == 1
        assert not residue.mounts(lone_ktl.home)
    lone_ktl.build_ok(folder, f"--oci={lone_ktl.home}/last")
    lone_ktl.run("builder", "stop")
    assert not residue.of_stopped(lone_ktl.home)


def test_ktl_killed_while_the_builder_starts(lone_ktl, context):
    dice = random.Random(SEED)
    folder = context(HELLO)
    for _ in range(max(MOMENTS // 2, 5)):
        build = lone_ktl.start("build", folder)
        time.sleep(dice.uniform(0, 1))
        build.kill()
        build.communicate()
        assert len(residue.daemons(lone_ktl.home)) <= 1
        lone_ktl.run("builder", "stop", "--force")
        assert not residue.of_stopped(lone_ktl.home)
    lone_ktl.build_ok(folder)


def test_a_reused_pid_is_no_builder(lone_ktl, context):
    """The record of another boot names processes that live, and are somebody else's."""
    lone_ktl.build_ok(context(HELLO))
    file = next(lone_ktl.home.rglob("instance.json"))
    text = file.read_text()
    lone_ktl.run("builder", "stop")
    me, started = os.getpid(), pathlib.Path("/proc/self/stat").read_text().rsplit(")", 1)[1]
    ticks = started.split()[19]
    for boot in (text.split('"boot": "')[1].split('"')[0], "another"):
        file.write_text('{"schema": "ktl.builder-instance/1", '
                        f'"supervisor": {{"pid": {me}, "start_time": {int(ticks) - 1}}}, '
                        f'"daemon": {{"pid": {me}, "start_time": {ticks}}}, "boot": "{boot}", '
                        f'"config": "", "socket": "/none"}}')
        assert not state(lone_ktl)["running"]
        assert lone_ktl.run("builder", "stop", "--force").code == 0
    lone_ktl.build_ok(context(HELLO, name="other"))  # and this process is still here to see it
