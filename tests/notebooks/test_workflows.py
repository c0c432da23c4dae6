"""What GitHub reads: zizmor looks at the workflows (actionlint does on GitHub, whose releases it
comes from), and here stands what neither can know."""

import subprocess
import sys
from pathlib import Path

import yaml

from book.press.pages import ROOT


def test_zizmor_finds_nothing():
    zizmor = Path(sys.prefix, "bin", "zizmor")
    command = [zizmor, "--offline", "--quiet", ROOT / ".github"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_site_published_is_the_site_tested():
    """The job that tests it uploads it, after its tests, and no other; all go before it."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8"))["jobs"]
    commands = [step.get("run", step.get("uses", "")) for step in jobs["site"]["steps"]]
    pdf, tested = commands.index("make pdf"), commands.index("make site")
    assert pdf < tested, "make pdf publishes the site once more"
    uploads = {name: str(jobs[name]).count("upload-pages-artifact@") for name in jobs}
    assert {name for name in uploads if uploads[name]} == {"site"}
    assert "upload-pages-artifact@" in commands[-1]
    assert set(jobs["deploy"]["needs"]) == set(jobs) - {"deploy", "links", "weekly"}
