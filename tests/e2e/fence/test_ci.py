"""The CI recipes: what their scripts run builds, fails without the runtime, and leaves the log that is kept."""

import os
import pathlib
import shutil
import subprocess

import pytest

from fence.ci import GITHUB, check, recipes, statements
from rig.ktl import KTL, Ktl
from rig.process import ROOT, program
from transports.daemons import Dockerd

RECIPES = recipes()
GOOD, BAD = "FROM scratch\nCOPY Dockerfile /\n", "FROM scratch\nCOPY missing /\n"
# CACHE_DIR is seen at /bk-cache.
DOCKER = '#!/bin/sh\n[ "$1" = buildx ] || exit 64\nshift\nexec /bk-cache/buildx "$@"\n'


@pytest.fixture(scope="module")
def dockerd():
    if os.getuid():
        pytest.skip("dockerd runs as root")
    made = Dockerd()
    yield made
    made.close()


class Runner:
    """What a job finds: a checkout, ktl and docker in PATH, the system's variables."""

    def __init__(self, user, folder, buildkitd, dockerd):
        self.folder, self.home = folder, user.home
        folder.mkdir()
        for name in ("bin", "sandbox"):
            shutil.copytree(ROOT / name, folder / name, symlinks=True)
        (folder / "scripts").mkdir()
        for name in ("install-nsjail", "common.sh"):
            shutil.copy(ROOT / "scripts" / name, folder / "scripts")
        tools = user.home / "bin"
        tools.mkdir()
        (tools / "ktl").symlink_to(KTL)
        self.env = {**user.env, "PATH": f"{tools}:{user.env['PATH']}", "BUILDKIT_HOST": buildkitd.address,
                    "CI": "true", "WORKSPACE": str(folder), "CI_PROJECT_DIR": str(folder),
                    "CI_COMMIT_SHA": "0123456789abcdef", "BUILD_NUMBER": "1"}
        self.keep_downloads()
        if dockerd:
            self.install_docker(tools, dockerd)

    def keep_downloads(self):
        """What scripts/install-nsjail has fetched on this machine before."""
        fetched = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "ktl-tools"
        if fetched.exists():
            (pathlib.Path(self.env["XDG_CACHE_HOME"]) / "ktl-tools").symlink_to(fetched)

    def install_docker(self, tools, dockerd):
        (tools / "docker").write_text(DOCKER)
        (tools / "docker").chmod(0o755)
        cache = self.home / ".cache/buildkit"
        cache.mkdir(parents=True)
        shutil.copy(program("buildx", "build/tools/buildx"), cache / "buildx")
        self.env["BUILDER_SOCKET"] = dockerd.socket

    def run(self, recipe, dockerfile, **env):
        """Its scripts up to the first that fails: the exit code, and all that was said."""
        (self.folder / "Dockerfile").write_text(dockerfile)
        said = ""
        for script in recipe.scripts:
            done = subprocess.run([*recipe.shell, "-c", script], cwd=self.folder, env={**self.env, **env},
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180,
                                  check=False)
            said += done.stdout + done.stderr
            if done.returncode:
                return done.returncode, said
        return 0, said

    def kept(self, recipe):
        """What the system would keep, file by file."""
        return [path.read_text(errors="replace") for pattern in recipe.kept
                for path in self.folder.glob(pattern)]


@pytest.fixture(params=RECIPES, ids=str)
def job(request, tmp_path, buildkitd):
    """(runner, recipe)"""
    needs_docker = any("build-with-nsjail" in script for script in request.param.scripts)
    dockerd = request.getfixturevalue("dockerd") if needs_docker else None
    user = Ktl()
    yield Runner(user, tmp_path / "work", buildkitd, dockerd), request.param
    user.close()


def test_there_are_three_and_each_keeps_a_log():
    assert [recipe.name for recipe in RECIPES] == ["github", "gitlab", "jenkins"]
    for recipe in RECIPES:
        assert len(recipe.scripts) >= 2 and recipe.kept, recipe


def test_it_builds(job):
    runner, recipe = job
    code, said = runner.run(recipe, GOOD)
    assert code == 0, said


def test_a_build_that_fails_leaves_what_is_kept(job):
    runner, recipe = job
    code, said = runner.run(recipe, BAD)
    assert code != 0 and "missing" in said, said
    (log,) = runner.kept(recipe)
    assert "missing" in log or recipe.name != "github"  # the others keep what a job says by themselves


def test_a_jail_that_does_not_start_says_why_in_what_is_kept(job):
    runner, recipe = job
    with open(runner.folder / "sandbox/linux-ci.cfg", "a", encoding="utf-8") as policy:
        policy.write('mount { src: "/none/of-this" dst: "/x" is_bind: true }\n')
    code, said = runner.run(recipe, GOOD)
    assert code != 0, said
    (log,) = runner.kept(recipe)
    assert "/none/of-this" in log, log + said


def test_without_the_runtime_it_fails(job):
    runner, recipe = job
    code, said = runner.run(recipe, GOOD, NSJAIL="/none/nsjail", KTL_SANDBOX_BIN="/none/nsjail")
    assert code == 5 and "nsjail" in said, said


@pytest.mark.parametrize("made, said", [
    ({True: "push", "jobs": {"a": {"runs-on": "x", "steps": [{"rum": "ls"}]}}}, "rum"),
    ({"jobs": {}}, "has no True"),
    ({True: "push", "jobs": {"a": {"runs-on": ["x"], "steps": [{"run": "ls"}]}}}, "runs-on is no str"),
])
def test_the_form_is_judged(made, said):
    with pytest.raises(AssertionError, match=said):
        check(made, GITHUB)


@pytest.mark.parametrize("text, said", [
    ("pipeline {\n  stage('x') { }\n}", "may not have stage"), ("pipeline {\n", "not closed"), ("}", "too many")])
def test_a_pipeline_is_judged(text, said):
    with pytest.raises(AssertionError, match=said):
        statements(text)
