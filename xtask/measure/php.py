"""Measures what `docker-php-ext-install` and `pecl install` leave, by really building extensions.

    python3 php.py SOURCE OUT PACKAGE...

SOURCE is PHP's own source, unpacked; each of its extensions that can be built is built as the official
images do it: phpize, configure with the images' compiler options, make, and all symbols taken out of
what comes of it. A PACKAGE is an archive as PECL has them, which `pecl install` builds from; what that
writes stays with its symbols, and with what pecl keeps beside it. phpize, pecl and the libraries that
extensions need have to be installed: Debian's packages php-dev, php-pear and the libraries' `-dev`.
A line of OUT is, in bytes, with tabs between,

    name  extension  other files  what pecl leaves in /tmp

where other files are headers and, of pecl, documentation, tests and its own record, and pecl leaves
the archive that it fetches where it is not given one.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE, OUT, PACKAGES = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
# Source: the images' environment, `PHP_CFLAGS` and `PHP_LDFLAGS`.
FLAGS = "-fstack-protector-strong -fpic -fpie -O2 -D_LARGEFILE_SOURCE -D_FILE_OFFSET_BITS=64"
LINKED = "-Wl,-O1 -pie"
MULTIARCH = subprocess.run(["gcc", "-print-multiarch"], capture_output=True, text=True).stdout.strip()
# What extensions have to be told so that they can be built, as their users tell them.
OPTIONS = {
    "gd": ["--with-freetype", "--with-jpeg", "--with-webp"],
    "imap": ["--with-kerberos", "--with-imap-ssl"],
    "ldap": [f"--with-libdir=lib/{MULTIARCH}"],
    "pdo_dblib": [f"--with-libdir=lib/{MULTIARCH}"],
    "pdo_odbc": ["--with-pdo-odbc=unixODBC,/usr"],
    "dba": ["--with-gdbm", "--with-lmdb"],
}

# Of no use to anybody but PHP's own tests.
EXAMPLES = {"dl_test", "skeleton", "zend_test"}


def run(*command, cwd, **environment):
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[-1:])


def weigh(folder):
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def own(extension):
    with tempfile.TemporaryDirectory() as folder:
        # Some look for the sources of others beside them.
        tree = Path(folder) / "php"
        shutil.copytree(SOURCE, tree, symlinks=True)
        place = tree / "ext" / extension
        if not (place / "config.m4").exists():
            (place / "config0.m4").rename(place / "config.m4")
        run("phpize", cwd=place)
        flags = {"CFLAGS": FLAGS, "CXXFLAGS": FLAGS, "CPPFLAGS": FLAGS, "LDFLAGS": LINKED}
        run("./configure", "--enable-option-checking=fatal", *OPTIONS.get(extension, []), cwd=place, **flags)
        run("make", "-j2", cwd=place)
        root = Path(folder) / "root"
        run("make", "install", f"INSTALL_ROOT={root}", cwd=place)
        made = list(root.rglob("*.so"))
        if not made:
            raise RuntimeError("nothing was built")
        run("strip", "--strip-all", *map(str, made), cwd=place)
        size = sum(path.stat().st_size for path in made)
        return size, weigh(root) - size, 0


def of_pecl(package):
    def places():
        config = lambda name: Path(
            subprocess.run(["pecl", "config-get", name], capture_output=True, text=True).stdout.strip()
        )
        found = {name: config(name) for name in ("ext_dir", "php_dir", "doc_dir", "test_dir", "data_dir")}
        headers = subprocess.run(["php-config", "--include-dir"], capture_output=True, text=True)
        return {*found.values(), Path(headers.stdout.strip()), Path("/tmp/pear")}

    def files():
        return {
            path: path.stat().st_size
            for place in places()
            for path in place.rglob("*")
            if path.is_file() and not path.is_symlink()
        }

    shutil.rmtree("/tmp/pear", ignore_errors=True)
    before = files()
    # Questions are answered as they are by default.
    subprocess.run(["pecl", "install", package], input="\n" * 20, capture_output=True, text=True, check=True)
    new = {path: size for path, size in files().items() if before.get(path) != size}
    made = sum(size for path, size in new.items() if path.suffix == ".so" and "/tmp/" not in str(path))
    left = sum(size for path, size in new.items() if str(path).startswith("/tmp/pear"))
    return made, sum(new.values()) - made - left, left + Path(package).stat().st_size


def main():
    known = {line.split("\t")[0] for line in OUT.read_text().splitlines()} if OUT.exists() else set()
    folders = (path for path in sorted((SOURCE / "ext").iterdir()) if path.is_dir())
    rows = [(path.name, own, path.name) for path in folders if path.name not in EXAMPLES]
    for package in PACKAGES:
        name = Path(package).name.rsplit("-", 1)[0]
        rows.append((f"pecl/{name}", of_pecl, package))
    for name, measure, what in rows:
        if name in known:
            continue
        try:
            sizes = measure(what)
        except (RuntimeError, subprocess.CalledProcessError, OSError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        with OUT.open("a") as out:
            out.write("\t".join([name, *map(str, sizes)]) + "\n")


main()
