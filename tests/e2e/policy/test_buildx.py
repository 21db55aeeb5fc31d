"""Dockerfile.rego, as docker buildx knows it: an additional gate that can only deny."""

import pytest

ALLOWED = """package docker

default allow := false

allow if input.local

allow if {
	input.image.repo == "IT/base"
	input.image.tag == "1"
}

deny_msg contains sprintf("%s is not ours", [input.image.ref]) if not allow

decision := {"allow": allow, "deny_msg": deny_msg}
"""


def test_it_denies_by_itself(ktl, context, fresh_registry):
    image = f"{fresh_registry.host}/other:1"
    folder = context(f"FROM {image}\n", {"Dockerfile.rego": ALLOWED})
    result = ktl.build(folder)
    assert result.code == 3 and f"{image} is not ours" in result.err, result.err
    assert not fresh_registry.requests()


def test_what_it_allows_is_built(ktl, context, busybox):
    repository, tag = busybox.split("/", 1)[1].rsplit(":", 1)
    text = ALLOWED.replace("IT/base", repository).replace('tag == "1"', f'tag == "{tag}"')
    result = ktl.build(context(f"FROM {busybox}\n", {"Dockerfile.rego": text}))
    assert result.code == 0, result.err


def test_it_cannot_allow_what_another_denies(ktl, context, tmp_path):
    rules = tmp_path / "rules.rego"
    rules.write_text('package ktl.build\n\ndeny contains "never" if input.stage == "prepare"\n')
    everything = 'package docker\n\ndecision := {"allow": true}\n'
    folder = context("FROM scratch\nCOPY Dockerfile /\n", {"Dockerfile.rego": everything})
    assert ktl.build(folder).code == 0
    assert ktl.build(folder, "--policy", rules).code == 3


def test_it_belongs_to_its_dockerfile(ktl, context):
    folder = context("FROM scratch\nCOPY Dockerfile /\n", {
        "other.Dockerfile": "FROM scratch\nCOPY Dockerfile /\n",
        "other.Dockerfile.rego": 'package docker\n\ndecision := {"allow": false}\n'})
    assert ktl.build(folder).code == 0
    assert ktl.build(folder, "-f", folder / "other.Dockerfile").code == 3


def test_the_context_is_asked_for(ktl, context):
    text = 'package docker\n\ndecision := {"allow": input.local.name != "context"}\n'
    result = ktl.build(context("FROM scratch\nCOPY Dockerfile /\n", {"Dockerfile.rego": text}))
    assert result.code == 3 and "docker.decision" in result.err


@pytest.mark.parametrize("text,words", [
    ("package docker\n\ndecision := {\n", "Dockerfile.rego:"),
    ('package docker\n\ndecision := "no"\n', "must be an object"),
    ('package docker\n\ndecision := {"allow": input.image.labels.x == "y"}\n', "input.image.labels"),
    ('package docker\n\ndecision := {"allow": verify_git_signature(input.git, "k")}\n', "verify_git_signature"),
    ("package other\n\nx := 1\n", "no policy"),
])
def test_what_ktl_does_not_know_does_not_load(ktl, context, text, words):
    result = ktl.build(context("FROM scratch\nCOPY Dockerfile /\n", {"Dockerfile.rego": text}))
    assert result.code == 2 and words in result.err, result.err


def test_a_link_is_not_followed(ktl, context):
    folder = context("FROM scratch\nCOPY Dockerfile /\n")
    (folder / "Dockerfile.rego").symlink_to("/etc/passwd")
    result = ktl.build(folder)
    assert result.code == 2 and "Dockerfile.rego" in result.err and "root:" not in result.err


def test_no_decision_is_a_refusal(ktl, context):
    text = 'package docker\n\ndecision := {"allow": true} if input.never\n'
    result = ktl.build(context("FROM scratch\nCOPY Dockerfile /\n", {"Dockerfile.rego": text}))
    assert result.code == 3 and "undefined" in result.err, result.err
