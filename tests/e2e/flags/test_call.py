"""--call and --check: the frontend's answers, as docker buildx prints them."""

import json

import pytest

ODD = "FROM scratch AS base\nARG a=1\nfrom base as Out\nCOPY Dockerfile /\n"


def answers(tools, dockerfile, *args):
    """Exit code and stdout of both, the folders' own names taken out."""
    for tool in tools:
        folder = tool.folder(dockerfile)
        result = tool.run(folder, *args)
        yield result.code, plain(result.out.replace(f"{folder}/", ""))


def plain(text):
    """JSON without the definitions of its sources, which name each tool's own session."""
    if not text.startswith("{"):
        return text
    document = json.loads(text)
    for source in document.get("sources", []):
        if isinstance(source, dict):
            source.pop("definition", None)
    return json.dumps(document, indent=1)


@pytest.mark.parametrize("args", [
    ["--check"], ["--call=check,format=json"], ["--call", "lint,ignorestatus=true"],
    ["--call=outline"], ["--call=outline,format=json"], ["--call=targets"],
    ["--call=targets,format=json"], ["--call=subrequests.describe"]], ids=" ".join)
def test_both_say_the_same(args, tools):
    ours, theirs = answers(tools, ODD, *args)
    assert ours == theirs
    assert ours[0] == (1 if args in (["--check"], ["--call=check,format=json"]) else 0)
    assert len(ours[1]) > 50


def test_a_good_dockerfile_passes(tools):
    ours, theirs = answers(tools, "FROM scratch\nCOPY Dockerfile /\n", "--check")
    assert ours == theirs == (0, "Check complete, no warnings found.\n")


def test_what_cannot_be_built_fails_the_check(tools):
    ours, theirs = answers(tools, "FROM scratch\nCOPY --from=nope x /\nADD --bad=1 x /\n", "--check")
    assert ours[0] == theirs[0] == 1


def test_nothing_is_built(ktl, context, tmp_path):
    result = ktl.build(context("FROM scratch\nCOPY no-such-file /\n"), "--check", "-t", "app:1",
                       "-o", tmp_path / "out")
    assert result.code == 0, result.err
    assert "nothing is built" in result.err
    assert not (tmp_path / "out").exists()
    assert ktl.run("image", "ls").out == "the store has no images\n"


def test_a_syntax_line_is_asked_as_well(ktl, context, frontend):
    result = ktl.build(context(f"# syntax={frontend}\n{ODD}"), "--call=targets")
    assert result.code == 0, result.err
    assert "base" in result.out and "out" in result.out


@pytest.mark.parametrize("args, words", [
    (["--check", "--call=outline"], "two different questions"),
    (["--call=check,format=yaml"], "does not understand"),
    (["--call=,format=json"], "name of a method"),
    (["--check", "--iidfile", "x"], "no id")], ids=lambda value: " ".join(value))
def test_what_makes_no_sense(args, words, ktl, context):
    result = ktl.build(context("FROM scratch\n"), *args)
    assert result.code == 2, result.err
    assert words in result.err


def test_an_unknown_method_is_the_frontends_to_refuse(ktl, context):
    result = ktl.build(context("FROM scratch\n"), "--call=nope")
    assert result.code == 1, result.err
    assert "unsupported request" in result.err
