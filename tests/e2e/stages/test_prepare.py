"""ktl.prepare/1: what plugins change in the plan is what is built, what they block is not."""

import hashlib
import http.server
import signal
import threading

import pytest

from rig import images
from rig.process import wait_until
from stages.puppets import WHERES

COPY = "FROM scratch\nCOPY Dockerfile /\n"


def block(**more):
    return [{"rule": "no-such", "severity": "block", "message": "not like this",
             "location": "Dockerfile:2", "fix": "write it anew", **more}]


def labels(stage):
    return images.inspect(f"oci:{stage.out}", "--config")["config"].get("Labels", {})


@pytest.mark.parametrize("where", WHERES)
def test_a_label_is_in_the_image(stage, puppet, context, where):
    plugin = puppet("prepare", where).amends(labels={"org.example": "yes", "mine": "no"})
    result = stage.build_ok(context(COPY), "--label", "mine=yes")
    assert labels(stage) == {"org.example": "yes", "mine": "yes"}
    assert "label mine stays as it was given" in result.err
    (given,) = plugin.seen("prepare")
    assert given["request"]["schema"] == "ktl.request/1" and given["plan"]["labels"] == {"mine": "yes"}
    assert plugin.id in [each["id"] for each in stage.record()["plugins"]]


def test_the_next_one_sees_it_and_may_say_the_same(stage, puppet, context):
    puppet("prepare").amends(labels={"a": "1"})
    second = puppet("second-prepare").amends(labels={"a": "1", "b": "2"})
    stage.build_ok(context(COPY))
    assert second.seen("prepare")[0]["plan"]["labels"] == {"a": "1"}
    assert labels(stage) == {"a": "1", "b": "2"}


def test_two_that_disagree_are_named(stage, puppet, context):
    puppet("prepare").amends(labels={"a": "1"})
    puppet("second-prepare").amends(labels={"a": "2"})
    stage.refused(context(COPY), 2, "e2e.prepare and e2e.second-prepare want different things",
                  "label a")


def test_what_is_left_out_is_not_sent(stage, puppet, context):
    puppet("prepare").amends(exclude=["secret.txt"])
    result = stage.build(context("FROM scratch\nCOPY secret.txt /\n", {"secret.txt": "x"}))
    assert result.code == 1 and "secret.txt" in result.err
    assert not stage.out.exists()


@pytest.fixture
def moving(fresh_registry, tmp_path):
    """A tag that has moved: its name, and the digest of the image that it had first."""
    name = f"{fresh_registry.host}/moving:1"
    digests = []
    for word in ("first", "second"):
        images.write_layout(tmp_path / word, {"word": word.encode()}, {"Labels": {"word": word}})
        images.skopeo("copy", "--dest-tls-verify=false", f"oci:{tmp_path}/{word}",
                      f"docker://{name}")
        digests.append(images.inspect(f"docker://{name}")["Digest"])
    assert digests[0] != digests[1]
    return name, digests[0]


def test_a_pinned_image_is_the_one_that_is_built_on(stage, puppet, context, moving):
    name, digest = moving
    plugin = puppet("prepare").amends()
    folder = context(f"FROM {name}\nCOPY Dockerfile /\n")
    stage.build_ok(folder)
    assert labels(stage) == {"word": "second"}
    plugin.amends(pins=[{"ref": name, "digest": digest}])
    stage.build_ok(folder)
    assert labels(stage) == {"word": "first"}


def test_a_pin_of_an_image_that_is_not_there_ends_the_build(stage, puppet, context, moving):
    name, _ = moving
    puppet("prepare").amends(pins=[{"ref": name, "digest": "sha256:" + "0" * 64}])
    stage.refused(context(f"FROM {name}\nCOPY Dockerfile /\n"), 1, "0000000000")


def test_a_pinned_frontend_is_the_one_that_is_asked(stage, puppet, context, frontend):
    puppet("prepare").amends(pins=[{"ref": frontend, "digest": "sha256:" + "0" * 64}])
    stage.refused(context(f"# syntax={frontend}\n{COPY}"), 1, "0000000000")


@pytest.fixture
def download():
    """The URL of a file, and its content's digest."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield (f"http://127.0.0.1:{server.server_port}/file",
               "sha256:" + hashlib.sha256(b"hello").hexdigest())
        server.shutdown()


def test_a_pinned_download_has_that_content_or_none(stage, puppet, context, download):
    url, digest = download
    plugin = puppet("prepare").amends(pins=[{"ref": url, "digest": "sha256:" + "0" * 64}])
    folder = context(f"FROM scratch\nADD {url} /\n")
    stage.refused(folder, 1, url)
    plugin.amends(pins=[{"ref": url, "digest": digest}])
    stage.build_ok(folder)


def test_a_checksum_of_the_dockerfile_stays(stage, puppet, context, download):
    url, digest = download
    puppet("prepare").amends(pins=[{"ref": url, "digest": "sha256:" + "0" * 64}])
    stage.refused(context(f"FROM scratch\nADD --checksum={digest} {url} /\n"), 1, "denied by policy")


@pytest.mark.parametrize("ref,words", [
    ("docker.io/library/nowhere:1", "is no source of this build"),
    ("https://example.invalid/x.git", "a git repository is pinned by a commit"),
    ("https://example.invalid/$WHAT", "when the builder has filled in the variable"),
])
def test_what_cannot_be_pinned_ends_the_build(stage, puppet, context, ref, words):
    puppet("prepare").amends(pins=[{"ref": ref, "digest": "sha256:" + "0" * 64}])
    stage.refused(context("FROM scratch\nADD https://example.invalid/x.git /\n"
                          "ADD https://example.invalid/$WHAT /\n"), 2, words)


@pytest.mark.parametrize("where", WHERES)
def test_a_blocking_finding_stops_before_the_builder_is_asked(stage, puppet, context, where):
    puppet("prepare", where).amends(findings=block())
    result = stage.build(context(COPY), "--builder", "unix:///nowhere/buildkitd.sock")
    assert result.code == 3, result.err  # not 6: nobody has looked for the builder
    assert "no-such: not like this" in result.err and "write it anew" in result.err
    record = stage.record()
    assert record["outcome"] == "refused" and record["builder"] == {}
    assert record["findings"] == block()


def test_other_findings_are_told_and_recorded(stage, puppet, context):
    puppet("prepare").amends(findings=block(severity="warn"))
    assert "warn: no-such: not like this (Dockerfile:2)" in stage.build_ok(context(COPY)).err
    assert stage.record()["findings"] == block(severity="warn")


@pytest.mark.parametrize("answer,code,words", [
    ("fail 3 this request is wrong", 2, "this request is wrong"),
    ("fail 13 it is not well", 8, "it is not well"),
    ("fail 14 nobody there", 8, "nobody there"),
    ("{}", 8, "the answer of e2e.prepare prepare"),
])
def test_one_that_fails_ends_the_build(stage, puppet, context, answer, code, words):
    puppet("prepare").says("prepare", answer)
    stage.refused(context(COPY), code, words, "e2e.prepare")


def test_one_that_crashes_apart_is_named(stage, puppet, context):
    puppet("prepare", "isolated").says("prepare", "crash")
    stage.refused(context(COPY), 8, "plugin e2e.prepare was killed by signal 11 (SIGSEGV)")


def test_one_that_hangs_apart_is_interrupted_and_named(stage, puppet, context):
    plugin = puppet("prepare", "isolated").says("prepare", "hang")
    process = stage.start(context(COPY))
    wait_until(lambda: plugin.seen("prepare"), "the call")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "plugin e2e.prepare did not return from ktl.prepare/1 prepare" in err
    assert not stage.out.exists()


def test_print_shows_what_they_change(stage, puppet, context):
    puppet("prepare").amends(labels={"a": "1"})
    assert stage.build_ok(context(COPY), "--print=plan").json()["labels"] == {"a": "1"}
