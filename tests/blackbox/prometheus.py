"""A strict reader of Prometheus's text format, version 0.0.4.

It takes what the format allows and the server promises: each metric once, with HELP and TYPE in
front of its samples, which stand together; counters end in _total; the buckets of a histogram grow
up to +Inf, which is the count. Anything else raises AssertionError.
"""

import re

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_NAME = r"[a-z][a-z0-9_]*"
_LABEL = rf'{_NAME}="(?:[^"\\\n]|\\["\\n])*"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? (-?[0-9]+(?:\.[0-9]+)?)")
_ESCAPED = {r"\"": '"', r"\\": "\\", r"\n": "\n"}


def _labels(text):
    pairs = re.findall(rf'({_NAME})="((?:[^"\\]|\\.)*)"', text or "")
    assert len({name for name, _ in pairs}) == len(pairs), f"a label twice: {text}"
    return {name: re.sub(r"\\.", lambda m: _ESCAPED[m[0]], value) for name, value in pairs}


def _check_name(name, kind, sample):
    suffixes = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
    assert sample in [name + suffix for suffix in suffixes], f"{sample} stands below {name}"


def _check_histogram(name, samples):
    """samples: {(sample name, labels): value}, those of one metric."""
    buckets = {}
    for (sample, labels), value in samples.items():
        if sample == name + "_bucket":
            others = frozenset(pair for pair in labels if pair[0] != "le")
            buckets.setdefault(others, []).append((float(dict(labels)["le"]), value))
    assert buckets, f"{name} has no buckets"
    for labels, steps in buckets.items():
        bounds, counts = zip(*steps)
        assert list(bounds) == sorted(set(bounds)) and bounds[-1] == float("inf"), (name, bounds)
        assert list(counts) == sorted(counts), (name, counts)
        assert samples[name + "_count", labels] == counts[-1], (name, labels)
        assert samples[name + "_sum", labels] >= 0, (name, labels)


def read(text, prefix="digestd_"):
    """{(name, frozenset of (label, value)): value} of every sample."""
    assert text.endswith("\n")
    metrics, kinds, helped, name = {}, {}, set(), None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            name, said = line[len("# HELP "):].split(" ", 1)
            assert name.startswith(prefix) and said and name not in helped, line
            helped.add(name)
        elif line.startswith("# TYPE "):
            typed, kind = line[len("# TYPE "):].split(" ")
            assert typed == name and name not in kinds, line
            assert kind in ("counter", "gauge", "histogram"), line
            assert (kind == "counter") == name.endswith("_total"), line
            kinds[name], metrics[name] = kind, {}
        else:
            match = _SAMPLE.fullmatch(line)
            assert match, f"no sample: {line!r}"
            assert name in kinds, f"a sample before its TYPE: {line}"
            _check_name(name, kinds[name], match[1])
            key = match[1], frozenset(_labels(match[2]).items())
            assert key not in metrics[name], f"twice: {line}"
            metrics[name][key] = float(match[3])
    assert helped == set(kinds)
    for name, kind in kinds.items():
        if kind == "histogram":
            _check_histogram(name, metrics[name])
    return {key: value for samples in metrics.values() for key, value in samples.items()}


def value(samples, name, **labels):
    """One sample's value; 0 where there is none, as of a status never answered."""
    return samples.get((name, frozenset(labels.items())), 0)
