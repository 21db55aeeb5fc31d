"""Hostile repositories, one a row: Dockerfile, files and links of the context.

{NAME} in a text is a variable of the machine. A row has succeeded when a nonce is in the result or
in what ktl says; `bare` is a shell command that shows the same reach without any fence."""

import dataclasses

HEAD = "FROM scratch AS base\nCOPY busybox attack /\n"
TAKE = "FROM scratch\nCOPY --from=base /got* /\n"


@dataclasses.dataclass(frozen=True)
class Recipe:
    name: str
    kind: str
    dockerfile: str
    files: tuple = ()  # (name, text)
    links: tuple = ()  # (name, target)
    args: tuple = ()
    bare: str = ""
    opened: bool = False  # open by intent with the network of the profile internet

    def __str__(self):
        return self.name


def run(script, options=""):
    """A step that keeps what `script` prints, and the image of that."""
    return f"{HEAD}RUN {options} [\"/busybox\", \"sh\", \"-c\", \"({script}) >/got 2>&1; exit 0\"]\n{TAKE}"


RECIPES = [
    # The context and what is named in a Dockerfile.
    Recipe("copy-absolute", "context", "FROM scratch\nCOPY {MARK} /got\n", bare="cat {MARK}"),
    Recipe("copy-parents", "context", "FROM scratch\nCOPY ../../../../../../..{MARK} /got\n",
           bare="cat ../../../../../../..{MARK}"),
    Recipe("copy-link", "context", "FROM scratch\nCOPY link /got\n", links=(("link", "{MARK}"),),
           bare="cat link"),
    Recipe("copy-link-relative", "context", "FROM scratch\nCOPY link /got\n",
           links=(("link", "../../../../../../../../../..{MARK}"),), bare="cat link"),
    Recipe("copy-through-folder", "context", "FROM scratch\nCOPY folder/secret /got\n",
           links=(("folder", "{PLACE_OF_MARK}"),), bare="cat folder/secret"),
    Recipe("copy-glob", "context", "FROM scratch\nCOPY folder/s*t /got\n",
           links=(("folder", "{PLACE_OF_MARK}"),), bare="cat folder/s*t"),
    Recipe("copy-links-chain", "context", "FROM scratch\nCOPY one/secret /got\n",
           links=(("one", "two"), ("two", "three"), ("three", "{PLACE_OF_MARK}")), bare="cat one/secret"),
    Recipe("copy-proc", "context", "FROM scratch\nCOPY link /got\n",
           links=(("link", "/proc/self/root{MARK}"),), bare="cat link"),
    Recipe("copy-whole-folder", "context", "FROM scratch\nCOPY . /got/\n",
           links=(("folder", "{PLACE_OF_MARK}"), ("file", "{MARK}")), bare="cat file"),
    Recipe("dockerfile-link", "context", "", links=(("Dockerfile", "{MARK}"),), bare="cat Dockerfile"),
    Recipe("dockerignore-link", "context", "FROM scratch\nCOPY . /got/\n",
           links=((".dockerignore", "{MARK}"),), bare="cat .dockerignore"),
    Recipe("other-user-link", "context", "FROM scratch\nCOPY link /got\n",
           links=(("link", "{USER_FILE}"),), bare="cat link"),
    Recipe("home-link", "context", "FROM scratch\nCOPY link /got\n", links=(("link", "{HOME_FILE}"),),
           bare="cat link"),
    Recipe("bind-host-folder", "context",
           run("/busybox cat /in/secret", "--mount=type=bind,source={PLACE_OF_MARK},target=/in"),
           bare="cat {MARK}"),
    Recipe("bind-link", "context", run("/busybox cat /in/secret", "--mount=type=bind,source=folder,target=/in"),
           links=(("folder", "{PLACE_OF_MARK}"),), bare="cat folder/secret"),
    # Where a Dockerfile may name urls and images.
    Recipe("add-file-url", "urls", "FROM scratch\nADD file://{MARK} /got\n", bare="cat {MARK}"),
    Recipe("add-git-file", "urls", "FROM scratch\nADD file://{PLACE_OF_MARK}/repository.git#main /got\n",
           bare="git --git-dir {PLACE_OF_MARK}/repository.git show main:note"),
    Recipe("add-loopback", "urls", "FROM scratch\nADD http://127.0.0.1:{PORT}/ /got\n",
           bare="attack tcp 127.0.0.1 {PORT}"),
    Recipe("add-own-address", "urls", "FROM scratch\nADD http://{OWN}:{PORT}/ /got\n",
           bare="attack tcp {OWN} {PORT}"),
    Recipe("add-metadata", "urls", "FROM scratch\nADD http://169.254.169.254/ /got\n",
           bare="attack tcp 169.254.169.254 80"),
    Recipe("add-redirect-metadata", "urls", "FROM scratch\nADD http://{OUTSIDE}:81/ /got\n",
           bare="attack tcp 169.254.169.254 80"),
    Recipe("add-redirect-loopback", "urls", "FROM scratch\nADD http://{OUTSIDE}:83/ /got\n",
           bare="attack tcp 127.0.0.1 {PORT}"),
    Recipe("add-outside", "urls", "FROM scratch\nADD http://{OUTSIDE}/ /got\n",
           bare="attack tcp {OUTSIDE} 80", opened=True),
    Recipe("loopback-port-of-an-image", "urls",
           "FROM 127.0.0.1:{PORT}/decoy AS decoy\nFROM scratch\nADD http://127.0.0.1:{PORT}/ /got\n",
           bare="attack tcp 127.0.0.1 {PORT}"),
    Recipe("loopback-port-of-an-image-used", "urls",
           "FROM 127.0.0.1:{FORWARDED}/decoy AS decoy\nFROM scratch\nADD http://127.0.0.1:{FORWARDED}/ /got\n"
           "COPY --from=decoy / /decoy\n", bare="attack tcp 127.0.0.1 {FORWARDED}"),
    # What steps may ask for.
    Recipe("insecure", "entitlements",
           run("/attack device {DISK} secret", "--security=insecure"),
           bare="attack device {DISK} secret"),
    Recipe("insecure-allowed", "entitlements",
           run("/attack device {DISK} secret", "--security=insecure"),
           args=("--allow", "security.insecure"), bare="attack device {DISK} secret"),
    Recipe("host-network", "entitlements", run("/attack tcp 127.0.0.1 {PORT}", "--network=host"),
           bare="attack tcp 127.0.0.1 {PORT}"),
    Recipe("device", "entitlements", run("/busybox cat /dev/loop0", "--device=vendor/disk"),
           bare="attack device {DISK} secret"),
    Recipe("cache-mount-parents", "mounts of steps",
           run("/busybox find /in -name secret -exec /busybox cat {{}} +",
               "--mount=type=cache,source=../../../../../../..{PLACE_OF_MARK},target=/in"),
           bare="cat {MARK}"),
    Recipe("cache-mount-id", "mounts of steps",
           run("/busybox cat /in/secret", "--mount=type=cache,id=../../..{PLACE_OF_MARK},target=/in"),
           bare="cat {MARK}"),
    Recipe("secret-of-host", "mounts of steps",
           run("/busybox cat /run/secrets/*", "--mount=type=secret,id={MARK},required=false"),
           bare="cat {MARK}"),
    Recipe("secret-environment", "mounts of steps",
           run("/busybox cat /run/secrets/*", "--mount=type=secret,id=KTL_TEST_TOKEN,required=false"),
           bare="echo $KTL_TEST_TOKEN"),
    Recipe("ssh-agent", "mounts of steps",
           run("/attack unix /run/buildkit/ssh_agent.0", "--mount=type=ssh,required=false"),
           bare="attack unix {SOCKET}"),
    Recipe("bind-stage-link", "mounts of steps",
           HEAD + 'RUN ["/busybox", "ln", "-s", "/", "/out"]\n'
           'RUN --mount=type=bind,from=base,source=/out{PLACE_OF_MARK},target=/in '
           '["/busybox", "sh", "-c", "cp /in/secret /got; exit 0"]\n' + TAKE, bare="cat {MARK}"),
    Recipe("copy-stage-link", "stages",
           HEAD + 'RUN ["/busybox", "ln", "-s", "{MARK}", "/got"]\n' + TAKE, bare="cat {MARK}"),
    Recipe("copy-stage-parents", "stages",
           HEAD + "FROM scratch\nCOPY --from=base ../../../../../../../..{MARK} /got\n", bare="cat {MARK}"),
    Recipe("copy-onto-link", "stages",
           HEAD + 'RUN ["/busybox", "ln", "-s", "/proc/1/root{VICTIMS}", "/out"]\nCOPY attack /out/\n'
           'RUN ["/busybox", "ln", "-s", "../../../../../../..{VICTIMS}", "/out2"]\nCOPY attack /out2/\n'
           "FROM scratch\nCOPY --from=base /attack /fine\n", bare=""),
    Recipe("workdir-link", "stages",
           HEAD + 'RUN ["/busybox", "ln", "-s", "/proc/1/root{PLACE_OF_MARK}", "/in"]\nWORKDIR /in\n'
           'RUN ["/busybox", "sh", "-c", "cat secret > /got; exit 0"]\n' + TAKE, bare="cat {MARK}"),
]
