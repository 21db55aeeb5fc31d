"""`ktl builder ls|inspect|start|stop|du|prune` against a running builder."""

import signal

from rig.images import BASE
from rig.private import HELLO, alive, state
from rig.process import wait_until
from rig import residue


def test_start_says_where_and_does_nothing_twice(lone_ktl):
    first = lone_ktl.run("builder", "start")
    assert first.code == 0 and first.out.startswith("running at unix:///"), first.err
    pid = state(lone_ktl)["pid"]
    assert lone_ktl.run("builder", "start").out == first.out
    assert state(lone_ktl)["pid"] == pid
    table = lone_ktl.run("builder", "ls").out
    assert "default" in table and f"running ({pid})" in table
    assert "RUN steps are fenced" in lone_ktl.run("builder", "inspect").out


def test_du_and_prune(lone_ktl, context):
    assert "0 records" in lone_ktl.run("builder", "du").out
    lone_ktl.build_ok(context(HELLO))
    used = lone_ktl.run("builder", "du", "--json").json()
    assert used["total"] > 1_000_000
    assert "regular" in {record["type"] for record in used["records"]}
    some = lone_ktl.run("builder", "du", "--json", "--filter", "type==source.local").json()
    assert 0 < len(some["records"]) < len(used["records"])
    kept = lone_ktl.run("builder", "prune", "--json", "--keep-storage", "10GB").json()
    assert kept["records"] == []
    removed = lone_ktl.run("builder", "prune", "--all", "--json").json()
    assert removed["total"] > 1_000_000
    assert lone_ktl.run("builder", "du", "--json").json()["total"] == 0
    assert "uses 0 B" in lone_ktl.run("builder", "du").out
    bad = lone_ktl.run("builder", "prune", "--filter", "type===")
    assert bad.code != 0 and bad.err


def test_stop_waits_for_a_build_unless_forced(lone_ktl, context):
    build = lone_ktl.start("build", context(BASE + "RUN sleep 77\n"), "--progress", "plain")
    wait_until(lambda: residue.steps("sleep 77"), "the step")
    busy = lone_ktl.run("builder", "stop", "--timeout", "1")
    assert busy.code == 6 and "in use" in busy.err and "--force" in busy.err
    assert build.poll() is None and state(lone_ktl)["used_by"]
    assert lone_ktl.run("builder", "stop", "--force").code == 0
    _, err = build.communicate(timeout=30)
    assert build.returncode not in (0, None), err
    assert not residue.of_stopped(lone_ktl.home) and not residue.steps("sleep 77")


def test_supervise_runs_in_the_foreground(lone_ktl, context):
    process = lone_ktl.start("builder", "supervise")
    wait_until(lambda: state(lone_ktl)["running"], "the builder")
    second = lone_ktl.run("builder", "supervise")
    assert second.code == 6 and "runs already" in second.err
    lone_ktl.build_ok(context(HELLO))
    daemon = state(lone_ktl)["pid"]
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert not alive(daemon)
    assert state(lone_ktl)["last_end"]["reason"] == "asked to stop"
    assert not residue.of_stopped(lone_ktl.home)


def test_usage(lone_ktl):
    assert "prune" in lone_ktl.run("builder", "--help").out
    for words in (["stpo"], ["stop", "--forc"], ["prune", "--keep-storage", "x"], ["ls", "x"]):
        result = lone_ktl.run("builder", *words)
        assert result.code == 2 and result.out == "", words
