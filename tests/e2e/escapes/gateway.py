"""What a hostile frontend (`# syntax=`) asks the builder for: rows for the attempts of
tools/attack-frontend, which does in its container what attempts.py lists as well.

`bare`: it succeeds with a daemon that has no fence and grants every entitlement. `alone`: a refusal
ends the build, so it gets one of its own. `asks`: succeeded already when a stand-in was asked for that."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Question:
    name: str
    net: str = ""
    bare: bool = False
    alone: bool = False
    asks: str = ""

    def __str__(self):
        return self.name


def rows(names, **more):
    return [Question(name, **more) for name in names.split()]


QUESTIONS = [
    # Steps and containers with more than a Dockerfile may say.
    *rows("step-host-network step-insecure container-host-network container-insecure", bare=True),
    *rows("step-loopback container-loopback", net="loopback", bare=True),
    *rows("step-metadata container-metadata", net="metadata", bare=True),
    *rows("step-outside container-outside", net="outside", bare=True),
    *rows("step-secret step-environment step-agent container-secret container-agent"),
    *rows("step-cache-mount step-selector step-selector-link container-selector container-cache"),
    # Files by way of what was built, and of the folders that the session shares.
    *rows("read-link read-folder read-parents read-proc list-link copy-link copy-link-glob"),
    *rows("local-root local-place local-parents local-follow local-patterns local-unfenced layout-store"),
    *rows("nested-insecure"),
    # Sources.
    *rows("http-metadata http-redirect", net="metadata", alone=True, bare=True),
    *rows("http-header", net="metadata", alone=True),
    *rows("http-loopback", net="loopback", alone=True, bare=True),
    *rows("http-own", net="own", alone=True, bare=True),
    *rows("http-outside convert-policy", net="outside", alone=True, bare=True),
    *rows("git-file git-option git-loopback image-loopback image-metadata config-loopback nested-context",
          alone=True),
    Question("cache-registry", "outside", alone=True, bare=True, asks="stolen/registry"),
    Question("cache-actions", "outside", alone=True, bare=True, asks="stolen-actions"),
    Question("cache-s3", "outside", alone=True, bare=True, asks="/stolen/"),
    Question("cache-azure", "outside", alone=True, bare=True, asks="stolen-azure"),
    *rows("cache-local", alone=True),
    # Pinned, but named by nobody except the frontend: the question itself carries something out.
    Question("pinned-file", "outside", alone=True, bare=True, asks="stolen-file"),
]
