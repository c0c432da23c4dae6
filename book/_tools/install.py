"""Make the virtual environment that `make` works in, and install the requirements into it.

usage: python3 install.py folder

What cannot work is said in one line, with what to do, and exit status 1. An environment that was
there stays usable: pip downloads everything before it replaces anything. The next `make` goes on
from where a failed one stopped. The syntax is Python 3.6's, so that an old Python gets the line.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile

OLDEST, NEWEST = (3, 11), (3, 13)
RANGE = "the book needs Python 3.11, 3.12 or 3.13"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILES = [os.path.join(ROOT, name) for name in ("requirements.txt", "constraints.txt")]
OFFLINE = r"(?i)connection|resol(ve|ution) |timed? ?out|proxyerror|unreachable|no route to host"


def check_python(version, which=shutil.which):
    """Exit unless `version`, such as (3, 11), is one that every requirement has wheels for."""
    if OLDEST <= version[:2] <= NEWEST:
        return
    why = "too old" if version[:2] < OLDEST else "too new (TensorFlow has no wheels for it)"
    others = [f"python3.{minor}" for minor in (13, 12, 11) if which(f"python3.{minor}")]
    todo = f"run: make PYTHON={(others or ['python3.12'])[0]}"
    if not others:
        todo = "install one, then " + todo
    sys.exit(f"Python {version[0]}.{version[1]} is {why}: {RANGE}; {todo}")


def check_venv(find_spec=importlib.util.find_spec):
    """Exit unless this Python can make an environment; Debian packs that part separately."""
    if not (find_spec("venv") and find_spec("ensurepip")):
        sys.exit(
            "This Python comes without its venv module: install it, then run make again "
            "(on Debian and Ubuntu: apt install python3-venv)"
        )


def check_writable(folder):
    """Exit unless a file can be made in `folder`."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        sys.exit(
            f"Cannot write to {folder} ({error.strerror}): clone the book to a folder of yours"
        )


def works(python):
    """Whether `python` is the interpreter of an environment with pip, of a version in range."""
    code = f"import sys, pip; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
    return os.path.exists(python) and not subprocess.call(
        [python, "-c", code], stderr=subprocess.DEVNULL
    )


def make_environment(folder):
    """Make the environment unless it works already; returns its interpreter's path."""
    python = os.path.join(folder, "bin", "python")
    if not works(python):
        print(f"Making {folder}", flush=True)
        command = [sys.executable, "-m", "venv", folder]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if not works(python):
            said = result.stdout.decode(errors="replace").split("\n")[0]
            sys.exit(f"{folder} is no working environment: remove it, then run make again. {said}")
    return python


def install(python, *what):
    """Install these, in pip's words, saying what it is at; returns why it failed, or None."""
    command = [python, "-m", "pip", "install", "--only-binary=:all:", "--progress-bar=off"]
    command += ["--disable-pip-version-check", *what]
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        for line in process.stdout:
            lines.append(line.decode(errors="replace").strip())
            if lines[-1].startswith(("Collecting", "Installing")):
                print("  " + lines[-1].split(" (")[0][:70], flush=True)
    if process.returncode == 0:
        # matplotlib looks for fonts once; in a kernel it would say so in a notebook's output.
        subprocess.call([python, "-c", "import matplotlib.font_manager"], stderr=subprocess.DEVNULL)
        return None
    why = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
    if re.search(OFFLINE, "".join(lines)):
        why = ["the package index cannot be reached: connect to the network"]
    elif "No space left on device" in "".join(lines):
        why = ["the disk is full: make room, 3 GB, or 10 GB where torch comes with CUDA"]
    return why[0]


def digest():
    """What an installation depends on, as one line."""
    text = ""
    for name in FILES:
        with open(name) as file:
            text += file.read()
    return hashlib.sha256(text.encode()).hexdigest()


def main(folder):
    check_python(sys.version_info)
    check_venv()
    check_writable(ROOT)
    stamp = os.path.join(folder, ".installed")
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read() == digest():  # a checkout gave the files new dates and the same content
                return os.utime(stamp)
        os.remove(stamp)
    python = make_environment(folder)
    print("Installing the requirements: some minutes the first time", flush=True)
    why = install(python, "-r", FILES[0], "-c", FILES[1])
    if why:
        sys.exit(
            f"The requirements are not installed, {why}. Then run make again, it goes on here."
        )
    with open(stamp, "w") as file:
        file.write(digest())


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit("Interrupted: run make again, it goes on from here.")
    except OSError as error:
        sys.exit(f"The requirements are not installed: {error}")
