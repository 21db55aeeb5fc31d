"""--cache-dir: one folder, read and written, that no crash spoils."""

import json
import random
import signal
import time

from rig.images import BASE


def dockerfile(label):
    return f"{BASE}RUN echo {label} >/made # step\nRUN head -c 8000000 /dev/urandom >/big\n"


def test_it_serves_another_builder(ktl, buildkitd, fresh_buildkitd, context, tmp_path):
    folder, cache = context(dockerfile(ktl.label)), tmp_path / "new/cache"
    first = ktl.build_ok(folder, "--cache-dir", cache)
    assert "has nothing named" in first.err and not first.cached("# step")
    ktl.builder = fresh_buildkitd.address
    assert ktl.build_ok(folder, "--cache-dir", cache).cached("# step")


def test_a_cache_in_the_context_is_not_sent(ktl, context, tmp_path):
    folder = context("FROM scratch\nCOPY . /\n")
    for _ in range(2):
        result = ktl.build_ok(folder, "--cache-dir", folder / "cache", "-o", tmp_path / "out")
    assert (folder / "cache/index.json").exists() and "not sent" in result.err
    assert not (tmp_path / "out/cache").exists()


def test_what_it_replaces_goes(ktl, context, tmp_path):
    cache = tmp_path / "cache"
    sizes = []
    for number in range(3):
        folder = context(dockerfile(f"{ktl.label}-{number}"), name=f"c{number}")
        ktl.build_ok(folder, "--cache-dir", cache)
        sizes.append(sum(file.stat().st_size for file in (cache / "blobs/sha256").iterdir()))
    assert sizes[2] < 1.5 * sizes[0], sizes


def test_no_kill_spoils_it(ktl, fresh_buildkitd, context, tmp_path):
    cache = tmp_path / "cache"
    ktl.builder = fresh_buildkitd.address
    folder = context(dockerfile(ktl.label))
    for _ in range(8):
        building = ktl.start("build", folder, "--builder", ktl.builder, "--cache-dir", cache,
                             "--no-cache")
        time.sleep(random.uniform(0.1, 1.5))
        building.send_signal(signal.SIGKILL)
        building.communicate()
        if (cache / "index.json").exists():
            for entry in json.loads((cache / "index.json").read_text())["manifests"]:
                assert (cache / "blobs" / entry["digest"].replace(":", "/")).exists()
    ktl.build_ok(folder, "--cache-dir", cache)
    assert ktl.build_ok(folder, "--cache-dir", cache).cached("# step")
