"""A real buildkitd on a unix socket, with a state folder of its own."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from rig.process import Daemon, program

BUILDCTL = ("buildctl", "build/tools/buildctl")


def buildctl(address, *args, **options):
    return subprocess.run([program(*BUILDCTL), "--addr", address, *map(str, args)],
                          capture_output=True, text=True, timeout=options.pop("timeout", 180),
                          check=False, **options)


class Buildkitd(Daemon):
    """`registries`: hosts on loopback that speak plain HTTP. `platforms`: what it says it runs.
    `wrap`: words before its command line. `env`: variables besides those of the tests."""

    def __init__(self, registries=(), platforms=(), wrap=(), env=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ktl-bk-"))
        self.address = f"unix://{self.folder}/sock"
        config = self.folder / "buildkitd.toml"
        config.write_text("[dns]\n" + "".join(f'[registry."{host}"]\n  http = true\n'
                                              for host in registries))
        argv = [program("buildkitd", "build/libexec/ktl/buildkitd"), "--config", str(config),
                "--root", str(self.folder / "root"), "--addr", self.address,
                "--oci-worker-binary", program("runc"),
                *(f"--oci-worker-platform={name}" for name in platforms)]
        if os.getuid():
            argv = [program("rootlesskit"), "--net=host", "--copy-up=/etc", *argv,
                    "--oci-worker-no-process-sandbox"]
        super().__init__([*wrap, *argv], self.folder / "log", self.ready,
                         {**os.environ, **env} if env else None)

    def ready(self):
        return buildctl(self.address, "debug", "workers").returncode == 0

    def buildctl(self, *args, **options):
        return buildctl(self.address, *args, **options)

    def mounts(self):
        with open("/proc/self/mountinfo", encoding="utf-8") as lines:
            points = [line.split()[4] for line in lines]
        return [point for point in points if point.startswith(f"{self.folder}/")]

    def close(self):
        self.stop()
        for point in reversed(self.mounts()):  # a daemon that was killed leaves its steps' mounts
            subprocess.run(["umount", "--lazy", point], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
