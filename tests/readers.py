"""What readers have set for other programs, all at once, and cells whose output would show it."""

VARIABLES = {  # ROOT is a folder with the files below
    "HOME": "ROOT",
    "IPYTHONDIR": "ROOT/.ipython",
    "JUPYTER_PATH": "ROOT",
    "MPLBACKEND": "Agg",
    "MATPLOTLIBRC": "ROOT/matplotlibrc",
    "PYTHONOPTIMIZE": "1",
    "PYTHONPATH": "ROOT",
    "PYTHONUTF8": "0",
    "PYTHONWARNINGS": "error",
    "LC_ALL": "C",
}
FILES = {
    "sitecustomize.py": "import builtins\nbuiltins.secret = 1\n",
    "matplotlibrc": "lines.linewidth: 9\n",
    "kernels/python3/kernel.json": '{"argv": ["/bin/false"], "display_name": "", "language": ""}',
    ".ipython/profile_default/startup/00-mine.py": "secret = 1\n",
    ".ipython/profile_default/ipython_config.py": "c.PlainTextFormatter.float_precision = '%.2f'\n",
}
CELLS = {  # and what each gives where nothing is set, None for a figure
    "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\nplt.show()": None,
    "print(plt.rcParams['lines.linewidth'])": "1.5\n",
    "try:\n    assert 1 == 2\nexcept AssertionError:\n    print('checked')": "checked\n",
    "import builtins\nprint('secret' in globals(), hasattr(builtins, 'secret'))": "False False\n",
    "1 / 3": "0.3333333333333333",
    "import locale\nprint(locale.getencoding().lower(), 'µ')": "utf-8 µ\n",
}


def settings(folder):
    """The variables of a reader who has set all of this; their files are made in `folder`."""
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return {key: value.replace("ROOT", str(folder)) for key, value in VARIABLES.items()}
