"""Images made here, not pulled: as OCI layouts, brought into a registry by skopeo."""

import base64
import gzip
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
import pathlib

from rig.process import ROOT, program

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

# A Dockerfile's beginning: a shell and its friends, from the busybox that `context` puts there.
BASE = 'FROM scratch\nCOPY busybox /bin/\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n'


def skopeo(*args, timeout=120):
    """skopeo with plain HTTP and no signature policy of this machine; its stdout."""
    done = subprocess.run([program("skopeo"), "--insecure-policy", *map(str, args)],
                          capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == 0, f"skopeo {args}: {done.stderr}"
    return done.stdout


def inspect(reference, *args):
    """The manifest's facts: skopeo inspect of docker://, oci:, oci-archive: or dir:."""
    plain = ["--tls-verify=false"] if reference.startswith("docker:") else []
    return json.loads(skopeo("inspect", *plain, *args, reference))


class Layout:
    """An OCI image layout folder being written."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "blobs/sha256").mkdir(parents=True)
        (self.folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def blob(self, media_type, data):
        digest = hashlib.sha256(data).hexdigest()
        (self.folder / "blobs/sha256" / digest).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    def document(self, media_type, document):
        return self.blob(media_type, json.dumps(document).encode())


def tar_of(files):
    """`files`: name -> bytes (a program), or name -> "-> target" (a symbolic link)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.mode = 0o755
            if isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content.removeprefix("-> ")
                tar.addfile(entry)
            else:
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def write_layout(folder, files, config, platforms=("amd64",)):
    """A layout with one image; several platforms share its one layer and make an index."""
    layout = Layout(folder)
    tar = tar_of(files)
    layer = layout.blob(LAYER, gzip.compress(tar, compresslevel=1, mtime=0))
    manifests = []
    for architecture in platforms:
        made = layout.document(CONFIG, {
            "architecture": architecture, "os": "linux", "config": config,
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest()]}})
        manifest = layout.document(MANIFEST, {"schemaVersion": 2, "mediaType": MANIFEST,
                                              "config": made, "layers": [layer]})
        manifests.append({**manifest, "platform": {"os": "linux", "architecture": architecture}})
    if len(manifests) > 1:
        manifests = [layout.document(INDEX, {"schemaVersion": 2, "mediaType": INDEX,
                                             "manifests": manifests})]
    (layout.folder / "index.json").write_text(json.dumps(
        {"schemaVersion": 2, "manifests": [{**manifests[0], "annotations": {
            "org.opencontainers.image.ref.name": "it"}}]}))


def push(registry, name, files, config, platforms=("amd64",)):
    """Makes an image and pushes it; returns its full name."""
    work = pathlib.Path(tempfile.mkdtemp(prefix="ktl-img-"))
    write_layout(work / "layout", files, config, platforms)
    skopeo("copy", "--all", "--dest-tls-verify=false", f"oci:{work}/layout:it",
           f"docker://{registry.host}/{name}")
    shutil.rmtree(work)
    return f"{registry.host}/{name}"


def login(user, password):
    """As an auth file has it."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def push_with_login(registry, name, files, config, user, password):
    """push(), to a registry that wants to know who comes."""
    work = pathlib.Path(tempfile.mkdtemp(prefix="ktl-img-"))
    write_layout(work / "layout", files, config)
    skopeo("copy", "--all", "--dest-tls-verify=false", "--dest-creds", f"{user}:{password}",
           f"oci:{work}/layout:it", f"docker://{registry.host}/{name}")
    shutil.rmtree(work)


def busybox_files():
    binary = pathlib.Path("/bin/busybox").read_bytes()
    applets = subprocess.run(["/bin/busybox", "--list"], capture_output=True, text=True,
                             check=True).stdout.split()
    return {"bin/busybox": binary,
            **{f"bin/{name}": "-> busybox" for name in applets if name != "busybox"}}


def push_busybox(registry, name="library/busybox:1", platforms=("amd64",)):
    path = {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]}
    return push(registry, name, busybox_files(), {**path, "Cmd": ["sh"]}, platforms)


def push_frontend(registry, name="docker/dockerfile:1"):
    """BuildKit's Dockerfile frontend as an image, for `# syntax=`."""
    binary = (ROOT / "build/tools/dockerfile-frontend").read_bytes()
    caps = ",".join(f"moby.buildkit.frontend.{cap}" for cap in ("inputs", "subrequests", "contexts"))
    return push(registry, name, {"bin/dockerfile-frontend": binary},
                {"Entrypoint": ["/bin/dockerfile-frontend"],
                 "Labels": {"moby.buildkit.frontend.network.none": "true",
                            "moby.buildkit.frontend.caps": caps}})
