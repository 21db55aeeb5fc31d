"""ktl build: the image that comes out is the one that was asked for."""

import json
import re
import subprocess

import pytest

from rig import images
from rig.process import ROOT

DIGEST = r"sha256:[0-9a-f]{64}"
HELLO = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "true"]\n'


def config_of(archive):
    return images.inspect(f"oci-archive:{archive}", "--config")


def built(ktl, folder, *args):
    """Builds `folder` into an archive; the image's configuration."""
    archive = ktl.home / "image.tar"
    ktl.build_ok(folder, f"--oci={archive}", *args)
    return config_of(archive)


def file_of(ktl, folder, name, *args):
    """Builds `folder` into an archive; the text of one file of the last layer that has it."""
    archive, layout, root = ktl.home / "image.tar", ktl.home / "layout", None
    ktl.build_ok(folder, f"--oci={archive}", *args)
    images.skopeo("copy", f"oci-archive:{archive}", f"dir:{layout}")
    manifest = json.loads((layout / "manifest.json").read_text())
    for layer in manifest["layers"]:
        blob = layout / layer["digest"].removeprefix("sha256:")
        done = subprocess.run(["tar", "-xOf", blob, name], capture_output=True, text=True,
                              check=False)
        root = done.stdout if done.returncode == 0 else root
    assert root is not None, f"{name} is in no layer"
    return root


def test_hello_is_kept_under_its_tag_and_shown(ktl, context):
    result = ktl.build_ok(context(HELLO), "-t", "hello")
    kept = re.search(rf"^store ({DIGEST}) (\S+)", result.out, re.MULTILINE)
    assert kept, result.out
    assert kept[2] == "hello:latest"
    assert "RUN steps are not fenced" in result.err
    assert "RUN" in result.err


def test_example_of_the_readme(ktl):
    assert ktl.build_ok(ROOT / "examples/hello", "-t", "hello").code == 0


def test_without_a_name_the_result_stays_in_the_cache_and_ktl_says_so(ktl, context):
    result = ktl.build_ok(context(HELLO))
    assert result.out == ""
    assert "stays in the builder's cache" in result.err


def test_second_build_is_cached(ktl, context):
    folder = context(HELLO + 'RUN ["/bin/busybox", "echo", "once"]\n')
    first = ktl.build_ok(folder, "-t", "x")
    second = ktl.build_ok(folder, "-t", "x")
    assert first.out == second.out
    assert "CACHED" in second.err
    assert "Done: 3 of 3 steps cached" in second.err


def test_no_cache_runs_again(ktl, context):
    folder = context(HELLO)
    ktl.build_ok(folder)
    assert "CACHED" not in ktl.build_ok(folder, "--no-cache").err


def test_quiet_prints_the_digest_and_nothing_else(ktl, context):
    result = ktl.build_ok(context(HELLO), "-q")
    assert re.fullmatch(DIGEST + "\n", result.out)
    assert result.err == ""


def test_quiet_still_says_why_it_failed(ktl, context):
    result = ktl.build(context('FROM scratch\nCOPY nothing /\n'), "-q")
    assert (result.code, result.out) == (1, "")
    assert "nothing" in result.err


def test_iidfile(ktl, context):
    archive, iidfile = ktl.home / "i.tar", ktl.home / "deep/er/iid"
    iidfile.parent.mkdir(parents=True)
    ktl.build_ok(context(HELLO), "--iidfile", iidfile, f"--oci={archive}")
    manifest = images.inspect(f"oci-archive:{archive}", "--raw")
    assert iidfile.read_text().strip() == manifest["config"]["digest"]


def test_metadata_file(ktl, context):
    archive, file = ktl.home / "i.tar", ktl.home / "meta.json"
    ktl.build_ok(context(HELLO), "-t", "one:1", "-t", "two:2", "--metadata-file", file,
                 f"--oci={archive}")
    metadata = json.loads(file.read_text())
    one = images.inspect(f"oci-archive:{archive}:1")
    assert metadata["containerimage.digest"] == one["Digest"]
    assert metadata["containerimage.config.digest"].startswith("sha256:")
    assert metadata["image.name"] == "docker.io/library/one:1,docker.io/library/two:2"
    record = json.loads(open(metadata["ktl.record"], encoding="utf-8").read())
    assert record["root"]["digest"] == metadata["containerimage.digest"]
    assert (record["outcome"], record["exit"]) == ("done", 0)


def test_build_arguments(ktl, context):
    folder = context('FROM scratch\nARG A=1\nARG B=2\nARG C=3\nLABEL a=$A b=$B c=$C\n')
    ktl.env["B"] = "from the environment"
    labels = built(ktl, folder, "--build-arg", "A=x y", "--build-arg", "B")["config"]["Labels"]
    assert labels == {"a": "x y", "b": "from the environment", "c": "3"}


def test_labels_and_platform(ktl, context):
    config = built(ktl, context('FROM scratch\nCOPY busybox /\n'), "--label", "a=b=c", "--label",
                   "d=", "--platform", "linux/arm64")
    assert config["config"]["Labels"] == {"a": "b=c", "d": ""}
    assert config["architecture"] == "arm64"


def test_several_platforms_make_an_index(ktl, context):
    archive = ktl.home / "i.tar"
    ktl.build_ok(context('FROM scratch\nARG TARGETARCH\nLABEL arch=$TARGETARCH\nCOPY busybox /\n'),
                 "--platform", "linux/amd64,linux/arm64", f"--oci={archive}")
    for arch in ("amd64", "arm64"):
        config = images.skopeo("--override-arch", arch, "inspect", "--config",
                               f"oci-archive:{archive}")
        assert json.loads(config)["config"]["Labels"] == {"arch": arch}


def test_target_and_file(ktl, context):
    folder = context(HELLO, {"other/My.Dockerfile":
                             "FROM scratch AS a\nLABEL at=a\nFROM scratch\nLABEL at=end\n"})
    file = folder / "other/My.Dockerfile"
    assert built(ktl, folder, "-f", file)["config"]["Labels"] == {"at": "end"}
    assert built(ktl, folder, "-f", file, "--target", "a")["config"]["Labels"] == {"at": "a"}


def test_secrets_reach_the_step_and_not_the_image_nor_the_output(ktl, context):
    folder = context(images.BASE +
                     'RUN --mount=type=secret,id=file --mount=type=secret,id=VARIABLE,env=V '
                     'test "$(cat /run/secrets/file | wc -c)-${#V}" = 16-20\n')
    (ktl.home / "secret").write_text("hidden-in-a-file")
    ktl.env["VARIABLE"] = "hidden-in-a-variable"
    archive = ktl.home / "i.tar"
    result = ktl.build_ok(folder, "--secret", f"id=file,src={ktl.home}/secret", "--secret",
                          "VARIABLE", f"--oci={archive}")
    assert b"hidden-in" not in archive.read_bytes()
    assert "hidden-in" not in result.out + result.err


def test_a_secret_that_is_not_there(ktl, context):
    result = ktl.build(context(HELLO), "--secret", "id=a,src=/does/not/exist")
    assert result.code == 2
    assert "/does/not/exist" in result.err


def test_ignore_file_keeps_files_out(ktl, context):
    folder = context(images.BASE + "COPY . /all/\nRUN ls /all > /list\n",
                     {".dockerignore": "*.log\n!keep.log\n", "a.log": "", "keep.log": "", "b": ""})
    assert file_of(ktl, folder, "list").split() == ["Dockerfile", "b", "busybox", "keep.log"]


def test_base_image_of_a_registry(ktl, context, busybox):
    folder = context(f"FROM {busybox}\nRUN echo made > /file\n")
    assert file_of(ktl, folder, "file") == "made\n"


def test_frontend_named_by_syntax(ktl, context, busybox, frontend):
    folder = context(f"# syntax={frontend}\nFROM {busybox}\nRUN <<EOF\necho here > /file\nEOF\n")
    result = ktl.build_ok(folder)
    assert frontend in result.err


def test_raw_events_are_json_lines(ktl, context):
    result = ktl.build_ok(context(HELLO), "--progress", "rawjson")
    events = [json.loads(line) for line in result.err.splitlines()]
    assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
    kinds = {event["type"] for event in events}
    assert {"build.started/1", "vertex.completed/1", "build.completed/1"} <= kinds


@pytest.mark.parametrize("mode", ["auto", "tty", "plain", "quiet"])
def test_every_progress_mode_ends_well(ktl, context, mode):
    assert ktl.build_ok(context(HELLO), "--progress", mode, "-t", "x").out.startswith("store ")


def test_files_that_ktl_writes_into_the_context_are_not_sent(ktl, context):
    folder = context('FROM scratch\nCOPY . /\n')
    for _ in range(2):
        result = ktl.build_ok(folder, "--iidfile", folder / "iid", f"--oci={folder}/out/i.tar")
        assert "not sent" in result.err
    names = subprocess.run(["tar", "-tf", folder / "out/i.tar"], capture_output=True, text=True,
                           check=True).stdout
    assert "blobs/sha256/" in names
    first = (folder / "iid").read_text()
    ktl.build_ok(folder, "--iidfile", folder / "iid", f"--oci={folder}/out/i.tar")
    assert (folder / "iid").read_text() == first
