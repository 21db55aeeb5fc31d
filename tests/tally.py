#!/usr/bin/python3
"""tally.py SKIPS XML...: adds up JUnit reports and prints 'N passed, N failed' as its last line.

A skipped or disabled test is printed with its reason, and counts as failed unless SKIPS names it
('<test> <reason>' a line, a '*' at a test's end stands for the rest, '#' starts a comment). Exit code: 0 when nothing failed and something
passed."""

import sys
import xml.etree.ElementTree as ElementTree


def allowed_skips(path):
    with open(path, encoding="utf-8") as lines:
        rows = [line.split("#")[0].split(None, 1) for line in lines]
    return {row[0]: row[1].strip() for row in rows if len(row) == 2}


def is_allowed(name, allowed):
    return name in allowed or any(row.endswith("*") and name.startswith(row[:-1]) for row in allowed)


def skip_reason(case):
    """The reason, or None when the test ran."""
    skipped = case.find("skipped")
    if skipped is not None:
        return skipped.get("message") or "no reason given"
    if case.get("status") in ("notrun", "disabled"):
        return "disabled"
    return None


def cases(paths):
    """Yields (name, outcome, reason) of every test in the reports."""
    for path in paths:
        for case in ElementTree.parse(path).iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}"
            reason = skip_reason(case)
            if reason is not None:
                yield name, "skipped", reason
            elif case.find("failure") is not None or case.find("error") is not None:
                yield name, "failed", ""
            else:
                yield name, "passed", ""


def main(skips_path, *reports):
    allowed = allowed_skips(skips_path)
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for name, outcome, reason in cases(reports):
        if outcome == "skipped":
            known = is_allowed(name, allowed)
            print(f"SKIPPED {name}: {reason}" + ("" if known else " [not in tests/skips.txt]"))
            outcome = "skipped" if known else "failed"
        elif outcome == "failed":
            print(f"FAILED {name}")
        count[outcome] += 1
    print(f"{count['passed']} passed, {count['failed']} failed"
          + (f", {count['skipped']} skipped" if count["skipped"] else ""))
    return 0 if count["passed"] and not count["failed"] else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
