"""What a tool says to its reader: one line each, and the same after an interruption."""

import os
import re
import signal
import sys


class BookError(Exception):
    """What keeps a tool from its work; its text is one line for the reader, with no full stop."""


# Ctrl-C, a kill, a closed terminal. What is ignored, as the last is under nohup, stays so.
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
SIGNALS = [name for name in SIGNALS if signal.getsignal(name) != signal.SIG_IGN]


def plain(text):
    """`text` without the terminal's colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def one_line(text):
    """`text` without colours and line breaks, at most 300 characters of it."""
    text = " ".join(plain(str(text)).split())
    return text if len(text) <= 300 else text[:299] + "…"


def on_signals(handler):
    for name in SIGNALS:
        signal.signal(name, handler)


def run_main(main, undone):
    """Exit with what `main()` returns. When something keeps it from its work, say so in a line that
    ends in `undone`."""

    def stop(signum, frame):
        on_signals(signal.SIG_IGN)  # once is enough
        raise KeyboardInterrupt

    for stream in sys.stdout, sys.stderr:  # a terminal that lacks a letter gets a "?" for it
        stream.reconfigure(errors="replace")
    on_signals(stop)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print(f"\nInterrupted. {undone}", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # as in `make book | head -0`: nobody listens
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except BookError as error:
        sys.exit(f"{error}. {undone}")
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}. {undone}")
