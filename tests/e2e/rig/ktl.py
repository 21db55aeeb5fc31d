"""Runs build/bin/ktl in an environment of its own."""

import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

from rig.process import ROOT

KTL = pathlib.Path(os.environ.get("KTL_PROGRAM", ROOT / "build/bin/ktl"))  # another build of it


@dataclasses.dataclass
class Result:
    code: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)

    def ends(self):
        """How each step ended, as plain progress says it: name -> "CACHED", "DONE 0.1s" ..."""
        names, ends = {}, {}
        for number, text in re.findall(r"^#(\d+) (.*)$", self.err, re.MULTILINE):
            if number not in names:
                names[number] = text
            elif re.match(r"(CACHED|DONE|ERROR|CANCELED)\b", text):
                ends[names[number]] = text
        return ends

    def cached(self, word):
        """Whether the one step with `word` in its name came from the cache."""
        (end,) = [end for name, end in self.ends().items() if word in name]
        return end == "CACHED"


class Ktl:
    """A user of ktl: home folder, XDG folders and environment belong to this object alone.

    `builder` is what --builder gets unless the arguments name one."""

    program = str(KTL)

    def __init__(self, builder=None):
        # Short on purpose: a unix socket's path has at most 107 bytes.
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="ktl-"))
        # Unique like the folder, and fit for a repository: mkdtemp may end a name with "_".
        self.label = self.home.name.lower().replace("_", "x")
        self.builder = builder
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8",
                    "TMPDIR": str(self.home / "tmp")}
        for name in ("CONFIG_HOME", "CACHE_HOME", "STATE_HOME", "DATA_HOME", "RUNTIME_DIR"):
            self.env[f"XDG_{name}"] = str(self.home / name.split("_")[0].lower())
        for folder in list(self.env.values())[3:]:
            pathlib.Path(folder).mkdir(mode=0o700)

    def start(self, *args, cwd=None, env=None, **popen):
        assert KTL.exists(), f"{KTL} is missing: run scripts/build"
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE, "text": True, "errors": "surrogateescape", **popen}
        return subprocess.Popen([self.program, *map(str, args)], cwd=cwd or self.home,
                                env={**self.env, **(env or {})}, **options)

    def run(self, *args, cwd=None, env=None, timeout=180, **popen):
        process = self.start(*args, cwd=cwd, env=env, **popen)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            out, err = process.communicate()
            raise AssertionError(f"ktl {args} took more than {timeout} s\n{out}\n{err}") from None
        return Result(process.returncode, out, err)

    def build(self, context, *args, **options):
        """ktl build, with plain progress and the given builder unless args say otherwise."""
        words = [str(arg).split("=")[0] for arg in args]
        if self.builder and "--builder" not in words:
            args = ("--builder", self.builder, *args)
        if not {"--progress", "-q", "--quiet"} & set(words):
            args = ("--progress", "plain", *args)
        return self.run("build", context, *args, **options)

    def build_ok(self, context, *args, **options):
        result = self.build(context, *args, **options)
        assert result.code == 0, f"ktl build ended with {result.code}\n{result.out}\n{result.err}"
        return result

    def close(self):
        if any(self.home.rglob("family.lock")):
            self.run("builder", "stop", "--all", "--force")
        shutil.rmtree(self.home, ignore_errors=True)
