"""Builders of ktl.yaml, and pools: each platform on the daemon that runs it, one index of all."""

import json
import os
import pathlib
import signal
import tarfile
import time

import pytest

from rig.buildkit import Buildkitd
from rig.plugins import judged
from rig.process import wait_until
from transports.daemons import Authority, TcpBuildkitd

BOTH = ["--platform", "linux/amd64,linux/arm64"]
SMALL = "FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /it\n"
FILES = {"amd64": "for amd64\n", "arm64": "for arm64\n"}


@pytest.fixture(scope="module")
def amd():
    daemon = Buildkitd(platforms=["linux/amd64"])
    yield daemon
    daemon.close()


@pytest.fixture(scope="module")
def arm():
    """It cannot run a step of arm64, and says that it can: images FROM scratch run none."""
    daemon = Buildkitd(platforms=["linux/arm64"])
    yield daemon
    daemon.close()


@pytest.fixture
def small(context):
    return context(SMALL, FILES)


def blobs(ktl):
    return next(pathlib.Path(ktl.home).rglob("blobs/sha256"))


def document(ktl, digest):
    return json.loads((blobs(ktl) / digest.removeprefix("sha256:")).read_bytes())


def digest_of(result):
    return next(line.split()[1] for line in result.out.splitlines() if line.startswith("store "))


def record_of(ktl, name="meta"):
    return json.loads(pathlib.Path(json.loads((ktl.home / name).read_text())["ktl.record"])
                      .read_text())


def history(daemon):
    """How many builds the daemon remembers."""
    return len(daemon.buildctl("debug", "histories").stdout.splitlines())


def pool(*daemons):
    return [word for daemon in daemons for word in ("--builder", daemon.address)]


def test_two_builders_make_the_index_that_one_makes(lone_ktl, small, amd, arm):
    before = history(amd), history(arm)
    both = lone_ktl.build_ok(small, *BOTH, "-t", "both:1", *pool(amd, arm),
                             "--metadata-file", lone_ktl.home / "meta")
    assert (history(amd), history(arm)) == (before[0] + 1, before[1] + 1)
    index = document(lone_ktl, digest_of(both))
    assert [each["platform"]["architecture"] for each in index["manifests"]] == ["amd64", "arm64"]
    for each in index["manifests"]:
        config = document(lone_ktl, document(lone_ktl, each["digest"])["config"]["digest"])
        assert config["architecture"] == each["platform"]["architecture"]
    record = record_of(lone_ktl)
    assert [each["platforms"][0] for each in record["builder"]["members"]] == [
        "linux/amd64", "linux/arm64"]
    assert {step["name"].split()[0] for step in record["steps"] if step["kind"] == "file"} == {
        "[linux/amd64", "[linux/arm64"}


def reproducible(*args):
    return ["--build-arg", "SOURCE_DATE_EPOCH=1700000000", *args]


def test_the_bytes_are_those_of_a_single_builder(lone_ktl, small, amd, arm):
    """Also in the order that was asked for, and with characters that Go escapes."""
    for platforms in (BOTH, ["--platform", "linux/arm64,linux/amd64"]):
        more = reproducible(*platforms, "-t", "it:1", "--annotation", "index:a.b=<x> & \"y\" \u00e9",
                            "--output", "type=image,rewrite-timestamp=true")
        alone = digest_of(lone_ktl.build_ok(small, *more, *pool(amd)))
        together = digest_of(lone_ktl.build_ok(small, *more, *pool(arm, amd)))
        assert together == alone


def test_one_platform_is_built_where_it_runs(lone_ktl, small, amd, arm):
    before = history(amd), history(arm)
    result = lone_ktl.build_ok(small, "--platform", "linux/arm64", "-t", "arm:1", *pool(amd, arm))
    assert (history(amd), history(arm)) == (before[0], before[1] + 1)
    assert "layers" in document(lone_ktl, digest_of(result))  # no index of one
    lone_ktl.build_ok(small, "--build-arg", "TARGETARCH=amd64", *pool(amd, arm))
    assert (history(amd), history(arm)) == (before[0] + 1, before[1] + 1)


def test_platforms_that_were_given_beat_those_that_are_native(lone_ktl, small, amd, arm):
    before = history(amd), history(arm)
    lone_ktl.build_ok(small, *BOTH, "-t", "it:1",
                      "--builder", f"{arm.address};platforms=linux/amd64,linux/arm64",
                      "--builder", amd.address)
    assert (history(amd), history(arm)) == (before[0], before[1] + 1)


def test_a_pool_of_ktl_yaml_and_one_of_buildx(lone_ktl, small, amd, arm):
    (small / "ktl.yaml").write_text(
        f'builders:\n  amd: {{address: "{amd.address}"}}\n  arm: {{address: "{arm.address}"}}\n'
        "  farm: {pool: [amd, arm]}\ntargets: {it: {tags: [it]}}\n")
    before = history(amd), history(arm)
    result = lone_ktl.run("build", "it", "--project", "ktl.yaml", "--builder", "farm", *BOTH,
                          "--progress", "plain", cwd=small)
    assert result.code == 0, result.err
    assert (history(amd), history(arm)) == (before[0] + 1, before[1] + 1)
    instances = lone_ktl.home / ".docker/buildx/instances"
    instances.mkdir(parents=True)
    (instances / "two").write_text(json.dumps({"Name": "two", "Driver": "remote", "Nodes": [
        {"Name": "n0", "Endpoint": amd.address},
        {"Name": "n1", "Endpoint": arm.address,
         "Platforms": [{"architecture": "arm64", "os": "linux"}]}]}))
    lone_ktl.build_ok(small, *BOTH, "-t", "it:2", "--builder", "two")
    assert (history(amd), history(arm)) == (before[0] + 2, before[1] + 2)
    doctor = lone_ktl.run("doctor", "--builder", "two")
    assert amd.address in doctor.out and arm.address in doctor.out


def test_what_fails_on_one_names_it_and_ends_the_other(lone_ktl, context, amd, arm):
    folder = context("FROM scratch\nARG TARGETARCH\nCOPY busybox /bin/busybox\n"
                     "COPY only-$TARGETARCH /\n"
                     'RUN ["/bin/busybox", "sleep", "60"]\n', {"only-amd64": "x"})
    started = time.monotonic()
    result = lone_ktl.build(folder, *BOTH, "-t", "never:1", "--oci=out", *pool(amd, arm),
                            cwd=lone_ktl.home)
    assert result.code == 1, result.err
    assert time.monotonic() - started < 30
    assert f"builder {arm.address}" in result.err and "only-arm64" in result.err
    assert result.out == "" and not (lone_ktl.home / "out").exists()
    wait_until(lambda: not running(amd), "the other build's end")


def running(daemon):
    return any("sleep" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
               for pid in below(daemon.process.pid))


def below(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [child, *below(child)]
    return found


def test_a_refused_gate_exports_nothing(lone_ktl, small, amd, arm, plugins):
    """tests/e2e/plugins/judge.cpp refuses: both builders' results go nowhere."""
    result = lone_ktl.build(small, *BOTH, "-t", "never:1", *pool(amd, arm), "--project",
                            judged(lone_ktl, plugins, "block"))
    assert result.code == 3, result.err
    assert result.out == "" and "e2e-rule" in result.err


def test_a_member_that_is_not_there_is_named(lone_ktl, small, amd, tmp_path):
    result = lone_ktl.build(small, *BOTH, *pool(amd), "--builder", f"unix://{tmp_path}/none")
    assert result.code == 6, result.err
    assert f"{tmp_path}/none" in result.err


def test_files_of_each_platform_have_a_folder(lone_ktl, small, amd, arm):
    lone_ktl.build_ok(small, *BOTH, "-o", "out", "-t", "it:1", *pool(amd, arm), cwd=lone_ktl.home)
    made = {str(path.relative_to(lone_ktl.home / "out")): path.read_text()
            for path in (lone_ktl.home / "out").rglob("*") if path.is_file()}
    assert made == {"linux_amd64/it": "for amd64\n", "linux_arm64/it": "for arm64\n"}
    same = lone_ktl.build(small, *BOTH, "-o", "type=local,dest=flat,platform-split=false",
                          *pool(amd, arm), cwd=lone_ktl.home)
    assert same.code != 0 and "called it" in same.err, same.err
    assert not (lone_ktl.home / "flat").exists()


def test_a_tar_file_has_the_folders_of_all(lone_ktl, small, amd, arm):
    """As one builder makes it: a folder for each platform."""
    made = {}
    for name, builders in (("pool", pool(arm, amd)), ("alone", pool(amd))):
        lone_ktl.build_ok(small, *reproducible(*BOTH), "-o", f"type=tar,dest={name}.tar", *builders,
                          cwd=lone_ktl.home)
        with tarfile.open(lone_ktl.home / f"{name}.tar") as tar:
            made[name] = {entry.name: (entry.type, entry.mode, entry.mtime, entry.isfile() and
                                       tar.extractfile(entry).read()) for entry in tar}
    assert made["pool"]["linux_amd64/it"][3] == b"for amd64\n"
    assert made["pool"]["linux_arm64/it"][3] == b"for arm64\n"
    assert made["pool"] == made["alone"]


def test_a_cache_that_would_be_overwritten_is_refused(lone_ktl, small, amd, arm):
    result = lone_ktl.build(small, *BOTH, "--cache-to", "type=local,dest=kept", *pool(amd, arm),
                            cwd=lone_ktl.home)
    assert result.code == 6, result.err
    assert "--cache-to type=local" in result.err and "replace" in result.err
    assert not (lone_ktl.home / "kept").exists()


def test_a_cache_inside_the_image_is_each_platforms_own(lone_ktl, small, amd, arm):
    both = lone_ktl.build_ok(small, *BOTH, "-t", "it:1", "--cache-to", "type=inline",
                             *pool(amd, arm))
    for each in document(lone_ktl, digest_of(both))["manifests"]:
        config = document(lone_ktl, document(lone_ktl, each["digest"])["config"]["digest"])
        assert config["moby.buildkit.cache.v0"]


def test_ctrl_c_ends_both(lone_ktl, context, amd, arm):
    folder = context("FROM scratch\nCOPY busybox /bin/busybox\n"
                     'RUN ["/bin/busybox", "sleep", "61"]\n')
    build = lone_ktl.start("build", folder, *BOTH, *pool(amd, arm), "--progress", "plain")
    wait_until(lambda: running(amd) and running(arm), "both steps")
    build.send_signal(signal.SIGINT)
    _, err = build.communicate(timeout=60)
    assert build.returncode == 130, err
    wait_until(lambda: not running(amd) and not running(arm), "the end of both")


def test_the_lone_builder_of_ktl_yaml_with_its_tls_files(lone_ktl, context, tmp_path):
    authority = Authority(tmp_path)
    daemon = TcpBuildkitd(authority, authority.issue("server"))
    folder = context("FROM scratch\nCOPY Dockerfile /it\n")
    cert, key = authority.issue("client")
    config = lone_ktl.home / "config/ktl/config.yaml"
    config.parent.mkdir(parents=True, exist_ok=True)
    for path in (key, config.parent):
        os.chmod(path, 0o700)
    config.write_text(f'builders:\n  far: {{address: "{daemon.address}", cacert: "{authority.file}", '
                      f'cert: "{cert}", key: "{key}"}}\n')
    try:
        lone_ktl.build_ok(folder, "-t", "far:1", "--builder", "far")
        lone_ktl.build_ok(folder, "--profile", "remote", "--builder", "far")
        missing = lone_ktl.build(folder, "--builder", daemon.address)
        assert missing.code == 6
    finally:
        daemon.close()


@pytest.mark.parametrize("args, says", [
    (["--builder", "fra"], "neither ktl.yaml nor buildx"),
    (["--builder", "unix:///a;platforms=linux/nothing"], "nothing"),
    (["--docker-context", "x", "--remote", "ssh://h"], "contradict"),
    (["--remote", "unix:///a"], "no other machine"),
    (["--docker-context", "none"], 'no docker context "none"')])
def test_what_cannot_be_meant_is_exit_2(lone_ktl, small, args, says):
    result = lone_ktl.build(small, *args)
    assert result.code == 2, result.err
    assert says in result.err
