"""Folders that are not what they should be: a sentence and exit code 6, nothing followed or harmed."""

import os
import pathlib
import subprocess

import pytest

from rig.private import HELLO, state

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root to mount and to give files away")


def state_folder(ktl):
    return pathlib.Path(state(ktl)["state"])


def runtime_folder(ktl):
    return pathlib.Path(state(ktl)["address"].removeprefix("unix://")).parent


def refused(ktl, context, *words, code=6):
    result = ktl.build(context(HELLO))
    assert result.code == code, result.err
    for word in words:
        assert word in result.err, result.err
    return result


def test_a_link_in_place_of_the_runtime_folder(lone_ktl, context, tmp_path):
    folder = runtime_folder(lone_ktl)
    folder.rmdir()
    folder.symlink_to(tmp_path)
    before = sorted(tmp_path.iterdir())
    refused(lone_ktl, context, str(folder), "symbolic link")
    assert [path for path in sorted(tmp_path.iterdir()) if path.name != "context"] == before


def test_a_link_in_place_of_the_state_folder(lone_ktl, context, tmp_path):
    folder = state_folder(lone_ktl)
    folder.symlink_to(tmp_path)
    refused(lone_ktl, context, str(folder), "symbolic link")


def test_a_folder_that_others_may_write(lone_ktl, context):
    folder = state_folder(lone_ktl)
    folder.mkdir()
    folder.chmod(0o777)
    refused(lone_ktl, context, str(folder), "written by others")


def test_a_file_in_place_of_a_folder(lone_ktl, context):
    folder = state_folder(lone_ktl)
    folder.write_text("")
    refused(lone_ktl, context, str(folder), "not a folder")


@needs_root
def test_somebody_elses_folder(lone_ktl, context):
    folder = state_folder(lone_ktl)
    folder.mkdir(mode=0o700)
    os.chown(folder, 54321, 54321)
    refused(lone_ktl, context, str(folder), "belongs to user 54321")


def test_a_stale_lock_and_a_broken_record(lone_ktl, context):
    folder = state_folder(lone_ktl)
    folder.mkdir(mode=0o700)
    for name in ("clients.lock", "start.lock", "family.lock"):
        (folder / name).touch(mode=0o600)
    for text in ("", "{", "[]", '{"supervisor": {"pid": -1}}', "x" * 100_000):
        (folder / "instance.json").write_text(text)
        assert not state(lone_ktl)["running"]
    lone_ktl.build_ok(context(HELLO))


def test_a_link_in_place_of_a_lock(lone_ktl, context, tmp_path):
    folder = state_folder(lone_ktl)
    folder.mkdir(mode=0o700)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for name in ("clients.lock", "buildkitd.log"):
        (folder / name).symlink_to(victim)
        refused(lone_ktl, lambda _: context(HELLO, name=name), str(folder / name))
        (folder / name).unlink()
    assert victim.read_text() == "precious"


@needs_root
def test_a_full_disk(lone_ktl, context):
    folder = state_folder(lone_ktl)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", folder.parent],
                   check=True)
    try:
        refused(lone_ktl, context, "MB are free", "free some space")
    finally:
        subprocess.run(["umount", folder.parent], check=True)
