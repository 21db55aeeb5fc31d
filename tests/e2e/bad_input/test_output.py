"""Outputs that cannot be written, and several ktl that want the same one."""

import subprocess

from rig import images

HELLO = "FROM scratch\nCOPY busybox /\n"


def test_a_full_disk(ktl, context):
    folder = context(HELLO)
    full = ktl.home / "full"
    full.mkdir()
    ktl.build_ok(folder)
    script = ('mount -t tmpfs -o size=256k none "$0" && "$@"; code=$?; ls -A "$0"; exit $code')
    done = subprocess.run(["unshare", "--map-root-user", "--mount", "sh", "-c", script, full,
                           ktl.program, "build", folder, "--builder", ktl.builder,
                           f"--oci={full}/image.tar"],
                          env=ktl.env, cwd=ktl.home, capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 7, done.stderr
    assert "space" in done.stderr.lower()
    assert "image.tar" not in done.stdout.replace(".image.tar.ktl-lock", "")


def test_a_missing_parent_is_made(ktl, context):
    ktl.build_ok(context(HELLO), f"--oci={ktl.home}/a/b/image.tar")
    assert (ktl.home / "a/b/image.tar").exists()


def test_a_folder_with_other_content_is_refused(ktl, context):
    other = ktl.home / "other"
    other.mkdir()
    (other / "precious").write_text("mine")
    result = ktl.build(context(HELLO), f"--oci={other}")
    assert result.code == 2
    assert "other" in result.err
    assert [path.name for path in other.iterdir()] == ["precious"]


def test_two_ktl_on_one_output(ktl, context):
    folder = context(HELLO)
    both = [ktl.start("build", folder, "--builder", ktl.builder, f"--oci={ktl.home}/one", "-t",
                      "one") for _ in range(2)]
    ends = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], ends
    assert images.inspect(f"oci:{ktl.home}/one")["Digest"].startswith("sha256:")
    assert [path.name for path in ktl.home.iterdir() if "ktl-tmp" in path.name] == []


def test_output_that_cannot_be_shown(ktl, context):
    folder = context(HELLO)
    with open("/dev/full", "w", encoding="utf-8") as full:
        process = ktl.start("build", folder, "--builder", ktl.builder, "-q", stdout=full)
        process.communicate(timeout=60)
    assert process.returncode == 7
