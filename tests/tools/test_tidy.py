"""What editors, converters and Colab leave in a notebook goes, and nothing is lost by it."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import nbformat
import pytest
from playwright.sync_api import sync_playwright

from book.press import cells
from book.press.console import BookError
from tests.small_book import DRAW, error, figure, text

LEFT = {  # by JupyterLab, VS Code, Colab and extensions
    "kernelspec": {"display_name": "venv (3.12.3)", "language": "python", "name": "venv"},
    "language_info": {"codemirror_mode": {"name": "ipython"}, "name": "python", "version": "3"},
    "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}},
    "colab": {"provenance": []},
}
CELL = {
    "execution": {"at": "noon"},
    "scrolled": True,
    "outputId": "1",
    "jupyter": {},
    "cellView": 0,
}


def test_editors_leavings_go(book):
    """Folds and alternative texts are where JupyterLab, Colab and nbconvert look for them; what
    Colab saves, in an older format and with ids in the metadata, is taken back."""
    path = book.write("2_two", ("x = 1", [], "hide-cell"), (DRAW, [figure()], "curve"))
    clean = path.read_bytes()
    code = cells.code_cells(json.loads(clean))
    assert code[0]["metadata"]["jupyter"] == {"source_hidden": True, "outputs_hidden": True}
    assert code[0]["metadata"]["cellView"] == "form" and code[1]["metadata"]["alt"] == "a line, 2"
    notebook = json.loads(clean)
    notebook |= {"nbformat_minor": 0, "metadata": LEFT}
    for cell in notebook["cells"]:
        cell["metadata"] |= CELL | {"id": cell.pop("id")}
        for output in cell.get("outputs", []):
            output["metadata"] = {"needs_background": "light"}
    path.write_text(json.dumps(notebook))
    path.chmod(0o640)
    assert book.press("tidy") == "notebooks/2_two.ipynb: tidied\n"
    assert path.read_bytes() == clean and path.stat().st_mode & 0o777 == 0o640
    assert book.press("tidy") == "" == book.make("tidy", "NB=notebooks/2_two.ipynb")
    path.write_text(json.dumps(notebook | {"metadata": {"jupytext": {"formats": "ipynb,py"}}}))
    named = "notebooks/2_two.ipynb"
    assert book.press("tidy", "--check", named, ok=False) == f"{named}: tidied\n"
    kept = cells.METADATA | {"jupytext": {"formats": "ipynb,py"}}
    assert cells.read(path)["metadata"] == kept and kept["language_info"]["file_extension"] == ".py"
    assert book.press("tidy", "--check", named) == ""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"cells": [}', "malformed: JSONDecodeError: Expecting value: line 1 column 12 (char 11)"),
        ("{}", "malformed: KeyError: 'cells'"),
        ("[]", "malformed: TypeError: list indices must be integers or slices, not str"),
        (b"\xff", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (None, "there is no such file"),
        (
            '{"cells": [{"source": "", "metadata": {}}]}',
            "cell 1 has no id, by which the book knows it: restore it from git: git checkout PATH",
        ),
    ],
)
def test_what_is_no_notebook_is_said_in_a_line(tmp_path, content, problem):
    path = tmp_path / "1_one.ipynb"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BookError) as why:
        cells.read(path)
    assert problem.replace("PATH", str(path)) in str(why.value) and str(path) in str(why.value)
    assert "\n" not in str(why.value)


def test_nothing_is_lost_by_one_without_ids(book):
    """Nor in the others that would be tidied with it."""
    for name in "1_one", "3_three":
        book.edit(f"notebooks/{name}.ipynb", '"name": "python3"', '"name": "mine"')
    book.edit("notebooks/3_three.ipynb", '"id": "title",', "")
    before = book.files("notebooks")
    assert "3_three.ipynb: cell 1 has no id" in book.press("tidy", ok=False)
    assert book.files("notebooks") == before


PRINTS, DRAWS = "prints, and nothing is stored", "draws a figure, and none is stored"


@pytest.mark.parametrize(
    ("source", "outputs", "tag", "fault"),
    [
        ("with a as b:\n    print(b)", [], "", PRINTS),
        ("x = print(1)", [], "", PRINTS),
        ("def f():\n    print(1)\nf = lambda: print(1)", [], "", None),
        ("print(1)", [], "nbval-ignore-output", None),
        ("# print(1)\nprinted(1)", [], "", None),
        ("plt.show()", [text("<Figure>")], "", DRAWS),
        ("plt.show()", [figure()], "", None),
        ("1 +", [error("SyntaxError", "")], "raises-exception", None),
        ("1", [error("A", "")], "", "stores an error that nobody asked for: A"),
        ("%%writefile a.py\nprint(1)", [text("Writing a.py\n")], "", None),
        ("!ls", [], "", None),
    ],
)
def test_outputs_that_cannot_be_the_codes(source, outputs, tag, fault):
    cell = nbformat.v4.new_code_cell(source, id="a", execution_count=1, outputs=outputs)
    cell.metadata.tags = tag.split()
    notebook = nbformat.v4.new_notebook(cells=[cell])
    assert cells.find_faults(notebook) == ([f"cell a {fault}"] if fault else [])
    cell.update(outputs=[], execution_count=None)  # as nbstripout leaves it
    with pytest.raises(BookError, match=r"^a\.ipynb: its outputs are gone: make notebooks NB=a.ip"):
        cells.refuse_faults("a.ipynb", notebook)


@contextmanager
def jupyterlab(root, settings):
    """JupyterLab, without the reader's settings; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {f"JUPYTER_{name}_DIR": str(settings / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    with (
        (settings / "log").open("w") as log,
        subprocess.Popen(command, cwd=root, env=os.environ | env, stdout=log, stderr=log) as lab,
    ):
        try:
            while f":{port}/lab" not in (settings / "log").read_text():
                assert lab.poll() is None, (settings / "log").read_text()
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/lab"
        finally:
            lab.terminate()


def test_jupyterlab_leaves_nothing_behind(tmp_path, book, executable):
    """A notebook is opened in JupyterLab, run and saved; tidied, it is what it was."""
    two = nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=2)
    contents = ("print(1)", [text("1\n")], "hide-input"), ("1 + 1", [two])
    path = book.write("2_two", *contents)
    before, cleared = path.read_bytes(), cells.read(path)
    for cell in cells.code_cells(cleared):
        cell |= {"outputs": [], "execution_count": None}
    cells.save(path, cleared)
    opened = path.read_bytes()
    with jupyterlab(book.root, tmp_path) as address, sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(f"{address}/tree/notebooks/2_two.ipynb")
        for item in "Run", "Run All Cells":
            page.get_by_role("menuitem", name=item, exact=True).click()
        page.get_by_text("[2]:").first.wait_for()
        page.keyboard.press("Control+s")
        while path.read_bytes() == opened:
            page.wait_for_timeout(100)
        browser.close()
    assert book.press("tidy") == "notebooks/2_two.ipynb: tidied\n"
    assert path.read_bytes() == before
