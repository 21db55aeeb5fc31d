"""needs: what one target makes is a named context of another."""

import json
import pathlib

import pytest

HELLO = "FROM scratch\nCOPY busybox /\n"
BASE = "FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /from-base\n"
API = "FROM base\nCOPY --from=base /from-base /again\n"


@pytest.fixture
def repo(context):
    """A project where `api` builds on `base`; write(text) is its ktl.yaml."""
    folder = context(HELLO, {
        "base/Dockerfile": BASE, "base/amd64": "made for amd64\n", "base/arm64": "made for arm64\n",
        "api/Dockerfile": API, "web/Dockerfile": "FROM api\nCOPY Dockerfile /web\n"})

    def write(text):
        (folder / "ktl.yaml").write_text(text)
        return folder

    return write


def build(ktl, folder, *args):
    return ktl.run("build", *args, "--builder", ktl.builder, "--progress", "plain", cwd=folder)


def digests(result):
    return [line.split()[1] for line in result.out.splitlines() if line.startswith("store ")]


def layers(ktl, root):
    """{platform: digests of the layers} of what the store has under `root`."""
    blobs = next(pathlib.Path(ktl.home).rglob("blobs/sha256"))

    def read(digest):
        return json.loads((blobs / digest.removeprefix("sha256:")).read_bytes())

    document = read(root)
    manifests = [each["digest"] for each in document.get("manifests", [])] or [root]
    found = {}
    for manifest in map(read, manifests):
        config = read(manifest["config"]["digest"])
        found[config["architecture"]] = [layer["digest"] for layer in manifest["layers"]]
    return found


ONE = ("targets:\n  base: {context: base}\n"
       "  api: {context: api, needs: [base], tags: [api]}\n")


def test_a_target_builds_on_what_it_needs(ktl, repo):
    folder = repo(ONE)
    result = build(ktl, folder, "api")
    assert result.code == 0, result.err
    assert len(digests(result)) == 1  # base is needed, not asked for
    assert len(layers(ktl, digests(result)[0])["amd64"]) == 2
    (folder / "base/Dockerfile").write_text("FROM scratch\nCOPY nothing /\n")
    failed = build(ktl, folder, "api")
    assert failed.code == 1, failed.err
    assert "target api is not built: it needs base, which failed" in failed.err
    assert failed.out == ""


def test_what_is_needed_is_built_anew_when_it_changes(ktl, repo):
    folder = repo(ONE)
    before = digests(build(ktl, folder, "api"))
    assert digests(build(ktl, folder, "api")) == before
    (folder / "base/amd64").write_text("changed\n")
    after = digests(build(ktl, folder, "api"))
    assert len(after) == 1 and after != before


def test_a_chain_and_a_word_for_each_of_it(ktl, repo):
    folder = repo("targets:\n  web: {context: web, needs: [api], tags: [web]}\n"
                  "  api: {context: api, needs: [base], tags: [api, 'api:2']}\n"
                  "  base: {context: base, tags: [base]}\n")
    result = build(ktl, folder, "web", "base", "api")
    assert result.code == 0, result.err
    order = [result.err.index(f"target {name} ({i} of 3)")
             for i, name in enumerate(["base", "api", "web"], 1)]
    assert order == sorted(order)
    one_of = {name: layers(ktl, digest)["amd64"] for name, digest in zip(
        ["base", "api", "web"], dict.fromkeys(digests(result)))}
    assert one_of["web"][:2] == one_of["api"] and one_of["api"][:1] == one_of["base"]
    for name in ("base:latest", "api:latest", "api:2", "web:latest"):
        assert name in result.out


def test_each_platform_builds_on_its_own(ktl, repo):
    """A busybox for arm64 is not needed: nothing is run."""
    folder = repo("build: {platforms: [linux/amd64, linux/arm64]}\n" + ONE.replace(
        "api: {", "api: {file: api/plain, "))
    (folder / "api/plain").write_text("FROM base\nCOPY plain /\n")
    result = build(ktl, folder, "base", "api")
    assert result.code == 0, result.err
    of_api = layers(ktl, digests(result)[-1])
    assert set(of_api) == {"amd64", "arm64"}
    assert of_api["amd64"][0] != of_api["arm64"][0]  # each on its own base
    assert of_api["amd64"][1] == of_api["arm64"][1]


def test_circles_and_strangers_are_exit_2(ktl, repo):
    circle = build(ktl, repo("targets: {a: {needs: [b]}, b: {needs: [a]}}\n"), "a")
    assert circle.code == 2 and "ktl.yaml:1:" in circle.err, circle.err
    stranger = build(ktl, repo("targets: {a: {needs: [bas]}, base: {}}\n"), "a")
    assert stranger.code == 2 and "base" in stranger.err, stranger.err


def test_a_context_of_the_same_name_is_a_contradiction(ktl, repo):
    folder = repo(ONE.replace("needs: [base],", "needs: [base], contexts: {base: ./base},"))
    result = build(ktl, folder, "api")
    assert result.code == 2, result.err
    assert "base" in result.err
