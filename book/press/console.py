"""What a command says to its reader: a line that names the file and the remedy, also after an
interruption."""

import errno
import os
import re
import signal
import sys
from contextlib import contextmanager


class BookError(Exception):
    """What keeps a command from its work, as a line for the reader, with no full stop."""


# Ctrl-C, a kill, a closed terminal. What is ignored, as the last is under nohup, stays so.
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
SIGNALS = [name for name in SIGNALS if signal.getsignal(name) != signal.SIG_IGN]
NOT_YOURS = "it is another user's, or read-only: make it yours, or remove it"
REMEDIES = dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), NOT_YOURS) | {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room in your share of the disk",
    errno.ENOTEMPTY: "another build is under way, or was broken off: make clean",
    errno.ENOENT: "it is gone: was it removed by another program?",
}


def one_line(text):
    """`text` without the terminal's colours and line breaks, at most 300 characters of it."""
    text = " ".join(re.sub(r"\x1b\[[0-9;]*m", "", str(text)).split())
    return text if len(text) <= 300 else text[:299] + "…"


def explain(error):
    """A line on an error of the system or of a library, whatever fields it has."""
    number, name = getattr(error, "errno", None), getattr(error, "filename", None)
    what = getattr(error, "strerror", None) or str(error) or "no reason given"
    if not number:
        what = f"{type(error).__name__}: {what}"
    remedy = f" ({REMEDIES[number]})" if number in REMEDIES else ""
    return one_line(f"{name}: {what}{remedy}" if name else f"{what}{remedy}")


@contextmanager
def naming(path, remedy=""):
    """Have whatever goes wrong in this block end in a line that names the file."""
    try:
        yield
    except (BookError, KeyboardInterrupt):
        raise
    except Exception as error:
        said = explain(error)
        said = said if str(path) in said else f"{path}: {said}"
        raise BookError(f"{said}{remedy}") from error


def run_main(main, undone):
    """Exit with what `main()` returns, or with a line on what went wrong that ends in `undone`."""

    def stop(signum, frame):
        for name in SIGNALS:
            signal.signal(name, signal.SIG_IGN)  # once is enough
        raise KeyboardInterrupt

    for stream in sys.stdout, sys.stderr:  # a terminal that lacks a letter gets a "?" for it
        stream.reconfigure(errors="replace")
    for name in SIGNALS:
        signal.signal(name, stop)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print(f"\nInterrupted. {undone}", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # as in `make book | head -0`: nobody listens
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (BookError, OSError) as error:
        said = str(error) if isinstance(error, BookError) else explain(error)
        sys.exit(f"{said.replace(f'{os.getcwd()}/', '')}. {undone}")
