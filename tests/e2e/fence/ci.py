"""The CI recipes of docs/sandbox.md, read as the three systems read them: what they run, what they keep."""

import dataclasses
import re

import yaml

from rig.process import ROOT

BLOCK = re.compile(r"```(yaml|groovy)\n(.*?)```", re.DOTALL)
TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|//[^\n]*|[{}\n]|[^'{}\n/]+|/")

# Of the published schemas, what the recipes use; "?" ends a key that may be missing, "*" is any key.
# YAML 1.1 reads the key `on` as true.
GITHUB = {True: str, "jobs": {"*": {"runs-on": str, "steps": [
    {"name?": str, "uses?": str, "run?": str, "if?": str, "with?": {"*": str}}]}}}
GITLAB = {"stages": [str], "*": {"stage": str, "tags?": [str], "script": [str],
                                 "artifacts?": {"when?": str, "paths": [str]}}}
# Of a declarative pipeline: name of a block -> the blocks and steps it may have.
JENKINS = {"": {"pipeline"}, "pipeline": {"agent", "stages", "post"}, "agent": {"label"},
           "stages": {"stage"}, "stage": {"steps"}, "steps": {"sh"}, "post": {"always"},
           "always": {"archiveArtifacts"}}


@dataclasses.dataclass
class Recipe:
    """`shell`: how the system runs a script; `kept`: the files it keeps when a build has failed."""

    name: str
    shell: list
    scripts: list
    kept: list

    def __str__(self):
        return self.name


def check(node, shape, place="recipe"):
    """Fails where `node` is not of that shape, naming the place."""
    if isinstance(shape, list):
        assert isinstance(node, list) and node, f"{place} is no list"
        for number, each in enumerate(node):
            check(each, shape[0], f"{place}[{number}]")
        return
    if not isinstance(shape, dict):
        assert isinstance(node, shape), f"{place} is no {shape.__name__}"
        return
    assert isinstance(node, dict), f"{place} is no map"
    shapes = {key.rstrip("?") if isinstance(key, str) else key: each for key, each in shape.items()}
    for key in shape:
        optional = isinstance(key, str) and key[-1] in "?*"
        assert optional or key in node, f"{place} has no {key}"
    for key, each in node.items():
        assert key in shapes or "*" in shapes, f"{place} may not have {key}"
        check(each, shapes.get(key, shapes.get("*")), f"{place}.{key}")


def statements(text):
    """(path of blocks, statement) of a declarative pipeline, judged by JENKINS."""
    path, words, found = [], "", []

    def end():
        nonlocal words
        words = words.strip()
        if words:
            name = re.match(r"\w+", words)[0]
            inside = path[-1] if path else ""
            assert name in JENKINS[inside], f"{inside or 'the file'} may not have {name}"
            found.append((tuple(path), words))
        words = ""

    for token in TOKEN.findall(text):
        if token == "{":
            name = re.match(r"\s*(\w+)", words)[1]
            end()
            path.append(name)
        elif token == "}":
            end()
            assert path, "a brace too many"
            path.pop()
        elif token == "\n":
            end()
        elif not token.startswith("//"):
            words += token
    assert not path, f"{path[-1]} is not closed"
    return found


def github(text):
    made = yaml.safe_load(text)
    check(made, GITHUB)
    (job,) = made["jobs"].values()
    for step in job["steps"]:
        assert ("uses" in step) != ("run" in step), step
    kept = [step["with"]["path"] for step in job["steps"]
            if step.get("uses", "").startswith("actions/upload-artifact@") and step["if"] in ("failure()", "always()")]
    return Recipe("github", ["bash", "-e"], [step["run"] for step in job["steps"] if "run" in step], kept)


def gitlab(text):
    made = yaml.safe_load(text)
    check(made, GITLAB)
    (job,) = [each for name, each in made.items() if name != "stages"]
    assert job["stage"] in made["stages"] and job["artifacts"]["when"] in ("always", "on_failure")
    return Recipe("gitlab", ["bash", "-eo", "pipefail"], job["script"], job["artifacts"]["paths"])


def jenkins(text):
    found = statements(text)
    kept = [re.search(r"artifacts: '([^']*)'.*allowEmptyArchive: false", words)[1]
            for path, words in found if path[-1:] == ("always",)]
    return Recipe("jenkins", ["sh", "-xe"], [re.fullmatch(r"sh '(.*)'", words)[1]
                                             for path, words in found if path[-1:] == ("steps",)], kept)


def recipes():
    section = (ROOT / "docs/sandbox.md").read_text(encoding="utf-8").split("## In CI")[1].split("\n## ")[0]
    return [read(text) for read, (_, text) in zip((github, gitlab, jenkins), BLOCK.findall(section), strict=True)]
