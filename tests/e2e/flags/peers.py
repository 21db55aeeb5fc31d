"""ktl and docker buildx behind one face: the same words for both, one daemon, the same questions."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile

from rig.ktl import Ktl, Result
from rig.process import program


class Tool:
    """One of the two, with a home, contexts and a label of its own."""

    def __init__(self, name):
        self.name = name
        self.room = pathlib.Path(tempfile.mkdtemp(prefix="ktl-peer-"))
        self.count = 0

    def run(self, *args, **options):
        raise NotImplementedError

    def new(self, name=""):
        """A path in this tool's room that is not there yet."""
        self.count += 1
        return self.room / f"{self.count}{name}"

    def folder(self, dockerfile, files=None):
        """A context with a static busybox; LABEL in the Dockerfile keeps the tools' caches apart."""
        folder = self.new("-context")
        folder.mkdir()
        shutil.copy("/bin/busybox", folder / "busybox")
        (folder / "Dockerfile").write_text(dockerfile.replace("LABEL", self.room.name))
        for name, text in (files or {}).items():
            (folder / name).write_text(text)
        return folder

    def build(self, folder, *args, code=0, **options):
        result = self.run(folder, *args, **options)
        assert result.code == code, f"{self.name} ended with {result.code}\n{result.err}"
        return result

    def log(self, folder, *args, **options):
        """What the steps printed."""
        return re.findall(r"^#\d+ (?:\| |\d+\.\d+ )(.*)$", self.build(folder, *args, **options).err,
                          re.MULTILINE)

    def steps(self, folder, *args):
        """Of each RUN step's name its last word -> whether it came from the cache."""
        result = Result(0, "", self.build(folder, *args).err)
        return {name.split()[-1]: end == "CACHED" for name, end in result.ends().items()
                if " RUN " in name}

    def files(self, folder, *args):
        """The files of the result with their text."""
        out = self.new("-out")
        self.build(folder, *args, "-o", out)
        return {str(path.relative_to(out)): path.read_text(errors="replace")[:200]
                for path in out.rglob("*") if path.is_file()}

    def image(self, folder, *args):
        """The result as an image: see Image."""
        out = self.new("-image")
        self.build(folder, *args, "-o", f"type=oci,tar=false,dest={out}")
        return Image(out)

    def close(self):
        shutil.rmtree(self.room, ignore_errors=True)


class Image:
    """An image in an OCI layout folder."""

    def __init__(self, folder):
        self.folder = folder
        self.entries = json.loads((folder / "index.json").read_text())["manifests"]
        self.entry = self.entries[0]

    def blob(self, descriptor):
        path = self.folder / "blobs" / descriptor["digest"].replace(":", "/")
        return json.loads(path.read_text())

    @property
    def root(self):
        return self.blob(self.entry)

    @property
    def platforms(self):
        return sorted("{os}/{architecture}".format(**one["platform"])
                      for one in self.root["manifests"])

    @property
    def config(self):
        return self.blob(self.root["config"])


class OurTool(Tool):
    def __init__(self, builder):
        super().__init__("ktl")
        self.ktl = Ktl(builder)
        self.env = self.ktl.env

    def run(self, *args, **options):
        return self.ktl.build(*args, **options)

    def close(self):
        self.ktl.close()
        super().close()


class Buildx(Tool):
    """docker buildx with the driver `remote`. It adds no provenance, which would make an index of
    every image; ktl's lies beside the image."""

    def __init__(self, builder):
        super().__init__("buildx")
        home = self.room / "home"
        home.mkdir()
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8"}
        self.call("create", "--name", "it", "--driver", "remote", builder)

    def call(self, *args, env=None, **options):
        done = subprocess.run([program("buildx", "build/tools/buildx"), *map(str, args)],
                              env={**self.env, **(env or {})}, cwd=self.room, capture_output=True,
                              text=True, timeout=120, check=False, **options)
        return Result(done.returncode, done.stdout, done.stderr)

    def run(self, *args, **options):
        words = [str(arg).split("=")[0] for arg in args]
        if not {"--progress", "-q", "--quiet"} & set(words):
            args = ("--progress", "plain", *args)
        return self.call("build", "--builder", "it", "--provenance=false", *args, **options)

    def last_request(self):
        """What the newest build in the daemon's history, whoever made it, was asked for."""
        builds = self.call("history", "ls", "--builder", "it", "--format", "json").out.splitlines()
        newest = max(map(json.loads, builds), key=lambda one: one["created_at"])
        shown = self.call("history", "inspect", "--builder", "it", newest["ref"].split("/")[-1],
                          "--format", "json")
        return shown.json().get("Config", {})
