"""Measures what Debian packages write when they are installed, one package a line.

    python3 debian.py SUITE NAMES OUT FOLDER MIRROR

Each package that NAMES lists, one a line, is fetched by apt-get from MIRROR (a URL above `debian` and
`debian-security`) into FOLDER, read and removed. OUT is appended to, so that a stopped run goes on
where it was. A line is, in bytes, with tabs between,

    name  version  files  files in slim images  Python sources  dpkg's record  asks

where slim images leave out what their dpkg.cfg.d/docker excludes (documentation but the copyright,
manual pages, translations), Python sources are those that are compiled when the package is
configured, and dpkg's record is the entry in its status file with the files in its info folder;
`asks` is 1 for a package that puts questions to debconf.
"""

import io
import re
import subprocess
import sys
import tarfile
from pathlib import Path

SUITE, NAMES, OUT, FOLDER = sys.argv[1], *map(Path, sys.argv[2:5])
MIRROR = sys.argv[5]
EXCLUDED = re.compile(r"\./usr/share/(doc/(?!.*/copyright$)|groff/|info/|linda/|lintian/|locale/|man/)")
# What py3compile and the packages of the standard library compile.
COMPILED = re.compile(r"\./usr/lib/python3(\.\d+)?/.*\.py$")
BATCH = 40


def set_up():
    for part in ("lists/partial", "archives/partial", "etc", "debs"):
        (FOLDER / part).mkdir(parents=True, exist_ok=True)
    keys = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    security = f"{MIRROR}/debian-security"
    (FOLDER / "etc/sources.list").write_text(
        f"deb {keys} {MIRROR}/debian {SUITE} main\n"
        f"deb {keys} {MIRROR}/debian {SUITE}-updates main\n"
        f"deb {keys} {security} {SUITE}-security main\n"
    )
    (FOLDER / "status").touch()
    apt("update")


def apt(*arguments):
    options = {
        "Dir::Etc::SourceList": FOLDER / "etc/sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": FOLDER / "lists",
        "Dir::State::Status": FOLDER / "status",
        "Dir::Cache::Archives": FOLDER / "archives",
        "Dir::Cache::PkgCache": "",
        "Dir::Cache::SrcPkgCache": "",
        "APT::Architecture": "amd64",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
    }
    words = [f"-o{name}={value}" for name, value in options.items()]
    return subprocess.run(
        ["apt-get", "-qq", *words, *arguments], cwd=FOLDER / "debs", capture_output=True, text=True
    )


def measure(deb):
    control = subprocess.run(["dpkg-deb", "--ctrl-tarfile", deb], capture_output=True, check=True)
    record = asks = 0
    name = version = ""
    with tarfile.open(fileobj=io.BytesIO(control.stdout)) as members:
        for member in members:
            asks |= member.name == "./config"
            if member.name == "./control":
                text = members.extractfile(member).read().decode()
                name = re.search(r"^Package: (.*)$", text, re.M)[1]
                version = re.search(r"^Version: (.*)$", text, re.M)[1]
                record += member.size + len("Status: install ok installed\n\n")
            elif member.isfile() and member.name != "./conffiles":
                record += member.size
            elif member.name == "./conffiles":
                # In the status file, with a checksum each.
                text = members.extractfile(member).read().decode()
                record += member.size + 34 * text.count("\n")
    every = slim = sources = 0
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as members:
            for member in members:
                record += len(member.name)
                # A hard link is the file again for whoever adds up a tree, but no bytes in a tar.
                if not member.isfile():
                    continue
                every += member.size
                if not EXCLUDED.match(member.name):
                    slim += member.size
                    if COMPILED.match(member.name):
                        sources += member.size
    return name, version, every, slim, sources, record, int(asks)


def main():
    done = set()
    if OUT.exists():
        done = {line.split("\t")[0] for line in OUT.read_text().splitlines()}
    set_up()
    names = [name for name in NAMES.read_text().split() if name not in done]
    for at in range(0, len(names), BATCH):
        batch = names[at : at + BATCH]
        if apt("download", *batch).returncode != 0:
            # One that is not there stops all.
            for name in batch:
                apt("download", name)
        for deb in sorted((FOLDER / "debs").glob("*.deb")):
            with OUT.open("a") as out:
                print(*measure(deb), sep="\t", file=out)
            deb.unlink()


main()
