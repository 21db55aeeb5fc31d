"""Flags that RUN steps feel: each row builds once and looks at what the step saw."""

import pytest

from rig.images import BASE

# flags, what the step prints, what has to stand in the log
ROWS = {
    "add-host": (["--add-host", "db:10.1.2.3", "--add-host", "six=[fd00::1]"], "cat /etc/hosts",
                 ["10.1.2.3\tdb", "fd00::1\tsix"]),
    "shm-size": (["--shm-size", "33m"], "df -k /dev/shm", ["33792"]),
    "ulimit": (["--ulimit", "nofile=123:456"], "ulimit -Sn; ulimit -Hn", [" 123", " 456"]),
    "no-network": (["--network", "none"], "ls /sys/class/net | tr '\\n' '.'", [" lo."]),
    "build-arg": (["--build-arg", "WORD=hello"], "echo got-$WORD", ["got-hello"]),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_step_feels_it(row, ktl, context):
    flags, script, words = ROWS[row]
    folder = context(f"{BASE}ARG WORD\nRUN {script} # {ktl.label}\n")
    result = ktl.build_ok(folder, *flags)
    for word in words:
        assert word in result.err, result.err


def test_no_cache_filter(ktl, context):
    folder = context(f"{BASE.replace('scratch', 'scratch AS base')}\n"
                     f"FROM base AS one\nRUN echo first-{ktl.label} >/a\n"
                     f"FROM base\nRUN echo second-{ktl.label} >/b\nCOPY --from=one /a /a\n")
    ktl.build_ok(folder)
    again = ktl.build_ok(folder, "--no-cache-filter", "one")
    assert again.cached("second-"), again.err
    assert not again.cached("first-"), again.err


def test_entitlements_are_refused_by_a_builder_that_has_none(ktl, context):
    folder = context(f"{BASE}RUN --security=insecure true\n")
    result = ktl.build(folder, "--allow", "security.insecure")
    assert result.code != 0
    assert "security.insecure" in result.err


BAD = {
    ("--add-host", "x:nowhere"): "no IP address",
    ("--add-host", "x:host-gateway"): "host-gateway",
    ("--ulimit", "nofiles=1"): "setrlimit",
    ("--ulimit", "nofile=9:3"): "above the hard one",
    ("--shm-size", "64q"): "no size",
    ("--resource", "memery=1g"): "memory",
    ("--allow", "everything"): "--allow does not know",
    ("--annotation", "novalue"): "KEY=VALUE",
    ("--annotation", "layer:a=b"): "manifest-descriptor",
    ("--build-context", "x=/no/such/folder"): "no folder",
    ("--build-context", "x=target:y"): "ktl.yaml",
    ("--cache-to", "type=local"): "needs dest=",
    ("--cache-to", "type=registry,ref=a/b,mode=maximum"): "mode is min or max",
    ("--cache-to", "type=registry,ref=a/b,compresion=zstd"): "compression",
    ("--cache-from", "type=s3,bucket=b,secret_access_key=x"): "credential",
    ("--cache-from", "type=ftp"): "the types are",
    ("-o", "type=local"): "needs dest=",
    ("-o", "type=zip,dest=x"): "the types are",
    ("-o", "type=oci,dest=x,nonsense=1"): "does not know",
    ("-o", "type=local,dest=-"): "stdout",
    ("-o", "type=registry"): "-t",
}


@pytest.mark.parametrize("flag", BAD, ids=" ".join)
def test_what_is_wrong_is_said_before_anything_is_built(flag, ktl, context):
    result = ktl.build(context("FROM scratch\nCOPY busybox /\n"), *flag)
    assert result.code == 2, result.err
    assert BAD[flag] in result.err
    assert "[1/" not in result.err
