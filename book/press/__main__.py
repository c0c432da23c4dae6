"""The commands that `make` calls: python -m book.press build, and the others below."""

import os
import sys
from importlib import import_module

from book.press import pages
from book.press.console import run_main

COMMANDS = {  # module, function, and what is as it was when the command fails
    "build": ("build", "main", "The site is as it was."),
    "notebooks": ("run", "main", "The notebooks that had not run to the end are as they were."),
    "tidy": ("run", "tidy", "The notebooks are as they were."),
    "translate": ("translate", "main", "The editions are as they were."),
    "numbers": ("labs.numbers", "main", "The labs have the numbers that they had."),
    "serve": ("serve", "main", "The site is no longer served."),
    "pdf": ("pdf", "main", "No PDF was made."),
}


def main():
    name, *arguments = sys.argv[1:] or [""]
    if name not in COMMANDS:
        sys.exit(f"usage: python -m book.press {'|'.join(COMMANDS)} [arguments]")
    module, function, undone = COMMANDS[name]
    os.chdir(pages.ROOT)
    run_main(lambda: getattr(import_module(f"book.press.{module}"), function)(*arguments), undone)


if __name__ == "__main__":
    main()
