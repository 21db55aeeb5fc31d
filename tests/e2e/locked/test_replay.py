"""Projects with real downloads in RUN, built again where there is no network and nothing cached."""

import hashlib
import json
import shutil

import pytest

from hermetic.dockerfiles import said
from locked.world import BYTES, HTML, JSON, fetched, keep_image, wheel, write_lock
from rig import images
from rig.images import busybox_files, inspect


class Pip:
    """An application that needs two wheels."""

    def __init__(self, index):
        step = (f"RUN pip install --no-cache-dir --no-compile --index-url {index.url}/simple "
                "--disable-pip-version-check --root-user-action ignore --target /app six idna")
        self.text = step + "\nRUN PYTHONPATH=/app python3 -B -c 'import six, idna; print(idna.encode(\"x\"))'\n"
        self.downloads = []
        for name in ("six", "idna"):
            file, data = wheel(name)
            digest = hashlib.sha256(data).hexdigest()
            page = f'<!DOCTYPE html><a href="../../files/{file}#sha256={digest}">{file}</a>'.encode()
            index.pages[f"/simple/{name}/"] = (page, HTML)
            index.pages[f"/files/{file}"] = (data, BYTES)
            self.downloads += [(step, f"{index.url}/simple/{name}/", page, HTML),
                               (step, f"{index.url}/files/{file}", data, BYTES)]
        self.changed = f"/files/{wheel('six')[0]}"


class Npm:
    """An application that needs a package."""

    def __init__(self, index):
        step = (f"RUN mkdir /app && cd /app && npm install --registry {index.url}/ --no-audit --no-fund "
                "--no-update-notifier --cache /dev/shm/npm left-pad@1.3.0 && rm -rf /root/.npm")
        self.text = step + "\nRUN cd /app && node -e 'console.log(require(\"left-pad\")(\"x\", 3))'\n"
        file, data = next((file, data) for file, data in fetched().items() if file.endswith(".tgz"))
        tarball = f"{index.url}/left-pad/-/{file}"
        page = json.dumps({"name": "left-pad", "dist-tags": {"latest": "1.3.0"}, "versions": {"1.3.0": {
            "name": "left-pad", "version": "1.3.0",
            "dist": {"tarball": tarball, "shasum": hashlib.sha1(data).hexdigest()}}}}).encode()
        index.pages["/left-pad"] = (page, JSON)
        index.pages[f"/left-pad/-/{file}"] = (data, BYTES)
        self.downloads = [(step, f"{index.url}/left-pad", page, JSON), (step, tarball, data, BYTES)]
        self.changed = f"/left-pad/-/{file}"


PROJECTS = [Pip, pytest.param(Npm, marks=pytest.mark.skipif(not shutil.which("npm"),
                                                          reason="needs npm"))]


@pytest.fixture(params=PROJECTS)
def project(request, index, context, workshop):
    name, digest = workshop
    made = request.param(index)
    made.folder = context(f"FROM {name}\n{made.text}")
    write_lock(made.folder, {name: digest}, downloads=made.downloads)
    return made


def digest_and_ends(ktl, folder, *args):
    result = ktl.build_ok(folder, "--locked", "-t", "it:1", "--metadata-file", ktl.home / "meta.json",
                          *args, timeout=300)
    meta = json.loads((ktl.home / "meta.json").read_text())
    return meta["containerimage.digest"], result


def test_it_is_replayed_without_a_network(lone_ktl, project, index, workshop, fresh_buildkitd):
    keep_image(lone_ktl, workshop[0])
    first, _ = digest_and_ends(lone_ktl, project.folder, index.near, "--builder",
                               fresh_buildkitd.address)
    assert {path for _, path in index.asked} == {url.split("/", 3)[-1] and "/" + url.split("/", 3)[-1]
                                                 for _, url, _, _ in project.downloads}
    index.close()
    address = lone_ktl.run("builder", "start", "--network", "none")
    assert address.code == 0, address.err
    second, replay = digest_and_ends(lone_ktl, project.folder, "--builder", address.out.split()[-1])
    assert second == first
    assert "CACHED" not in replay.ends().values(), replay.err
    assert sum(name.startswith("[") and "RUN" in name for name in replay.ends()) == 2


def test_one_byte_that_changed_fails_with_step_and_url(ktl, project, index):
    data, kind = index.pages[project.changed]
    index.pages[project.changed] = (data[:-1] + bytes([data[-1] ^ 1]), kind)
    result = ktl.build(project.folder, "--locked", index.near, "-t", "it:1", timeout=300)
    assert result.code == 3, result.err
    step = project.downloads[0][0]
    said(result, step[:40], index.url + project.changed, "sha256:" + hashlib.sha256(data).hexdigest())


def test_a_frontend_is_taken_from_what_is_kept(ktl, context, fresh_registry):
    """Under a name at which nobody serves it any more."""
    name = images.push_frontend(fresh_registry, "docker/gone:1")
    digest = inspect(f"docker://{name}")["Digest"]
    base = images.push(fresh_registry, "it/gone:1", busybox_files(), {"Env": ["PATH=/bin"]})
    base_digest = inspect(f"docker://{base}")["Digest"]
    folder = context(f"# syntax={name}\nFROM {base}\nRUN true\n")
    write_lock(folder, {name: digest, base: base_digest})
    keep_image(ktl, name)
    keep_image(ktl, base)
    fresh_registry.stop()
    ktl.build_ok(folder, "--locked")
