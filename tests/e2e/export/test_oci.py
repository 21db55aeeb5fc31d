"""--oci and ktl's own store: layouts that others read."""

import tarfile

from rig import images

HELLO = "FROM scratch\nCOPY busybox /bin/busybox\n"


def test_folder_archive_and_store_hold_one_image(ktl, context):
    folder = context(HELLO)
    kept = ktl.build_ok(folder, "-t", "app:1").out.split()
    ktl.build_ok(folder, f"--oci={ktl.home}/dir")
    ktl.build_ok(folder, f"--oci={ktl.home}/file.tar")
    digests = {images.inspect(f"oci:{ktl.home}/dir")["Digest"],
               images.inspect(f"oci-archive:{ktl.home}/file.tar")["Digest"], kept[1]}
    assert len(digests) == 1
    assert images.inspect(f"oci:{kept[3]}:docker.io/library/app:1")["Digest"] in digests


def test_archives_of_one_image_are_equal(ktl, context):
    folder = context(HELLO)
    for name in ("a.tar", "b.tar"):
        ktl.build_ok(folder, f"--oci={ktl.home}/{name}")
    assert (ktl.home / "a.tar").read_bytes() == (ktl.home / "b.tar").read_bytes()
    assert all(entry.mtime == 0 for entry in tarfile.open(ktl.home / "a.tar"))


def test_a_layout_is_updated_and_keeps_only_what_is_needed(ktl, context):
    first = context(HELLO)
    second = context(HELLO + "LABEL second=1\n", name="second")
    ktl.build_ok(first, f"--oci={ktl.home}/dir", "-t", "app")
    ktl.build_ok(second, f"--oci={ktl.home}/dir", "-t", "app")
    blobs = list((ktl.home / "dir/blobs/sha256").iterdir())
    assert len(blobs) == 3  # a manifest, a configuration, a layer
    assert images.inspect(f"oci:{ktl.home}/dir", "--config")["config"]["Labels"] == {"second": "1"}


def test_skopeo_brings_it_to_a_registry(ktl, context, registry):
    ktl.build_ok(context(HELLO), f"--oci={ktl.home}/file.tar")
    target = f"docker://{registry.host}/by-skopeo:1"
    images.skopeo("copy", "--dest-tls-verify=false", f"oci-archive:{ktl.home}/file.tar", target)
    assert (images.inspect(target)["Digest"] ==
            images.inspect(f"oci-archive:{ktl.home}/file.tar")["Digest"])


def test_nothing_is_written_into_the_context(ktl, context):
    folder = context(HELLO)
    before = sorted(path.name for path in folder.iterdir())
    ktl.build_ok(folder, "-t", "x", "--oci", cwd=folder)
    assert sorted(path.name for path in folder.iterdir()) == before
