"""What git knows of the book: its repository on GitHub, and the day of each page's last change.

The repository is the one that the book is built from, so that a fork's links open the fork:
GITHUB_REPOSITORY ("owner/name", set in GitHub's workflows), else the remote `origin` if that is on
GitHub. Whatever the reader's git, its settings and its answers are, nothing here raises over them.
"""

import functools
import os
import re
import subprocess
from datetime import UTC, datetime

NAME = r"(\w[\w.-]*/[\w.-]*?\w[\w.-]*?)"
# `github-work` and `github.com-work` are aliases for GitHub in an ~/.ssh/config: without a dot, or
# with this top-level domain, they are no host on the internet.
SSH = r"(?:(?:ssh|www)\.)?github(?:\.com(?:-[\w-]+)?|[\w-]*)"
PLACE = r"(?:(?:(?:git\+)?https?|git)://(?:[^/]*@)?(?:www\.)?github\.com(?::\d+)?/+"
PLACE += rf"|(?:(?:git\+)?ssh|ssh\+git)://(?:[^/]*@)?{SSH}(?::\d+)?/+|(?:[^/:@]*@)?{SSH}:/*)"
# What the reader's settings could add to the log, or take from it, is set here.
LOG = "-c log.showSignature=false -c log.showRoot=true log -c --no-renames --encoding=UTF-8 "
LOG += "-O/dev/null --format=/%ct --name-only -z --relative --"


@functools.cache  # every page asks
def ask_git(folder, *arguments):
    """The pair of git's answer about `folder`, or None, and a line on why there is none."""
    # Of git's variables these alone count: others, as a hook has them, are of another repository.
    kept = ("GIT_CONFIG_", "GIT_EXEC_PATH", "GIT_DISCOVERY_ACROSS_FILESYSTEM")
    env = {k: v for k, v in os.environ.items() if k.startswith(kept) or not k.startswith("GIT_")}
    # Nothing is fetched, not even what a partial clone lacks.
    env |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "none"}
    options = {"stdin": subprocess.DEVNULL, "encoding": "utf-8", "errors": "replace"}
    command = ["git", "-C", folder, *arguments]
    try:
        answer = subprocess.run(command, env=env, capture_output=True, timeout=10, **options)
    except subprocess.TimeoutExpired:
        return None, "git does not answer"
    except OSError as error:
        return None, f"git cannot be run ({error.strerror}): is it installed?"
    if answer.returncode == 0:
        return answer.stdout, ""
    if remedy := re.search(r"git config --global --add safe\.directory .*", answer.stderr):
        return None, f"the repository is another user's; if you trust it, run: {remedy[0]}"
    lines = re.findall(r"(?m)^(?:fatal|error): (.*)", answer.stderr) or answer.stderr.split("\n")
    return None, f"git says: {lines[0]}"


def recognise(folder):
    """The pair of "owner/name" on GitHub, or None, and a line on why there is none, or ""."""
    if name := os.environ.get("GITHUB_REPOSITORY"):
        match = re.fullmatch(NAME, name, re.ASCII)
        return (name, "") if match else (None, "GITHUB_REPOSITORY is not of the form owner/name")
    above, why = ask_git(folder, "rev-parse", "--show-prefix")
    remote, why = ask_git(folder, "remote", "get-url", "origin") if above == "\n" else (None, why)
    if remote is None:
        return None, why or "the book is in a folder of its repository, not at the top"
    # Where `insteadOf` has git fetch from a mirror, the address as it was given counts.
    given = ask_git(folder, "config", "remote.origin.url")[0] or ""
    for address in remote.strip(), given.strip():
        if match := re.fullmatch(rf"(?ai){PLACE}{NAME}(?:\.git)?/*", address):
            return match[1], ""
    # Without what precedes @: it may be a password.
    remote = re.sub(r"^(\w+://)?.*@", r"\1", " ".join(remote.split()))
    return None, f"the remote origin is {remote}, which is not on GitHub"


def find_repository(folder):
    """The pair (URL, branch) of the repository that `folder` is built from, or None. The branch is
    the one that is built, of a pull request the one it is for, else, as of a tag, the default."""
    branch = os.environ.get("GITHUB_BASE_REF") or os.environ.get("GITHUB_REF_NAME", "")
    tag = os.environ.get("GITHUB_REF_TYPE") == "tag"
    if not branch or tag or re.match(r"\d+/(merge|head)$|gh-readonly-queue/", branch):
        head = ask_git(folder, "symbolic-ref", "refs/remotes/origin/HEAD")[0] or "main"
        branch = head.strip().removeprefix("refs/remotes/origin/")
    name = recognise(folder)[0]
    return (f"https://github.com/{name}", branch) if name else None


def find_address(repository):
    """Where GitHub Pages shows the site of this repository; "" without one."""
    if not repository:
        return ""
    owner, name = repository[0].split("/")[-2:]
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


@functools.cache
def find_dates(folder):
    """The day of the last commit that changed it, in UTC, as in 2026-11-22, by each file. Git's, so
    that two builds of a commit are identical; {} for a shallow clone, which does not know them."""
    if ask_git(folder, "rev-parse", "--is-shallow-repository")[0] != "false\n":
        return {}
    dates, date = {}, None
    log = ask_git(folder, *LOG.split(), "book", "notebooks", "zh")[0] or ""
    for entry in log.split("\0"):  # the latest commit comes first
        entry = entry.removeprefix("\n")
        if entry.startswith("/"):  # a commit's seconds since 1970; no file is named so
            known = re.fullmatch(r"/\d{1,11}", entry)  # up to the year 5138
            date = known and f"{datetime.fromtimestamp(int(entry[1:]), UTC):%Y-%m-%d}"
        elif date and entry:
            dates.setdefault(entry, date)
    return dates
