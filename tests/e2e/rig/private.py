"""Looking at and hurting the private builder of a `Ktl`."""

import os
import signal

from rig.process import wait_until

HELLO = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "true"]\n'


def state(ktl, *args):
    """`ktl builder inspect --json`."""
    result = ktl.run("builder", "inspect", "--json", *args)
    assert result.code == 0, result.err
    return result.json()


def kill(pid):
    """SIGKILL; returns once the process is gone. One that is gone already is fine."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    wait_until(lambda: not alive(pid), f"the end of {pid}")


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
