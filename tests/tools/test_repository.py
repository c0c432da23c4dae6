"""What the book asks git, on small repositories, with settings and answers that readers have."""

import os
import shutil
import subprocess
import time

import pytest
import repository

GIT = shutil.which("git")
HERE = ("https://github.com/owner/name", "main")


class Clone:
    """A repository in `root`, of a reader whose settings are in a file of their own."""

    def __init__(self, root):
        self.root = root
        self.git("init", "-q", "-b", "main")

    def git(self, *command, day="2019-03-02", time="12:00+0000", check=True):
        dates = {key: f"{day}T{time}" for key in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE")}
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        command = [GIT, "-C", self.root, *who, *command]
        return subprocess.run(
            command, check=check, env=os.environ | dates, capture_output=True, text=True
        )

    def write(self, name, text="text"):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def commit(self, *names, **when):
        for name in names:
            self.write(name, str(when))
            self.git("add", name)
        self.git("commit", "-qm", "A message", "--allow-empty", **when)

    def dates(self):
        return repository.find_dates(self.root)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path_factory):
    """No test sees the git settings, the GitHub workflow or the answers of another."""
    for name in os.environ:
        if name.startswith(("GITHUB_", "GIT_")):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    repository.ask_git.cache_clear()
    repository.find_dates.cache_clear()


@pytest.fixture
def clone(tmp_path):
    root = tmp_path / "clone"
    root.mkdir()
    return Clone(root)


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


ON_GITHUB = """
https://github.com/owner/name
https://github.com/owner/name/
https://github.com/owner/name.git
https://github.com/owner/name.git/
http://github.com/owner/name
HTTPS://GitHub.com/owner/name
https://www.github.com/owner/name
https://github.com:443/owner/name.git
https://github.com//owner/name
https://user@github.com/owner/name.git
https://user:s3cret@github.com/owner/name
https://user%40example.org:s3cret@github.com/owner/name
git+https://github.com/owner/name
git://github.com/owner/name.git
git@github.com:owner/name.git
git@github.com:owner/name
git@github.com:/owner/name.git
git@GitHub.com:owner/name.git
github.com:owner/name
org-123@github.com:owner/name.git
git@github-work:owner/name.git
git@github.com-work:owner/name.git
github:owner/name
ssh://git@github.com/owner/name
ssh://git@github.com:22/owner/name.git
ssh://git@ssh.github.com:443/owner/name.git
ssh://git@github-work/owner/name
git+ssh://git@github.com/owner/name.git
ssh+git://git@github.com/owner/name.git
"""
ELSEWHERE = """
https://gitlab.com/owner/name.git
https://github.com.example.org/owner/name
https://notgithub.com/owner/name
https://example.org/github.com/owner/name
https://example.org/@github.com/owner/name
https://github.com@example.org/owner/name
https://github-enterprise/owner/name
https://github.example.org/owner/name
https://gist.github.com/owner/name
https://api.github.com/owner/name
https://github.community/owner/name
https://github.com/owner
https://github.com/owner/..
https://github.com/owner/name/tree/main
https://github.com/owner/name?tab=readme
git@gitlab.com:owner/name.git
git@github.community:owner/name.git
git@example.org:github.com/owner/name
git@notgithub.com:owner/name
example.org:x@github.com:owner/name
file://github.com/owner/name
github.com/owner/name
../github.com/owner/name
/srv/github.com/owner/name
"""


@pytest.mark.parametrize("remote", ON_GITHUB.split())
def test_spelling_of_github(clone, remote):
    clone.git("remote", "add", "origin", remote)
    assert repository.find_repository(clone.root) == HERE
    assert repository.recognise(clone.root)[1] == ""


@pytest.mark.parametrize("remote", ELSEWHERE.split())
def test_spelling_of_another_host(clone, remote):
    clone.git("remote", "add", "origin", remote)
    assert repository.find_repository(clone.root) is None
    assert repository.recognise(clone.root)[1].endswith("which is not on GitHub")


def test_names_with_dots_and_blanks_around(clone):
    clone.git("remote", "add", "origin", "  https://github.com/some.one/a.github.io.git \n")
    assert repository.find_repository(clone.root)[0] == "https://github.com/some.one/a.github.io"


@pytest.mark.parametrize(
    "remote",
    [
        "https://user:s3cret@gitlab.com/owner/name",
        "https://user:s3/cret@gitlab.com/owner/name",
        "s3cret@gitlab.com:owner/name",
    ],
)
def test_password_is_not_told(clone, remote):
    clone.git("remote", "add", "origin", remote)
    why = repository.recognise(clone.root)[1]
    assert "gitlab.com" in why and "cret" not in why and "@" not in why


def test_shorthand_is_written_out(clone):
    clone.git("config", "url.https://github.com/.insteadOf", "gh:")
    clone.git("remote", "add", "origin", "gh:owner/name")
    assert repository.find_repository(clone.root) == HERE


def test_mirror_is_not_the_repository(clone):
    clone.git("config", "url.https://mirror.example.org/.insteadOf", "https://github.com/")
    clone.git("remote", "add", "origin", "https://github.com/owner/name")
    assert repository.find_repository(clone.root) == HERE


@pytest.mark.parametrize(
    ("variables", "branch"),
    [
        ({}, "main"),
        ({"GITHUB_REF_NAME": "an/idea", "GITHUB_REF_TYPE": "branch"}, "an/idea"),
        ({"GITHUB_REF_NAME": "v1.0", "GITHUB_REF_TYPE": "tag"}, "main"),
        ({"GITHUB_REF_NAME": "12/merge", "GITHUB_BASE_REF": "dev"}, "dev"),
        ({"GITHUB_REF_NAME": "12/merge"}, "main"),
        ({"GITHUB_REF_NAME": "gh-readonly-queue/main/pr-1-abc"}, "main"),
        ({"GITHUB_REF_NAME": "", "GITHUB_BASE_REF": ""}, "main"),
    ],
)
def test_branch_of_a_workflow(tmp_path, monkeypatch, variables, branch):
    for key, value in (variables | {"GITHUB_REPOSITORY": "fork/book"}).items():
        monkeypatch.setenv(key, value)
    assert repository.find_repository(tmp_path) == ("https://github.com/fork/book", branch)
    assert repository.recognise(tmp_path)[1] == ""


def test_default_branch_is_the_remotes(clone):
    clone.git("remote", "add", "origin", "git@github.com:owner/name")
    clone.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/the/trunk")
    assert repository.find_repository(clone.root) == (HERE[0], "the/trunk")


@pytest.mark.parametrize("name", ["name", "a/b/c", "a/..", "https://x:s3cret@github.com/a/b", "/"])
def test_malformed_name_of_a_workflow(clone, monkeypatch, name):
    clone.git("remote", "add", "origin", "git@github.com:owner/name")
    monkeypatch.setenv("GITHUB_REPOSITORY", name)
    assert repository.find_repository(clone.root) is None
    why = "GITHUB_REPOSITORY is not of the form owner/name"
    assert repository.recognise(clone.root)[1] == why


def test_address_is_that_of_github_pages():
    find_address = repository.find_address
    assert find_address(("https://github.com/Some/Book", "main")) == "https://some.github.io/Book/"
    assert find_address(("https://github.com/a/a.github.io", "main")) == "https://a.github.io/"
    assert find_address(None) == ""


def knows_nothing(folder):
    """There must be neither a repository nor dates; returns the reason."""
    assert repository.find_repository(folder) is None
    assert repository.find_dates(folder) == {}
    why = repository.recognise(folder)[1]
    assert why and "\n" not in why
    return why


def test_no_repository(tmp_path):
    assert knows_nothing(tmp_path).startswith("git says: not a git repository")


def test_no_folder(tmp_path):
    assert "No such file" in knows_nothing(tmp_path / "nowhere")


def test_no_remote(clone):
    assert knows_nothing(clone.root) == "git says: No such remote 'origin'"


def test_no_git(clone, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    why = "git cannot be run (No such file or directory): is it installed?"
    assert knows_nothing(clone.root) == why


def replace_git(monkeypatch, tmp_path, script):
    """Have this shell script be git."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text("#!/bin/sh\n" + script)
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def test_clone_of_another_user(written, monkeypatch, tmp_path):
    written.git("remote", "add", "origin", "git@github.com:owner/name")
    own = f'GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {GIT} "$@"\n'
    replace_git(monkeypatch, tmp_path, own)
    why = knows_nothing(written.root)
    assert why.endswith(f"run: git config --global --add safe.directory {written.root}")
    subprocess.run([GIT, *why.split("run: git ")[1].split()], check=True)
    repository.ask_git.cache_clear()
    repository.find_dates.cache_clear()
    assert repository.find_repository(written.root) == HERE
    assert written.dates() == written.expected


@pytest.mark.parametrize(
    "script",
    [
        "echo hello; echo 2019-03-02",
        "printf '\\377\\376\\0/99999999999\\0book/a.md\\0'",
        "printf 'note: no developer tools\\nwere found\\n' >&2; exit 1",
        "exit 3",
        "kill -9 $$",
        "yes | head -c 9000000",
    ],
)
def test_git_that_is_none(written, monkeypatch, tmp_path, script):
    replace_git(monkeypatch, tmp_path, script)
    knows_nothing(written.root)


def test_git_that_hangs(written, monkeypatch, tmp_path):
    replace_git(monkeypatch, tmp_path, "sleep 60\n")
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: run(*a, **k | {"timeout": 0.2}))
    start = time.monotonic()
    assert knows_nothing(written.root) == "git does not answer"
    assert time.monotonic() - start < 60  # it is not waited for


def test_git_gets_ten_seconds_and_nothing_to_read(clone, monkeypatch):
    options = {}
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: options.update(k) or run(*a, **k))
    repository.ask_git(clone.root, "status")
    assert options["timeout"] == 10
    assert options["stdin"] == subprocess.DEVNULL
    assert options["env"]["GIT_TERMINAL_PROMPT"] == "0"
    assert options["env"]["LC_ALL"] == "C"  # the reasons are read in English


def test_dates(written):
    assert written.dates() == written.expected


SETTINGS = """
log.showSignature=true
log.date=relative
log.follow=true
log.decorate=full
log.mailmap=true
log.showRoot=false
log.diffMerges=off
log.abbrevCommit=true
format.pretty=fuller
color.ui=always
core.quotePath=true
core.pager=false
pager.log=false
diff.external=/bin/false
diff.renames=copies
diff.orderFile=/nowhere
diff.relative=false
diff.noprefix=true
i18n.logOutputEncoding=UTF-16
alias.log=status
trace2.normalTarget=2
gpg.program=/nowhere
"""


@pytest.mark.parametrize("setting", SETTINGS.split())
def test_dates_under_a_readers_settings(written, setting):
    subprocess.run([GIT, "config", "--global", *setting.split("=")], check=True)
    assert written.dates() == written.expected


def test_dates_of_a_signed_commit(written):
    """A commit with a signature that no key here made."""
    commit = written.git("cat-file", "commit", "HEAD").stdout
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n rubbish\n -----END PGP SIGNATURE-----\n"
    written.write("signed", commit.replace("\n\n", "\n" + signature + "\n", 1))
    signed = written.git("hash-object", "-t", "commit", "-w", "signed").stdout.strip()
    written.git("update-ref", "HEAD", signed)
    written.git("config", "log.showSignature", "true")
    said = written.git("log", "--format=%cs")
    assert "gpg" in said.stdout + said.stderr  # it does make git say more
    assert written.dates() == written.expected


VARIABLES = {
    "GIT_DIR": "/nowhere",
    "GIT_WORK_TREE": "/",
    "GIT_INDEX_FILE": "/nowhere/index",
    "GIT_OBJECT_DIRECTORY": "/nowhere",
    "GIT_CEILING_DIRECTORIES": "ROOT",
    "GIT_PREFIX": "elsewhere/",
    "GIT_NAMESPACE": "elsewhere",
    "GIT_EXTERNAL_DIFF": "/bin/false",
    "GIT_TRACE": "1",
    "GIT_TRACE2": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_PAGER": "/bin/false",
    "GIT_CONFIG": "/nowhere",
    "LANGUAGE": "de",
    "LC_ALL": "de_DE.UTF-8",
    "TZ": "Asia/Tokyo",
}


@pytest.mark.parametrize("name", VARIABLES)
def test_variables_as_in_a_hook(written, monkeypatch, name):
    written.git("remote", "add", "origin", "git@github.com:owner/name")
    monkeypatch.setenv(name, VARIABLES[name].replace("ROOT", str(written.root.parent)))
    assert written.dates() == written.expected
    assert repository.find_repository(written.root) == HERE


def test_settings_by_variables_count(clone, monkeypatch):
    """As in a container: safe.directory is set so."""
    clone.git("remote", "add", "origin", "gh:owner/name")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "url.https://github.com/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "gh:")
    assert repository.find_repository(clone.root) == HERE


def test_dates_are_in_utc(clone):
    clone.commit("book/a.md", day="2020-01-01", time="00:30+0900")
    assert clone.dates() == {"book/a.md": "2019-12-31"}


def test_dates_of_odd_names_and_of_other_folders(clone):
    names = ["book/2020-01-01", "book/a\nb.md", 'book/"q".md', "zh/book/b.md", "book/ c"]
    clone.commit(*names, "README.md", "books/a.md")
    assert clone.dates() == dict.fromkeys(names, "2019-03-02")


def test_dates_of_merges(written):
    """A page changed on a branch has the day of that; one that the merge itself changes, its."""
    written.git("checkout", "-qb", "idea")
    written.commit("book/idea.md", "book/both.md", day="2020-02-02")
    written.git("checkout", "-q", "main")
    written.commit("book/both.md", day="2020-03-03")
    written.git("merge", "-q", "--no-commit", "idea", check=False)
    written.write("book/both.md", "merged by hand")
    written.git("add", "book/both.md")
    written.git("commit", "-qm", "A merge", day="2020-04-04")
    more = {"book/idea.md": "2020-02-02", "book/both.md": "2020-04-04"}
    assert written.dates() == written.expected | more


def test_renamed_page_has_the_day_of_that(written):
    written.git("mv", "book/old.md", "book/older.md")
    written.commit(day="2020-02-02")
    assert written.dates()["book/older.md"] == "2020-02-02"


@pytest.mark.parametrize("seconds", ["99999999999999", "", "-5"])
def test_broken_date_is_none(written, seconds):
    commit = written.git("cat-file", "commit", "HEAD").stdout
    author, *rest = commit.split("\ncommitter ")
    committer = f"committer A <a@example.org> {seconds} +0000"
    broken = f"{author}\n{committer}\n" + rest[0].split("\n", 1)[1]
    written.write("broken", broken)
    command = ["hash-object", "-t", "commit", "-w", "--literally", "broken"]
    written.git("update-ref", "HEAD", written.git(*command).stdout.strip())
    assert written.dates()["book/old.md"] == "2019-03-02"
    assert written.dates().get("book/new.md") != "2020-01-01"


def test_no_commits(clone):
    clone.write("book/a.md")
    assert clone.dates() == {}


def test_shallow_clone_has_no_dates(written, tmp_path):
    origin = f"file://{written.root}"
    subprocess.run([GIT, "clone", "-q", "--depth=1", origin, tmp_path / "shallow"], check=True)
    assert repository.find_dates(tmp_path / "shallow") == {}


@pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
def test_partial_clone_fetches_nothing(written, tmp_path, kind):
    written.git("mv", "book/old.md", "book/older.md")  # is it the same? The contents are not there
    written.write("book/older.md", "text")
    written.commit("book/older.md", day="2020-02-02")
    written.expected["book/old.md"] = written.expected["book/older.md"] = "2020-02-02"
    written.git("config", "uploadpack.allowFilter", "true")
    copy = tmp_path / "partial"
    command = [GIT, "clone", "-q", "--no-checkout", f"--filter={kind}", f"file://{written.root}"]
    subprocess.run([*command, copy], check=True)
    before = sorted(copy.rglob("*.pack"))
    assert repository.find_dates(copy) == (written.expected if kind == "blob:none" else {})
    assert sorted(copy.rglob("*.pack")) == before


def test_worktree_and_sparse_checkout(written, tmp_path):
    written.git("remote", "add", "origin", "git@github.com:owner/name")
    written.git("worktree", "add", "-q", str(tmp_path / "tree"))
    written.git("sparse-checkout", "set", "notebooks")
    for folder in written.root, tmp_path / "tree":
        assert repository.find_dates(folder) == written.expected
        assert repository.find_repository(folder) == HERE


def test_submodule(written, tmp_path):
    outer = tmp_path / "outer"
    outer.mkdir()
    allow = ("-c", "protocol.file.allow=always")
    Clone(outer).git(*allow, "submodule", "-q", "add", str(written.root), "inner")
    assert repository.find_dates(outer / "inner") == written.expected


def test_folder_of_a_larger_repository(clone):
    """Dates are right there; links, which would lack the folder's name, there are none."""
    clone.git("remote", "add", "origin", "git@github.com:owner/name")
    clone.commit("course/book/a.md", "book/b.md")
    folder = clone.root / "course"
    assert repository.find_dates(folder) == {"book/a.md": "2019-03-02"}
    assert repository.find_repository(folder) is None
    assert "not at the top" in repository.recognise(folder)[1]


def test_git_is_asked_once_for_all_pages(written, monkeypatch, tmp_path):
    written.git("remote", "add", "origin", "git@github.com:owner/name")
    answers = [repository.find_repository(written.root), written.dates()]
    assert answers == [HERE, written.expected]
    replace_git(monkeypatch, tmp_path, "exit 1\n")
    assert [repository.find_repository(written.root), written.dates()] == answers
