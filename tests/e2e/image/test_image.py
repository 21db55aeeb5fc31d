"""`ktl image`: the images that builds have kept in ktl's own store."""

import json
import os
import re
import time

import pytest

from rig import images

SMALL = "FROM scratch\nCOPY Dockerfile /it\n# {0}\n"


@pytest.fixture
def kept(ktl, context):
    """Three images in the store, made one after the other, "old" the oldest."""
    for number, name in enumerate(["old", "middle", "new"]):
        folder = context(SMALL.format(name) + "COPY data /\n", {"data": os.urandom(300_000)},
                         name=name)
        ktl.build_ok(folder, "-t", f"{name}:1")
        age(ktl, f"{name}:1", 3 - number)
    return ktl


def listed(ktl):
    return ktl.run("image", "ls", "--json").json()["images"]


def names(ktl):
    return [image["name"].split("/")[-1] for image in listed(ktl)]


def age(ktl, name, hours):
    """Makes everything of the image look as if it was used some hours ago."""
    when = time.time() - hours * 3600
    (digest,) = [image["digest"] for image in listed(ktl) if image["name"].endswith(name)]
    blobs = ktl.home / "state/ktl/store/blobs/sha256"
    manifest = json.loads((blobs / digest[7:]).read_text())
    for part in [digest, manifest["config"]["digest"], *(x["digest"] for x in manifest["layers"])]:
        os.utime(blobs / part[7:], (when, when))


def test_ls_and_inspect(kept):
    assert names(kept) == ["new:1", "middle:1", "old:1"]
    (first, *_) = listed(kept)
    assert first["platforms"] == ["linux/amd64"] and first["whole"] and first["bytes"] > 300_000
    table = kept.run("image", "ls").out.splitlines()
    assert table[0].split() == ["NAME", "DIGEST", "SIZE", "USED", "PLATFORMS"]
    assert re.match(r"docker.io/library/new:1 +sha256:[0-9a-f]{12} ", table[1])
    shown = kept.run("image", "inspect", "new:1").json()
    assert shown["documents"][shown["digest"]]["config"]["digest"] in shown["documents"]
    by_digest = kept.run("image", "inspect", shown["digest"]).json()
    assert by_digest["name"] == "docker.io/library/new:1"


def test_push_and_export(kept, fresh_registry, tmp_path):
    (first, *_) = listed(kept)
    there = f"{fresh_registry.host}/there:2"
    pushed = kept.run("image", "push", "new:1", there)
    assert pushed.code == 0, pushed.err
    assert pushed.out == f"registry {first['digest']} {there}\n"
    assert images.inspect(f"docker://{there}")["Digest"] == first["digest"]
    for place in ("layout", "file.tar"):
        written = kept.run("image", "export", "new:1", tmp_path / place)
        assert written.code == 0, written.err
    seen = images.inspect(f"oci:{tmp_path / 'layout'}:1")["Digest"]
    assert seen == images.inspect(f"oci-archive:{tmp_path / 'file.tar'}:1")["Digest"]
    assert seen == first["digest"]


def test_what_fails_is_said(kept):
    nobody = kept.run("image", "push", "new:1", "127.0.0.1:1/x:1")
    assert nobody.code == 7 and "127.0.0.1:1" in nobody.err
    missing = kept.run("image", "inspect", "nothing:1")
    assert missing.code == 2 and "ktl image ls" in missing.err
    docker = kept.run("image", "load", "new:1", env={"DOCKER_HOST": f"unix://{kept.home}/no.sock"})
    assert docker.code == 7 and "no docker at" in docker.err
    words = kept.run("image", "push")
    assert words.code == 2 and "IMAGE" in words.err
    (digest,) = [image["digest"] for image in listed(kept) if image["name"].endswith("old:1")]
    (kept.home / "state/ktl/store/blobs/sha256" / digest[7:]).unlink()
    broken = kept.run("image", "export", "old:1", kept.home / "out")
    assert broken.code == 7 and "missing" in broken.err


def test_rm_frees_what_only_it_needed(kept):
    store = kept.home / "state/ktl/store/blobs/sha256"
    before = sum(file.stat().st_size for file in store.iterdir())
    gone = kept.run("image", "rm", "old:1", "middle:1")
    assert gone.code == 0, gone.err
    assert names(kept) == ["new:1"]
    left = sum(file.stat().st_size for file in store.iterdir())
    assert left < before - 590_000
    assert kept.run("image", "inspect", "new:1").code == 0


@pytest.mark.parametrize("args, left", [
    ([], ["new:1", "middle:1", "old:1"]),
    (["--keep-storage", "700KB"], ["new:1", "middle:1"]),
    (["--keep-storage", "1KB"], []),
    (["--all", "--older-than", "5000"], ["new:1"]),
    (["--all"], [])], ids=" ".join)
def test_prune(args, left, kept):
    result = kept.run("image", "prune", "--json", *args)
    assert result.code == 0, result.err
    assert names(kept) == left
    assert len(result.json()["images"]) == 3 - len(left)


def test_a_store_beyond_its_limit_shrinks_by_itself(kept, context):
    project = kept.home / "small.yaml"
    project.write_text("plugins:\n  - id: ktl.export.oci\n    config: {store_limit: 700KB}\n")
    kept.run("image", "export", "old:1", kept.home / "used")  # now it was used last
    folder = context(SMALL.format("more") + "COPY data /\n", {"data": os.urandom(300_000)})
    kept.build_ok(folder, "-t", "more:1", "--project", project)
    kept.build_ok(folder)  # the next one who opens the store
    assert sorted(names(kept)) == ["more:1", "old:1"]


def test_a_build_at_work_keeps_the_store(kept, context):
    folder = context(f"{images.BASE}RUN sleep 3 # {kept.label}\n", name="slow")
    building = kept.start("build", folder, "-t", "slow:1", "--builder", kept.builder)
    time.sleep(1.5)
    busy = kept.run("image", "prune")
    assert busy.code == 7 and "in use" in busy.err
    assert building.wait(60) == 0
    building.communicate()
