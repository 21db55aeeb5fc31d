"""An ordinary user on the machine, and what there is to be stolen from one: their own files, processes
and keys, since of root's they would get nothing without any fence either."""

import os
import pathlib
import subprocess

from rig.ktl import Ktl
from rig.process import ROOT, ok
from rig.spare_user import UID, SpareUser

BECOME = ["setpriv", "--reuid", str(UID), "--regid", str(UID), "--clear-groups"]


class Belongings:
    """As variables of the machine, until it is closed."""

    def __init__(self, machine):
        self.machine, self.before = machine, dict(machine.variables)
        self.folder = machine.folder / "commoner"
        names, attack = machine.variables, machine.kit / "attack"
        names["MARK"] = machine.put(self.folder / "secret", "mark", owner=UID)
        names["PLACE_OF_MARK"] = str(self.folder)
        names["USER_FILE"] = machine.put(self.folder / "other", "other-user", owner=UID + 1)
        names["HANDLE"] = ok([attack, "number", names["MARK"]]).strip()
        for key in ("SHM_FILE", "TMP_FILE"):
            os.chown(names[key], UID, UID)
        for name in ("docker.sock", "containerd.sock", "any.sock"):
            (machine.folder / name).chmod(0o666)
        held, where = machine.start(
            [*BECOME, "sh", "-c", 'exec "$@" 9< secret', "sh", attack, "hold", machine.nonce("memory")],
            cwd=self.folder, env={"PATH": os.environ["PATH"], "STOLEN_ENVIRON": machine.nonce("environ")})
        key = ok([*BECOME, attack, "addkey", "user", names["KEY_NAME"], machine.nonce("user-key")]).strip()
        machine.exit.callback(subprocess.run, [*BECOME, attack, "unlinkkey", key], check=False)
        names.update(HELD=str(held.pid), HELD_AT=where, KEY=key)

    def close(self):
        for key in ("SHM_FILE", "TMP_FILE"):
            os.chown(self.before[key], 0, 0)
        self.machine.variables.clear()
        self.machine.variables.update(self.before)


class Commoner(SpareUser):
    """ktl as that user, on the machine."""

    def __init__(self, machine):
        super().__init__()
        self.machine, self.run_ktl = machine, list(self.words)
        machine.variables["HOME_FILE"] = machine.put(self.home / ".ssh/id", "home", owner=UID)
        os.chown(self.home / ".ssh", UID, UID)

    def start(self, *args, cwd=None, **options):
        first, *rest = self.machine.inside(self.run_ktl, cwd or self.home)
        self.program = first
        return Ktl.start(self, *rest, *args, cwd=cwd, **options)

    def flags(self, mode):
        """The mode's, with policies where this user may read them."""
        ours = str(ROOT / "sandbox")
        return [flag.replace(ours, str(self.place / "share/ktl/sandbox")) for flag in mode.flags]

    def folder(self, path):
        """A folder that is theirs."""
        path = pathlib.Path(path)
        path.mkdir()
        os.chown(path, UID, UID)
        return path


