"""Ctrl-C and SIGTERM at any moment: the right exit code, nothing half-done, nobody left behind."""

import pathlib
import random
import signal
import time

import pytest

from rig.images import BASE

NAP = f"sleep {random.randint(10_000, 99_999)}"  # a command line that is this run's alone
SLOW = f"{BASE}RUN echo started; {NAP}\n"
HELLO = "FROM scratch\nCOPY . /\n"


def started(ktl, folder, *args):
    process = ktl.start("build", folder, "--builder", ktl.builder, "--progress", "plain", *args)
    seen = ""
    while "started" not in seen.split(NAP)[-1]:
        line = process.stderr.readline()
        assert line, f"ktl ended early: {seen}"
        seen += line
    return process


def sleepers():
    """The processes of the slow step, as seen from outside of its container."""
    lines = []
    for file in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(file.read_text(errors="replace").replace("\0", " "))
        except OSError:
            continue  # it has just ended
    return [line for line in lines if line.startswith(NAP)]


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_in_a_step(ktl, context, number, code):
    process = started(ktl, context(SLOW), "-t", "x", f"--oci={ktl.home}/out")
    process.send_signal(number)
    begun = time.monotonic()
    out, _ = process.communicate(timeout=30)
    assert time.monotonic() - begun < 10
    assert (process.returncode, out) == (code, "")
    assert not (ktl.home / "out").exists()
    deadline = time.monotonic() + 15
    while sleepers():
        assert time.monotonic() < deadline, "the step goes on without ktl"
        time.sleep(0.2)


def test_twice_ends_at_once(ktl, context):
    process = started(ktl, context(SLOW))
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 130


def test_the_builder_works_afterwards(ktl, context):
    process = started(ktl, context(SLOW))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert ktl.build_ok(context(HELLO, name="other")).code == 0


def left_behind(folder):
    """What an interrupted ktl must not leave: files under way, half a result."""
    return [str(path) for path in folder.rglob("*") if "ktl-tmp" in path.name]


def test_at_any_moment(ktl, context):
    """Some forty moments from the start of the program to the end of the export."""
    folder = context(HELLO, {f"f{i}": "x" * 100_000 for i in range(50)})
    begun = time.monotonic()
    ktl.build_ok(folder, f"--oci={ktl.home}/reference.tar")
    whole = time.monotonic() - begun
    codes = []
    for turn in range(40):
        target = ktl.home / f"out-{turn}"
        process = ktl.start("build", folder, "--builder", ktl.builder, "--no-cache",
                            f"--oci={target}", "--iidfile", ktl.home / f"iid-{turn}")
        time.sleep(whole * 1.2 * turn / 40)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        codes.append(process.returncode)
        assert process.returncode in (0, 130, -signal.SIGINT), err
        complete = (target / "index.json").exists()
        assert complete == (process.returncode == 0), err
        assert (ktl.home / f"iid-{turn}").exists() == complete
        assert not left_behind(ktl.home)
    assert 130 in codes
