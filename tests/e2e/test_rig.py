"""The tests' own tools work: without this, a failing test would not say who failed."""

import pytest

from rig import images
from rig.registry import PASSWORD, USER


def test_image_goes_to_the_registry_and_its_log_saw_it(fresh_registry):
    name = images.push_busybox(fresh_registry, "a/b:1", ("amd64", "arm64"))
    assert fresh_registry.tags("a/b") == ["1"]
    assert fresh_registry.writes()[-1] == ("PUT", "/v2/a/b/manifests/1", 201)
    assert images.inspect(f"docker://{name}")["Architecture"] == "amd64"


@pytest.mark.parametrize("kind", ["basic_auth_registry", "token_auth_registry"])
def test_login_is_demanded(kind, request, tmp_path):
    registry = request.getfixturevalue(kind)
    images.write_layout(tmp_path / "layout", {"f": b"1"}, {})

    def copy(*login):
        images.skopeo("copy", "--dest-tls-verify=false", *login, f"oci:{tmp_path}/layout:it",
                      f"docker://{registry.host}/x/y:1")

    for login in ([], ["--dest-creds", f"{USER}:wrong"]):
        with pytest.raises(AssertionError):
            copy(*login)
    assert not registry.writes()
    copy("--dest-creds", f"{USER}:{PASSWORD}")
    assert registry.writes()


def test_daemon_builds_from_the_registry(buildkitd, busybox, frontend, context):
    folder = context(f"# syntax={frontend}\nFROM {busybox}\nRUN echo hello\n")
    done = buildkitd.buildctl("build", "--progress", "plain", "--frontend", "dockerfile.v0",
                              "--local", f"context={folder}", "--local", f"dockerfile={folder}")
    assert done.returncode == 0, done.stderr
    assert "hello" in done.stderr
