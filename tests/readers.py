"""What readers have set for other programs, all at once, and cells whose output would show it."""

OTHERS = "NO_COLOR PYTHON_COLORS TZ VIRTUAL_ENV NPY_PROMOTION_STATE MKL_NUM_THREADS KMP_SETTINGS "
OTHERS += "OMP_DISPLAY_ENV MKL_VERBOSE ONEDNN_VERBOSE TORCH_LOGS PYTORCH_ENABLE_MPS_FALLBACK "
OTHERS += "TF_XLA_FLAGS TF_ENABLE_ONEDNN_OPTS KERAS_BACKEND JUPYTER_PATH XDG_CONFIG_HOME LANG"
ROOT = dict.fromkeys("IPYTHONDIR HOME PYTHONPATH".split() + OTHERS.split(), "ROOT")
VARIABLES = ROOT | {  # ROOT is a folder with the files below
    "MPLBACKEND": "Agg",
    "MATPLOTLIBRC": "ROOT/matplotlib/matplotlibrc",
    "PYTHONOPTIMIZE": "1",
    "PYTHONSTARTUP": "ROOT/start.py",
    "PYTHONSAFEPATH": "1",
    "PYTHONUTF8": "0",
    "PYTHONIOENCODING": "ascii",
    "PYTHONWARNINGS": "error",
    "PYTHONDEVMODE": "1",
    "PYTHONINTMAXSTRDIGITS": "640",
    "LANGUAGE": "de",
    "LC_ALL": "C",
    "COLUMNS": "20",
}
FILES = {
    "start.py": "secret = 1\n",
    "sitecustomize.py": "import builtins\nbuiltins.secret = 1\n",
    "matplotlib/matplotlibrc": "lines.linewidth: 9\n",
    ".config/matplotlib/matplotlibrc": "lines.linewidth: 9\n",
    "kernels/python3/kernel.json": '{"argv": ["/bin/false"], "display_name": "", "language": ""}',
}
for profile in "profile_default", ".ipython/profile_default":
    FILES[f"{profile}/startup/00-mine.py"] = "secret = 1\n"
    FILES[f"{profile}/ipython_config.py"] = (
        "c = get_config()\nc.PlainTextFormatter.float_precision = '%.2f'\n"
        "c.InteractiveShell.ast_node_interactivity = 'all'\n"
    )
CELLS = {  # and what each gives where nothing is set, None for a figure
    "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\nplt.show()": None,
    "print(plt.rcParams['lines.linewidth'])": "1.5\n",
    "try:\n    assert 1 == 2\nexcept AssertionError:\n    print('checked')": "checked\n",
    "import builtins\nprint('secret' in globals(), hasattr(builtins, 'secret'))": "False False\n",
    "1 + 1\n1 / 3": "0.3333333333333333",
    "import locale, os, sys\nprint(os.environ['LC_ALL'], locale.getencoding().lower())\n"
    "print(sys.flags.utf8_mode, sys.flags.dev_mode, sys.flags.safe_path)": (
        "C.UTF-8 utf-8\n0 False False\n"
    ),
    "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'print(chr(181))'],"
    " capture_output=True).stdout.decode())": "\N{MICRO SIGN}\n\n",
    "import warnings\nwarnings.warn('old', ImportWarning)\nprint(len(str(10**1000)))": "1001\n",
    "import shutil\nprint(shutil.get_terminal_size().columns)": "80\n",
    f"print(set(os.environ).intersection('LANGUAGE {OTHERS}'.split()))": "set()\n",
}


def settings(folder):
    """The variables of a reader who has set all of this; their files are made in `folder`."""
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return {key: value.replace("ROOT", str(folder)) for key, value in VARIABLES.items()}
