"""ssh://: a real sshd on loopback, `buildctl dial-stdio` behind it. Needs root: see skips.txt."""

import os
import pathlib
import signal
import subprocess

import pytest

from rig.images import BASE
from rig.process import await_started, program, wait_until, worker_of
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
    assert "ssh has ended: " in result.err
    assert "Permission denied" in result.err


def test_nobody_listening_there(lone_ktl, context, sshd, path):
    result = lone_ktl.build(context(SMALL), "--builder",
                            f"ssh://root@127.0.0.1:{sshd.port}/no/such.sock", env=path)
    assert result.code == 6
    assert "/no/such.sock" in result.err


@pytest.fixture
def agent(sshd, tmp_path):
    """The socket of an agent that alone has a key which sshd takes: its file is gone."""
    key, socket = tmp_path / "key", tmp_path / "agent"
    subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    with open(sshd.folder / "authorized", "a", encoding="utf-8") as authorized:
        authorized.write((tmp_path / "key.pub").read_text())
    process = subprocess.Popen([program("ssh-agent"), "-D", "-a", socket],
                               stdout=subprocess.DEVNULL)
    wait_until(socket.exists, "ssh-agent")
    subprocess.run([program("ssh-add"), "-q", key], check=True,
                   env={**os.environ, "SSH_AUTH_SOCK": str(socket)})
    key.unlink()
    yield socket
    process.terminate()
    process.wait()


def children(pid):
    """The processes that any thread of `pid` has started: command line by pid."""
    found = {}
    for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            found[int(child)] = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
    return found


def test_an_agent_of_the_user_opens_the_way(lone_ktl, context, sshd, agent, buildkitd):
    """The keeper runs ssh; the worker has no agent, and nobody that it could send."""
    env = {"PATH": f"{sshd.let_in(lone_ktl.home, 'none')}:{lone_ktl.env['PATH']}"}
    address = f"ssh://root@127.0.0.1:{sshd.port}{buildkitd.address.removeprefix('unix://')}"
    refused = lone_ktl.build(context(SMALL, name="refused"), "--builder", address, env=env)
    assert refused.code == 6 and "Permission denied" in refused.err
    env["SSH_AUTH_SOCK"] = str(agent)
    process = lone_ktl.start("build", context(f"{BASE}RUN echo started; sleep 60 # {lone_ktl.label}\n"),
                             "--builder", address, "--progress", "plain", env=env)
    await_started(process)
    below = children(process.pid)
    worker = worker_of(process.pid)
    assert b"SSH_AUTH_SOCK" not in pathlib.Path(f"/proc/{worker}/environ").read_bytes()
    assert children(worker) == {}
    ways = [pid for pid, words in below.items() if words[0].endswith(b"ssh")]
    assert len(ways) == 1
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert not pathlib.Path(f"/proc/{ways[0]}").exists()


def test_the_doctor_goes_the_same_way(lone_ktl, sshd, agent, buildkitd):
    env = {"PATH": f"{sshd.let_in(lone_ktl.home, 'none')}:{lone_ktl.env['PATH']}",
           "SSH_AUTH_SOCK": str(agent)}
    address = f"ssh://root@127.0.0.1:{sshd.port}{buildkitd.address.removeprefix('unix://')}"
    result = lone_ktl.run("doctor", "--builder", address, env=env)
    assert f"PASS builder.connection: {address} answers" in result.out, result.out


def test_who_is_killed_leaves_no_ssh(lone_ktl, context, sshd, path, buildkitd):
    address = f"ssh://root@127.0.0.1:{sshd.port}{buildkitd.address.removeprefix('unix://')}"
    process = lone_ktl.start("build", context(f"{BASE}RUN sleep 60 # {lone_ktl.label}\n"),
                             "--builder", address, "--progress", "plain", env=path)
    wait_until(lambda: any(words[0].endswith(b"ssh") for words in children(process.pid).values()),
               "ssh")
    ways = [pid for pid, words in children(process.pid).items() if words[0].endswith(b"ssh")]
    process.kill()
    process.communicate()
    wait_until(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in ways),
               "the end of ssh")
