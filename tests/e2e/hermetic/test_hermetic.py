"""--hermetic: pinned sources, steps without a network; nothing gets round it."""

import pytest

from hermetic.dockerfiles import fetch, nonce, said
from rig import images
from rig.process import ROOT


def test_every_source_that_is_not_pinned_is_named_with_its_line(ktl, context, busybox):
    folder = context(f"FROM {busybox} AS a\nFROM scratch\nCOPY --from=a /bin/sh /\n"
                     f"COPY --from={busybox} /bin/ls /\nADD https://127.0.0.1:1/x /\n")
    result = ktl.build(folder, "--hermetic")
    assert result.code == 3, result.err
    said(result, "Dockerfile:1", "Dockerfile:4", "Dockerfile:5", "@sha256:", "--checksum")
    assert "Dockerfile:3" not in result.err


def test_pinned_sources_pass(ktl, context, pinned, site):
    site.files["/file"] = b"x"
    sum_of_x = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    folder = context(f"ARG BASE={pinned}\nFROM $BASE AS a\nFROM scratch\nCOPY --from=a /bin/sh /\n"
                     f"COPY --from={pinned} /bin/ls /\nADD --checksum=sha256:{sum_of_x} "
                     f"{site.url}/file /file\n")
    ktl.build_ok(folder, "--hermetic")


def test_steps_have_no_network(ktl, context, pinned, site):
    text = fetch(f"{site.url}/file", pinned)
    ktl.build_ok(context(text, name="open"))
    assert site.asked == [("GET", "/file")]
    site.asked.clear()
    result = ktl.build(context(text, name="hermetic"), "--hermetic")
    assert result.code == 1, result.err
    assert not site.asked


@pytest.mark.parametrize("flag", ["--network=host", "--security=insecure"])
def test_no_step_asks_its_way_out(ktl, context, pinned, site, flag):
    folder = context(fetch(f"{site.url}/file", pinned).replace("RUN ", f"RUN {flag} "))
    result = ktl.build(folder, "--hermetic")
    assert result.code == 3, result.err
    said(result, "Dockerfile:2", flag)
    assert not site.asked


def test_the_default_network_is_none_too(ktl, context, pinned, site):
    folder = context(fetch(f"{site.url}/file", pinned).replace("RUN ", "RUN --network=default "))
    assert ktl.build(folder, "--hermetic").code == 1
    assert not site.asked


def test_what_only_the_builder_finds_is_judged_too(ktl, context, registry, busybox):
    base = images.push(registry, f"it/onbuild-{nonce()}", images.busybox_files(),
                       {"OnBuild": [f"COPY --from={busybox} /bin/ls /ls"]})
    digest = images.inspect(f"docker://{base}")["Digest"]
    folder = context(f"FROM {base}@{digest}\n")
    ktl.build_ok(folder)
    result = ktl.build(folder, "--hermetic")
    assert result.code == 3, result.err
    said(result, busybox, "not pinned")


def test_a_trigger_of_the_base_has_no_network_either(ktl, context, registry, site):
    base = images.push(registry, f"it/trigger-{nonce()}", images.busybox_files(), {
        "OnBuild": [f"RUN wget -q -O /got {site.url}/file"], "Env": ["PATH=/bin"]})
    digest = images.inspect(f"docker://{base}")["Digest"]
    folder = context(f"FROM {base}@{digest}\n")
    assert ktl.build(folder, "--hermetic").code == 1
    assert not site.asked
    base = images.push(registry, f"it/trigger-{nonce()}", images.busybox_files(), {
        "OnBuild": [f"RUN --network=host wget -q -O /got {site.url}/file"], "Env": ["PATH=/bin"]})
    digest = images.inspect(f"docker://{base}")["Digest"]
    (folder / "Dockerfile").write_text(f"FROM {base}@{digest}\n")
    assert ktl.build(folder, "--hermetic").code in (1, 3)
    assert not site.asked


def test_a_frontend_has_to_be_pinned(ktl, context, pinned, frontend):
    text = f"# syntax={frontend}\nFROM {pinned}\nRUN true\n"
    result = ktl.build(context(text, name="a"), "--hermetic")
    assert result.code == 3, result.err
    said(result, "Dockerfile:1")
    digest = images.inspect(f"docker://{frontend}")["Digest"]
    ktl.build_ok(context(text.replace(frontend, f"{frontend}@{digest}"), name="b"), "--hermetic")


LIAR = """#!/bin/sh
for name in $(env | sed -n 's/^\\(BUILDKIT_FRONTEND_OPT_[0-9]*\\)=force-network-mode=.*/\\1/p'); do
  export $name=said=nothing
done
exec /bin/dockerfile-frontend "$@"
"""


def test_a_frontend_that_ignores_the_fence_is_held_to_it(ktl, context, registry, pinned, site):
    files = {**images.busybox_files(), "bin/liar": LIAR.encode(),
             "bin/dockerfile-frontend": (ROOT / "build/tools/dockerfile-frontend").read_bytes()}
    liar = images.push(registry, "it/liar:1", files, {"Entrypoint": ["/bin/liar"],
                                                      "Env": ["PATH=/bin"]})
    digest = images.inspect(f"docker://{liar}")["Digest"]
    folder = context(f"# syntax={liar}@{digest}\n" + fetch(f"{site.url}/file", pinned))
    result = ktl.build(folder, "--hermetic")
    assert result.code == 3, result.err
    said(result, f"{site.url}/file", "steps have no network", "Dockerfile:3")
    assert not site.asked


def test_bases_may_be_let_off(ktl, context, busybox):
    folder = context(f"FROM {busybox}\nRUN echo {nonce()}\n")
    result = ktl.build_ok(folder, "--hermetic", "--allow-unpinned-bases")
    said(result, "not pinned")


def test_the_network_alone_may_be_let_off(ktl, context, pinned, busybox, site):
    ktl.build_ok(context(fetch(f"{site.url}/file", pinned), name="a"), "--hermetic",
                 "--allow-network")
    assert site.asked == [("GET", "/file")]
    other = context(fetch(f"{site.url}/file", busybox), name="b")
    assert ktl.build(other, "--hermetic", "--allow-network").code == 3


@pytest.mark.parametrize("flags", [
    ("--network=none", "--allow-network=h"), ("--network=host", "--hermetic"),
    ("--allow-unpinned-bases",), ("--allow-network=https://h/",),
    ("--hermetic", "--allow=security.insecure")])
def test_what_contradicts_itself_is_usage(ktl, context, flags):
    assert ktl.build(context("FROM scratch\n"), *flags).code == 2
