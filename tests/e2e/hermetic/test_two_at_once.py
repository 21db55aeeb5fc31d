"""Two builds at once on one builder, with different lists and the same step: neither gets what only the
other may reach. The builder runs such a step once and gives its result to both."""

import json
import pathlib
import threading

import pytest

from hermetic.dockerfiles import nonce
from rig.ktl import Ktl
from rig.process import wait_until

LATER = 60  # seconds that a held answer waits at most


@pytest.fixture
def two(buildkitd):
    pair = [Ktl(buildkitd.address), Ktl(buildkitd.address)]
    yield pair
    for one in pair:
        one.close()


@pytest.fixture
def held(site):
    """The site answers /file only once `held` is set: until then who wants it runs."""
    let_go = threading.Event()

    def answer():
        let_go.wait(LATER)
        return b"content of the file\n"

    site.files["/file"] = answer
    yield let_go
    let_go.set()


def step(url, image):
    return f"FROM {image}\nRUN : {nonce()}; wget -q -O /got {url} && cat /got\n"


def begin(ktl, folder, *args):
    return ktl.start("build", folder, "--builder", ktl.builder, "--progress", "plain", "--metadata-file",
                     ktl.home / "meta.json", *args)


def end(process):
    out, err = process.communicate(timeout=180)
    return process.returncode, out + err


def steps_of(ktl):
    record = json.loads((ktl.home / "meta.json").read_text())["ktl.record"]
    return [step for step in json.loads(pathlib.Path(record).read_text())["steps"] if step["kind"] == "exec"]


def at_once(two, folder, first, second, site, held):
    """Both builds, the second begun while the first one's step waits for its answer."""
    one = begin(two[0], folder, *first)
    wait_until(lambda: site.asked, "the first build's request")
    other = begin(two[1], folder, *second)
    lines = []
    for line in other.stderr:
        lines.append(line)
        if "] RUN :" in line or "Error" in line:
            break
    held.set()
    code, said = end(other)
    return end(one), (code, "".join(lines) + said)


@pytest.mark.parametrize("flags", ["--allow-network={other}", "--hermetic"])
def test_the_narrower_one_does_not_get_it(two, context, pinned, site, other_site, held, flags):
    folder = context(step(f"{site.url}/file", pinned))
    one, other = at_once(two, folder, [f"--allow-network={site.host}"],
                         [flags.format(other=other_site.host)], site, held)
    assert one[0] == 0, one[1]
    assert other[0] in (1, 3), other[1]
    assert site.asked == [("GET", "/file")]


def test_nor_from_a_build_on_an_open_network(two, context, pinned, site, other_site, held):
    folder = context(step(f"{site.url}/file", pinned))
    one, other = at_once(two, folder, [], [f"--allow-network={other_site.host}"], site, held)
    assert one[0] == 0, one[1]
    assert other[0] == 3, other[1]
    assert site.asked == [("GET", "/file")]


def test_the_same_list_may_share(two, context, pinned, site, held):
    folder = context(step(f"{site.url}/file", pinned))
    flags = [f"--allow-network={site.host}"]
    one, other = at_once(two, folder, flags, flags, site, held)
    assert (one[0], other[0]) == (0, 0), one[1] + other[1]
    for ktl in two:
        (run,) = steps_of(ktl)
        assert [request["url"] for request in run["requests"]] == [f"{site.url}/file"], run
