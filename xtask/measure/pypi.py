"""Measures what `pip install` writes, one distribution a line.

    python3 pypi.py ROOTS OUT FOLDER

ROOTS names requirements, one a line. Each is resolved by pip itself, and every distribution that it
brings and that OUT does not have yet is installed for real, alone, into FOLDER and weighed there.
OUT is appended to, so that a stopped run goes on where it was. A line is

    name  version  bytes  of these .pyc  wheel's bytes  index pages' bytes  direct needs

with tabs between; a requirement with extras has a line of its own without bytes, which needs the
extras. A requirement that cannot be installed has a line with `-` as its version.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOTS, OUT, FOLDER = map(Path, sys.argv[1:4])
HOOK = """
import atexit, os
def log(url, size):
    with open(os.environ["MEASURE_LOG"], "a") as out:
        print(url, size, sep="\\t", file=out)
if "MEASURE_LOG" in os.environ:
    from pip._vendor.requests import Session
    send = Session.send
    def logged(self, request, **options):
        answer = send(self, request, **options)
        url = request.url.split("#")[0]
        length = answer.headers.get("Content-Length")
        if "/simple/" in url or url.endswith(".metadata"):
            length = len(answer.content)
        log(url, length or 0)
        return answer
    Session.send = logged
"""


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pip(arguments, log, seconds):
    environment = {
        **os.environ,
        "MEASURE_LOG": str(log),
        "PYTHONPATH": str(FOLDER / "hook"),
        "PIP_FIND_LINKS": "",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    command = [sys.executable, "-m", "pip", *arguments]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=seconds, text=True
        )
    except subprocess.TimeoutExpired:
        return "took too long"
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["failed"])[-1]


def sizes(log):
    """What was transferred, by address; that an address is asked for twice changes nothing."""
    if not log.exists():
        return {}
    lines = (line.rstrip("\n").split("\t") for line in log.read_text().splitlines())
    return {url: int(size) for url, size in lines}


def needs(metadata, extras):
    """The direct needs under CPython 3.11 on Linux, extras kept in the name."""
    from pip._vendor.packaging.requirements import Requirement

    found = set()
    for text in metadata.get("requires_dist", []):
        need = Requirement(text)
        for extra in extras or [""]:
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                own = sorted(map(canonical, need.extras))
                found.add(canonical(need.name) + (f"[{','.join(own)}]" if own else ""))
    return found


def weigh(folder):
    """All bytes below, and those of them in compiled files."""
    every = compiled = 0
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            size = path.stat().st_size
            every += size
            compiled += size if path.suffix == ".pyc" else 0
    return every, compiled


def main():
    (FOLDER / "hook").mkdir(parents=True, exist_ok=True)
    (FOLDER / "hook/sitecustomize.py").write_text(HOOK)
    done = set()
    if OUT.exists():
        done = {line.split("\t")[0] for line in OUT.read_text().splitlines()}

    def write(*columns):
        done.add(columns[0])
        with OUT.open("a") as out:
            print(*columns, sep="\t", file=out)

    for root in ROOTS.read_text().split():
        name, _, extras = root.rstrip("]").partition("[")
        name = canonical(name)
        wanted = sorted(canonical(extra) for extra in extras.split(",") if extra)
        key = name + (f"[{','.join(wanted)}]" if wanted else "")
        if key in done:
            continue
        report, log = FOLDER / "report.json", FOLDER / "log"
        for old in (report, log):
            old.unlink(missing_ok=True)
        error = pip(
            ["install", "--dry-run", "--ignore-installed", "--report", str(report), root], log, 240
        )
        if error:
            write(key, "-", 0, 0, 0, 0, error[:100].replace("\t", " "))
            continue
        pages = {}
        for url, size in sizes(log).items():
            if page := re.search(r"/simple/([^/]+)/?$", url):
                pages[canonical(page[1])] = size
        items = json.loads(report.read_text())["install"]
        by_name = {canonical(item["metadata"]["name"]): item for item in items}
        links = {}
        for item in items:
            metadata = item["metadata"]
            own = canonical(metadata["name"])
            links[own] = needs(metadata, [])
        # Requirements with extras, which pip has resolved as well.
        waiting = [key] if wanted else []
        for found in links.values():
            waiting += [need for need in found if "[" in need]
        while waiting:
            need = waiting.pop()
            base, _, list_of = need.rstrip("]").partition("[")
            if need in links or base not in by_name:
                continue
            links[need] = needs(by_name[base]["metadata"], list_of.split(",")) | {base}
            waiting += [more for more in links[need] if "[" in more]
        for own, item in sorted(by_name.items()):
            if own in done:
                continue
            version = item["metadata"]["version"]
            target = FOLDER / "target"
            shutil.rmtree(target, ignore_errors=True)
            log.unlink(missing_ok=True)
            error = pip(
                ["install", "--no-deps", "--no-cache-dir", "--target", str(target), f"{own}=={version}"],
                log,
                300,
            )
            if error:
                write(own, "-", 0, 0, 0, 0, error[:100].replace("\t", " "))
                continue
            every, compiled = weigh(target)
            wheel = sum(
                size
                for url, size in sizes(log).items()
                if "/simple/" not in url and not url.endswith(".metadata")
            )
            page = pages.get(own, 0)
            write(own, version, every, compiled, wheel, page, " ".join(sorted(links[own])))
            shutil.rmtree(target, ignore_errors=True)
        for need, found in sorted(links.items()):
            if "[" in need and need not in done:
                base = by_name[need.partition("[")[0]]
                write(need, base["metadata"]["version"], 0, 0, 0, 0, " ".join(sorted(found)))


main()
