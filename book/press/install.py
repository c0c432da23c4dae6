"""Make the virtual environment that `make` works in, and install the requirements into it.

usage: python3 -I install.py folder

What cannot work is said in one line, with what to do, and exit status 1. An environment that was
there stays usable: pip downloads everything before it replaces anything. The next `make` goes on
from where a failed one stopped. The syntax is Python 3.6's, so that an old Python gets the line.
"""

import ast
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

OLDEST, NO_TENSORFLOW = (3, 11), (3, 14)
ROOT = Path(__file__).resolve().parents[2]
FILES = [ROOT / "requirements.txt", ROOT / "constraints.txt"]
OFFLINE = r"(?i)connection|resol(ve|ution) |timed? ?out|proxyerror|unreachable|no route to host"
# Of the reader's settings for pip these count, which say how to reach an index: others, such as
# `target`, `user` or `no-deps`, would put the packages elsewhere or leave some out.
REACH = "cache_dir cert client_cert default_timeout extra_index_url find_links index_url no_index "
REACH += "keyring_provider no_cache_dir proxy retries timeout trusted_host use_feature"
REACH = ["PIP_" + name.upper() for name in REACH.split()]
# What the environment's own folders hold; those of the Python that made it do not count.
LOOK = """
import importlib.metadata, json, sys, sysconfig
path, found = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")], {}
for each in importlib.metadata.distributions(path=path):  # half of one has neither
    found[str(each.metadata["Name"]).lower()] = str(each.version).split("+")[0]  # as in 2.13.0+cpu
print(json.dumps([sys.version_info[:2], sys.prefix, found]))"""


def check_python(version, which=shutil.which, find_spec=importlib.util.find_spec):
    """Exit unless `version`, such as (3, 11), is new enough and can make an environment."""
    if version[:2] < OLDEST:
        others = [f"python3.{minor}" for minor in range(19, 10, -1) if which(f"python3.{minor}")]
        todo = "run" if others else "install one, then"
        what = f"Python {version[0]}.{version[1]} is too old: the book needs 3.11 or newer"
        sys.exit(f"{what}; {todo}: make PYTHON={(others or ['python3.12'])[0]}")
    if version[:2] >= NO_TENSORFLOW:
        print("Without TensorFlow, which has no wheels for this Python: stage 5 is not run here")
    if not (find_spec("venv") and find_spec("ensurepip")):  # Debian packs that part separately
        what = "This Python comes without its venv module: install it, then run make again "
        sys.exit(what + "(on Debian and Ubuntu: apt install python3-venv)")


def run(python, *arguments, **settings):
    """Run this Python, with what counts of the reader's settings; returns status and lines said."""
    kept, away = [*REACH, "PIP_CONFIG_FILE"], ("PIP_", "PYTHON", "__PYVENV")
    env = {k: v for k, v in os.environ.items() if k in kept or not k.startswith(away)}
    env.update(settings)
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    lines = []
    with subprocess.Popen([python, "-I", *arguments], env=env, **options) as process:
        for line in process.stdout:
            lines.append(line.decode(errors="replace").strip())
            if lines[-1].startswith(("Collecting", "Installing")):
                print("  " + lines[-1].split(" (")[0][:70], flush=True)
    return process.returncode, lines


def read_pins(version):
    """The pins of requirements.txt that this version of Python gets, as pairs."""
    text = FILES[0].read_text(encoding="utf-8")
    lines = re.findall(r"(?m)^([\w.-]+)==([^\s;]+)( ; python_version)?", text)
    return [(name, pin) for name, pin, older in lines if not older or version < NO_TENSORFLOW]


def find_missing(folder):
    """What is missing there, as ["numpy==2.4.6"]; exits if nothing can be installed into it."""
    python = os.path.join(folder, "bin", "python")
    if not os.path.lexists(python):
        return ["pip"]
    try:
        version, prefix, found = json.loads("".join(run(python, "-c", LOOK)[1][-1:]))
    except (OSError, ValueError):
        why = f"its Python, {os.path.realpath(python)}, is gone or does not run"
    else:
        if tuple(version) >= OLDEST and os.path.realpath(prefix) == os.path.realpath(folder):
            pins = read_pins(tuple(version)) if "pip" in found else [("pip", "")]
            return [f"{n}=={pin}".rstrip("=") for n, pin in pins if found.get(n.lower()) != pin]
        why = f"its Python is {version[0]}.{version[1]}, and its packages go to {prefix}"
    sys.exit(f"{folder} is no working environment, {why}. Run: rm -r {folder}; then make again")


def make_environment(folder):
    """Make the environment, or finish it, unless it is there; returns its interpreter's path."""
    if find_missing(folder) == ["pip"]:
        check_python(sys.version_info)
        print(f"Making {folder}", flush=True)
        said = run(sys.executable, "-m", "venv", folder)[1]
        if find_missing(folder) == ["pip"]:
            why = "".join(said[:1]) or "it has no pip"
            sys.exit(f"{folder} cannot be made, {why}. Run: rm -r {folder}; then make again")
    return os.path.join(folder, "bin", "python")


def find_settings(python):
    """The reader's settings for pip that count, of pip's files and the environment."""
    # A file's `quiet` and `user` would mean something for this command, too.
    status, lines = run(python, "-m", "pip", "config", "list", PIP_QUIET="0", PIP_USER="0")
    if status:
        sys.exit("pip's settings cannot be read: " + " ".join(lines))
    settings = {"PIP_CONFIG_FILE": os.devnull}
    for section in ("global", "install", ":env:"):  # each goes before those before it
        for name, value in re.findall(rf"(?m)^{section}\.(.*?)=(.*)", "\n".join(lines)):
            name = "PIP_" + name.upper().replace("-", "_")
            if name in REACH and ast.literal_eval(value):
                settings[name] = ast.literal_eval(value)
    return settings


def install(python, folder):
    """Install the requirements; returns why that failed, or None."""
    what = ["--only-binary=:all:", "--progress-bar=off", "--disable-pip-version-check"]
    what += ["-r", str(FILES[0]), "-c", str(FILES[1])]
    status, lines = run(python, "-m", "pip", "install", *what, **find_settings(python))
    if status == 0:
        # matplotlib looks for fonts once; in a kernel it would say so in a notebook's output.
        run(python, "-c", "import matplotlib.font_manager")
        missing = find_missing(folder)
        return missing and f"pip left out {', '.join(missing)}: run rm -r {folder}"
    if re.search(OFFLINE, "".join(lines)):
        return "the package index cannot be reached: connect to the network"
    if "No space left on device" in "".join(lines):
        return "the disk is full: make room, 3 GB, or 10 GB where torch comes with CUDA"
    return ([line for line in lines if line.startswith("ERROR")] or lines[-1:])[0]


def main(folder):
    stamp = Path(folder, ".installed")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in FILES)).hexdigest()
    if stamp.exists() and stamp.read_bytes() == digest.encode() and not find_missing(folder):
        return
    tempfile.TemporaryFile(dir=str(ROOT)).close()
    python = make_environment(folder)
    if stamp.exists():
        stamp.unlink()
    print("Installing the requirements: some minutes the first time", flush=True)
    why = install(python, folder)
    if why:
        sys.exit(
            f"The requirements are not installed, {why}. Then run make again, it goes on here."
        )
    stamp.write_text(digest)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit("Interrupted: run make again, it goes on from here.")
    except OSError as error:
        sys.exit(
            f"The requirements are not installed: {error}: clone the book to a folder of yours"
        )
