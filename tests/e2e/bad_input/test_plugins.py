"""Plugins that break the contract in the middle of a build: named, and nothing comes out."""

import pytest

from rig.process import ROOT

PLUGINS = ROOT / "build/tests/plugins"


def build_with(ktl, rule, *more):
    context = ktl.home / "context"
    context.mkdir(exist_ok=True)
    (context / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    project = ktl.home / "project.yaml"
    project.write_text(f"plugins:\n  - id: test.planted-{rule}\n"
                       f"    path: {PLUGINS}/test-planted-{rule}.so\n")
    return ktl.run("build", context, "--project", project, f"--oci={ktl.home}/out", *more)


@pytest.mark.parametrize("rule,words", [
    ("too-big", "it wrote a result of more than 64 MiB"),
    ("bad-json", "not JSON at byte"),
    ("bad-document", "the answer of test.planted-bad-document scan"),
    ("bad-event", "that is none"),
    ("silent-failure", "returned ABORTED without saying why"),
    ("no-instance", "it made no instance"),
    ("crash", "(SIGSEGV) in ktl.scan/1 scan"),
])
def test_a_plugin_that_breaks_the_contract_is_named(ktl, rule, words):
    result = build_with(ktl, rule)
    assert result.code == 8, result.err
    assert f"test.planted-{rule}" in result.err and words in result.err
    assert not (ktl.home / "out").exists()


def test_a_flood_of_events_drowns_nobody(ktl):
    result = build_with(ktl, "flood")
    assert result.code == 0, result.err
    assert (ktl.home / "out/index.json").exists()


def test_a_late_call_is_not_heard(ktl):
    assert build_with(ktl, "late-call").code == 0
