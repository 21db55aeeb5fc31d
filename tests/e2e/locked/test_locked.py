"""--locked with a ktl.lock: what it has and nothing else."""

import json
import os
import pathlib

import pytest

from hermetic.dockerfiles import nonce, requests_in, said
from locked.world import BYTES, forwarded, keep, sha256, write_lock
from rig import images


@pytest.fixture
def pinned(busybox):
    return busybox, images.inspect(f"docker://{busybox}")["Digest"]


def wget(url, target="/got"):
    return f"wget -q -O {target} {url}"


def project(context, pinned, *scripts, **options):
    """A folder with one RUN for each script, and the names of these steps in a lock."""
    steps = [f"RUN echo {nonce()} && {script}" for script in scripts]
    folder = context(f"FROM {pinned[0]}\n" + "\n".join(steps) + "\n", **options)
    return folder, steps


def test_a_step_gets_what_the_lock_has_and_the_record_says_so(ktl, context, pinned, index):
    index.pages["/a"] = (b"content of a\n", BYTES)
    folder, (step, second) = project(context, pinned, wget(f"{index.url}/a"), "cat /got")
    write_lock(folder, dict([pinned]), downloads=[(step, f"{index.url}/a", b"content of a\n", BYTES)])
    result = ktl.build_ok(folder, "--locked", index.near, "--progress", "rawjson",
                          "--metadata-file", ktl.home / "meta.json")
    assert index.asked == [("GET", "/a")]
    (request,) = requests_in(result)
    assert (request["url"], request["status"]) == (f"{index.url}/a", 200)
    assert request["allowed"] and request["rule"] == "ktl.lock" and "RUN echo" in request["step"]
    assert "network locked:1 URLs" in result.err
    meta = json.loads((ktl.home / "meta.json").read_text())
    record = json.loads(pathlib.Path(meta["ktl.record"]).read_text())
    first, other = [each for each in record["steps"] if each["kind"] == "exec"]
    assert (first["fence"], other["fence"]) == ("network:locked", "network:locked")
    assert [(each["url"], each["digest"]) for each in first["requests"]] == [
        (f"{index.url}/a", sha256(b"content of a\n"))]
    assert not other["requests"]


@pytest.mark.parametrize("permitted", [(), ("--allow-network=127.0.0.2:1",), ("--allow-network=[::1]:80",)])
def test_a_lock_alone_sends_ktl_nowhere_on_this_machine(ktl, context, pinned, index, permitted):
    """Whoever wrote the lock may have meant a service here, or the metadata of a cloud."""
    index.pages["/a"] = (b"a", BYTES)
    folder, (step,) = project(context, pinned, f"{wget(f'{index.url}/a')}; true")
    write_lock(folder, dict([pinned]), downloads=[(step, f"{index.url}/a", b"a", BYTES)])
    result = ktl.build(folder, "--locked", *permitted)
    assert result.code == 3, result.err
    said(result, "RUN echo", f"{index.url}/a", "127.0.0.2 is this machine or its link", "--allow-network=HOST:PORT")
    assert not index.asked


def test_a_locked_file_on_this_machine_is_not_fetched_either(ktl, context, index):
    index.pages["/some.file"] = (b"added\n", BYTES)
    folder = context(f"FROM scratch\nADD {index.url}/some.file /\n")
    write_lock(folder, files={f"{index.url}/some.file": b"added\n"})
    assert ktl.build(folder, "--locked").code == 3
    assert not index.asked
    ktl.build_ok(folder, "--locked", index.near)
    assert index.asked == [("GET", "/some.file")]


def test_what_is_kept_is_not_fetched(ktl, context, pinned, index):
    folder, (step,) = project(context, pinned, f"{wget(f'{index.url}/a')} && grep kept /got")
    write_lock(folder, dict([pinned]), downloads=[(step, f"{index.url}/a", b"kept\n", BYTES)])
    keep(ktl, b"kept\n")
    ktl.build_ok(folder, "--locked")
    assert not index.asked


def test_another_content_never_reaches_the_step(ktl, context, pinned, index):
    index.pages["/a"] = (b"content of b\n", BYTES)
    folder, (step,) = project(context, pinned, f"{wget(f'{index.url}/a')}; cat /got; true")
    write_lock(folder, dict([pinned]), downloads=[(step, f"{index.url}/a", b"content of a\n", BYTES)])
    result = ktl.build(folder, "--locked", index.near, "-t", "it:1")
    assert result.code == 3, result.err
    said(result, "RUN echo", f"{index.url}/a", sha256(b"content of a\n"), sha256(b"content of b\n"))
    assert "content of b" not in result.err


@pytest.mark.parametrize("script", [
    "wget -q -O /got {url}/b", "wget -q -O /got --post-data=x {url}/b",
    "wget -q -O /got {url}/b || true", "wget -q -O /got {url}/a?x"])
def test_an_url_that_is_not_locked_is_refused(ktl, context, pinned, index, script):
    index.pages["/b"] = (b"content of b\n", BYTES)
    folder, (step,) = project(context, pinned, script.format(url=index.url))
    write_lock(folder, dict([pinned]), downloads=[(step, f"{index.url}/a", b"content of a\n", BYTES)])
    result = ktl.build(folder, "--locked")
    assert result.code == 3, result.err
    said(result, "Dockerfile:2", "RUN echo", index.url, "ktl.lock has no such download", "ktl lock")
    assert not index.asked


def test_what_is_not_lockable_is_refused_with_the_reason(ktl, context, pinned, index):
    folder, (step,) = project(context, pinned, f"wget -q -O - --post-data=x {index.url}/post")
    write_lock(folder, dict([pinned]), downloads=[(step, f"{index.url}/a", b"a", BYTES)],
               not_lockable=[(step, "POST", f"{index.url}/post", "POST is no GET")])
    result = ktl.build(folder, "--locked")
    assert result.code == 3, result.err
    said(result, "RUN echo", f"{index.url}/post", "POST is no GET")
    assert not index.asked


@pytest.mark.parametrize("end", ["", " || true"])
def test_a_post_to_what_is_locked_is_refused_too(ktl, context, pinned, index, end):
    post = f"POST {index.url}/a HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 0\\r\\n\\r\\n"
    script = (f"at=${{http_proxy#http://}} && (printf '{post}'; sleep 3) | timeout 9 nc ${{at%:*}} ${{at#*:}} > /got; "
              f"cat /got; grep -q ' 200 ' /got{end}")  # who hangs up is not answered
    folder, (step,) = project(context, pinned, script)
    write_lock(folder, dict([pinned]), downloads=[(step, f"{index.url}/a", b"a", BYTES)])
    keep(ktl, b"a")
    result = ktl.build(folder, "--locked")
    assert result.code == (3 if end else 1), result.err
    said(result, "403", "RUN echo", f"{index.url}/a")
    assert not index.asked


def test_what_is_another_steps_is_refused(ktl, context, pinned, index):
    folder, (step, other) = project(context, pinned, wget(f"{index.url}/a"),
                                    wget(f"{index.url}/a", "/again"))
    write_lock(folder, dict([pinned]), downloads=[(step, f"{index.url}/a", b"a", BYTES)])
    keep(ktl, b"a")
    result = ktl.build(folder, "--locked")
    assert result.code == 3, result.err
    said(result, other.split(" && ")[0].split()[-1], f"{index.url}/a", "Dockerfile:3")


def test_a_step_cannot_ask_for_what_ktl_serves(ktl, context, pinned, index):
    """Not even for the server's other names: they are no URLs of the lock."""
    script = "for p in $(seq 32768 1500 60999); do wget -q -O - http://127.0.0.1:$p/ && exit 1; done; true"
    folder, (step,) = project(context, pinned, script)
    write_lock(folder, dict([pinned]), downloads=[(step, f"{index.url}/a", b"a", BYTES)])
    assert ktl.build(folder, "--locked").code == 3


def test_steps_without_downloads_have_no_network(ktl, context, pinned, index):
    folder, _ = project(context, pinned, f"! {wget(f'{index.url}/a')}")
    write_lock(folder, dict([pinned]))
    result = ktl.build_ok(folder, "--locked")
    assert "network none" in result.err and not index.asked


def test_a_source_that_is_not_locked_is_refused_with_its_line(ktl, context, pinned, busybox):
    digest = pinned[1]
    folder = context(f"FROM {busybox} AS a\nFROM scratch\nCOPY --from={busybox}@{digest} /bin/ls /\n"
                     "ADD https://127.0.0.1:1/x /\n")
    write_lock(folder, dict([pinned]))
    result = ktl.build(folder, "--locked")
    assert result.code == 3, result.err
    said(result, "Dockerfile:3", "Dockerfile:4", f"{busybox}@{digest}", "https://127.0.0.1:1/x",
         "is not in ktl.lock", "`ktl lock`")
    assert "Dockerfile:1" not in result.err


def test_a_tag_is_what_the_lock_says(ktl, context, registry, index):
    name = f"it/moving-{nonce()}"
    files = {**images.busybox_files(), "which": b"old"}
    old = images.push(registry, f"{name}:1", files, {"Env": ["PATH=/bin"]})
    digest = images.inspect(f"docker://{old}")["Digest"]
    images.push(registry, f"{name}:1", {**files, "which": b"new"}, {"Env": ["PATH=/bin"]})
    folder = context(f"FROM {old}\nRUN grep old /which\n")
    write_lock(folder, {old: digest})
    ktl.build_ok(folder, "--locked")


def test_an_add_is_served_from_what_is_kept(ktl, context, index):
    folder = context(f"FROM scratch\nADD {index.url}/some.file /\n")
    write_lock(folder, files={f"{index.url}/some.file": b"added\n"})
    keep(ktl, b"added\n")
    ktl.build_ok(folder, "--locked", "-o", f"{ktl.home}/out")
    assert (ktl.home / "out/some.file").read_bytes() == b"added\n"
    assert not index.asked


def test_an_add_of_another_content_is_refused(ktl, context, index):
    index.pages["/some.file"] = (b"other\n", BYTES)
    folder = context(f"FROM scratch\nADD {index.url}/some.file /\n")
    write_lock(folder, files={f"{index.url}/some.file": b"added\n"})
    result = ktl.build(folder, "--locked", index.near)
    assert result.code == 3, result.err
    said(result, f"{index.url}/some.file", sha256(b"added\n"), sha256(b"other\n"))


def test_steps_from_the_cache_are_those_of_this_lock(ktl, context, pinned, index):
    folder, (step,) = project(context, pinned, wget(f"{index.url}/a"))
    lock = [(step, f"{index.url}/a", b"a", BYTES)]
    write_lock(folder, dict([pinned]), downloads=lock)
    keep(ktl, b"a")
    keep(ktl, b"b")
    assert not ktl.build_ok(folder, "--locked").cached("RUN echo")
    assert ktl.build_ok(folder, "--locked").cached("RUN echo")
    write_lock(folder, dict([pinned]), downloads=[(step, f"{index.url}/a", b"b", BYTES)])
    again = ktl.build_ok(folder, "--locked")
    said(again, "not known to have run behind this fence")


def test_without_a_lock_it_is_hermetic(ktl, context, pinned, busybox):
    assert ktl.build(context(f"FROM {busybox}\n", name="a"), "--locked").code == 3
    ktl.build_ok(context(f"FROM {busybox}@{pinned[1]}\nRUN true\n", name="b"), "--locked")


@pytest.mark.parametrize("flags", [("--allow-network=h",), ("--allow-network=127.0.0.1:1,h",),
                                   ("--allow-network",), ("--allow-unpinned-bases",)])
def test_a_lock_and_flags_that_say_otherwise(ktl, context, flags):
    folder = context("FROM scratch\n")
    write_lock(folder)
    assert ktl.build(folder, "--locked", *flags).code == 2


@pytest.mark.parametrize("text", ["", "{}", "[", '{"schema": "ktl.lock/1"}'])
def test_a_lock_that_is_none(ktl, context, text):
    folder = context("FROM scratch\n", {"ktl.lock": text})
    result = ktl.build(folder, "--locked")
    assert result.code == 2, result.err
    said(result, "ktl.lock")


def test_a_lock_that_is_a_link_or_a_pipe_is_not_followed(ktl, context):
    for name, make in (("link", lambda at: at.symlink_to("/etc/passwd")), ("pipe", os.mkfifo)):
        folder = context("FROM scratch\n", name=name)
        make(folder / "ktl.lock")
        assert ktl.build(folder, "--locked").code == 2


def test_a_builder_that_cannot_be_served_is_refused(ktl, context, pinned, index):
    folder, (step,) = project(context, pinned, wget(f"{index.url}/a"))
    write_lock(folder, dict([pinned]), downloads=[(step, f"{index.url}/a", b"a", BYTES)])
    socket = ktl.builder.removeprefix("unix://")
    with forwarded(socket) as port:
        result = ktl.build(folder, "--locked", "--builder", f"tcp://127.0.0.1:{port}")
    assert result.code == 6, result.err
    said(result, "ktl.lock has downloads", "private builder")
