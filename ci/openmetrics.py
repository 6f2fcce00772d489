#!/usr/bin/env python3
"""Checks that an OpenMetrics exposition and its text twin are valid and carry the same samples.

    pip install prometheus_client
    curl -H 'Accept: application/openmetrics-text' localhost:10170/metrics > om
    curl localhost:10170/metrics > text
    ci/openmetrics.py text < om

Values of process_* and of anything else that moves between two scrapes differ honestly: --names compares series only.
"""

import argparse
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open_metrics
from prometheus_client.parser import text_string_to_metric_families as parse_text


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("text", help="file with the exposition in text format 0.0.4")
    arguments.add_argument("--names", action="store_true", help="compare names and labels, not values")
    arguments = arguments.parse_args()
    with open(arguments.text, encoding="utf-8", newline="") as file:
        text = samples("text", parse_text, file.read())
    body = sys.stdin.buffer.read().decode("utf-8")
    if "\r\n" in body:
        fail("the OpenMetrics exposition ends a line with a carriage return")
    open_metrics = samples("OpenMetrics", parse_open_metrics, body)
    compare(text, open_metrics, arguments.names)
    print(f"{len(text)} samples, the same in both formats")


def samples(name, parse, body):
    """All samples of an exposition, each only once."""
    found = {}
    try:
        for family in parse(body):
            for sample in family.samples:
                key = (sample.name, tuple(sorted(sample.labels.items())))
                if key in found:
                    fail(f"the {name} exposition carries {show(key)} twice")
                if sample.timestamp is not None:
                    fail(f"the {name} exposition carries {show(key)} with a timestamp")
                found[key] = sample.value
    except (ValueError, KeyError, IndexError) as error:
        fail(f"the {name} exposition does not parse: {error}")
    if not found:
        fail(f"the {name} exposition is empty")
    return found


def compare(text, open_metrics, names_only):
    for key in text.keys() ^ open_metrics.keys():
        fail(f"only the {'text' if key in text else 'OpenMetrics'} exposition carries {show(key)}")
    for key, value in text.items():
        if not names_only and repr(float(value)) != repr(float(open_metrics[key])):
            fail(f"{show(key)} is {value} in text and {open_metrics[key]} in OpenMetrics")


def show(key):
    name, labels = key
    return name + "{" + ",".join(f'{label}="{value}"' for label, value in labels) + "}"


def fail(sentence):
    sys.exit(f"openmetrics.py: {sentence}")


if __name__ == "__main__":
    main()
