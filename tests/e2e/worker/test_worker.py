"""Keeper and worker: what the worker may know, and what happens when one of them is gone."""

import os
import pathlib
import random
import signal
import time

from rig.images import BASE
from rig.process import await_started, worker_of

SLOW = f"{BASE}RUN echo started; sleep 60\n"
HELLO = "FROM scratch\nCOPY . /\n"


def slow_build(ktl, context, *args, env=None):
    """A build that stands in a step, and its worker's pid."""
    process = ktl.start("build", context(SLOW), "--builder", ktl.builder, "--progress", "plain",
                        "--no-cache", *args, env=env)
    await_started(process)
    worker = worker_of(process.pid)
    assert worker is not None
    return process, worker


def gone(pid, seconds=10):
    """Whether the process ends in time; one that nobody has reaped has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_the_worker_holds_no_credential(ktl, context, tmp_path):
    password = "hunter2-hunter2"
    auth = tmp_path / "auth.json"
    auth.write_text('{"auths": {"registry.example": {"auth": "dTpodW50ZXIyLWh1bnRlcjI="}}}')
    (tmp_path / "secret").write_text(password)
    process, worker = slow_build(
        ktl, context, "--authfile", auth, "--secret", f"id=file,src={tmp_path}/secret",
        "--secret", "TOKEN", "--build-arg", "ARGUMENT",
        env={"TOKEN": password, "ARGUMENT": "value", "AWS_SECRET_ACCESS_KEY": password,
             "KTL_LABEL": f"x={password}", "HTTPS_PROXY": f"http://u:{password}@127.0.0.1:9"})
    try:
        environment = pathlib.Path(f"/proc/{worker}/environ").read_bytes()
        assert password.encode() not in environment
        assert b"HOME=" in environment
        files = [os.readlink(file) for file in pathlib.Path(f"/proc/{worker}/fd").iterdir()]
        assert not [file for file in files if file.endswith(("/auth.json", "/secret"))]
        assert password.encode() not in pathlib.Path(f"/proc/{worker}/cmdline").read_bytes()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def test_a_killed_worker_ends_the_build_with_its_name(ktl, context):
    process, worker = slow_build(ktl, context, "-t", "x", f"--oci={ktl.home}/out")
    os.kill(worker, signal.SIGKILL)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (8, "")
    assert "the worker was killed by signal 9 (SIGKILL) in ktl.solve/1 next" in err
    assert not (ktl.home / "out").exists()
    assert ktl.build_ok(context(HELLO, name="after")).code == 0


def test_a_killed_keeper_takes_the_worker_along(ktl, context):
    process, worker = slow_build(ktl, context)
    process.kill()
    process.communicate(timeout=10)
    assert gone(worker)


def test_ctrl_c_reaches_both_and_the_keeper_decides(ktl, context):
    process, worker = slow_build(ktl, context)
    os.kill(worker, signal.SIGINT)
    os.kill(worker, signal.SIGTERM)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert gone(worker)


def test_started_by_hand_it_is_no_command(ktl):
    result = ktl.run("--bridge")
    assert result.code == 2
    assert "it is no command" in result.err


def test_killed_at_any_moment(ktl, context):
    """Fifty moments, keeper and worker in turn: nobody and nothing is left, the next build works."""
    folder = context(HELLO, {f"f{i}": "x" * 50_000 for i in range(20)})
    begun = time.monotonic()
    ktl.build_ok(folder, f"--oci={ktl.home}/reference.tar")
    whole = time.monotonic() - begun
    dice = random.Random(4)
    out_file = ktl.home / "out.tar"
    for index in range(50):
        out_file.unlink(missing_ok=True)
        process = ktl.start("build", folder, "--builder", ktl.builder, "--progress", "plain",
                            f"--oci={out_file}")
        time.sleep(dice.uniform(0, whole))
        worker = worker_of(process.pid) if process.poll() is None else None
        victim = worker if index % 2 and worker else process.pid
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            pass
        out, err = process.communicate(timeout=60)
        if victim == worker and process.returncode != 0:
            assert process.returncode == 8, err
            assert "Error: " in err
            assert not out_file.exists()
        assert worker is None or gone(worker)
    # A file under way that a killed keeper left is taken over by the next build of that name.
    ktl.build_ok(folder, f"--oci={out_file}")
    assert not [path for path in ktl.home.rglob("*") if "ktl-tmp" in path.name]
