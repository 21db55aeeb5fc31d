"""The private builder of an ordinary user: a jail on sub-ids, no privilege anywhere."""

import os
import pathlib
import shutil

import pytest

from rig import residue
from rig.private import alive, kill, state
from rig.process import ROOT, wait_until
from rig.spare_user import UID, SpareUser, why_not

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


@pytest.fixture
def user():
    made = SpareUser()
    yield made
    made.close()


@pytest.fixture
def hello(tmp_path):
    """examples/hello, where an ordinary user can read it."""
    place = pathlib.Path(tmp_path)
    for folder in (place, place.parent, place.parent.parent):
        folder.chmod(folder.stat().st_mode | 0o055)
    shutil.copytree(ROOT / "examples/hello", place / "hello")
    shutil.copy("/bin/busybox", place / "hello/busybox")
    return place / "hello"


def test_the_example_builds(user, hello):
    user.build_ok(hello, "-t", "hello")
    running = state(user)
    assert pathlib.Path(f"/proc/{running['pid']}").stat().st_uid == (os.getuid() or UID)
    assert "CACHED" in user.build_ok(hello).err
    assert user.run("builder", "stop").code == 0
    assert not residue.of_stopped(user.home)


def test_it_survives_kill_9(user, hello):
    user.build_ok(hello)
    for who in ("supervisor", "pid"):
        before = state(user)
        kill(before[who])
        assert "CACHED" in user.build_ok(hello).err
        assert not alive(before["pid"]) and len(residue.daemons(user.home)) == 1
    killed = state(user)
    kill(killed["pid"])
    wait_until(lambda: not alive(killed["supervisor"]), "the end of the supervisor")
    assert not residue.of_stopped(user.home)


def test_the_doctor_is_content(user):
    report = user.run("doctor", "--json").json()
    mine = {row["id"]: row for row in report["probes"]
            if row["id"].startswith("builder.") and row["id"] != "builder.docker"}
    assert {row["status"] for row in mine.values()} == {"PASS"}, mine
    assert {"builder.jail.subuid", "builder.jail.userns", "builder.disk"} <= set(mine)


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to be a user without sub-ids")
def test_every_missing_part_is_a_reason(user, hello):
    for name in ("subuid", "subgid"):
        (user.place / name).write_text("")
    result = user.build(hello)
    assert result.code == 6
    for word in ("/etc/subuid has no", "/etc/subgid has no", "usermod --add-subuids"):
        assert word in result.err, result.err


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to be a user who may not open the device")
def test_a_closed_network_device_is_a_reason(user, hello):
    """As /dev/net/tun is on a machine without udev."""
    (user.place / "tun").chmod(0o600)
    result = user.build(hello)
    assert result.code == 6
    assert "open /dev/net/tun: Permission denied" in result.err, result.err
    assert "chmod 666 /dev/net/tun" in result.err, result.err
