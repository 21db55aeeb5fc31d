"""A terminal: a pty with a screen model (pyte) behind it, in which a program runs."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pyte


class Terminal:
    """One program in a terminal of `columns` x `rows`. What scrolls away is kept in `lines()`."""

    def __init__(self, argv, env, cwd, columns=80, rows=24):
        self.screen = pyte.HistoryScreen(columns, rows, history=20_000, ratio=0.001)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.came = False
        self.master, slave = pty.openpty()
        self.set_size(columns, rows)
        self.process = subprocess.Popen(
            argv, env={"TERM": "xterm-256color", **env}, cwd=cwd, stdin=slave, stdout=slave,
            stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)

    def set_size(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        self.set_size(columns, rows)
        self.screen.resize(rows, columns)

    def feed(self, seconds):
        """Takes what comes within `seconds`; False once the program has closed the terminal."""
        self.came = bool(select.select([self.master], [], [], seconds)[0])
        if not self.came:
            return True
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:  # EIO: nobody is on the other side
            data = b""
        self.raw += data
        self.stream.feed(data)
        return bool(data)

    def fresh(self):
        """Whether the last feed brought anything."""
        return self.came

    def wait_for(self, text, seconds=60):
        deadline = time.monotonic() + seconds
        while text not in "\n".join(self.lines()):
            assert time.monotonic() < deadline, f"no {text!r} on the screen:\n{self.dump()}"
            assert self.feed(0.2), f"the program ended without {text!r}:\n{self.dump()}"

    def wait(self, seconds=120):
        """The exit code, once the program has ended."""
        deadline = time.monotonic() + seconds
        while self.feed(0.2):
            if time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError(f"still running:\n{self.dump()}")
        return self.process.wait(10)

    def type(self, text):
        os.write(self.master, text.encode())

    def visible(self):
        return [line.rstrip() for line in self.screen.display]

    def lines(self):
        """All lines from the first that was ever shown, without empty ones at the end."""
        above = ["".join(line[x].data for x in range(self.screen.columns)).rstrip()
                 for line in self.screen.history.top]
        lines = above + self.visible()
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def dump(self):
        edge = "+" + "-" * self.screen.columns + "+"
        return "\n".join([edge, *(f"|{line}|" for line in self.screen.display), edge])

    def cursor_shown(self):
        return not self.screen.cursor.hidden

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        os.close(self.master)
