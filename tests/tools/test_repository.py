"""What the book asks git, on small repositories, with settings and answers that readers have."""

import os
import shutil
import subprocess

import pytest

from book.press import repository

GIT = shutil.which("git")
HERE = ("https://github.com/owner/name", "main")
ON_GITHUB = """
https://github.com/owner/name
https://github.com/owner/name.git/
HTTPS://www.GitHub.com/owner/name
https://github.com:443/owner/name.git
https://github.com//owner/name
https://user%40example.org:s3cret@github.com/owner/name
git+https://github.com/owner/name
git@github.com:owner/name.git
github.com:/owner/name
git@github.com-work:owner/name.git
git@github-work:owner/name.git
ssh://git@github.com:22/owner/name.git
ssh://git@ssh.github.com:443/owner/name.git
git+ssh://git@github.com/owner/name.git
"""
ELSEWHERE = """
https://user:s3cret@gitlab.com/owner/name.git
https://user:s3/cret@example.org/owner/name
s3cret@gitlab.com:owner/name
https://notgithub.com/owner/name
https://github.com@example.org/owner/name
https://gist.github.com/owner/name
https://github.com/owner/name/tree/main
file://github.com/owner/name
"""


class Clone:
    """A repository in `root`, of a reader whose settings are in a file of their own."""

    def __init__(self, root):
        self.root = root
        root.mkdir()
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", "git@github.com:owner/name")

    def git(self, *command, day="2019-03-02", time="12:00+0000", check=True):
        dates = {key: f"{day}T{time}" for key in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE")}
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        command = [GIT, "-C", self.root, *who, *command]
        return subprocess.run(
            command, check=check, env=os.environ | dates, capture_output=True, text=True
        ).stdout

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def commit(self, *names, **when):
        for name in names:
            self.write(name, str(when))
            self.git("add", name)
        self.git("commit", "-qm", "A message", "--allow-empty", **when)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path_factory):
    """No test sees the git settings, the GitHub workflow or the answers of another."""
    for name in os.environ:
        if name.startswith(("GITHUB_", "GIT_")):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    forget()


def forget():
    repository.ask_git.cache_clear()
    repository.find_dates.cache_clear()


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path / "clone")


@pytest.fixture
def written(clone):
    """With a page of each of two days, and one of the second changed in the first."""
    clone.commit("book/old.md", "book/new.md", day="2019-03-02")
    clone.commit("book/new.md", "notebooks/é ü.ipynb", day="2020-01-01")
    clone.expected = {
        "book/old.md": "2019-03-02",
        "book/new.md": "2020-01-01",
        "notebooks/é ü.ipynb": "2020-01-01",
    }
    return clone


@pytest.mark.parametrize("remote", ON_GITHUB.split())
def test_spelling_of_github(clone, remote):
    clone.git("config", "remote.origin.url", remote)
    assert repository.find_repository(clone.root) == HERE


@pytest.mark.parametrize("remote", ELSEWHERE.split())
def test_spelling_of_another_host(clone, remote):
    """Passwords are not told."""
    clone.git("config", "remote.origin.url", remote)
    assert repository.find_repository(clone.root) is None
    why = repository.recognise(clone.root)[1]
    assert why.endswith("which is not on GitHub") and "cret" not in why


@pytest.mark.parametrize("given", ["gh:owner/name", "https://github.com/owner/name"])
def test_shorthand_and_mirror(clone, given):
    mirror = given if given.startswith("https") else "https://mirror.example.org/"
    base = "https://github.com/" if given.startswith("gh") else "https://mirror.example.org/"
    clone.git(
        "config", f"url.{base}.insteadOf", "gh:" if mirror != given else "https://github.com/"
    )
    clone.git("config", "remote.origin.url", given)
    assert repository.find_repository(clone.root) == HERE


@pytest.mark.parametrize(
    ("variables", "branch"),
    [
        ({"GITHUB_REF_NAME": "an/idea", "GITHUB_REF_TYPE": "branch"}, "an/idea"),
        ({"GITHUB_REF_NAME": "v1.0", "GITHUB_REF_TYPE": "tag"}, "trunk"),
        ({"GITHUB_REF_NAME": "12/merge", "GITHUB_BASE_REF": "dev"}, "dev"),
        ({"GITHUB_REF_NAME": "12/merge"}, "trunk"),
        ({}, "trunk"),
    ],
)
def test_branch_of_a_workflow(clone, monkeypatch, variables, branch):
    clone.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    for key, value in (variables | {"GITHUB_REPOSITORY": "Fork/Fork.github.io"}).items():
        monkeypatch.setenv(key, value)
    found = ("https://github.com/Fork/Fork.github.io", branch)
    assert repository.find_repository(clone.root) == found
    assert repository.find_address(clone.root) == "https://fork.github.io/"
    monkeypatch.setenv("GITHUB_REPOSITORY", "https://x:s3cret@github.com/a/b")
    why = "GITHUB_REPOSITORY is not of the form owner/name"
    assert repository.recognise(clone.root) == (None, why)


def test_folder_of_a_larger_repository(clone, tmp_path):
    """Dates are right there; links, which would lack the folder's name, there are none."""
    clone.commit("course/book/a.md", "book/b.md")
    assert repository.find_dates(clone.root / "course") == {"book/a.md": "2019-03-02"}
    assert "not at the top" in knows_nothing(clone.root / "course", {"book/a.md": "2019-03-02"})
    assert knows_nothing(tmp_path).startswith("git says: not a git repository")


def knows_nothing(folder, dates=()):
    """There must be no repository, and these dates alone; returns the reason."""
    assert repository.find_repository(folder) is None
    assert repository.find_dates(folder) == dict(dates)
    why = repository.recognise(folder)[1]
    assert why and "\n" not in why
    return why


def replace_git(monkeypatch, tmp_path, script):
    """Have this shell script be git."""
    path = tmp_path / "bin" / "git"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent), prepend=os.pathsep)


def test_clone_of_another_user(written, monkeypatch, tmp_path):
    """What git says to do helps."""
    own = f'GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {GIT} "$@"\n'
    replace_git(monkeypatch, tmp_path, own)
    why = knows_nothing(written.root)
    assert why.endswith(f"run: git config --global --add safe.directory {written.root}")
    subprocess.run([GIT, *why.split("run: git ")[1].split()], check=True)
    forget()
    assert repository.find_repository(written.root) == HERE
    assert repository.find_dates(written.root) == written.expected


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("printf '\\377\\376\\0/99999999999\\0book/a.md\\0'", ""),
        ("printf 'note: no developer tools\\nwere found\\n' >&2; exit 1", "no developer tools"),
        ("kill -9 $$", ""),
        ("sleep 60", "git does not answer"),
        (None, "git cannot be run (No such file or directory): is it installed?"),
    ],
)
def test_git_that_is_none(written, monkeypatch, tmp_path, script, why):
    if script:
        replace_git(monkeypatch, tmp_path, script)
    else:
        monkeypatch.setenv("PATH", str(tmp_path))
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: run(*a, **k | {"timeout": 0.5}))
    assert why in knows_nothing(written.root)


def test_dates(clone, tmp_path):
    """Of merges, of odd names, in UTC, under a reader's settings, in a hook, of a signed commit; a
    shallow clone knows none."""
    odd = ["book/2020-01-01", "book/a\nb.md", 'book/"q".md', "zh/book/é ü.md", "book/ c"]
    known = [name for name in odd if "\n" not in name and '"' not in name]
    clone.commit("book/old.md", "book/both.md", *odd, day="2019-03-02")
    clone.git("checkout", "-qb", "idea")
    clone.commit("book/idea.md", "book/both.md", day="2020-02-02", time="00:30+0900")
    clone.git("checkout", "-q", "main")
    clone.commit("book/both.md", day="2020-03-03")
    clone.git("merge", "-q", "--no-commit", "idea", check=False)
    clone.write("book/both.md", "merged by hand")
    clone.git("add", "book/both.md")
    clone.git("commit", "-qm", "A merge", day="2020-04-04")
    clone.git("mv", "book/old.md", "book/renamed.md")
    clone.commit(day="2020-05-05")
    expected = dict.fromkeys(known, "2019-03-02") | {
        "book/idea.md": "2020-02-01",
        "book/both.md": "2020-04-04",
        "book/renamed.md": "2020-05-05",
    }
    commit = clone.git("cat-file", "commit", "HEAD")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n rubbish\n -----END PGP SIGNATURE-----\n"
    clone.write("signed", commit.replace("\n\n", "\n" + signature + "\n", 1))
    signed = clone.git("hash-object", "-t", "commit", "-w", "signed").strip()
    clone.git("update-ref", "HEAD", signed)
    for setting in "log.showSignature=true log.follow=true diff.renames=copies color.ui=always \
            core.quotePath=true format.pretty=fuller log.diffMerges=off".split():
        subprocess.run([GIT, "config", "--global", *setting.split("=")], check=True)
    assert "gpg" in str(clone.git("log", "--format=%cs", "-1")) or shutil.which("gpg") is None
    os.environ["GIT_DIR"] = "/nowhere"  # as a hook has it; `surroundings` takes it out
    try:
        assert {
            k: v for k, v in repository.find_dates(clone.root).items() if k in expected
        } == expected
    finally:
        del os.environ["GIT_DIR"]
    origin = f"file://{clone.root}"
    subprocess.run([GIT, "clone", "-q", "--depth=1", origin, tmp_path / "shallow"], check=True)
    assert repository.find_dates(tmp_path / "shallow") == {}
