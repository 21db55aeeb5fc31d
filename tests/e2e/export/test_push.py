"""--push: by digest first, tags last, nothing before the gates have spoken."""

import base64
import json
import threading
import time

import pytest

from rig import images
from rig.plugins import judged
from rig.registry import PASSWORD, USER

HELLO = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "true"]\n'


def docker_config(ktl, registry, user=USER, password=PASSWORD):
    login = base64.b64encode(f"{user}:{password}".encode()).decode()
    file = ktl.home / "auth.json"
    file.write_text(json.dumps({"auths": {registry.host: {"auth": login}}}))
    return file


def test_what_is_pushed_is_what_was_built(ktl, context, fresh_registry):
    name = f"{fresh_registry.host}/team/app"
    meta = ktl.home / "meta.json"
    ktl.build_ok(context(HELLO), "-t", f"{name}:1", "-t", f"{name}:2", "--push",
                 "--metadata-file", meta)
    assert sorted(fresh_registry.tags("team/app")) == ["1", "2"]
    digests = {images.inspect(f"docker://{name}:{tag}")["Digest"] for tag in "12"}
    assert digests == {json.loads(meta.read_text())["containerimage.digest"]}


def test_tags_come_last(ktl, context, fresh_registry):
    ktl.build_ok(context(HELLO), "-t", f"{fresh_registry.host}/a:tag", "--push")
    writes = fresh_registry.writes()
    assert writes[-1][:2] == ("PUT", "/v2/a/manifests/tag")
    assert sum("/manifests/tag" in path for _, path, _ in writes) == 1
    assert any("/blobs/uploads" in path for _, path, _ in writes[:-1])


def test_blobs_that_are_there_do_not_travel_again(ktl, context, fresh_registry):
    folder = context(HELLO)
    ktl.build_ok(folder, "-t", f"{fresh_registry.host}/a:1", "--push")
    before = len(fresh_registry.writes())
    ktl.build_ok(folder, "-t", f"{fresh_registry.host}/a:2", "--push")
    assert not [w for w in fresh_registry.writes()[before:] if "/blobs/" in w[1]]


@pytest.mark.parametrize("platforms", ["linux/amd64,linux/arm64"])
def test_an_index_is_pushed_with_all_its_images(ktl, context, fresh_registry, platforms):
    name = f"{fresh_registry.host}/multi:1"
    ktl.build_ok(context("FROM scratch\nCOPY busybox /\n"), "--platform", platforms, "-t", name,
                 "--push")
    raw = images.inspect(f"docker://{name}", "--raw")
    assert [m["platform"]["architecture"] for m in raw["manifests"]] == ["amd64", "arm64"]
    images.skopeo("copy", "--all", "--src-tls-verify=false", f"docker://{name}",
                  f"dir:{ktl.home}/all")


@pytest.mark.parametrize("end, code", [("fail", 8), ("nonsense", 8), ("block", 3)])
def test_nothing_is_visible_when_a_scan_does_not_pass(ktl, context, fresh_registry, plugins, end,
                                                      code):
    project = judged(ktl, plugins, end)
    result = ktl.build(context(HELLO), "--project", project, "-t", f"{fresh_registry.host}/a:1",
                       "--push", f"--oci={ktl.home}/out", "--iidfile", ktl.home / "iid")
    assert result.code == code, result.err
    assert "e2e.judge" in result.err
    assert result.out == ""
    assert fresh_registry.requests() == []
    assert not (ktl.home / "out").exists() and not (ktl.home / "iid").exists()


@pytest.mark.parametrize("end", ["pass", "warn"])
def test_a_scan_that_passes_lets_the_image_through(ktl, context, fresh_registry, plugins, end):
    result = ktl.build_ok(context(HELLO), "--project", judged(ktl, plugins, end), "-t",
                          f"{fresh_registry.host}/a:1", "--push")
    assert fresh_registry.tags("a") == ["1"]
    assert ("the judge has spoken" in result.err) == (end == "warn")


def test_the_registry_sees_nothing_before_the_export_stage(ktl, context, fresh_registry, plugins):
    """While the scan thinks, everything is solved and nothing is to be seen."""
    process = ktl.start("build", context(HELLO), "--builder", ktl.builder, "--project",
                        judged(ktl, plugins, "slow"), "-t", f"{fresh_registry.host}/a:1", "--push",
                        "--progress", "plain")
    seen = []
    reader = threading.Thread(target=lambda: seen.extend(process.stderr))
    reader.start()
    deadline = time.monotonic() + 60
    while not any("the judge thinks" in line for line in seen):
        assert time.monotonic() < deadline and process.poll() is None, seen
        time.sleep(0.05)
    assert fresh_registry.requests() == []
    process.send_signal(2)
    assert process.wait(30) == 130
    reader.join()
    assert fresh_registry.requests() == []


@pytest.mark.parametrize("kind", ["basic_auth_registry", "token_auth_registry"])
def test_login(kind, ktl, context, request):
    registry = request.getfixturevalue(kind)
    folder, name = context(HELLO), f"{registry.host}/{ktl.label}:1"
    before = len(registry.writes())

    for extra in ([], ["--authfile", docker_config(ktl, registry, password="wrong")]):
        result = ktl.build(folder, "-t", name, "--push", *extra)
        assert result.code == 7, result.err
        assert registry.host in result.err
        assert "wrong" not in result.err
    assert len(registry.writes()) == before

    ktl.build_ok(folder, "-t", name, "--push", "--authfile", docker_config(ktl, registry))
    assert registry.writes()[-1][1].endswith("/manifests/1")


def test_login_from_dockers_own_file(ktl, context, basic_auth_registry):
    (ktl.home / ".docker").mkdir()
    docker_config(ktl, basic_auth_registry).rename(ktl.home / ".docker/config.json")
    name = f"{basic_auth_registry.host}/{ktl.label}:1"
    ktl.build_ok(context(HELLO), "-t", name, "--push")


def test_a_base_image_behind_a_login(ktl, context, basic_auth_registry):
    """The builder pulls with the credentials that ktl has."""
    auth = docker_config(ktl, basic_auth_registry)
    name = f"{basic_auth_registry.host}/base-{ktl.label}:1"
    ktl.build_ok(context(HELLO), "-t", name, "--push", "--authfile", auth)
    folder = context(f"FROM {name}\nLABEL on=top\n", name="second")
    assert ktl.build(folder).code == 1
    ktl.build_ok(folder, "--authfile", auth)


def test_push_without_a_name(ktl, context):
    result = ktl.build(context(HELLO), "--push")
    assert result.code == 2
    assert "-t" in result.err


def test_an_unreachable_registry(ktl, context):
    result = ktl.build(context(HELLO), "-t", "127.0.0.1:1/a:1", "--push", f"--oci={ktl.home}/o")
    assert result.code == 7
    assert "127.0.0.1:1" in result.err
    assert not (ktl.home / "o").exists()
