"""ktl build -i: a shell in the step that failed, on a real terminal and a real BuildKit."""

import os
import re
import signal
import termios
import time

import pytest

from rig.images import BASE
from rig.process import worker_of
from rig.terminal import Terminal

FAILS = BASE + """
ENV WORD=from-the-image
RUN mkdir -p /work && echo earlier-{nonce} >/work/file
WORKDIR /work
RUN echo half >made-by-the-step && echo about to fail && exit 42
"""
OPEN = "exit leaves"


def nonce():
    return f"{time.time_ns()}"


@pytest.fixture
def shell(ktl, context):
    """shell(dockerfile or folder, *flags): `ktl build -i` on a terminal."""
    open_ones = []

    def start(dockerfile, *flags, columns=200, rows=50):
        folder = context(dockerfile) if isinstance(dockerfile, str) else dockerfile
        argv = [ktl.program, "build", str(folder), "--builder", ktl.builder, "-i",
                *map(str, flags)]
        open_ones.append(Terminal(argv, ktl.env, ktl.home, columns, rows))
        return open_ones[-1]

    yield start
    for each in open_ones:
        each.close()


def said(terminal, command, answer):
    """Types `command` and waits for what it prints, which must not stand in the command itself."""
    terminal.type(command + "\r")
    terminal.wait_for(answer)


def modes(terminal):
    return termios.tcgetattr(terminal.master)


@pytest.mark.parametrize("progress", ["tty", "plain", "quiet"])
def test_a_shell_in_the_failed_step(shell, progress):
    number = nonce()
    terminal = shell(FAILS.format(nonce=number), "--progress", progress, "-t", "never")
    before = modes(terminal)
    terminal.wait_for(OPEN)
    said(terminal, 'echo "folder $PWD, word $WORD"', "folder /work, word from-the-image")
    said(terminal, "cat file", f"earlier-{number}")
    said(terminal, "sed s,^,is., made-*", "is.half")
    said(terminal, "tty && echo is$(echo -)a", "is-a")
    terminal.type("exit\r")
    assert terminal.wait() == 1
    text = "\n".join(terminal.lines())
    assert re.search(r"step \[.*RUN echo half.* failed; this is a shell in it, exit leaves",
                     text.replace("\n", "")), terminal.dump()
    assert "exit code: 42" in text
    assert modes(terminal) == before


def test_what_the_step_had_and_no_more(shell, ktl):
    (ktl.home / "secret").write_text("a secret of the step")
    terminal = shell(BASE + "RUN adduser -D -u 1234 me || echo 'me:x:1234:1234::/:/bin/sh' >/etc/passwd\n"
                     "USER 1234\n"
                     "RUN --network=none --mount=type=secret,id=it,uid=1234 "
                     f"--mount=type=tmpfs,target=/t false {nonce()}\n",
                     "--secret", f"id=it,src={ktl.home}/secret")
    terminal.wait_for(OPEN)
    said(terminal, "echo user $(id -u)", "user 1234")
    said(terminal, "cat /run/secrets/it; echo", "a secret of the step")
    said(terminal, "echo net: $(ls /sys/class/net):", "net: lo:")
    said(terminal, "grep -c ' /t ' /proc/mounts | sed s/^/mounted./", "mounted.1")
    said(terminal, "grep CapEff /proc/self/status | tr -s '\\t' =", "CapEff:=0000000000000000")
    terminal.type("exit\r")
    assert terminal.wait() == 1


def test_keys_and_the_window_reach_the_shell(shell):
    terminal = shell(FAILS.format(nonce=nonce()), columns=91, rows=33)
    terminal.wait_for(OPEN)
    said(terminal, "stty size | sed s/^/size./", "size.33 91")
    terminal.resize(77, 22)
    time.sleep(1)
    said(terminal, "stty size | sed s/^/size./", "size.22 77")
    terminal.type("sleep 100\r")
    time.sleep(1)
    said(terminal, "\x03\recho inter$(echo rupted)", "interrupted")
    said(terminal, "seq 20000 | tail -n 1 | sed s/^/n/; seq 20000; echo th$(echo e end)", "the end")
    terminal.type("\x04")
    assert terminal.wait() == 1
    assert "exit code: 42" in "\n".join(terminal.lines())


def test_the_terminal_is_restored_when_the_worker_dies(shell):
    terminal = shell(FAILS.format(nonce=nonce()))
    before = modes(terminal)
    terminal.wait_for(OPEN)
    said(terminal, "echo here$(echo .)", "here.")
    assert modes(terminal) != before
    os.kill(worker_of(terminal.process.pid), signal.SIGKILL)
    assert terminal.wait() == 8
    assert modes(terminal) == before


@pytest.mark.parametrize("times", [1, 2])
def test_a_signal_ends_shell_and_build(shell, times):
    terminal = shell(FAILS.format(nonce=nonce()))
    before = modes(terminal)
    terminal.wait_for(OPEN)
    said(terminal, "echo here$(echo .)", "here.")
    for _ in range(times):
        terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait() == 143
    assert modes(terminal) == before


def test_a_program_that_is_not_there(shell):
    terminal = shell(FAILS.format(nonce=nonce()), "--interactive-shell", "/bin/nosuch -l",
                     columns=300)
    assert terminal.wait() == 1
    text = "\n".join(terminal.lines())
    assert "no shell: /bin/nosuch does not run there" in text, terminal.dump()
    assert "--interactive-shell names another program" in text
    assert "exit code: 42" in text


def test_other_failures_open_no_shell(shell):
    terminal = shell("FROM scratch\nCOPY missing /\n", columns=300)
    assert terminal.wait() == 1
    assert "no shell: what failed is no RUN step" in "\n".join(terminal.lines()), terminal.dump()


def test_a_success_is_the_same_with_it(shell, ktl, context):
    folder = context(BASE + "RUN echo same >/it\nLABEL a=b\n")
    terminal = shell(folder, "-t", "same", "--iidfile", ktl.home / "with",
                     "--build-arg", "SOURCE_DATE_EPOCH=0", f"--oci={ktl.home}/out")
    assert terminal.wait() == 0
    ktl.build_ok(folder, "--iidfile", ktl.home / "without", "-t", "same",
                 "--build-arg", "SOURCE_DATE_EPOCH=0")
    assert (ktl.home / "with").read_text() == (ktl.home / "without").read_text()
    assert (ktl.home / "out").exists()


def test_a_success_with_several_platforms(shell, ktl, context):
    folder = context("FROM scratch\nCOPY Dockerfile /it\n")
    flags = ["--platform", "linux/amd64,linux/arm64", "-t", "two", "--build-arg", "SOURCE_DATE_EPOCH=0", "--iidfile"]
    assert shell(folder, *flags, ktl.home / "with").wait() == 0
    ktl.build_ok(folder, *flags, ktl.home / "without")
    assert (ktl.home / "with").read_text() == (ktl.home / "without").read_text()


@pytest.mark.parametrize("flags, said_so", [
    ([], "-i/--interactive needs a terminal as standard input"),
    (["--print"], "--print runs none"),
    (["--check"], "--call builds nothing"),
    (["-f", "-"], '"-" reads it'),
])
def test_where_it_is_refused(ktl, context, flags, said_so):
    result = ktl.build(context(FAILS.format(nonce=nonce())), "-i", *flags)
    assert result.code == 2
    assert said_so in result.err
    assert "#1" not in result.err


def test_a_pool_is_refused(shell, ktl):
    terminal = shell("FROM scratch\nCOPY Dockerfile /\n", "--platform", "linux/amd64,linux/arm64",
                     "--builder", f"{ktl.builder};platforms=linux/amd64",
                     "--builder", f"{ktl.builder};platforms=linux/arm64", columns=300)
    assert terminal.wait() == 2
    assert "-i is for a build on one builder" in "\n".join(terminal.lines()), terminal.dump()
