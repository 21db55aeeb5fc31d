"""kube-pod://: the exec protocol of a program called kubectl, which here is a stand-in for one: it
checks its arguments and does what the pod would do. Against a cluster nothing is tested."""

import pytest

from rig.process import program

SMALL = "FROM scratch\nCOPY Dockerfile /it\n"


@pytest.fixture
def path(lone_ktl, buildkitd):
    """A PATH with such a kubectl; what it was called with is in its folder."""
    folder = lone_ktl.home / "kube"
    folder.mkdir()
    kubectl = folder / "kubectl"
    kubectl.write_text(f"""#!/bin/sh
printf '%s\\n' "$*" >> {folder}/calls
case "$*" in *gone*) echo 'Error from server (NotFound): pods "gone" not found' >&2; exit 1;; esac
while [ "$1" != -- ]; do shift; done
shift
[ "$*" = "buildctl dial-stdio" ] || exit 64
exec {program("buildctl", "build/tools/buildctl")} --addr {buildkitd.address} dial-stdio
""")
    kubectl.chmod(0o755)
    return {"PATH": f"{folder}:{lone_ktl.env['PATH']}"}


def calls(ktl):
    return (ktl.home / "kube/calls").read_text().splitlines()


def test_a_build_goes_through_kubectl_exec(lone_ktl, context, path):
    lone_ktl.build_ok(context(SMALL), "-t", "in-a-pod:1", "--builder",
                      "kube-pod://builder-0?namespace=ci&container=buildkitd&context=far", env=path)
    assert set(calls(lone_ktl)) == {
        "exec -i --container=buildkitd --context=far --namespace=ci builder-0 -- "
        "buildctl dial-stdio"}


def test_what_kubectl_says_is_shown(lone_ktl, context, path):
    result = lone_ktl.build(context(SMALL), "--builder", "kube-pod://gone", env=path)
    assert result.code == 6
    assert 'pods "gone" not found' in result.err


@pytest.mark.parametrize("address", ["kube-pod://", "kube-pod://-x", "kube-pod://a?namespace=-o",
                                     "kube-pod://a?image=x", "kube-pod://a;b"])
def test_what_names_no_pod_is_exit_2(lone_ktl, context, path, address):
    result = lone_ktl.build(context(SMALL), "--builder", address, env=path)
    assert result.code == 2, result.err
    assert not (lone_ktl.home / "kube/calls").exists()
