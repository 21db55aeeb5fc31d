"""The plugin of tests/e2e/plugins, built from the SDK as a third party would."""

import pathlib
import tempfile

from rig.process import ROOT, ok


def build_plugins():
    """The folder with the plugins; theirs and the tests' to remove."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ktl-plug-"))
    for command in (["cmake", "-S", ROOT / "tests/e2e/plugins", "-B", folder, "-G", "Ninja",
                     "-DCMAKE_BUILD_TYPE=Debug"], ["ninja", "-C", folder]):
        ok(command)
    return folder


def judged(ktl, folder, end):
    """Writes a project file in which e2e.judge ends its scan with `end`; returns its path."""
    file = ktl.home / "judged.yaml"
    file.write_text(f"plugin-dirs: [{folder}/plugins]\n"
                    f"plugins:\n  - id: e2e.judge\n    config: {{end: {end}}}\n")
    return file
