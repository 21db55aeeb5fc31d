"""What ktl lock wrote is what --locked holds a build to: real projects, there and back."""

import json

from locked.test_replay import PROJECTS, digest_and_ends
import pytest


@pytest.fixture(params=PROJECTS)
def project(request, index, context, workshop):
    made = request.param(index)
    made.folder = context(f"FROM {workshop[0]}\n{made.text}")
    return made


def test_it_is_locked_kept_and_replayed_without_a_network(lone_ktl, project, index, workshop,
                                                         fresh_buildkitd):
    done = lone_ktl.run("lock", project.folder, "--builder", fresh_buildkitd.address, timeout=300)
    assert done.code == 0 and "not lock" not in done.err, done.err
    lock = json.loads((project.folder / "ktl.lock").read_text())
    wanted = {(step, url): kind for step, url, _, kind in project.downloads}
    assert {(one["step"], one["url"]): one["type"] for one in lock["downloads"]} == wanted
    assert {one["ref"]: one["digest"] for one in lock["images"]} == dict([workshop])
    assert lock["not_lockable"] == []
    first, _ = digest_and_ends(lone_ktl, project.folder, "--builder", fresh_buildkitd.address)
    index.close()
    address = lone_ktl.run("builder", "start", "--network", "none")
    assert address.code == 0, address.err
    second, replay = digest_and_ends(lone_ktl, project.folder, "--builder", address.out.split()[-1])
    assert second == first
    assert "CACHED" not in replay.ends().values(), replay.err
