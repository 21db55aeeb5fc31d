"""ktl.events/1: plugins receive a build's events, and never hold it up."""

import time

import pytest

from stages.puppets import WHERES

COPY = "FROM scratch\nCOPY Dockerfile /\n"


def events(plugin):
    batches = plugin.seen("on_events")
    assert all(1 <= len(batch) <= 1024 for batch in batches)
    return [event for batch in batches for event in batch]


def check_all(seen):
    """From the first event to the last, in order, with no hole."""
    assert (seen[0]["type"], seen[0]["body"]) == ("stage.started/1", {"stage": "request"})
    assert seen[-1]["type"] == "build.completed/1" and seen[-1]["body"]["exit"] == 0
    first = seen[0]["seq"]
    assert [event["seq"] for event in seen] == list(range(first, first + len(seen)))


@pytest.mark.parametrize("where", WHERES)
def test_it_receives_all_of_them_in_order(stage, puppet, context, where):
    plugin = puppet("events", where).says("on_events", "")
    stage.build_ok(context(COPY))
    seen = events(plugin)
    check_all(seen)
    assert {"stage.completed/1", "builder.connected/1", "receipt/1"} <= {e["type"] for e in seen}
    assert {e["build"] for e in seen} == {stage.record()["id"]}


def test_thousands_come_in_batches(stage, puppet, context, busybox):
    plugin = puppet("events").says("on_events", "slow 50")
    stage.build_ok(context(f"FROM {busybox}\nRUN seq 1 3000 | while read i; do echo $i; done\n"
                           "COPY Dockerfile /\n"), "--no-cache")
    check_all(events(plugin))


def test_a_slow_one_slows_no_build(stage, puppet, context):
    folder = context(COPY)
    stage.build_ok(folder)
    plugin = puppet("events").says("on_events", "slow 1500")
    stage.build_ok(folder)
    (done,) = [e for e in events(plugin) if e["type"] == "build.completed/1"]
    assert done["body"]["duration_ns"] < 1.4e9
    check_all(events(plugin))


def test_one_that_hangs_is_given_five_seconds(stage, puppet, context):
    puppet("events", "isolated").says("on_events", "hang")
    begun = time.monotonic()
    result = stage.build_ok(context(COPY))
    assert stage.out.exists()
    assert "[e2e.events] had not taken all events 5 s after the end of the build" in result.err
    assert time.monotonic() - begun < 12


@pytest.mark.parametrize("where", ["keeper", "isolated"])
def test_one_that_fails_is_told_once(stage, puppet, context, where):
    plugin = puppet("events", where).says("on_events", "fail 13 the disk is full")
    result = stage.build_ok(context(COPY))
    assert result.err.count("[e2e.events] gets no more events of this build") == 1
    assert "the disk is full" in result.err
    assert len(plugin.seen("on_events")) == 1


def test_one_that_crashes_apart_takes_nobody_along(stage, puppet, context):
    puppet("events", "isolated").says("on_events", "crash")
    result = stage.build_ok(context(COPY))
    assert result.err.count("plugin e2e.events was killed by signal 11 (SIGSEGV)") == 1


def test_it_hears_of_a_build_that_fails(stage, puppet, context, busybox):
    plugin = puppet("events").says("on_events", "")
    assert stage.build(context(f"FROM {busybox}\nRUN false\n")).code == 1
    types = [event["type"] for event in events(plugin)]
    assert types[-1] == "build.completed/1" and "build.failed/1" in types
