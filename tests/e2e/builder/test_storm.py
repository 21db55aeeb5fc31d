"""200 starts, stops, builds and kill -9 at once: one daemon, no lost build, nothing left behind."""

import os
import random
import threading
import time

from rig import residue
from rig.private import HELLO, alive, kill, state
from rig.process import wait_until

SEED = int(os.environ.get("KTL_SEED", "1"))
ACTIONS = int(os.environ.get("KTL_ACTIONS", "200"))
AT_ONCE = 40
KINDS = ["start"] * 70 + ["build"] * 12 + ["stop"] * 10 + ["kill client"] * 6 + ["kill supervisor"] * 2


class Watcher(threading.Thread):
    """Counts the daemons of one user all the time."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.most, self.done = folder, 0, threading.Event()
        self.start()

    def run(self):
        while not self.done.wait(0.02):
            self.most = max(self.most, len(residue.daemons(self.folder)))


class Storm:
    def __init__(self, ktl, folder):
        self.ktl, self.folder = ktl, folder
        self.dice = random.Random(SEED)
        self.running, self.killed, self.hurt, self.lost = [], set(), set(), []

    def act(self, kind):
        if kind == "start":
            self.begin(kind, "builder", "start", "--idle", "30")
        elif kind == "build":
            self.begin(kind, "build", self.folder, "-q")
        elif kind == "stop":
            self.begin(kind, "builder", "stop")
        elif kind == "kill client" and self.running:
            _, process = self.dice.choice(self.running)
            self.killed.add(process.pid)
            process.kill()
        elif kind == "kill supervisor":
            for pid, words in residue.processes(self.ktl.home):
                if words[1:3] == ["builder", "supervise"]:
                    kill(pid)
            # A build that was about to begin on its daemon may find it closed.
            self.hurt |= {process.pid for kind, process in self.running if kind == "build"}

    def begin(self, kind, *args):
        self.running.append((kind, self.ktl.start(*args)))
        while len(self.running) >= AT_ONCE:
            self.reap()

    def reap(self, last=False):
        for kind, process in list(self.running):
            if last or process.poll() is not None:
                _, err = process.communicate(timeout=120)
                self.running.remove((kind, process))
                allowed = (0, 6) if process.pid in self.hurt else (0,)
                if process.pid not in self.killed and process.returncode not in allowed:
                    self.lost.append((kind, process.returncode, err))
        time.sleep(0.01)


def test_storm(lone_ktl, context):
    folder = context(HELLO)
    lone_ktl.build_ok(folder)
    watcher = Watcher(lone_ktl.home)
    storm = Storm(lone_ktl, folder)
    for _ in range(ACTIONS):
        storm.act(storm.dice.choice(KINDS))
    storm.reap(last=True)
    watcher.done.set()
    watcher.join()
    assert watcher.most == 1
    assert not storm.lost, storm.lost[:3]
    lone_ktl.build_ok(folder)
    assert lone_ktl.run("builder", "stop").code == 0
    assert not residue.of_stopped(lone_ktl.home)


def test_builds_whose_daemon_is_killed_fail_with_a_sentence(lone_ktl, context):
    """Nothing hangs, nothing claims success, and every time there is a next daemon."""
    dice = random.Random(SEED)
    folder = context(HELLO)
    for _ in range(5):
        builds = [lone_ktl.start("build", folder, "--no-cache", "-q") for _ in range(3)]
        wait_until(lambda: residue.daemons(lone_ktl.home), "a daemon")
        time.sleep(dice.uniform(0, 0.6))
        for pid in residue.daemons(lone_ktl.home):
            kill(pid)
        for build in builds:
            out, err = build.communicate(timeout=120)
            assert build.returncode in (0, 6), err
            assert (build.returncode == 0) == out.startswith("sha256:") and (out or err)
    lone_ktl.build_ok(folder)
    assert alive(state(lone_ktl)["pid"])
    lone_ktl.run("builder", "stop")
    assert not residue.of_stopped(lone_ktl.home)
