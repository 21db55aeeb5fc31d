"""Every ```sh block of README.md, CONTRIBUTING.md, ARCHITECTURE.md and docs/ runs as it stands.

A comment before a block changes that:
  <!-- exit: N -->            the block ends with N
  <!-- proven by: PATH -->    it is run by that proof, which exists
`localhost:5000` stands for a registry; here it is the test's."""

import re
import subprocess

import pytest

from rig.process import ROOT

BLOCK = re.compile(r"(?:<!-- (?P<key>[a-z ]+): (?P<value>\S+) -->\n)?```sh\n(?P<text>.*?)```",
                   re.DOTALL)
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def blocks():
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for hit in BLOCK.finditer(text):
            line = text[:hit.start("text")].count("\n") + 1
            yield pytest.param(hit, id=f"{document.relative_to(ROOT)}:{line}")


def test_readme_has_commands():
    assert len(list(BLOCK.finditer((ROOT / "README.md").read_text(encoding="utf-8")))) >= 2


@pytest.mark.parametrize("block", blocks())
def test_block_runs(block, reader, registry):
    if block["key"] == "proven by":
        assert (ROOT / block["value"]).exists()
        return
    script = block["text"].replace("localhost:5000", registry.host)
    done = subprocess.run(["bash", "-euxo", "pipefail", "-c", script], cwd=reader.folder,
                          env=reader.env, capture_output=True, text=True, timeout=300, check=False)
    wanted = int(block["value"]) if block["key"] == "exit" else 0
    assert done.returncode == wanted, f"{script}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document):
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"
