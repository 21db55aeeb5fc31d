"""--output and --load: what lies where afterwards, also compared with buildctl's own outputs."""

import io
import json
import os
import pathlib
import subprocess
import tarfile

import pytest

from rig import images
from rig.plugins import judged


@pytest.fixture
def folder(context):
    script = ("B=/bin/busybox; $B mkdir -p /o/d; cd /o; echo one >one; echo two >d/two; "
              "$B ln -s one soft; $B ln one d/hard; $B chmod 750 d; "
              "$B touch -d '2020-01-02 03:04:05' one d/two d")
    return context("FROM scratch AS make\nCOPY busybox /bin/busybox\n"
                   f'RUN ["/bin/busybox", "sh", "-c", "{script}"]\n'
                   "FROM scratch\nCOPY --from=make /o /\n")


def tree(folder):
    """path -> what it is, for every file below a folder."""
    facts = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        about = path.lstat()
        what = os.readlink(path) if path.is_symlink() else \
            path.read_text() if path.is_file() else "folder"
        time = 0 if path.is_symlink() else int(about.st_mtime)
        facts[str(path.relative_to(folder))] = (what, oct(about.st_mode), time)
    return facts


def by_buildctl(daemon, folder, output):
    done = daemon.buildctl("build", "--frontend", "dockerfile.v0", "--local", f"context={folder}",
                           "--local", f"dockerfile={folder}", "--output", output)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("form", ["{0}", "type=local,dest={0}"])
def test_local_is_what_buildctl_writes(form, ktl, buildkitd, folder, tmp_path):
    by_buildctl(buildkitd, folder, f"type=local,dest={tmp_path / 'theirs'}")
    ktl.build_ok(folder, "-o", form.format(tmp_path / "new/ours"))
    ours = tree(tmp_path / "new/ours")
    assert ours == tree(tmp_path / "theirs")
    assert ours["soft"][0] == "one"
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["ours"]


def test_local_into_a_folder_that_has_files(ktl, folder, tmp_path):
    out = tmp_path / "out"
    (out / "d").mkdir(parents=True)
    (out / "mine").write_text("stays")
    (out / "one").write_text("is replaced")
    (tmp_path / "elsewhere").write_text("untouched")
    (out / "soft").symlink_to(tmp_path / "elsewhere")
    ktl.build_ok(folder, "-o", out)
    assert (out / "mine").read_text() == "stays"
    assert (out / "one").read_text() == "one\n"
    assert (out / "d/two").read_text() == "two\n"
    assert os.readlink(out / "soft") == "one"
    assert (tmp_path / "elsewhere").read_text() == "untouched"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["context", "elsewhere", "out"]


def test_local_of_several_platforms(ktl, folder, tmp_path):
    folder.joinpath("Dockerfile").write_text("FROM scratch\nCOPY busybox /b\n")
    ktl.build_ok(folder, "--platform", "linux/amd64,linux/arm64", "-o", tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["linux_amd64", "linux_arm64"]


def test_nothing_appears_when_a_gate_refuses(ktl, folder, tmp_path, plugins):
    for output in (tmp_path / "out", f"type=tar,dest={tmp_path / 'out.tar'}"):
        result = ktl.build(folder, "--project", judged(ktl, plugins, "block"), "-o", output)
        assert result.code == 3, result.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["context"]
    assert not list((ktl.home / "cache").rglob("outputs/*"))


def names_of(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return sorted(name.strip("/") for name in tar.getnames())


def test_tar(ktl, buildkitd, folder, tmp_path):
    by_buildctl(buildkitd, folder, f"type=tar,dest={tmp_path / 'theirs.tar'}")
    ktl.build_ok(folder, "-o", f"type=tar,dest={tmp_path / 'ours.tar'}")
    ours = (tmp_path / "ours.tar").read_bytes()
    assert ours == (tmp_path / "theirs.tar").read_bytes()
    process = subprocess.run([ktl.program, "build", folder, "--builder", ktl.builder, "-o", "-"],
                             env=ktl.env, capture_output=True, check=False)
    assert process.returncode == 0, process.stderr
    assert process.stdout == ours
    assert b"files" in process.stderr or b"Done" in process.stderr


def test_oci_and_docker_archives(ktl, folder, tmp_path):
    ktl.build_ok(folder, "-t", "app:1", "-o", f"type=oci,dest={tmp_path / 'a.image'}",
                 "-o", f"type=docker,dest={tmp_path / 'b.image'}",
                 "-o", f"type=oci,tar=false,dest={tmp_path / 'c'}")
    facts = images.inspect(f"oci-archive:{tmp_path / 'a.image'}")
    assert facts["Layers"] == images.inspect(f"oci:{tmp_path / 'c'}")["Layers"]
    docker = images.inspect(f"docker-archive:{tmp_path / 'b.image'}:app:1")
    assert len(docker["Layers"]) == len(facts["Layers"])


def test_image_attributes_shape_the_image(ktl, folder, tmp_path):
    ktl.build_ok(folder, "-o", f"type=oci,tar=false,compression=zstd,force-compression=true,"
                 f"dest={tmp_path / 'z'}", "-o", f"type=local,dest={tmp_path / 'f'}")
    manifest = json.loads(images.skopeo("inspect", "--raw", f"oci:{tmp_path / 'z'}"))
    assert {layer["mediaType"].rsplit("+", 1)[1] for layer in manifest["layers"]} == {"zstd"}
    assert (tmp_path / "f/one").read_text() == "one\n"
    result = ktl.build(folder, "-o", f"type=oci,compression=zstd,dest={tmp_path / 'x'}",
                       "-o", f"type=oci,compression=gzip,dest={tmp_path / 'y'}")
    assert result.code == 2, result.err
    assert "compression" in result.err


def test_registry_forms(ktl, folder, fresh_registry):
    name = f"{fresh_registry.host}/app"
    ktl.build_ok(folder, "-t", f"{name}:1", "-o", "type=registry")
    ktl.build_ok(folder, "-o", f'type=image,"name={name}:2,{name}:3",push=true')
    assert sorted(fresh_registry.tags("app")) == ["1", "2", "3"]
    result = ktl.build_ok(folder, "-t", f"{name}:4", "-o", "type=registry,push-by-digest=true")
    assert sorted(fresh_registry.tags("app")) == ["1", "2", "3"]
    digest = result.out.split()[1]
    assert images.inspect(f"docker://{name}@{digest}")["Digest"] == digest


def test_annotations(ktl, folder, tmp_path):
    folder.joinpath("Dockerfile").write_text("FROM scratch\nCOPY busybox /b\n")
    ktl.build_ok(folder, "--annotation", "a=1", "--annotation", "manifest,index:b=2",
                 "--annotation", "manifest[linux/arm64]:c=3", "--annotation",
                 "manifest-descriptor:d=4", "--platform", "linux/amd64,linux/arm64",
                 f"--oci={tmp_path / 'o'}")
    layout = json.loads((tmp_path / "o/index.json").read_text())

    def blob(entry):
        return json.loads((tmp_path / "o/blobs" / entry["digest"].replace(":", "/")).read_text())
    index = blob(layout["manifests"][0])
    assert index["annotations"] == {"b": "2"}
    seen = {entry["platform"]["architecture"]: (entry.get("annotations"),
                                                blob(entry).get("annotations"))
            for entry in index["manifests"]}
    assert seen == {"amd64": ({"d": "4"}, {"a": "1", "b": "2"}),
                    "arm64": ({"d": "4"}, {"a": "1", "b": "2", "c": "3"})}


def test_load_without_docker(ktl, folder):
    result = ktl.build(folder, "-t", "app:1", "--load",
                       env={"DOCKER_HOST": f"unix://{ktl.home}/no.sock"})
    assert result.code == 7, result.err
    assert "no docker at" in result.err
