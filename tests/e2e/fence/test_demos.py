"""The demonstrations of the sandbox: every line is a PASS where there is what they need."""

import os
import shutil
import subprocess

import pytest

from rig.ktl import KTL, Ktl
from rig.process import ROOT, free_port
from transports.daemons import Dockerd


@pytest.fixture
def viewer(tmp_path):
    made = Ktl()
    made.env.update(KTL=str(KTL), DEMO_PORT=str(free_port()))
    yield made
    made.close()


def show(viewer, script, **env):
    done = subprocess.run([ROOT / "scripts" / script], env={**viewer.env, **env}, text=True,
                          capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout, [line.split()[0] for line in done.stdout.splitlines()]


def test_the_sandbox(viewer):
    code, said, words = show(viewer, "sandbox-demo.sh")
    assert code == 0 and set(words) == {"PASS"} and len(words) >= 10, said


def test_beside_docker(viewer):
    if os.getuid():
        pytest.skip("dockerd runs as root")
    daemon = Dockerd()
    try:
        code, said, words = show(viewer, "docker-vs-ktl-sandbox-demo.sh", DOCKER_HOST=daemon.host)
    finally:
        daemon.close()
    assert code == 0 and set(words) == {"PASS"}, said


def test_without_docker(viewer):
    code, said, words = show(viewer, "docker-vs-ktl-sandbox-demo.sh",
                             DOCKER_HOST=f"unix://{viewer.home}/none")
    assert code == 0 and words.count("SKIP") == 1 and "FAIL" not in words, said


def test_another_system_or_no_runtime_is_a_skip(viewer, tmp_path):
    (tmp_path / "uname").write_text("#!/bin/sh\necho Darwin\n")
    (tmp_path / "uname").chmod(0o755)
    for env in ({"PATH": f"{tmp_path}:{viewer.env['PATH']}"}, {"KTL_SANDBOX_BIN": "/nonexistent/nsjail"}):
        code, said, words = show(viewer, "sandbox-demo.sh", **env)
        assert code == 0 and words == ["SKIP"], said


def test_a_sandbox_that_shows_the_marker_fails(viewer, tmp_path):
    """A ktl whose `sandbox exec` fences nothing."""
    bad = tmp_path / "ktl"
    bad.write_text(f'#!/bin/sh\n[ "$1 $2" = "sandbox exec" ] || exec {KTL} "$@"\n'
                   'while [ "$1" != -- ]; do shift; done; shift; exec "$@"\n')
    bad.chmod(0o755)
    code, said, words = show(viewer, "sandbox-demo.sh", KTL=str(bad))
    assert code == 1 and "FAIL sandbox-hides" in said
    shutil.rmtree(tmp_path)
