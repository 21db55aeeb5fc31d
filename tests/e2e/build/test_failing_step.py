"""A build that fails says where and why, and leaves nothing behind."""

import pytest

BASE = "FROM scratch\nCOPY busybox /bin/sh\n"


def test_a_failing_step_is_named_with_its_line_and_log(ktl, context):
    folder = context(BASE + '# a comment\nRUN echo before it fails && \\\n    exit 42\n')
    result = ktl.build(folder, "-t", "never", f"--oci={ktl.home}/out.tar")
    assert result.code == 1
    assert "exit code: 42" in result.err
    assert "RUN echo before it fails" in result.err
    assert "Dockerfile:4" in result.err
    assert "before it fails" in result.err.split("- log:")[1]
    assert result.out == ""
    assert not (ktl.home / "out.tar").exists()


def test_a_failing_step_leaves_no_result_files(ktl, context):
    folder = context(BASE + "RUN false\n")
    result = ktl.build(folder, "--iidfile", ktl.home / "iid", "--metadata-file", ktl.home / "meta",
                       f"--oci={ktl.home}/out")
    assert result.code == 1
    assert not any((ktl.home / name).exists() for name in ("iid", "meta", "out"))


@pytest.mark.parametrize("dockerfile, said", [
    ("FROM scratch\nCOPPY a b\n", "Dockerfile:2"),
    ("FROM scratch\nCOPY --nope a b\n", "Dockerfile:2"),
    ("RUN true\n", "Dockerfile:1"),
    ("FROM scratch\nCOPY missing.txt /\n", "missing.txt"),
    ("FROM scratch\nCOPY --from=nobody a /\n", "nobody"),
    ("", "Dockerfile"),
    ("FROM scratch\nRUN <<EOF\nno end\n", "EOF"),
])
def test_a_wrong_dockerfile_is_a_failed_build(ktl, context, dockerfile, said):
    result = ktl.build(context(dockerfile))
    assert result.code == 1
    assert said in result.err


def test_unknown_target(ktl, context):
    result = ktl.build(context("FROM scratch AS base\n"), "--target", "bsae")
    assert result.code in (1, 2)
    assert "bsae" in result.err


def test_an_unknown_base_image(ktl, context, registry):
    result = ktl.build(context(f"FROM {registry.host}/no/such:image\n"))
    assert result.code == 1
    assert f"{registry.host}/no/such:image" in result.err


# The head of a program for s390x: ELF, 64 bits, big endian, machine 22.
S390X = b"\x7fELF\x02\x02\x01" + bytes(9) + b"\x00\x02\x00\x16\x00\x00\x00\x01" + bytes(200)


def test_a_foreign_step_without_an_emulator_names_both(ktl, context):
    folder = context("FROM scratch\nCOPY --chmod=755 sh /bin/sh\nRUN true\n", {"sh": S390X})
    result = ktl.build(folder, "--platform", "linux/s390x")
    assert result.code == 1
    assert "RUN true" in result.err
    assert "emulat" in result.err


def test_a_failure_in_a_long_dockerfile_is_told_in_full(ktl, context):
    """The details hold the file; the builder cannot send as much in headers."""
    lines = "".join(f"# line {i:04d}, {'x' * 80}\n" for i in range(2000))
    result = ktl.build(context(BASE + lines + "RUN echo it fails; exit 7\n"))
    assert result.code == 1
    assert "exit code: 7" in result.err.split("Error: ")[1]
    assert "location: Dockerfile:2003" in result.err
    assert "it fails" in result.err.split("- log:")[1]
