"""What a user sees of a build on a terminal: the real program in a pty, a screen model behind it."""

import os
import re
import signal
import time

import pytest

from rig.images import BASE

SIZES = [(80, 24), (40, 10), (200, 60)]
STAGES = BASE.replace("FROM scratch", "FROM scratch AS base", 1) + """
FROM base AS left
RUN for i in 1 2 3 4 5 6; do echo left says $i of {nonce}; sleep 0.3; done
FROM base AS right
RUN for i in 1 2 3 4 5 6; do echo right says $i of {nonce}; sleep 0.3; done
FROM base
COPY --from=left /bin/busybox /l
COPY --from=right /bin/busybox /r
"""


def nonce():
    """Makes steps run that another test has run already."""
    return f"{time.time_ns()}"


def is_clean(terminal):
    """Nothing half drawn: whole lines, no live head left, the cursor shown in the first column."""
    assert terminal.cursor_shown()
    assert terminal.screen.cursor.x == 0, terminal.dump()
    assert not [line for line in terminal.visible() if line.startswith("[+]")], terminal.dump()


@pytest.mark.parametrize("columns, rows", SIZES)
def test_stages_side_by_side(terminal, context, columns, rows):
    screen = terminal(context(STAGES.format(nonce=nonce())), "-t", "a", columns=columns, rows=rows)
    for words in ("right says 3", "[left 1/1] RUN", "[right 1/1] RUN"):
        screen.wait_for(words)  # one after the other: a picture may be half drawn
    shown = screen.visible()
    assert any(line.startswith("[+] Building") for line in shown), screen.dump()
    assert any(re.match(r" right .*0/1", line) for line in shown), screen.dump()
    assert screen.wait() == 0
    lines = screen.lines()
    is_clean(screen)
    for stage in ("base", "left", "right"):
        titles = [line for line in lines if re.match(rf" {stage} +\d step", line)]
        assert len(titles) == 1, screen.dump()
    assert [line for line in lines if re.match(r" ✔ \[left 1/1\] RUN .*\d\.\ds$", line)]
    assert [line for line in lines if line.startswith("Done in ")]
    assert b"\x1b[?25l" not in screen.raw


def test_a_cached_build_says_so(terminal, context):
    folder = context(STAGES.format(nonce="always"))
    assert terminal(folder).wait() == 0
    screen = terminal(folder)
    assert screen.wait() == 0
    lines = screen.lines()
    assert [line for line in lines if re.match(r" ✔ \[left 1/1\] RUN .* CACHED$", line)]
    assert [line for line in lines if re.match(r"Done: (\d+) of \1 steps cached", line)], lines


@pytest.mark.parametrize("columns, rows", SIZES)
def test_a_failure_shows_its_whole_log_and_the_lines_around(terminal, context, columns, rows):
    folder = context(BASE + f"# before\nRUN for i in $(seq 1 40); do echo line $i {nonce()}; done; "
                     "no-such-program\n# after\nCMD x\n")
    screen = terminal(folder, columns=columns, rows=rows)
    assert screen.wait() == 1
    is_clean(screen)
    text = "\n".join(screen.lines())
    for said in ("line 1 ", "line 40 ", "Error: process", ">  5 | RUN for", "6 | # after",
                 "a program that the step runs is not in the image"):
        assert said.replace(" ", "") in text.replace("\n", "").replace(" ", ""), f"{said}\n{text}"
    assert "ERROR" in text


def live_lines(screen):
    return [line for line in screen.visible()
            if re.match(r"\[\+\]| [▸◦] |   [│↳] | (left|right) ", line)]


def test_a_resize_leaves_one_live_area(terminal, context):
    screen = terminal(context(STAGES.format(nonce=nonce())))
    screen.wait_for("left says 1")
    for columns, rows in ((50, 12), (120, 40), (80, 24)):
        paints = screen.raw.count(b"\x1b[2J")
        screen.resize(columns, rows)
        deadline = time.monotonic() + 10
        while screen.raw.count(b"\x1b[2J") == paints and time.monotonic() < deadline:
            screen.feed(0.1)
        while len(live_lines(screen)) <= 2 and time.monotonic() < deadline:
            screen.feed(0.1)
        heads = [line for line in screen.visible() if line.startswith("[+]")]
        assert len(heads) <= 1, screen.dump()
        live = live_lines(screen)
        assert len(live) > 2 and max(map(len, live)) < columns, screen.dump()
    assert screen.wait() == 0
    is_clean(screen)


@pytest.mark.parametrize("how, code", [("^C", 130), (signal.SIGTERM, 143)])
def test_an_interrupt_leaves_a_clean_terminal(terminal, context, how, code):
    screen = terminal(context(BASE + f"RUN echo begun {nonce()}; sleep 600\n"))
    screen.wait_for("│ begun")
    if how == "^C":
        screen.type("\x03")
    else:
        os.kill(screen.process.pid, how)
    screen.wait_for("interrupted: cleaning up")
    assert screen.wait(30) == code
    is_clean(screen)
    assert [line for line in screen.lines() if line.startswith("interrupted: cleaning up")]


def test_a_hostile_log_stays_text(terminal, context):
    evil = r"\033]0;title\007\033[2J\033[1;1Hgone\033[?1049h\033]52;c;eA==\033\\ \342\200\256rtl"
    dockerfile = BASE + f"RUN printf '{evil} begun {nonce()}\\n'; sleep 3; false\n"
    screen = terminal(context(dockerfile))
    screen.wait_for("gone rtl begun")
    assert screen.wait() == 1
    assert screen.screen.title == ""
    for sequence in (b"\x1b[2J", b"\x1b]", b"\x1b[?", b"\x1b[1;1H", "\u202e".encode()):
        assert sequence not in screen.raw


@pytest.mark.parametrize("args, env", [(["--no-color"], {}), ([], {"NO_COLOR": "1"})])
def test_no_colours(terminal, context, args, env):
    screen = terminal(context(BASE), *args, env=env)
    assert screen.wait() == 0
    assert not re.search(rb"\x1b\[[\d;]*m", screen.raw)


def test_a_dumb_terminal_gets_lines(terminal, context):
    screen = terminal(context(BASE), env={"TERM": "dumb"})
    assert screen.wait() == 0
    assert b"\x1b" not in screen.raw
    assert "#1 [internal]" in "\n".join(screen.lines())


def test_an_ascii_locale_gets_ascii(terminal, context):
    screen = terminal(context(BASE), env={"LC_ALL": "C"})
    assert screen.wait() == 0
    assert [line for line in screen.lines() if line.startswith(" + [internal] load build def")]


def test_lint_warnings_come_once_at_the_end(terminal, context):
    screen = terminal(context(BASE + "CMD echo hi\n"), columns=200)
    assert screen.wait() == 0
    hits = [i for i, line in enumerate(screen.lines()) if "JSONArgsRecommended" in line]
    assert len(hits) == 1
    assert "Dockerfile:4" in screen.lines()[hits[0]] and "http" in screen.lines()[hits[0]]
    assert [line for line in screen.lines()[hits[0]:] if line.startswith("Done")]
