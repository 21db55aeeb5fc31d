"""bin/build-with-nsjail under its three names: build clients of others behind nsjail."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

import pytest

from rig.process import ROOT, program
from transports.daemons import Dockerd

NSJAIL = program("nsjail", "build/libexec/ktl/nsjail")
POLICIES = [ROOT / "sandbox/linux-ci.cfg", ROOT / "tests/data/sandbox/documents.cfg"]
# What a client sees of this machine, and what it was asked.
CLIENT = """#!/bin/sh
echo "args: $*"; echo "root:" /*; echo "here: $(pwd)" *; echo "host: $DOCKER_HOST$BUILDKIT_HOST"
echo "secret: $SECRET"; ls /home /root 2>/dev/null
exit 0
"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY note /note\n")
    (folder / "note").write_text("built")
    return folder


@pytest.fixture
def client(tmp_path):
    script = tmp_path / "client"
    script.write_text(CLIENT)
    script.chmod(0o755)
    return script


@pytest.fixture
def sock(tmp_path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "sock"))
        yield tmp_path / "sock"


def run(name, folder, *args, **env):
    place = {"PATH": os.environ["PATH"], "HOME": str(folder.parent), "NSJAIL": NSJAIL,
             "POLICY_PATH": str(POLICIES[0]), "CACHE_DIR": str(folder.parent / "cache"),
             "SECRET": "of-the-caller", **{key: str(value) for key, value in env.items()}}
    return subprocess.run([ROOT / "bin" / name, *args], cwd=folder, env=place, text=True,
                          capture_output=True, timeout=120, check=False)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda path: path.stem)
def test_buildctl_builds(project, buildkitd, policy):
    result = run("build-with-nsjail-buildctl", project, ".", "--output", "type=tar,dest=-",
                 POLICY_PATH=policy, ENDPOINT=buildkitd.address,
                 BIN=program("buildctl", "build/tools/buildctl"))
    assert result.returncode == 0, result.stderr
    assert "note" in result.stdout and "built" in result.stdout
    assert sorted(path.name for path in project.iterdir()) == ["Dockerfile", "note"]


def test_buildctl_finds_a_context_elsewhere(project, buildkitd, tmp_path):
    away = tmp_path / "away"
    away.mkdir()
    result = run("build-with-nsjail-buildctl", away, str(project), ENDPOINT=buildkitd.address,
                 BIN=program("buildctl", "build/tools/buildctl"))
    assert result.returncode == 0, result.stderr


def test_buildx_builds(project):
    if os.getuid():
        pytest.skip("dockerd runs as root")
    daemon = Dockerd()
    try:
        result = run("build-with-nsjail", project, ".", "-f", "Dockerfile",
                     BIN=program("buildx", "build/tools/buildx"), BUILDER_SOCKET=daemon.socket)
        assert result.returncode == 0, result.stderr
        assert "COPY note" in result.stderr
    finally:
        daemon.close()


@pytest.mark.parametrize("policy", POLICIES, ids=lambda path: path.stem)
def test_the_client_sees_the_project_and_no_more(project, client, sock, policy):
    result = run("build-with-nsjail", project, ".", "-f", "Dockerfile.untrusted",
                 POLICY_PATH=policy, BIN=f"{client} buildx", BUILDER_SOCKET=sock)
    assert result.returncode == 0, result.stderr
    assert "args: buildx build /workspace --builder default -f Dockerfile.untrusted" in result.stdout
    assert "here: /workspace Dockerfile note" in result.stdout
    assert "host: unix:///var/run/docker.sock" in result.stdout
    assert "secret: \n" in result.stdout
    roots = result.stdout.split("root: ")[1].split("\n")[0].split()
    assert not {"/home", "/root", "/sys", "/opt", "/srv"} & set(roots)
    assert (project.parent / "cache/nsjail.log").exists()


def test_nerdctl_is_started_with_both_sockets(project, client, sock):
    result = run("build-with-nsjail-nerdctl", project, ".", "-t", "x", BIN=client,
                 DAEMON_SOCKET=sock, ENDPOINT=f"unix://{sock}", CI="true")
    assert result.returncode == 0, result.stderr
    assert "args: build /workspace -t x" in result.stdout
    assert f"host: unix://{sock}" in result.stdout
    assert (project / "nsjail.log").exists()


def test_an_ordinary_user_gets_a_user_namespace(project, client):
    if os.getuid():
        pytest.skip("only root can be somebody else")
    with tempfile.TemporaryDirectory(prefix="ktl-wrapper-") as place:  # pytest's is root's alone
        os.chmod(place, 0o755)
        shutil.copytree(project, f"{place}/project")
        shutil.copy2(client, f"{place}/client")
        shutil.copytree(ROOT / "bin", f"{place}/bin")  # the checkout, too, may be root's alone
        shutil.copy2(POLICIES[0], f"{place}/policy.cfg")
        runtime = pathlib.Path(NSJAIL).resolve()  # in the cache of whoever fetched it
        if "nsjail" == runtime.parents[1].name:
            shutil.copytree(runtime.parents[2], f"{place}/runtime")
            runtime = pathlib.Path(f"{place}/runtime/nsjail/bin/nsjail")
        os.mkdir(f"{place}/cache", 0o777)
        os.chown(f"{place}/cache", 54321, 54321)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(f"{place}/sock")
            result = subprocess.run(
                ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups",
                 f"{place}/bin/build-with-nsjail"], cwd=f"{place}/project", text=True,
                env={"PATH": os.environ["PATH"], "NSJAIL": str(runtime), "BIN": f"{place}/client",
                     "BUILDER_SOCKET": f"{place}/sock", "CACHE_DIR": f"{place}/cache",
                     "POLICY_PATH": f"{place}/policy.cfg"}, capture_output=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert "here: /workspace Dockerfile note" in result.stdout


def test_nothing_runs_without_the_fence(project, client, sock):
    broken = project.parent / "broken.cfg"
    broken.write_text("clone_newnte: true\n")
    for env, said in (({"NSJAIL": "/none/nsjail"}, "there is no nsjail"),
                      ({"POLICY_PATH": "/none/policy.cfg"}, "cannot be read"),
                      ({"POLICY_PATH": broken}, ""),
                      ({"BUILDER_SOCKET": "/none/docker.sock"}, "there is no socket")):
        result = run("build-with-nsjail", project, **{"BIN": client, "BUILDER_SOCKET": sock, **env})
        assert result.returncode != 0
        assert said in result.stderr
        assert result.stdout == ""
