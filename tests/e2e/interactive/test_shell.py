"""ktl build -i: a shell in the step that failed, on a real terminal and a real BuildKit."""

import os
import pathlib
import re
import signal
import subprocess
import termios
import time

import pytest

from rig.images import BASE
from rig.terminal import Terminal

FAILS = BASE + """
ENV WORD=from-the-image
RUN mkdir -p /work && echo earlier-{nonce} >/work/file
WORKDIR /work
RUN echo half >made-by-the-step && echo about to fail && exit 42
"""
OPEN = "this is a shell in it"


def nonce():
    return f"{time.time_ns()}"


@pytest.fixture
def shell(ktl, context):
    """shell(dockerfile, *flags): `ktl build -i` on a terminal."""
    open_ones = []

    def start(dockerfile, *flags, columns=100, rows=30):
        argv = [ktl.program, "build", str(context(dockerfile)), "--builder", ktl.builder, "-i",
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
    said(terminal, "cat made-*", "half")
    said(terminal, "tty && echo is$(echo -)a", "is-a")
    terminal.type("exit\r")
    assert terminal.wait() == 1
    text = "\n".join(terminal.lines())
    assert re.search(r"step \[.*RUN echo half.* failed; this is a shell in it, exit leaves",
                     text.replace("\n", "")), terminal.dump()
    assert "exit code: 42" in text
    assert modes(terminal) == before
