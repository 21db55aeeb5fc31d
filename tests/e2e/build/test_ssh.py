"""--ssh: a step talks to the caller's agent; the key itself never leaves it."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from rig.images import BASE
from rig.process import program, wait_until


@pytest.fixture
def agent(tmp_path):
    """An ssh-agent with one key; its socket and the key's fingerprint."""
    socket = tmp_path / "agent"
    process = subprocess.Popen([program("ssh-agent"), "-D", "-a", socket],
                               stdout=subprocess.DEVNULL)
    while not socket.exists():
        assert process.poll() is None
    key = tmp_path / "key"
    subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    env = {**os.environ, "SSH_AUTH_SOCK": str(socket)}
    subprocess.run([program("ssh-add"), "-q", key], env=env, check=True)
    listed = subprocess.run([program("ssh-add"), "-l"], env=env, check=True, text=True,
                            capture_output=True).stdout
    yield socket, re.search(r"SHA256:\S+", listed)[0]
    process.terminate()
    process.wait()


def ssh_add_files(folder):
    """ssh-add and the libraries it needs, as the context's folder `root`."""
    binary = program("ssh-add")
    needs = subprocess.run(["ldd", binary], check=True, text=True, capture_output=True).stdout
    for path in [binary, *re.findall(r"(/\S+)", needs)]:
        target = folder / "root" / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pathlib.Path(path).resolve(), target)


@pytest.mark.parametrize("words", ["default-socket", "named"])
def test_a_step_sees_the_agent(words, agent, ktl, context):
    socket, fingerprint = agent
    name = "default" if words == "default-socket" else "work"
    folder = context(BASE + "COPY root /\n"
                     f"RUN --mount=type=ssh,id={name},required=true ssh-add -l\n")
    ssh_add_files(folder)
    flag = "default" if name == "default" else f"work={socket}"
    result = ktl.build_ok(folder, "--no-cache", "--ssh", flag, env={"SSH_AUTH_SOCK": str(socket)})
    assert fingerprint in result.err


def make_key(path, passphrase=""):
    subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", passphrase, "-f", path],
                   check=True)
    return subprocess.run([program("ssh-keygen"), "-l", "-f", path], check=True, text=True,
                          capture_output=True).stdout.split()[1]


def agents_of(ktl):
    """The processes that listen in this user's folder."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0] == b"ssh-agent" and str(ktl.home).encode() in b" ".join(words):
            found.append(int(folder.name))
    return found


def test_a_key_file_has_an_agent_of_its_own(ktl, context, tmp_path):
    fingerprint = make_key(tmp_path / "key")
    folder = context(BASE + "COPY root /\nRUN --mount=type=ssh,required=true ssh-add -l\n")
    ssh_add_files(folder)
    result = ktl.build_ok(folder, "--no-cache", "--ssh", f"default={tmp_path / 'key'}")
    assert fingerprint in result.err
    wait_until(lambda: not agents_of(ktl), "the agent's end")
    assert not list((ktl.home / "runtime").rglob("ssh/*"))


def test_several_keys_are_in_one_agent(ktl, context, tmp_path):
    prints = [make_key(tmp_path / name) for name in ("one", "two", "three")]
    folder = context(BASE + "COPY root /\n"
                     "RUN --mount=type=ssh,id=a,required=true ssh-add -l | sed 's/^/a: /'\n"
                     "RUN --mount=type=ssh,id=b,required=true ssh-add -l | sed 's/^/b: /'\n")
    ssh_add_files(folder)
    result = ktl.build_ok(folder, "--no-cache", "--ssh", f"a={tmp_path / 'one'},{tmp_path / 'two'}",
                          "--ssh", f"b={tmp_path / 'three'}")
    seen = {(agent, each) for each in prints
            for agent in re.findall(rf"(\w): .*{re.escape(each)}", result.err)}
    assert seen == {("a", prints[0]), ("a", prints[1]), ("b", prints[2])}
    wait_until(lambda: not agents_of(ktl), "the agent's end")


def test_keys_do_not_go_with_a_socket(agent, ktl, context, tmp_path):
    make_key(tmp_path / "file")
    result = ktl.build(context(BASE), "--ssh", f"default={tmp_path / 'file'},{agent[0]}")
    assert result.code == 2 and "cannot be joined" in result.err


def test_a_key_with_a_passphrase_is_refused(ktl, context, tmp_path):
    make_key(tmp_path / "key", "some words")
    result = ktl.build(context(BASE), "--ssh", f"default={tmp_path / 'key'}")
    assert result.code == 2, result.err
    assert "ssh-add" in result.err and str(tmp_path / "key") in result.err
    wait_until(lambda: not agents_of(ktl), "the agent's end")


def test_a_killed_build_leaves_no_agent(ktl, context, tmp_path):
    make_key(tmp_path / "key")
    folder = context(f"{BASE}RUN --mount=type=ssh sleep 20 # {ktl.label}\n")
    building = ktl.start("build", folder, "--builder", ktl.builder, "--ssh",
                         f"default={tmp_path / 'key'}")
    wait_until(lambda: agents_of(ktl), "an agent")
    building.kill()
    building.communicate()
    wait_until(lambda: not agents_of(ktl), "the agent's end")


def test_a_step_without_the_agent_fails(ktl, context):
    folder = context(BASE + "RUN --mount=type=ssh,required=true true\n")
    result = ktl.build(folder)
    assert result.code == 1
    assert "ssh" in result.err


def test_an_agent_that_is_not_there(ktl, context):
    folder = context(BASE + "RUN --mount=type=ssh true\n")
    result = ktl.build(folder, "--ssh", "default", env={"SSH_AUTH_SOCK": "/nowhere/agent"})
    assert result.code == 2
    assert "/nowhere/agent is neither an agent's socket nor a key file" in result.err
