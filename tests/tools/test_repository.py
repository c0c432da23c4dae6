"""What the book asks git, on small repositories."""

import os
import shutil
import subprocess

import pytest

from book.press import repository
from book.press.repository import find_dates, find_repository, recognise

HERE = ("https://github.com/owner/name", "main")
ON_GITHUB = """https://github.com/owner/name https://github.com/owner/name.git/
HTTPS://www.GitHub.com/owner/name https://user%40example.org:s3cret@github.com/owner/name
git@github.com:owner/name.git git@github.com-work:owner/name.git git@github-work:owner/name.git
gh:owner/name ssh://git@github.com:22/owner/name ssh://git@ssh.github.com:443/owner/name.git"""
ELSEWHERE = """https://user:s3cret@gitlab.com/owner/name.git s3cret@gitlab.com:owner/name
https://user:s3/cret@example.org/owner/name https://github.com@example.org/owner/name
https://notgithub.com/owner/name https://github.com/owner/name/tree/main"""
SIGNATURE = "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n"


@pytest.fixture
def git(tmp_path, monkeypatch):
    """A function that asks git, in the repository `git.root`, which has one commit."""
    for name in [name for name in os.environ if name.startswith(("GITHUB_", "GIT_"))]:
        monkeypatch.delenv(name)
    for name in "HOME", "XDG_CONFIG_HOME":
        monkeypatch.setenv(name, str(tmp_path))

    def git(*command, date="2019-03-02T12:00+0000", **options):
        monkeypatch.setenv("GIT_COMMITTER_DATE", date)
        repository.ask_git.cache_clear()
        find_dates.cache_clear()
        options = {"check": True, "text": True, "stdout": subprocess.PIPE} | options
        return subprocess.run(["git", "-C", git.root, *command], **options).stdout

    git.root = tmp_path / "clone"
    (git.root / "book").mkdir(parents=True)
    (git.root / "book" / "é a.md").touch()
    git("init", "-q", "-b", "main")
    for name, value in ("name", "A"), ("email", "a@example.org"):
        git("config", "--global", f"user.{name}", value)
    git("remote", "add", "origin", "git@github.com:owner/name")
    git("add", ".")
    git("commit", "-qm", "A")
    return git


@pytest.mark.parametrize("remote", [*ON_GITHUB.split(), *ELSEWHERE.split()])
def test_spelling_of_a_remote(git, remote):
    """Passwords are not told."""
    git("config", "url.https://github.com/.insteadOf", "gh:")
    git("config", "remote.origin.url", remote)
    name, why = recognise(git.root)
    assert find_repository(git.root) == (HERE if remote in ON_GITHUB else None)
    assert why.endswith("which is not on GitHub") is (name is None) and "cret" not in why


def test_clone_of_another_user(git, monkeypatch, tmp_path):
    """What git says to do helps."""
    script = f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"\n'
    (tmp_path / "git").write_text(script)
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert find_repository(git.root) is None and find_dates(git.root) == {}
    remedy = f"git config --global --add safe.directory {git.root}"
    assert recognise(git.root)[1].endswith(f"run: {remedy}")
    git(*remedy.split()[1:])
    assert find_repository(git.root) == HERE


def test_dates(git, tmp_path):
    """In UTC; of a signed commit; none in a shallow clone."""
    signed = git("cat-file", "commit", "HEAD").replace("\n\n", SIGNATURE, 1)
    signed = git("hash-object", "-t", "commit", "-w", "--stdin", input=signed).strip()
    git("update-ref", "HEAD", signed)
    (git.root / "zh").mkdir()
    (git.root / "zh" / "b.md").touch()
    git("add", ".")
    git("commit", "-qm", "B", date="2020-02-02T00:30+0900")
    for name, value in ("gpg.program", "git"), ("log.showSignature", "true"):
        git("config", "--global", name, value)
    assert find_dates(git.root) == {"book/é a.md": "2019-03-02", "zh/b.md": "2020-02-01"}
    assert recognise(git.root / "zh")[1].endswith("not at the top")
    git("clone", "-q", "--depth=1", f"file://{git.root}", tmp_path / "shallow")
    assert find_dates(tmp_path / "shallow") == {}
