"""What may stand in a context folder, and what may happen to it while it is sent."""

import os
import socket
import subprocess
import threading
import time

from rig.images import BASE
from rig.ktl import Ktl

ALL = BASE + "COPY . /all\n"


def list_image(ktl, folder, command):
    """Runs `command` in a RUN step; everything that ktl showed."""
    with open(folder / "Dockerfile", "a", encoding="utf-8") as file:
        file.write(f"RUN {command}\n")
    result = ktl.build_ok(folder, "--no-cache")
    return result.err


def test_names_with_newlines_spaces_and_quotes(ktl, context):
    folder = context(ALL, {"a\nb": "1", " space ": "2", "quo\"te'": "3", "ünï": "4", "-rf": "5"})
    err = list_image(ktl, folder, "echo names=$(find /all -mindepth 1 -print0 | tr -dc '\\0' | wc -c)")
    assert "names=7" in err


def test_a_name_that_is_not_utf8_is_named(ktl, context):
    folder = context(ALL)
    (folder / os.fsdecode(b"bad-\xff\xfe")).write_text("x")
    result = ktl.build(folder)
    # Sent or refused, but never silently left out.
    if result.code == 0:
        err = list_image(ktl, folder, "echo n=$(ls /all | grep -c bad-)")
        assert "n=1" in err
    else:
        assert result.code in (1, 2) and "bad-" in result.err


def test_symlinks_are_sent_as_they_are(ktl, context):
    folder = context(ALL)
    (folder / "loop").symlink_to("loop")
    (folder / "up").symlink_to("..")
    (folder / "out").symlink_to("/etc/passwd")
    (folder / "dangling").symlink_to("nowhere")
    err = list_image(ktl, folder, "for f in loop up out dangling; do echo $f=$(readlink /all/$f).; done")
    for link in ("loop=loop.", "up=...", "out=/etc/passwd.", "dangling=nowhere."):
        assert link in err


def test_a_copied_link_does_not_reach_outside_of_the_context(ktl, context):
    folder = context("FROM scratch\nCOPY out /file\n")
    (ktl.home / "secret").write_text("outside")
    (folder / "out").symlink_to(ktl.home / "secret")
    result = ktl.build(folder, f"--oci={ktl.home}/i.tar")
    assert result.code == 1 or b"outside" not in (ktl.home / "i.tar").read_bytes()


def test_a_dockerfile_that_links_outside(ktl, context):
    folder = context(ALL)
    (ktl.home / "Other").write_text("FROM scratch\nLABEL stolen=yes\n")
    (folder / "Dockerfile").unlink()
    (folder / "Dockerfile").symlink_to(ktl.home / "Other")
    result = ktl.build(folder)
    assert result.code in (0, 2)
    assert result.code == 0 or "Dockerfile" in result.err


def test_deep_folders(ktl, context):
    folder = context(ALL)
    deep = folder
    for _ in range(200):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "leaf").write_text("found")
    err = list_image(ktl, folder, "echo n=$(find /all -name leaf | wc -l)")
    assert "n=1" in err


def test_a_sparse_file(ktl, context):
    folder = context(BASE + "COPY sparse /\nRUN echo size=$(wc -c < /sparse)\n")
    with open(folder / "sparse", "wb") as file:
        file.truncate(64 << 20)
    assert f"size={64 << 20}" in ktl.build_ok(folder, "--no-cache").err


def test_sockets_and_fifos_do_not_hang_the_build(ktl, context):
    folder = context("FROM scratch\nCOPY busybox /bin/sh\nCOPY Dockerfile /\n")
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(folder)
        listener.bind("socket")
        os.chdir(here)
        assert ktl.build(folder, timeout=60).code == 0


def test_an_unreadable_file_is_named(ktl, context):
    folder = context(ALL, {"locked": "x"})
    (folder / "locked").chmod(0)
    # root reads everything unless it gives that up
    drop = [] if os.getuid() else ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    done = subprocess.run([*drop, ktl.program, "build", str(folder), "--builder", ktl.builder],
                          env=ktl.env, cwd=ktl.home, capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode in (1, 2)
    assert "locked" in done.stderr


def churn(folder, stop):
    """Files come, change and go, as under an editor or a compiler."""
    turn = 0
    while not stop.is_set():
        turn += 1
        for index in range(50):
            path = folder / f"moving-{index}"
            if (turn + index) % 3:
                path.write_bytes(os.urandom(2000 * (index + 1)))
            else:
                path.unlink(missing_ok=True)


def test_a_context_that_changes_while_it_is_sent(ktl, context):
    folder = context(ALL)
    stop = threading.Event()
    churner = threading.Thread(target=churn, args=(folder, stop))
    churner.start()
    try:
        results = [ktl.build(folder, "-t", "moving", timeout=60) for _ in range(5)]
    finally:
        stop.set()
        churner.join()
    for result in results:
        assert result.code in (0, 1), result.err
        assert result.code == 0 or "moving-" in result.err or "changed" in result.err, result.err


def test_a_file_that_grows_while_it_is_sent_fails_the_build(ktl, context):
    folder = context("FROM scratch\nCOPY big /\n")
    with open(folder / "big", "wb") as big:
        big.truncate(200 << 20)
        process = ktl.start("build", folder, "--builder", ktl.builder, "--progress", "plain",
                            "-t", "growing", f"--oci={ktl.home}/out.tar")
        big.seek(0, os.SEEK_END)
        while process.poll() is None:
            big.write(b"more")
            big.flush()
            time.sleep(0.002)
    err = process.stderr.read()
    assert process.returncode == 1, err
    assert "big changed while the context was sent" in err
    assert not (ktl.home / "out.tar").exists()


def test_the_builder_dies_in_the_middle(context, fresh_buildkitd):
    user = Ktl(fresh_buildkitd.address)
    folder = context(ALL + "RUN echo started; sleep 60\n")
    process = user.start("build", folder, "--builder", fresh_buildkitd.address, "--progress",
                         "plain", "-t", "x", f"--oci={user.home}/out.tar")
    seen = ""
    while "started" not in seen.split("sleep 60")[-1]:
        line = process.stderr.readline()
        assert line, f"ktl ended early: {seen}"
        seen += line
    fresh_buildkitd.kill()
    begun = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - begun < 30
    assert process.returncode == 6, err
    assert out == "" and not (user.home / "out.tar").exists()
    assert "builder" in err
    user.close()


def test_many_small_files(ktl, context):
    count = 3000
    folder = context(ALL, {f"many/{index:05}": str(index) for index in range(count)})
    err = list_image(ktl, folder, "echo n=$(ls /all/many | wc -l)")
    assert f"n={count}" in err
