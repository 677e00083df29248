"""Golden pages: tests/golden/NAME has an input and what each format makes of it.

    tests/golden/NAME/content/                           a content directory
    tests/golden/NAME/expect.gopher, .gemini, .text      pages, each below a line "==== PATH"

A new page is a new "==== PATH" line, a new case a new directory; no code is needed. With
DIGESTD_GOLDEN=write in the environment the pages below those lines are written anew: then look at
the difference, for nobody else will.
"""

import os
import pathlib
import re

import pytest

from smallweb import run

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
CASES = sorted(file for file in GOLDEN.glob("*/expect.*"))


def pages(file):
    """(path, bytes) of each page of an expect file."""
    parts = re.split(rb"^==== (/\S*)\n", file.read_bytes(), flags=re.M)
    assert parts[0] == b"", f"{file} begins with ==== PATH"
    return list(zip((path.decode() for path in parts[1::2]), parts[2::2]))


def render(file, path):
    done = run("render", "-C", file.parent / "content", "--hostname", "digest.example.org", file.suffix[1:], path)
    assert not done.stderr, done.stderr.decode()
    return done.stdout


def test_there_are_cases():
    assert {file.suffix for file in CASES} == {".gopher", ".gemini", ".text"}


@pytest.mark.parametrize("file", CASES, ids=lambda file: f"{file.parent.name}{file.suffix}")
def test_golden(file):
    expected = pages(file)
    assert expected
    got = [(path, render(file, path)) for path, _ in expected]
    if os.environ.get("DIGESTD_GOLDEN") == "write":
        file.write_bytes(b"".join(b"==== %s\n%s" % (path.encode(), page) for path, page in got))
    for (path, want), (_, have) in zip(expected, got):
        assert have.decode().splitlines() == want.decode().splitlines(), path
        assert have == want, path
