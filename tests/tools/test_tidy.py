"""What editors, converters and Colab leave in a notebook goes, and nothing is lost by it."""

import json
import os
import re
import subprocess
import sys
import time

from nbformat.v4 import new_output
from playwright.sync_api import sync_playwright

from book.press import cells
from tests.small_book import DRAW, figure, text

LEFT = {"kernelspec": {"name": "venv"}, "widgets": {}, "colab": {"provenance": []}}
CELL = {"execution": {"at": "noon"}, "scrolled": True, "outputId": "1", "jupyter": {}}
RUN = """async () => {
  const notebook = jupyterapp.shell.currentWidget;
  await notebook.context.ready, await notebook.sessionContext.ready;
  await jupyterapp.commands.execute("notebook:run-all-cells");
  await notebook.context.save();
}"""


def test_editors_leavings_go(book):
    """Folds and alternative texts are where JupyterLab, Colab and nbconvert look for them; what
    Colab saves, in an older format and with ids in the metadata, is taken back."""
    path = book.write("2_two", ("x = 1", [], "hide-cell"), (DRAW, [figure()], "curve"))
    clean, named = path.read_bytes(), "notebooks/2_two.ipynb"
    folded, drawn = [cell["metadata"] for cell in cells.code_cells(json.loads(clean))]
    assert folded["jupyter"] == {"source_hidden": True, "outputs_hidden": True}
    assert folded["cellView"] == "form" and drawn["alt"] == "a line, 2"
    notebook = json.loads(clean) | {"nbformat_minor": 0, "metadata": LEFT}
    for cell in notebook["cells"]:
        cell["metadata"] |= CELL | {"id": cell.pop("id")}
        for output in cell.get("outputs", []):
            output["metadata"] = {"needs_background": "light"}
    path.write_text(json.dumps(notebook))
    path.chmod(0o640)
    assert book.press("tidy", "--check", named, ok=False) == f"{named}: tidied\n"
    assert path.read_bytes() == clean and path.stat().st_mode & 0o777 == 0o640
    assert book.press("tidy") == ""


def test_nothing_is_lost_by_one_that_is_broken(book):
    """Nor in the others that would be tidied with it."""
    path = "notebooks/3_three.ipynb"
    book.edit("notebooks/1_one.ipynb", '"python3"', '"mine"')
    book.edit(path, '"id": "title",', "")
    before = book.files("notebooks")
    why = f"{path}: cell 1 has no id, by which the book knows it: restore it from git: git checkout"
    assert book.press("tidy", ok=False) == f"{why} {path}. The notebooks are as they were.\n"
    assert book.files("notebooks") == before


def test_jupyterlab_leaves_nothing_behind(tmp_path, book, executable):
    """A notebook is opened in JupyterLab, run and saved; tidied, it is what it was."""
    two = new_output("execute_result", {"text/plain": "2"}, execution_count=2)
    path = book.write("2_two", ("print(1)", [text("1\n")], "hide-input"), ("1 + 1", [two]))
    before = path.read_bytes()
    log = tmp_path / "log"
    env = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    options = "--no-browser --allow-root --port=0 --expose-app-in-browser"
    command = [sys.executable, "-m", "jupyterlab", *options.split(), "--IdentityProvider.token="]
    command += [f"--notebook-dir={book.root}"]
    with (
        subprocess.Popen(command, env=os.environ | env, stderr=log.open("w")) as lab,
        sync_playwright() as playwright,
    ):
        try:
            while not (address := re.search(r"http://127\.0\.0\.1:\d+/lab", log.read_text())):
                assert lab.poll() is None, log.read_text()
                time.sleep(0.1)
            arguments = ["--no-sandbox", "--disable-gpu"]
            browser = playwright.chromium.launch(executable_path=executable, args=arguments)
            page = browser.new_page()
            page.set_default_timeout(120_000)
            page.goto(f"{address[0]}/tree/notebooks/2_two.ipynb")
            page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.context?.isReady")
            page.evaluate(RUN)
            browser.close()
        finally:
            lab.terminate()
    assert book.press("tidy") == "notebooks/2_two.ipynb: tidied\n"
    assert path.read_bytes() == before
