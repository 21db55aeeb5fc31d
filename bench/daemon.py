"""What several benchmarks share: a BuildKit of their own, and the two clients' command lines."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KTL = str(ROOT / "build/bin/ktl")


def find(name: str, beside: str) -> str:
    return str(ROOT / beside) if (ROOT / beside).exists() else shutil.which(name) or sys.exit(
        f"{name} is missing: run scripts/tools --test")


BUILDCTL = find("buildctl", "build/tools/buildctl")


@contextlib.contextmanager
def buildkitd(work: pathlib.Path):
    """A daemon without state; yields its address."""
    address = f"unix://{work}/bk.sock"
    with open(work / "buildkitd.log", "wb") as log:
        daemon = subprocess.Popen(
            [find("buildkitd", "build/libexec/ktl/buildkitd"), "--root", f"{work}/root", "--addr",
             address, "--otel-socket-path", f"{work}/otel.sock"], stdout=log, stderr=log)
    try:
        while not (work / "bk.sock").exists():
            if daemon.poll() is not None:
                sys.exit((work / "buildkitd.log").read_text())
            time.sleep(0.02)
        yield address
    finally:
        daemon.terminate()
        daemon.wait()


@contextlib.contextmanager
def workspace():
    """A folder for everything, ktl's state and cache included: both sides write to one disk."""
    work = pathlib.Path(tempfile.mkdtemp(prefix="ktl-bench-"))
    os.environ |= {"XDG_STATE_HOME": f"{work}/state", "XDG_CACHE_HOME": f"{work}/cache"}
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def ktl(app, address: str, *more: str) -> list[str]:
    return [KTL, "build", str(app), "--builder", address, "--progress", "plain", *more]


def buildctl(app, address: str, *more: str) -> list[str]:
    return [BUILDCTL, "--addr", address, "build", "--frontend", "dockerfile.v0", "--local",
            f"context={app}", "--local", f"dockerfile={app}", "--progress", "plain", *more]
