"""ssh://: a real sshd on loopback, `buildctl dial-stdio` behind it. Needs root: see skips.txt."""

import os
import pathlib

import pytest

from rig.process import program
from transports.daemons import Sshd

SMALL = "FROM scratch\nCOPY Dockerfile /it\n"

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="sshd lets only root log in as root")


@pytest.fixture(scope="module")
def sshd():
    daemon = Sshd(pathlib.Path(program("buildctl", "build/tools/buildctl")).parent)
    yield daemon
    daemon.close()


@pytest.fixture
def path(sshd, lone_ktl):
    return {"PATH": f"{sshd.let_in(lone_ktl.home)}:{lone_ktl.env['PATH']}"}


def test_a_build_over_ssh_is_kept_here(lone_ktl, context, sshd, path, buildkitd):
    socket = buildkitd.address.removeprefix("unix://")
    lone_ktl.build_ok(context(SMALL), "-t", "over-ssh:1", "--builder",
                      f"ssh://root@127.0.0.1:{sshd.port}{socket}", env=path)


def test_remote_is_another_word_for_it(lone_ktl, context, sshd, path, buildkitd):
    folder = context(SMALL)
    address = f"ssh://root@127.0.0.1:{sshd.port}{buildkitd.address.removeprefix('unix://')}"
    lone_ktl.build_ok(folder, "-t", "over-ssh:2", "--remote", address, env=path)
    lone_ktl.build_ok(folder, env={**path, "KTL_REMOTE": address})
    printed = lone_ktl.run("build", folder, "--remote", address, "--print",
                           env={"KTL_BUILDER": "unix:///weaker"}).json()
    assert (printed["builder"], printed["origin"]["builder"]) == (address, "flag")
    result = lone_ktl.build(folder, "--remote", address, "--builder", "auto")
    assert result.code == 2 and "contradict" in result.err


def test_what_ssh_says_is_shown(lone_ktl, context, sshd, path):
    result = lone_ktl.build(context(SMALL), "--builder",
                            f"ssh://nobody-here@127.0.0.1:{sshd.port}", env=path)
    assert result.code == 6
    assert "ssh ended with exit code 255" in result.err
    assert "Permission denied" in result.err


def test_nobody_listening_there(lone_ktl, context, sshd, path):
    result = lone_ktl.build(context(SMALL), "--builder",
                            f"ssh://root@127.0.0.1:{sshd.port}/no/such.sock", env=path)
    assert result.code == 6
    assert "/no/such.sock" in result.err
