"""What the book asks git, on small repositories, with settings and answers that readers have."""

import os
import shutil
import subprocess

import pytest

from book.press import repository
from book.press.repository import find_dates, find_repository, recognise

GIT = shutil.which("git")
HERE = ("https://github.com/owner/name", "main")
ON_GITHUB = """https://github.com/owner/name https://github.com/owner/name.git/
HTTPS://www.GitHub.com/owner/name https://github.com:443/owner/name.git
https://github.com//owner/name https://user%40example.org:s3cret@github.com/owner/name
git+https://github.com/owner/name git@github.com:owner/name.git github.com:/owner/name
git@github.com-work:owner/name.git git@github-work:owner/name.git gh:owner/name
ssh://git@github.com:22/owner/name.git ssh://git@ssh.github.com:443/owner/name.git"""
ELSEWHERE = """https://user:s3cret@gitlab.com/owner/name.git file://github.com/owner/name
https://user:s3/cret@example.org/owner/name s3cret@gitlab.com:owner/name
https://notgithub.com/owner/name https://github.com@example.org/owner/name
https://gist.github.com/owner/name https://github.com/owner/name/tree/main"""
SETTINGS = (
    "log.showSignature log.follow core.quotePath diff.noprefix url.https://github.com/.insteadOf"
)
GITS = {  # scripts in its place, and what is said
    "printf '\\377\\376\\0/99999999999\\0book/a.md\\0'": "",
    "printf 'note: no developer tools\\nwere found\\n' >&2; exit 1": "no developer tools",
    "kill -9 $$": "",
    "sleep 60": "git does not answer",
    "": "git cannot be run (No such file or directory): is it installed?",
}
WORKFLOWS = [
    ("an/idea", "branch", "", "an/idea"),
    ("v1.0", "tag", "", "trunk"),
    ("12/merge", "", "dev", "dev"),
    ("12/merge", "", "", "trunk"),
    ("", "", "", "trunk"),
]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    """No test sees the git settings, the GitHub workflow or the answers of another."""
    for name in [name for name in os.environ if name.startswith(("GITHUB_", "GIT_"))]:
        monkeypatch.delenv(name)
    for name, value in ("HOME", tmp_path), ("XDG_CONFIG_HOME", tmp_path), ("GIT_AUTHOR_NAME", "A"):
        monkeypatch.setenv(name, str(value))
    for name in "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL":
        monkeypatch.setenv(name, "a@example.org")
    forget()


def forget():
    repository.ask_git.cache_clear()
    find_dates.cache_clear()


@pytest.fixture
def git(tmp_path, monkeypatch):
    """A function that asks git, in the repository `git.root`, which has one commit."""

    def git(*command, day="2019-03-02", time="12:00+0000", **options):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T{time}")
        for name in command[1:] if command[0] == "add" else []:
            (git.root / name).parent.mkdir(parents=True, exist_ok=True)
            (git.root / name).write_text(day)
        options = {"check": True, "text": True, "stdout": subprocess.PIPE} | options
        return subprocess.run([GIT, "-C", git.root, *command], **options).stdout

    git.root = tmp_path / "clone"
    git.root.mkdir()
    git("init", "-q", "-b", "main")
    git("remote", "add", "origin", "git@github.com:owner/name")
    git("add", "book/a.md")
    git("commit", "-qm", "A")
    return git


@pytest.mark.parametrize("remote", ON_GITHUB.split())
def test_spelling_of_github(git, remote):
    """Also where git is told to fetch from a mirror."""
    git("config", "url.https://github.com/.insteadOf", "gh:")
    git("config", "url.https://mirror.example.org/.insteadOf", "https://github.com/owner/name.git/")
    git("config", "remote.origin.url", remote)
    assert find_repository(git.root) == HERE


@pytest.mark.parametrize("remote", ELSEWHERE.split())
def test_spelling_of_another_host(git, remote):
    """Passwords are not told."""
    git("config", "remote.origin.url", remote)
    assert find_repository(git.root) is None
    why = recognise(git.root)[1]
    assert why.endswith("which is not on GitHub") and "cret" not in why


@pytest.mark.parametrize(("name", "kind", "base", "branch"), WORKFLOWS)
def test_branch_of_a_workflow(git, monkeypatch, name, kind, base, branch):
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    for key, value in {"REF_NAME": name, "REF_TYPE": kind, "BASE_REF": base}.items():
        monkeypatch.setenv(f"GITHUB_{key}", value)
    monkeypatch.setenv("GITHUB_REPOSITORY", "Fork/Fork.github.io")
    assert find_repository(git.root) == ("https://github.com/Fork/Fork.github.io", branch)
    assert repository.find_address(git.root) == "https://fork.github.io/"
    monkeypatch.setenv("GITHUB_REPOSITORY", "https://x:s3cret@github.com/a/b")
    assert recognise(git.root) == (None, "GITHUB_REPOSITORY is not of the form owner/name")


def replace_git(monkeypatch, folder, script):
    """Have this shell script be git."""
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def test_clone_of_another_user(git, monkeypatch, tmp_path):
    """What git says to do helps."""
    replace_git(monkeypatch, tmp_path, f'GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {GIT} "$@"')
    assert find_repository(git.root) is None and find_dates(git.root) == {}
    remedy = f"git config --global --add safe.directory {git.root}"
    assert recognise(git.root)[1].endswith(f"run: {remedy}")
    subprocess.run(remedy.split(), check=True)
    forget()
    assert find_repository(git.root) == HERE and find_dates(git.root) == {"book/a.md": "2019-03-02"}


@pytest.mark.parametrize("script", GITS)
def test_git_that_is_none(git, monkeypatch, tmp_path, script):
    replace_git(monkeypatch, tmp_path, script) if script else monkeypatch.setenv("PATH", "/nowhere")
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: run(*a, **k | {"timeout": 0.5}))
    assert find_repository(git.root) is None and find_dates(git.root) == {}
    assert GITS[script] in recognise(git.root)[1] and "\n" not in recognise(git.root)[1]


def test_dates(git, tmp_path, monkeypatch):
    """Of merges, of odd names, in UTC; in a hook, under a reader's settings, of a signed one."""
    odd = ["book/2020-01-01", "book/ c", "zh/book/é ü.md", "book/both.md"]
    git("add", *odd)
    git("commit", "-qm", "A")
    git("checkout", "-qb", "idea")
    git("add", "book/idea.md", "book/both.md", day="2020-02-02")
    git("commit", "-qm", "B", day="2020-02-02", time="00:30+0900")
    git("checkout", "-q", "main")
    git("add", "book/both.md", day="2020-03-03")
    git("commit", "-qm", "C", day="2020-03-03")
    git("merge", "-q", "--no-commit", "idea", check=False)
    git("add", "book/both.md", day="merged by hand")
    git("commit", "-qm", "D", day="2020-04-04")
    git("mv", "book/a.md", "book/renamed.md")
    git("commit", "-qm", "E", day="2020-05-05")
    commit = git("cat-file", "commit", "HEAD")
    signature = "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n"
    signed = commit.replace("\n\n", signature, 1)
    signed = git("hash-object", "-t", "commit", "-w", "--stdin", input=signed).strip()
    git("update-ref", "HEAD", signed)
    git("commit", "-qm", "F", "--allow-empty", day="2020-06-06")
    (tmp_path / "gpg").write_text("#!/bin/sh\necho gpg: signed >&2\n")
    (tmp_path / "gpg").chmod(0o755)
    git("config", "--global", "gpg.program", str(tmp_path / "gpg"))
    for setting in SETTINGS.split():
        git("config", "--global", setting, "true")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    new = {"idea": "2020-02-01", "both": "2020-04-04", "renamed": "2020-05-05"}
    expected = dict.fromkeys(odd, "2019-03-02") | {
        f"book/{name}.md": day for name, day in new.items()
    }
    assert {k: day for k, day in find_dates(git.root).items() if k != "book/a.md"} == expected
    monkeypatch.delenv("GIT_DIR")
    assert "book/idea.md" not in find_dates(git.root / "zh"), "a folder of a larger repository"
    assert recognise(git.root / "zh")[1].endswith("not at the top")
    git("clone", "-q", "--depth=1", f"file://{git.root}", tmp_path / "shallow")
    assert find_dates(tmp_path / "shallow") == {}
    assert recognise(tmp_path)[1].startswith("git says: not a git repository")
