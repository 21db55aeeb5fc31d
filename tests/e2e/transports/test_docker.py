"""Debian's dockerd: its own old BuildKit, and a BuildKit in a container of it. Needs root."""

import hashlib
import json
import os

import pytest

from transports.daemons import Dockerd

SMALL = "FROM scratch\nCOPY Dockerfile /it\n"

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="dockerd runs as root")


@pytest.fixture(scope="module")
def dockerd():
    daemon = Dockerd()
    yield daemon
    daemon.close()


def test_the_daemons_own_buildkit_builds(lone_ktl, context, dockerd):
    folder = context(SMALL)
    result = lone_ktl.build_ok(folder, "--builder", f"docker://{dockerd.socket}")
    assert "lacks OCI exporter" in result.err
    again = lone_ktl.build_ok(folder, "--builder", "docker",
                              env={"DOCKER_HOST": dockerd.host})
    assert "CACHED" in again.err


def test_what_it_lacks_is_refused_by_name(lone_ktl, context, dockerd):
    result = lone_ktl.build(context(SMALL), "-t", "it:1", "--builder", f"docker://{dockerd.socket}")
    assert result.code == 6
    assert "older than 0.11" in result.err


@pytest.mark.parametrize("flag", ["--hermetic", "--allow-network=h"])
def test_a_fence_that_it_cannot_hold_is_refused(lone_ktl, context, dockerd, flag):
    result = lone_ktl.build(context(SMALL), flag, "--builder", f"docker://{dockerd.socket}")
    assert result.code == 6
    assert "older than 0.31" in result.err


def test_a_docker_context_names_it(lone_ktl, context, dockerd):
    small = context(SMALL)
    folder = lone_ktl.home / ".docker/contexts/meta" / hashlib.sha256(b"far").hexdigest()
    folder.mkdir(parents=True)
    meta = {"Name": "far", "Metadata": {}, "Endpoints": {"docker": {"Host": dockerd.host}}}
    (folder / "meta.json").write_text(json.dumps(meta))
    lone_ktl.build_ok(small, "--builder", "docker://far")
    lone_ktl.build_ok(small, env={"DOCKER_CONTEXT": "far"})
    lone_ktl.build_ok(small, "--docker-context", "far", env={"KTL_BUILDER": "unix:///weaker"})
    result = lone_ktl.build(small, "--builder", "docker://near")
    assert result.code == 2
    assert 'no docker context "near"' in result.err
    meta["Endpoints"]["docker"]["SkipTLSVerify"] = True
    (folder / "meta.json").write_text(json.dumps(meta))
    result = lone_ktl.build(small, "--builder", "docker://far")
    assert result.code == 2
    assert "trusts anybody" in result.err


def test_a_container_is_a_whole_builder(lone_ktl, context, dockerd):
    small = context(SMALL)
    dockerd.run_buildkit("buildx_buildkit_b0")
    host = {"DOCKER_HOST": dockerd.host}
    lone_ktl.build_ok(small, "-t", "in-container:1", "--builder",
                      "docker-container://buildx_buildkit_b0", env=host)
    instances = lone_ktl.home / ".docker/buildx/instances"
    instances.mkdir(parents=True)
    (instances / "mine").write_text(json.dumps(
        {"Name": "mine", "Driver": "docker-container",
         "Nodes": [{"Name": "b0", "Endpoint": dockerd.host}]}))
    lone_ktl.build_ok(small, env={**host, "BUILDX_BUILDER": "mine"})
    result = lone_ktl.build(small, "--builder", "docker-container://none", env=host)
    assert result.code == 6
    assert "No such container" in result.err
