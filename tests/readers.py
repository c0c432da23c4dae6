"""What readers have set for other programs, all at once, and cells whose output would show it."""

DRAW = "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\nplt.show()"
LACKS = "import os\nprint([name for name in {!r} if name in os.environ])"
# The variables of each case, with ROOT for a folder of settings; a cell; and what it gives where
# nothing is set, None for a figure.
CASES = {
    "backend": ({"MPLBACKEND": "Agg", "DISPLAY": ":9"}, DRAW, None),
    "matplotlibrc": (
        {"MATPLOTLIBRC": "ROOT/matplotlib/matplotlibrc", "XDG_CONFIG_HOME": "ROOT"},
        "print(plt.rcParams['lines.linewidth'])",
        "1.5\n",
    ),
    "optimize": (
        {"PYTHONOPTIMIZE": "1"},
        "try:\n    assert 1 == 2\nexcept AssertionError:\n    print('checked')",
        "checked\n",
    ),
    "start-up files": (
        {"PYTHONSTARTUP": "ROOT/start.py", "IPYTHONDIR": "ROOT/.ipython", "HOME": "ROOT"},
        "print('secret' in globals())",
        "False\n",
    ),
    "path": (
        {"PYTHONPATH": "ROOT", "PYTHONSAFEPATH": "1"},
        "import builtins, sys\nprint(hasattr(builtins, 'secret'), sys.flags.safe_path)",
        "False False\n",
    ),
    "print options": ({}, "1 + 1\n1 / 3", "0.3333333333333333"),
    "language": (
        {"LANG": "de_DE.UTF-8", "LANGUAGE": "de", "LC_ALL": "C", "PYTHONUTF8": "0"},
        "import locale, os, sys\nprint(os.environ['LC_ALL'], 'LANGUAGE' in os.environ,"
        " 'LANG' in os.environ, locale.getencoding().lower(), sys.flags.utf8_mode)",
        "C.UTF-8 False False utf-8 0\n",
    ),
    "letters": (
        {"PYTHONIOENCODING": "ascii"},
        "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'print(chr(181))'],"
        " capture_output=True).stdout.decode())",
        "\N{MICRO SIGN}\n\n",
    ),
    "warnings": (
        {"PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1"},
        "import warnings\nwarnings.warn('old', ImportWarning)\nprint(sys.flags.dev_mode)",
        "False\n",
    ),
    "digits": ({"PYTHONINTMAXSTRDIGITS": "640"}, "print(len(str(10**1000)))", "1001\n"),
    "columns": (
        {"COLUMNS": "20", "LINES": "5"},
        "import shutil\nprint(shutil.get_terminal_size().columns)",
        "80\n",
    ),
    "others": (
        dict.fromkeys(
            others := "NO_COLOR PYTHON_COLORS TZ VIRTUAL_ENV NPY_PROMOTION_STATE MKL_NUM_THREADS "
            "KMP_SETTINGS OMP_DISPLAY_ENV MKL_VERBOSE ONEDNN_VERBOSE TORCH_LOGS TF_XLA_FLAGS "
            "PYTORCH_ENABLE_MPS_FALLBACK TF_ENABLE_ONEDNN_OPTS KERAS_BACKEND JUPYTER_PATH".split(),
            "ROOT",
        ),
        LACKS.format(others),
        "[]\n",
    ),
}
FILES = {
    "start.py": "secret = 1\n",
    "sitecustomize.py": "import builtins\nbuiltins.secret = 1\n",
    ".ipython/profile_default/startup/00-mine.py": "secret = 1\n",
    ".ipython/profile_default/ipython_config.py": (
        "c = get_config()\nc.PlainTextFormatter.float_precision = '%.2f'\n"
        "c.InteractiveShell.ast_node_interactivity = 'all'\n"
    ),
    ".config/matplotlib/matplotlibrc": "lines.linewidth: 9\n",
    "matplotlib/matplotlibrc": "lines.linewidth: 9\n",
    "kernels/python3/kernel.json": '{"argv": ["/bin/false"], "display_name": "", "language": ""}',
}


def settings(folder):
    """The variables of a reader who has set all of this; their files are made in `folder`."""
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    env = {key: value for variables, _, _ in CASES.values() for key, value in variables.items()}
    return {key: value.replace("ROOT", str(folder)) for key, value in env.items()}
