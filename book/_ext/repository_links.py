"""Adds links to the book's repository: Colab and Binder on the pages that are notebooks; source,
suggest an edit and open an issue on every page.

The repository is the one that the book is built from, so that a fork's buttons open the fork:
GITHUB_REPOSITORY ("owner/name", set in GitHub's workflows), else the remote `origin` if that is
on GitHub. With neither, there are no such buttons. The branch is GITHUB_REF_NAME, else main.
"""

import os
import re
import subprocess

GITHUB = r"(?:https://|ssh://git@|git@)github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?"


def find_repository(folder):
    """The pair (URL, branch) of the repository that `folder` is built from, or None."""
    name = os.environ.get("GITHUB_REPOSITORY")
    if not name:
        command = ["git", "-C", str(folder), "config", "--get", "remote.origin.url"]
        try:
            remote = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        except OSError:  # there is no git
            remote = ""
        match = re.fullmatch(GITHUB, remote.strip())
        name = match and match[1]
    branch = os.environ.get("GITHUB_REF_NAME") or "main"
    return (f"https://github.com/{name}", branch) if name else None


def add_links(app, config):
    repository = find_repository(app.srcdir)
    if repository:
        config.html_theme_options |= {
            "repository_url": repository[0],
            "repository_branch": repository[1],
            "use_repository_button": True,
            "use_edit_page_button": True,
            "use_issues_button": True,
            "launch_buttons": {
                "colab_url": "https://colab.research.google.com",
                "binderhub_url": "https://mybinder.org",
                "notebook_interface": "jupyterlab",
            },
        }


def setup(app):
    app.connect("config-inited", add_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
