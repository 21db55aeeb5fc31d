"""The private builder: started on demand, shared, replaced when it has died, stopped on request."""

import json
import os
import pathlib
import signal
import time

HELLO = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "true"]\n'


def state(ktl):
    result = ktl.run("builder", "inspect")
    assert result.code == 0, result.err
    return json.loads(result.out)


def test_it_is_started_kept_and_stopped(lone_ktl, context):
    folder = context(HELLO)
    assert not state(lone_ktl)["running"]
    first = lone_ktl.build_ok(folder)
    assert "RUN steps are not fenced" in first.err
    running = state(lone_ktl)
    assert running["running"] and not running["steps_fenced"]
    assert pathlib.Path(running["state"]).is_relative_to(lone_ktl.home)

    assert "CACHED" in lone_ktl.build_ok(folder).err
    assert state(lone_ktl)["pid"] == running["pid"]

    assert lone_ktl.run("builder", "stop").code == 0
    assert not state(lone_ktl)["running"]
    assert not pathlib.Path(f"/proc/{running['pid']}").exists()
    assert "CACHED" in lone_ktl.build_ok(folder).err  # its state was kept


def test_builds_that_start_together_share_one(lone_ktl, context):
    folders = [context(HELLO + f"LABEL n={n}\n", name=f"c{n}") for n in range(4)]
    together = [lone_ktl.start("build", folder, "-q") for folder in folders]
    ends = [process.communicate(timeout=120) for process in together]
    assert [process.returncode for process in together] == [0] * 4, ends
    assert state(lone_ktl)["running"]


def test_one_that_died_is_replaced(lone_ktl, context):
    folder = context(HELLO)
    lone_ktl.build_ok(folder)
    for who in ("supervisor", "pid"):
        before = state(lone_ktl)
        os.kill(before[who], signal.SIGKILL)
        time.sleep(0.2)
        lone_ktl.build_ok(folder)
        assert state(lone_ktl)["running"]


def test_without_a_daemon_to_run_it_says_what_to_install(lone_ktl, context):
    result = lone_ktl.build(context(HELLO), env={"KTL_BUILDKITD": "/no/such/buildkitd"})
    assert result.code == 6
    assert "/no/such/buildkitd" in result.err


def test_buildkit_host_comes_first(lone_ktl, context, buildkitd):
    lone_ktl.build_ok(context(HELLO), env={"BUILDKIT_HOST": buildkitd.address})
    assert not state(lone_ktl)["running"]
