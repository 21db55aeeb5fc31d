"""Fences that cannot be made: each a sentence with what to do, exit code 5 where one is demanded, and
nothing built or left behind."""

import os
import pathlib
import socket
import subprocess

import pytest

from rig import residue
from rig.process import ROOT
from rig.spare_user import SpareUser, why_not

SMALL = "FROM scratch\nCOPY Dockerfile /\n"
POLICIES = ROOT / "sandbox"
BWRAP = ("--sandbox-bin", "/usr/bin/bwrap")


def policy(folder, text, base="linux-ci"):
    path = folder / f"{base}-changed.cfg"
    path.write_text((POLICIES / f"{base}.cfg").read_text(encoding="utf-8") + text)
    return "--sandbox-config", path


def refused(ktl, folder, *args, **options):
    """A build that demands its fence and does not get it; what it said."""
    out = ktl.home / "out"
    result = ktl.build(folder, "--sandbox", f"--oci={out}", *args, **options)
    assert result.code == 5, result.err
    assert "next:" in result.err and not out.exists(), result.err
    return result.err


@pytest.mark.parametrize("runtime", [(), BWRAP], ids=["nsjail", "bwrap"])
@pytest.mark.parametrize("bind, said", [
    ('mount { src: "/none/such" dst: "/x" is_bind: true }', "/none/such"),
    ('mount { src: "/none/such" dst: "/x" is_bind: true mandatory: true }', "/none/such"),
])
def test_a_bind_that_cannot_be(ktl, context, tmp_path, bind, said, runtime):
    folder = context(SMALL)
    assert said in refused(ktl, folder, *policy(tmp_path, bind + "\n"), *runtime)
    assert not pathlib.Path("/none").exists()
    assert sorted(path.name for path in folder.iterdir()) == ["Dockerfile", "busybox"]


@pytest.mark.parametrize("flag", ["/none/such:/x", "{context}/Dockerfile:/x:wr", "relative:/x", "/usr"])
def test_a_bind_of_the_command_line_that_cannot_be(ktl, context, flag):
    folder = context(SMALL)
    result = ktl.build(folder, "--sandbox-bind", flag.format(context=folder), f"--oci={ktl.home}/out")
    assert result.code in (2, 5), result.err
    assert flag.split(":")[0].rsplit("/", 1)[-1] in result.err and not (ktl.home / "out").exists()


@pytest.mark.parametrize("runtime", [(), BWRAP], ids=["nsjail", "bwrap"])
@pytest.mark.parametrize("hidden", ['dst: "/workspace" fstype: "tmpfs"', 'src: "/usr" dst: "/workspace" is_bind: true',
                                    'dst: "{context}" fstype: "tmpfs"'])
def test_a_policy_that_hides_the_context(ktl, context, tmp_path, hidden, runtime):
    """It does not: the context is mounted last."""
    folder = context(SMALL)
    hidden = policy(tmp_path, f"mount {{ {hidden.replace('{context}', str(folder))} }}\n")
    ktl.build_ok(folder, "--sandbox", *hidden, *runtime, "--output", f"type=local,dest={ktl.home}/out")
    assert (ktl.home / "out/Dockerfile").read_text() == SMALL


def test_a_socket_of_a_daemon_in_a_strict_jail(ktl, context, tmp_path):
    with socket.socket(socket.AF_UNIX) as daemon:
        place = ktl.home / "docker.sock"
        daemon.bind(str(place))
        bind = f'mount {{ src: "{place}" dst: "/var/run/docker.sock" is_bind: true }}\n'
        assert "docker.sock" in refused(ktl, context(SMALL), *policy(tmp_path, bind, "linux-strict"))


def without_namespaces(ktl, sysctl):
    """ktl as root of a user namespace in which the kernel makes no more of them."""
    start = ktl.start

    def inside(*args, **options):
        program, ktl.program = ktl.program, "unshare"
        try:
            return start("--user", "--map-root-user", "sh", "-c", f'echo 0 > {sysctl}; exec "$@"', "sh",
                         program, *args, **options)
        finally:
            ktl.program = program

    ktl.start = inside
    return ktl


def test_a_kernel_without_user_namespaces(ktl, context):
    """As far as the fence can tell, by the limit that such kernels and containers have."""
    said = refused(without_namespaces(ktl, "/proc/sys/user/max_user_namespaces"), context(SMALL),
                   "--sandbox-config", POLICIES / "linux-strict.cfg")
    assert "namespace" in said


def test_no_private_builder_there_either(lone_ktl, context):
    result = without_namespaces(lone_ktl, "/proc/sys/user/max_user_namespaces").build(context(SMALL))
    assert result.code == 6 and "namespace" in result.err, result.err
    assert not residue.of_stopped(lone_ktl.home)


@pytest.mark.skipif(os.getuid() != 0 or bool(why_not()), reason="only root can be somebody else")
def test_a_runtime_that_a_user_may_not_run(context):
    user = SpareUser()
    locked = user.place / "locked"
    locked.write_text("#!/bin/sh\n")
    locked.chmod(0o700)
    folder = user.home / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text(SMALL)
    result = user.build(folder, "--sandbox", "--sandbox-bin", locked)
    user.close()
    assert result.code == 5 and str(locked) in result.err, result.err


@pytest.mark.parametrize("wrapper", ["exit 0", "kill -9 $$", "exec sleep 600", "yes x | head -c 100000000 >&2; exit 1"],
                         ids=["silent", "killed", "asleep", "loud"])
def test_a_runtime_that_is_none(ktl, context, tmp_path, wrapper):
    program = tmp_path / "nsjail"
    program.write_text(f"#!/bin/sh\n{wrapper}\n")
    program.chmod(0o755)
    begun = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "nsjail" in refused(ktl, context(SMALL), "--sandbox-bin", program, timeout=150)
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert left.count("sleep 600") <= begun.count("sleep 600")
