"""BuildKit's older parser, through cgo: microseconds a file. FILES has the texts."""

import json
import sys
import time

import dockerfile

with open(sys.argv[1], encoding="utf-8") as source:
    files = json.load(source)["files"]


def run():
    start = time.perf_counter()
    for text in files:
        try:
            dockerfile.parse_string(text)
        except dockerfile.GoParseError:
            pass
    return time.perf_counter() - start


print(min(run() for _ in range(15)) * 1e6 / len(files))
