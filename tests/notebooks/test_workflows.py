"""What GitHub reads: zizmor looks at the workflows, and on GitHub, whose releases it comes from,
actionlint does."""

import subprocess
import sys
from pathlib import Path

from book.press.pages import ROOT


def test_zizmor_finds_nothing():
    zizmor = Path(sys.prefix, "bin", "zizmor")
    command = [zizmor, "--offline", "--quiet", ROOT / ".github"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
