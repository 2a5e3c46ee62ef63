"""What the Containerfile's second stage has: the packages of the group `image`, as this Debian has them."""
import atexit
import functools
import pathlib
import re
import shutil
import tempfile

from chart import HONGYAN, ROOT, run

USER = 65532
# Of packages that only prepare something at installation, and of which nothing is left at run time.
NOT_AT_RUN_TIME = {"debconf", "openssl", "perl-base", "dpkg", "tar"}


def listed():
    lines = (ROOT / "tools/packages").read_text().splitlines()
    return [name for line in lines if line.startswith("image ") for name in line.split()[1:]]


@functools.cache
def closure():
    """The packages listed and all that they depend on."""
    found, open_ends = set(), listed()
    while open_ends:
        name = open_ends.pop()
        if name in found or name in NOT_AT_RUN_TIME:
            continue
        done = run("dpkg-query", "-W", "-f", "${db:Status-Status}, ${Depends}, ${Pre-Depends}\n", name)
        if not done.stdout.startswith("installed,"):
            continue  # an alternative that is not the one installed
        found.add(name)
        open_ends += re.findall(r"(?:^|[,|]) *([a-z0-9.+-]+)", done.stdout.splitlines()[0])
    return found


def usr_merged(path):
    """/lib/x and /usr/lib/x are one file, and dpkg knows it by either name."""
    return path if path.startswith(("/usr/", "/etc/")) else "/usr" + path


@functools.cache
def files():
    done = run("dpkg-query", "-L", *sorted(closure()))
    assert done.returncode == 0, done.stderr
    return {usr_merged(path) for path in done.stdout.splitlines() if path.startswith("/")}


def libraries():
    """Where the loader finds each library of the program."""
    done = run("ldd", HONGYAN)
    assert done.returncode == 0, done.stderr
    return sorted(usr_merged(str(pathlib.Path(path).resolve())) for path in re.findall(r"(/\S+) \(0x", done.stdout))


@functools.cache
def unpacked():
    """A folder with the image's libraries, data and program, and nothing else; gone when Python ends."""
    root = pathlib.Path(tempfile.mkdtemp(prefix="hongyan-image-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    wanted = ("/usr/lib/", "/usr/lib64/", "/usr/share/zoneinfo/", "/usr/share/publicsuffix/")
    for path in sorted(files()):
        source = pathlib.Path(path)
        if not path.startswith(wanted) or not (source.is_file() or source.is_symlink()):
            continue
        target = root / path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
    certificates = root / "etc/ssl/certs/ca-certificates.crt"
    certificates.parent.mkdir(parents=True)
    shutil.copy2("/etc/ssl/certs/ca-certificates.crt", certificates)
    program = root / "usr/local/bin/hongyan"
    program.parent.mkdir(parents=True)
    shutil.copy2(HONGYAN, program)
    root.chmod(0o755)
    return root
