"""ktl build api worker: targets of ktl.yaml, in the order in which they need each other."""

import pytest

HELLO = "FROM scratch\nCOPY busybox /\n"


@pytest.fixture
def repo(context):
    """A project with two folders to build; write(text) is its ktl.yaml."""
    folder = context(HELLO, {"api/Dockerfile": "FROM scratch\nCOPY Dockerfile /api\n",
                             "web/Dockerfile": "FROM scratch\nCOPY Dockerfile /web\n"})

    def write(text):
        (folder / "ktl.yaml").write_text(text)
        return folder

    return write


def build(ktl, folder, *args, env=None):
    return ktl.run("build", *args, "--builder", ktl.builder, "--progress", "plain", cwd=folder,
                   env=env)


TWO = "targets:\n  api: {context: api, tags: [api]}\n  web: {context: web, tags: [web]}\n"


def test_several_targets_are_built_one_after_the_other(ktl, repo):
    folder = repo(TWO)
    result = build(ktl, folder, "web", "api")
    assert result.code == 0, result.err
    assert result.out.count("store sha256:") == 2
    assert result.err.index("target web (1 of 2)") < result.err.index("target api (2 of 2)")


def test_without_words_the_default_targets_are_built(ktl, repo):
    both = build(ktl, repo(TWO), "--print").json()
    assert list(both["targets"]) == ["api", "web"]
    one = build(ktl, repo(TWO + "default-targets: [web]\n"), "--print").json()
    assert (one["name"], one["tags"]) == ("web", ["web"])
    assert one["origin"]["tags"].endswith("ktl.yaml:3:23")


def test_a_target_beats_a_folder_of_its_name(ktl, repo):
    folder = repo("targets: {api: {context: web}}\n")
    assert build(ktl, folder, "api", "--print").json()["context"] == f"{folder}/web"
    assert build(ktl, folder, "./api", "--print").json()["context"] == f"{folder}/api"


@pytest.mark.parametrize("args, said", [
    (["api", "wbe"], ["wbe", "\"web\""]),
    (["apy"], ["apy", "\"api\""]),
    (["api", "."], ["."]),
    (["api", "web", "-t", "x"], ["--tag", "--set"]),
    (["api", "web", "--iidfile", "x"], ["--iidfile", "one by one"]),
    (["api", "web", "--oci=out"], ["--oci"]),
    (["--set", "api.tags=web"], ["api", "web"]),
    (["sandbox"], ["--builder"]),
])
def test_what_cannot_be_meant_is_exit_2(ktl, repo, args, said):
    result = build(ktl, repo(TWO), *args)
    assert result.code == 2, result.err
    for words in said:
        assert words in result.err
    assert result.out == ""


def test_one_that_fails_leaves_the_others(ktl, repo):
    folder = repo(TWO)
    (folder / "api/Dockerfile").write_text("FROM scratch\nCOPY nothing /\n")
    result = build(ktl, folder, "api", "web")
    assert result.code == 1, result.err
    assert result.out.count("store sha256:") == 1


def test_set_changes_one_target(ktl, repo):
    folder = repo(TWO)
    result = build(ktl, folder, "api", "web", "--set", "api.tags=mine", "--set",
                   "*.labels.team=core", "--print")
    assert result.code == 0, result.err
    api, web = result.json()["targets"]["api"], result.json()["targets"]["web"]
    assert (api["tags"], web["tags"]) == (["mine"], ["web"])
    assert api["labels"] == web["labels"] == {"team": "core"}
    assert api["origin"]["tags"] == "flag --set api.tags"
    over = build(ktl, folder, "api", "--pull=false", "--set", "api.pull=true", "--print",
                 env={"KTL_PULL": "false"})
    assert over.json()["pull"] is True


def test_paths_start_from_the_files_folder(ktl, repo):
    folder = repo("targets:\n  api: {context: api, file: web/Dockerfile}\n")
    request = ktl.run("build", "api", "--print", "--project", folder / "ktl.yaml").json()
    assert request["file"] == f"{folder}/web/Dockerfile"
    assert request["context"] == f"{folder}/api"
