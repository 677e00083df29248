"""Generated entries for the benchmarks: made of the words of the shipped ones, as often as they are
there, and as long as those. The same seed makes the same entries. Standard library only.

Copyright (c) 2026 the digestd authors; the terms are in bare.h.
"""

import datetime
import json
import random
import re
import shutil

import harness
from harness import BenchError

PER_FILE = 2000
FIRST_DAY = datetime.date(2010, 1, 1)
DAYS = 5000


class Shipped:
    """What the shipped entries are made of. Reads no more of YAML than they use."""

    def __init__(self, content):
        self.titles, self.summaries, self.tags, self.categories, self.authors = [], [], [], [], []
        text = "".join(p.read_text("utf-8") for p in sorted(content.glob("entries/**/*.yaml")))
        for entry in re.split(r"(?m)^- ", text)[1:]:
            self.add(entry)
        if not self.titles:
            raise BenchError(f"no entries in {content}")
        self.title_words = [w for t in self.titles for w in t]
        self.summary_words = [w for s in self.summaries for w in s]

    def add(self, entry):
        def value(pattern):
            found = re.search(pattern, entry, re.M)
            return found.group(1) if found else ""

        self.titles.append(value(r"^title: (.*)").strip("\"'").split())
        self.summaries.append(value(r"^  summary: \|\n((?:    .*\n|\n)*)").split())
        self.tags.append(value(r"^  tags: (\[.*\])") or "[]")
        self.categories.append(value(r"^  categories: (\[.*\])"))
        self.authors.append(value(r'name: "([^"]*)"') or value(r"^  author: ([^{\n]*)"))


def generate(shipped, rng, number):
    """One entry as YAML; JSON strings are YAML's too."""
    like = rng.randrange(len(shipped.titles))
    title = rng.choices(shipped.title_words, k=len(shipped.titles[like]))
    summary = rng.choices(shipped.summary_words, k=len(shipped.summaries[like]))
    day = FIRST_DAY + datetime.timedelta(rng.randrange(DAYS))
    return (f"- title: {json.dumps(' '.join(title), ensure_ascii=False)}\n"
            f"  slug: e{number}\n"
            f"  url: https://example.org/{number}\n"
            f"  date: {day}\n"
            f"  author: {json.dumps(shipped.authors[like], ensure_ascii=False)}\n"
            f"  categories: {shipped.categories[like]}\n"
            f"  tags: {shipped.tags[like]}\n"
            f"  summary: {json.dumps(' '.join(summary), ensure_ascii=False)}\n")


def make_content(folder, count, seed):
    """A content directory of that many entries, with the shipped digest.yaml."""
    shipped, rng = Shipped(harness.CONTENT), random.Random(seed)
    entries = folder / "entries"
    entries.mkdir(parents=True)
    shutil.copy(harness.CONTENT / "digest.yaml", folder)
    for first in range(0, count, PER_FILE):
        text = "".join(generate(shipped, rng, n) for n in range(first, min(first + PER_FILE, count)))
        (entries / f"{first:07}.yaml").write_text(text, "utf-8")
