"""What GitHub and Binder read: workflows, issue forms, Dependabot's settings, Binder's files.

GitHub says what is wrong with them only when it runs them, so what can be known before is tested.
"""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml"))
LIBRARIES = {"numpy", "torch", "tensorflow", "matplotlib"}  # what a notebook may import,
LIBRARIES |= {"scikit-learn"}  # and chapter 10 for its data


def read(path):
    return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # it leaves `on` a word


WORKFLOWS = {path.name: read(path) for path in sorted((GITHUB / "workflows").glob("*.yml"))}
JOBS = [
    pytest.param(job, id=f"{file}-{name}")
    for file, workflow in WORKFLOWS.items()
    for name, job in workflow["jobs"].items()
]


def targets(job):
    """The targets that the job makes."""
    commands = "\n".join(step.get("run", "") for step in job["steps"])
    return [word for line in re.findall(r"\bmake\b(.*)", commands) for word in line.split()]


def read_pins(name):
    return dict(re.findall(r"(?m)^([\w.-]+)==([\w.]+)", (ROOT / name).read_text("utf-8")))


def test_each_workflow_says_what_it_may_do_and_what_ends_it():
    assert WORKFLOWS
    for name, workflow in WORKFLOWS.items():
        assert workflow["permissions"] == {"contents": "read"}, name
        assert workflow["concurrency"]["group"], name


@pytest.mark.parametrize("job", JOBS)
def test_a_job_has_an_end_and_only_pinned_actions(job):
    assert int(job["timeout-minutes"]) <= 120
    for action in [step["uses"] for step in job["steps"] if "uses" in step]:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action


@pytest.mark.parametrize("job", JOBS)
def test_a_job_makes_what_the_makefile_has_and_knows_the_dates(job):
    known = re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"))
    assert set(targets(job)) <= set(known)
    if targets(job):
        (checkout,) = [step for step in job["steps"] if "checkout@" in step.get("uses", "")]
        assert checkout["with"]["fetch-depth"] == "0"


def test_each_target_that_tests_the_book_is_made():
    jobs = [job for workflow in WORKFLOWS.values() for job in workflow["jobs"].values()]
    made = {target for job in jobs for target in targets(job)}
    assert {"check", "book", "test", "faults", "lighthouse", "matrix", "pdf", "links"} <= made


def test_the_site_published_is_the_site_tested():
    jobs = WORKFLOWS["test.yml"]["jobs"]
    steps = jobs["test"]["steps"]
    upload = steps[-1]
    assert "upload-pages-artifact@" in upload["uses"]
    assert upload["with"]["path"] == "_build/site"
    assert upload["if"] == "matrix.all && github.event_name == 'push'"
    assert jobs["deploy"]["needs"] == "test" and not targets(jobs["deploy"])
    assert jobs["deploy"]["if"] == "github.event_name == 'push'"
    assert WORKFLOWS["test.yml"]["on"]["push"] == {"branches": ["main"]}
    made = targets(jobs["test"])
    assert made.index("pdf") < made.index("test")  # make pdf publishes the site once more
    legs = jobs["test"]["strategy"]["matrix"]["include"]
    assert sum(leg["all"] == "true" for leg in legs) == 1  # two sites could not be published


def test_every_python_of_the_book_is_tried_and_macos():
    legs = WORKFLOWS["test.yml"]["jobs"]["test"]["strategy"]["matrix"]["include"]
    linux = {leg["python"] for leg in legs if leg["os"].startswith("ubuntu")}
    assert linux == {"3.11", "3.12", "3.13"}
    assert any(leg["os"].startswith("macos") for leg in legs)


def test_a_failed_run_leaves_its_reports():
    steps = WORKFLOWS["test.yml"]["jobs"]["test"]["steps"]
    (upload,) = [step for step in steps if step.get("if") == "failure()"]
    assert {"_build/reports", "_build/build.log"} <= set(upload["with"]["path"].split())


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_an_issue_form_can_be_filled_in_by_a_link(path):
    form = read(path)
    assert form["name"] and form["description"]
    fields = [part for part in form["body"] if part["type"] != "markdown"]
    ids = [field["id"] for field in fields]
    assert len(set(ids)) == len(ids)
    assert not {"title", "body", "labels", "template"} & set(ids)  # they mean something else there
    assert all(field["attributes"]["label"] for field in fields)


def test_the_link_on_each_page_opens_the_form():
    assert (GITHUB / "ISSUE_TEMPLATE" / "page.yml") in FORMS
    assert "page" in [part.get("id") for part in read(GITHUB / "ISSUE_TEMPLATE/page.yml")["body"]]


def test_dependabot_keeps_what_the_book_must_keep():
    updates = {
        each["package-ecosystem"]: each for each in read(GITHUB / "dependabot.yml")["updates"]
    }
    assert set(updates) == {"pip", "github-actions"}
    pins = read_pins("requirements.txt")
    assert {each["dependency-name"]: each["versions"] for each in updates["pip"]["ignore"]} == {
        "jupyter-book": [">=2"],
        "sphinx-book-theme": [f">{pins['sphinx-book-theme']}"],
        "pydata-sphinx-theme": [f">{pins['pydata-sphinx-theme']}"],
        "ipykernel": [">=7"],
        "markdown-it-py": [">=4"],
    }


def test_binder_has_the_versions_of_the_book_and_no_tools():
    text = (ROOT / ".binder" / "requirements.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    options = [line for line in lines if line.startswith("-")]
    # The book's pins constrain it, so none is written a second time.
    assert {"-c ../requirements.txt", "-c ../constraints.txt"} <= set(options)
    assert not [line for line in options if line.startswith("-r")]
    assert set(lines) - set(options) == LIBRARIES <= set(read_pins("requirements.txt"))
    assert not set(read_pins("requirements.txt")) & set(read_pins("constraints.txt"))
    # pip takes no file as constraints that has more than names, versions and markers.
    for name in "requirements.txt", "constraints.txt":
        for line in (ROOT / name).read_text("utf-8").splitlines():
            assert re.fullmatch(r"([\w.-]+==[\w.]+( ;.*)?)?(\s*#.*)?", line), line
    python = (ROOT / ".binder" / "runtime.txt").read_text("utf-8").strip()
    assert python in {"python-3.11", "python-3.12", "python-3.13"}


def test_tox_has_the_versions_of_the_book():
    """Those that it tries as pinned, and those of what runs the notebooks."""
    text, pins = (ROOT / "tox.ini").read_text("utf-8"), read_pins("requirements.txt")
    tried = dict(re.findall(r"(?m)^    (?:pinned: )?([\w.-]+)==([\w.]+)$", text))
    assert set(tried) > LIBRARIES | {"nbval"}
    assert {name: pins[name] for name in tried} == tried
