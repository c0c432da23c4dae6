"""The modules of book/_tools that extensions use."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "_tools"))
import cells  # noqa: E402
import pages  # noqa: E402
import repository  # noqa: E402
from console import BookError  # noqa: E402

__all__ = ["BookError", "cells", "pages", "repository"]
