"""Images of registries that let nobody in unasked, through the gate of a fenced build's builder."""

import json

import pytest

from hermetic.dockerfiles import lines_of, nonce, project
from rig import images
from rig.registry import PASSWORD, USER, basic_registry, token_registry


@pytest.fixture(params=["basic", "token"])
def private_registry(request, token_server):
    """A registry that lets nobody in unasked, with an image; `auth`: a file for --authfile."""
    made = basic_registry() if request.param == "basic" else token_registry(token_server)
    name = f"{made.host}/private/base:1"
    images.push_with_login(made, "private/base:1", images.busybox_files(), {"Env": ["PATH=/bin"]},
                           USER, PASSWORD)
    yield made, name
    made.close()


def test_a_private_registry_through_the_gate(lone_ktl, context, private_registry, tmp_path):
    made, name = private_registry
    digest = images.inspect(f"docker://{name}", "--creds", f"{USER}:{PASSWORD}")["Digest"]
    auth = tmp_path / "auth.json"
    auth.write_text(json.dumps({"auths": {made.host: {"auth": images.login(USER, PASSWORD)}}}))
    rules = project(tmp_path, {made.host: {"http": True}})
    folder = context(f"FROM {name}@{digest}\nRUN : {nonce()}\n")
    before = len(made.requests())
    _, lines = lines_of(lone_ktl, folder, "--hermetic", "--project", rules, "--authfile", auth)
    assert lines["daemon.network"] == (f"gate:{made.host}", "probed")
    seen = [status for _, path, status in made.requests()[before:] if path.startswith("/v2/private/base/")]
    assert 401 in seen and 200 in seen  # nobody gets in unasked
