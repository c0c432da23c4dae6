"""What git knows of the book: its repository on GitHub, and the day of each page's last change.

The repository is the one that the book is built from, so that a fork's links open the fork:
GITHUB_REPOSITORY ("owner/name", set in GitHub's workflows), else the remote `origin` if that is on
GitHub. Whatever the reader's git, its settings and its answers are, nothing here raises over them.
"""

import functools
import os
import re
import subprocess

NAME = r"(?P<name>\w[\w.-]*/[\w.-]*?\w[\w.-]*?)"
# `github-work` and `github.com-work` are aliases for GitHub in an ~/.ssh/config: without a dot, or
# with this top-level domain, they are no host on the internet.
SSH = r"(?:(?:ssh|www)\.)?github(?:\.com(?:-[\w-]+)?|[\w-]*)"
PLACE = r"(?:(?:(?:git\+)?https?|git)://(?:[^/]*@)?(?:www\.)?github\.com(?::\d+)?/+"
PLACE += rf"|(?:(?:git\+)?ssh|ssh\+git)://(?:[^/]*@)?{SSH}(?::\d+)?/+|(?:[^/:@]*@)?{SSH}:/*)"
SPELLING = rf"(?i){PLACE}{NAME}(?:\.git)?/*"


@functools.cache  # every page asks
def ask_git(folder, *arguments):
    """The pair of git's answer about `folder`, or None, and a line on why there is none."""
    # Of git's variables its settings count; others, as a hook has them, are of another repository.
    env = {k: v for k, v in os.environ.items() if not re.match("GIT_(?!CONFIG_)", k)}
    command = ["git", "-C", str(folder), *arguments]
    options = {"env": env | {"LC_ALL": "C", "TZ": "UTC0"}, "encoding": "utf-8", "errors": "replace"}
    options |= {"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": 10}
    try:
        answer = subprocess.run(command, **options)
    except subprocess.TimeoutExpired:
        return None, "git does not answer"
    except OSError as error:
        return None, f"git cannot be run ({error.strerror}): is it installed?"
    if answer.returncode == 0:
        return answer.stdout, ""
    if remedy := re.search(r"git config --global --add safe\.directory .*", answer.stderr):
        return None, f"the repository is another user's; if you trust it, run: {remedy[0]}"
    said = re.sub(r"^(?:fatal|error): ", "", answer.stderr).split("\n")[0]
    return None, f"git says: {said}"


def recognise(folder):
    """The pair of "owner/name" on GitHub, or None, and a line on why there is none, or ""."""
    if name := os.environ.get("GITHUB_REPOSITORY"):
        match = re.fullmatch(NAME, name, re.ASCII)
        return (name, "") if match else (None, "GITHUB_REPOSITORY is not of the form owner/name")
    above, why = ask_git(folder, "rev-parse", "--show-prefix")
    if above and above.strip():
        return None, "the book is in a folder of its repository, not at the top"
    # The address as it was given: where `insteadOf` has git fetch from a mirror, and not.
    given, _ = ask_git(folder, "config", "remote.origin.url")
    remote, why = ask_git(folder, "remote", "get-url", "origin") if above else (None, why)
    if remote is None:
        return None, why
    for address in remote, given or "":
        if match := re.fullmatch(SPELLING, address.strip(), re.ASCII):
            return match["name"], ""
    # Without what precedes @: it may be a password.
    remote = re.sub(r"^(\w+://)?.*@", r"\1", " ".join(remote.split()))
    return None, f"the remote origin is {remote}, which is not on GitHub"


def find_repository(folder):
    """The pair (URL, branch) of the repository that `folder` is built from, or None. The branch is
    the one that GitHub builds, else, as of a pull request, the default one."""
    branch = os.environ.get("GITHUB_REF_NAME", "")
    if not branch or branch.endswith("/merge"):
        head = ask_git(folder, "symbolic-ref", "refs/remotes/origin/HEAD")[0] or "main"
        branch = head.strip().removeprefix("refs/remotes/origin/")
    name = recognise(folder)[0]
    return (f"https://github.com/{name}", branch) if name else None


def find_address(folder):
    """Where GitHub Pages shows the site of this repository; "" without one."""
    found = find_repository(folder)
    if not found:
        return ""
    owner, name = found[0].split("/")[-2:]
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


@functools.cache
def find_dates(folder):
    """The day of the last commit that changed it, in UTC, as in 2026-11-22, by each file. Git's, so
    that two builds of a commit are identical; {} for a shallow clone, which does not know them."""
    if ask_git(folder, "rev-parse", "--is-shallow-repository")[0] != "false\n":
        return {}
    asked = "-c log.showSignature=false -c core.quotePath=false log -c --no-renames --relative"
    asked += " --date=format-local:/%Y-%m-%d --format=%cd --name-only -- ."
    dates, date = {}, ""
    for line in (ask_git(folder, *asked.split())[0] or "").splitlines():  # the latest comes first
        if line.startswith("/"):  # no file is named so
            date = line[1:]
        elif line:
            dates.setdefault(line, date)
    return dates
