"""The table of requirements, and the tests that name them.

A test names its requirements at the beginning of its name: test_m03_m08_not_ours in pytest,
g12_the_url_is_escaped (with or without test_) in cmocka.
"""

import dataclasses
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent

ROW = re.compile(r"([A-Z]-\d\d) (MUST|SHOULD|MAY) +(\S.*)")
REMARK = re.compile(r"\tout of scope( in part)?: (\S.*)")

# A function that is a test, and its name.
PYTEST = re.compile(r"^def (test_\w+)\(", re.M)
CMOCKA = re.compile(r"^static void (\w+)\(void \*\*", re.M)


@dataclasses.dataclass
class Requirement:
    number: str
    level: str
    rule: str
    in_scope: bool = True
    remark: str = ""  # why it is not, or a part of it is not


def read(faults, name="requirements"):
    """The requirements in the order of the file. What is wrong with it is added to faults."""
    table = {}
    last = None
    for number, line in enumerate((HERE / name).read_text().splitlines(), 1):
        if match := ROW.fullmatch(line):
            last = Requirement(*match.groups())
            if last.number in table:
                faults.append(f"{name}:{number}: {last.number} is there already")
            table[last.number] = last
        elif (match := REMARK.fullmatch(line)) and last and not last.remark:
            last.in_scope, last.remark = bool(match[1]), match[2]
        elif line and not line.startswith("#"):
            faults.append(f"{name}:{number}: neither a requirement nor a remark on one: {line!r}")
    return table


def numbers(test):
    """The requirements that a test's name begins with: ["M-03", "M-08"]."""
    rows = re.match(r"(?:test_)?((?:[a-z]\d\d_)*)", test)[1]
    return [f"{row[0].upper()}-{row[1:]}" for row in rows.split("_")[:-1]]


def tests(source):
    """{(file name, test): the numbers that it names}, of all tests that name any."""
    found = {}
    for folder, ending, pattern in (("blackbox", "py", PYTEST), ("unit", "c", CMOCKA)):
        for file in sorted(pathlib.Path(source, "tests", folder).glob(f"test_*.{ending}")):
            for test in pattern.findall(file.read_text()):
                if rows := numbers(test):
                    found[file.name, test] = rows
    return found
