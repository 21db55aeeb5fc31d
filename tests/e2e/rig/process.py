"""Child processes that never outlive the tests."""

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
PR_SET_PDEATHSIG = 1


def program(name, *places):
    """The path of a program: one of `places` below the checkout, or from PATH or /usr/sbin."""
    for place in places:
        if (ROOT / place).exists():
            return str(ROOT / place)
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    assert found, f"{name} is missing: run scripts/install test and scripts/tools --test"
    return found


def ok(command, **options):
    """What a command that must succeed writes to stdout."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False,
                          **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def await_started(process):
    """Reads plain progress until the step `echo started; ...` of a build has printed its word."""
    seen = ""
    while "started" not in seen.split("echo started")[-1]:
        line = process.stderr.readline()
        assert line, f"ktl ended early: {seen}"
        seen += line


def free_port():
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(ready, what, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.05)


def answers(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def die_with_parent():
    """In the child: a killed test run takes its daemons along."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Daemon:
    """A process with a log file, ended by its pid."""

    def __init__(self, argv, log, ready, env=None):
        self.argv = argv
        self.log = pathlib.Path(log)
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                            env=env, preexec_fn=die_with_parent)
        try:
            wait_until(lambda: self.alive() and ready(), argv[0])
        except AssertionError as failure:
            self.stop()
            tail = self.log.read_text(errors="replace")[-2000:]
            raise AssertionError(f"{failure}\n{tail}") from None

    def alive(self):
        code = self.process.poll()
        assert code is None, f"{self.argv[0]} ended with {code}"
        return True

    def kill(self):
        """As a crash would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


def descendants(pid):
    """Every process below `pid`, parents before their children."""
    found = []
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return found
    for child in map(int, children):
        found += [child, *descendants(child)]
    return found


def worker_of(pid):
    """The worker of a keeper, behind its fence or not; None before it is there and after either is gone."""
    for child in descendants(pid):
        try:
            words = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[1:2] == [b"--bridge"] and words[0].rsplit(b"/", 1)[-1] == b"ktl":
            return child
    return None
