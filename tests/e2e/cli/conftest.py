"""Builds in a terminal."""

import pytest

from rig.terminal import Terminal


@pytest.fixture
def terminal(ktl):
    """Starts `ktl build` in a terminal of its own; all are closed at the end."""
    opened = []

    def start(context, *args, columns=80, rows=24, env=None, builder=ktl.builder):
        argv = [ktl.program, "build", str(context), "--builder", builder, *map(str, args)]
        opened.append(Terminal(argv, {**ktl.env, **(env or {})}, ktl.home, columns, rows))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
