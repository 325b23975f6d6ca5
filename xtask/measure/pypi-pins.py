"""Measures what older versions of distributions come to, for what is said of pinned ones.

    python3 pypi-pins.py ROOTS MEASURED OUT FOLDER

Of ROOTS those are taken that MEASURED (see pypi.py) has with less than 700 MB, 150 of them by a hash
of their names. Each is installed into FOLDER, with all that it needs, in the version that was the
newest at the end of May 2025 and in that of the end of November 2023, where there are wheels of it
and that does not take minutes. OUT is appended to, so that a stopped run goes on where it was. A line
is

    name  version  date before which it was the newest  bytes

with tabs between.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

from pip._vendor.packaging.version import InvalidVersion, Version

ROOTS, MEASURED, OUT, FOLDER = map(Path, sys.argv[1:5])
INDEX = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
DATES = ("2025-05-30", "2023-11-30")
LARGEST = 700_000_000
CHOSEN = 150


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(rows, name):
    """Bytes of a distribution with all that it needs, as they were measured."""
    seen, waiting = {name}, [name]
    while waiting:
        for need in rows[waiting.pop()][6].split():
            if need in rows and need not in seen:
                seen.add(need)
                waiting.append(need)
    return sum(int(rows[name][2]) for name in seen)


def versions(name):
    """Releases with the time at which the first file of each came."""
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    request = urllib.request.Request(f"{INDEX}/{name}/", headers=accept)
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    found = {}
    for file in files:
        part = re.match(r".+?-(\d[^-]*?)(?:-|\.tar|\.zip)", file["filename"])
        try:
            version = Version(part[1]) if part else None
        except InvalidVersion:
            version = None
        if version is None or version.is_prerelease or file.get("yanked"):
            continue
        found[version] = min(found.get(version, "9"), file.get("upload-time", "9"))
    return found


def weigh(folder):
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files)


def main():
    lines = MEASURED.read_text().splitlines()
    rows = {line.split("\t")[0]: (line + "\t").split("\t") for line in lines}
    roots = [canonical(root) for root in ROOTS.read_text().split() if "[" not in root]
    roots = [root for root in roots if root in rows and rows[root][1] != "-"]
    roots = [root for root in roots if closure(rows, root) < LARGEST]
    roots.sort(key=lambda root: hashlib.md5(root.encode()).hexdigest())
    target = FOLDER / "target"
    done = {line.split("\t")[0] for line in OUT.read_text().splitlines()} if OUT.exists() else set()
    for root in roots[:CHOSEN]:
        if root in done:
            continue
        known, used = versions(root), set()
        for date in DATES:
            older = [version for version, time in known.items() if time < date]
            if not older or max(older) in used:
                continue
            version = max(older)
            used.add(version)
            shutil.rmtree(target, ignore_errors=True)
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary=:all:"]
            command += ["--no-cache-dir", "--target", str(target), f"{root}=={version}"]
            try:
                run = subprocess.run(command, capture_output=True, timeout=120)
            except subprocess.TimeoutExpired:
                continue
            if run.returncode == 0:
                with OUT.open("a") as out:
                    print(root, version, date, weigh(target), sep="\t", file=out)


main()
