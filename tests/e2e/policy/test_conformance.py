"""OPA's own cases, from its module, by the engine's language and limits (tools/rego/conformance_test.go)."""

import os
import re
import subprocess

from rig.process import ROOT


def test_opas_cases_pass():
    modules = dict(line.split("=", 1)
                   for line in (ROOT / "build/tools/modules.env").read_text().splitlines())
    done = subprocess.run([ROOT / "build/tools/rego-cases", "-test.run", "Conformance", "-test.v"],
                          env={**os.environ, "KTL_OPA_MODULE": modules["KTL_OPA_MODULE"]},
                          capture_output=True, text=True, timeout=300, check=False)
    passed, run = map(int, re.search(r"(\d+) of (\d+) cases", done.stdout).groups())
    assert done.returncode == 0 and run > 4000 and passed / run >= 0.99, done.stdout[-8000:]
