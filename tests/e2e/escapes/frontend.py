"""The place of a frontend: an image that the Dockerfile names, run by the daemon beside its build."""

import pathlib
import shutil
import subprocess

from escapes import places
from escapes.attempts import FRONTEND
from rig import images
from rig.process import ok, program, wait_until

PORT = 18083
NAME = f"127.0.0.1:{PORT}/attack/frontend"
# Its standard output is the gateway's, so what was got goes to the daemon's log.
ENTRY = """case "$(/kit/busybox env)" in *build-arg:SHELL=*)
  /kit/busybox sh /kit/all /kit /tmp/results print >&2;; esac
exec /kit/frontend"""


def serve(machine):
    """A registry on the machine's loopback."""
    folder = machine.folder / "registry"
    folder.mkdir()
    (folder / "config.yml").write_text(
        f"version: 0.1\nlog: {{level: warn}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f"http: {{addr: '127.0.0.1:{PORT}'}}\n")
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(["nsenter", f"--net={machine.host}", program("docker-registry"),
                                    "serve", folder / "config.yml"], stdout=log, stderr=log)
    machine.exit.callback(process.wait)
    machine.exit.callback(process.kill)
    ask = ["nsenter", f"--net={machine.host}", "busybox", "wget", "-q", "-O", "/dev/null",
           f"http://127.0.0.1:{PORT}/v2/"]
    wait_until(lambda: subprocess.run(ask, capture_output=True, check=False).returncode == 0, "the registry")


def push(machine):
    """The frontend's image; returns its name with its digest."""
    kit = places.pack(machine, machine.folder / "frontend-kit", FRONTEND)
    shutil.copy(program("attack-frontend", "build/tools/attack-frontend"), kit / "frontend")
    files = {f"kit/{path.relative_to(kit)}": f"-> {path.readlink()}" if path.is_symlink() else path.read_bytes()
             for path in kit.rglob("*") if path.is_symlink() or path.is_file()}
    layout = machine.folder / "frontend-image"
    images.write_layout(layout, {**files, "tmp/.keep": b""},
                        {"Entrypoint": ["/kit/busybox", "sh", "-c", ENTRY]})
    ok(["nsenter", f"--net={machine.host}", program("skopeo"), "--insecure-policy", "copy",
        "--dest-tls-verify=false", f"oci:{layout}:it", f"docker://{NAME}:1"])
    return f"{NAME}@{images.inspect(f'oci:{layout}:it')['Digest']}"


def results(text):
    """What a frontend printed, from the daemon's log: name -> text. Later ones count."""
    found = {}
    for part in text.split("=== ")[1:]:
        name, _, rest = part.partition("\n")
        found[name] = rest
    return found


def ask(user, folder, name, log, *args, shell=False, attempts=()):
    """One build with the frontend; (the build, what the frontend printed)."""
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text(f"# syntax={name}\nFROM scratch\n")
    before = pathlib.Path(log).stat().st_size
    words = [f"--build-arg=ATTEMPTS={','.join(attempts)}", *(["--build-arg=SHELL=1"] if shell else [])]
    done = user.build(folder, "--no-cache", *words, *args)
    with open(log, "rb") as file:
        file.seek(before)
        return done, results(file.read().decode(errors="replace"))
