"""Have Lighthouse judge pages of the built site as a phone sees them.

Prints a line of scores for each page; exits with 1 if one is below LEAST. What else the machine
does can only lower a score, so a page that falls short is judged again, three times in all. The
reports are in _build/reports. Lighthouse is an npm package that npx fetches: for development only.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from browser import NoBrowser, find_chromium, serve

PACKAGE = "lighthouse@12.8.2"  # 13 wants Node 22
PAGES = ("book/intro", "notebooks/03_autograd", "book/one_curve")
LEAST = 0.98
REPORTS = Path("_build", "reports")


def judge(address):
    """The report on the page at this address."""
    command = ["npx", "--yes", PACKAGE, address, "--quiet", "--output=json"]
    command.append("--chrome-flags=--headless=new --no-sandbox")  # in a container there is none
    environment = os.environ | {"CHROME_PATH": find_chromium()}
    try:
        said = subprocess.run(command, env=environment, capture_output=True, text=True)
    except FileNotFoundError:
        sys.exit("There is no npx: install Node 20 or later (on Debian: apt install npm)")
    try:
        return json.loads(said.stdout)
    except ValueError:
        lines = said.stderr.splitlines()
        why = next((line for line in lines if "error" in line.lower()), "it said nothing")
        sys.exit(f"{PACKAGE} gave no report on {address}: {why}")


def judge_best(address):
    """The best of up to three reports on the page, and its scores by category."""
    best, scores = None, {}
    for _ in range(3):
        report = judge(address)
        found = {name: each["score"] or 0 for name, each in report["categories"].items()}
        if min(found.values()) >= min(scores.values(), default=0):
            best, scores = report, found
        if min(scores.values()) >= LEAST:
            break
    return best, scores


def main():
    REPORTS.mkdir(parents=True, exist_ok=True)
    bad = []
    with serve("_build/site") as address:
        for page in PAGES:
            report, scores = judge_best(f"{address}/{page}.html")
            path = REPORTS / f"lighthouse-{Path(page).name}.json"
            path.write_text(json.dumps(report, indent=1), encoding="utf-8")
            paint = report["audits"]["largest-contentful-paint"]["displayValue"]
            told = "  ".join(f"{name} {score:.2f}" for name, score in scores.items())
            print(f"{page:<22} {told}  (largest contentful paint: {paint})", flush=True)
            bad += [
                f"{page}: {name} is {score:.2f}, less than {LEAST}: see {path}"
                for name, score in scores.items()
                if score < LEAST
            ]
    if bad:
        sys.exit("\n".join(bad))


if __name__ == "__main__":
    try:
        main()
    except NoBrowser as why:
        sys.exit(str(why))
