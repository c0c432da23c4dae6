"""What readers have set for other programs, and cells whose output would show it."""

import os

STARTED = "print('secret' in globals())"


def environ(*names):
    return f"import os\nprint([name for name in {names!r} if name in os.environ])"


# Each a cell, and what it gives where nothing is set.
CELLS = {
    "PYTHONOPTIMIZE": (
        "try:\n    assert 1 == 2\nexcept AssertionError:\n    print('checked')\n"
        "else:\n    print('not checked')",
        "checked\n",
    ),
    "PYTHONSTARTUP": (STARTED, "False\n"),
    "PYTHONPATH": ("import builtins, sys\nprint(hasattr(builtins, 'secret'))", "False\n"),
    "IPYTHONDIR": (STARTED, "False\n"),
    "HOME/.ipython": (STARTED, "False\n"),
    "print options": ("1 / 3", "0.3333333333333333"),
    "every expression": ("1 + 1\n2 + 2", "4"),
    "MATPLOTLIBRC": (
        "import matplotlib\nprint(matplotlib.rcParams['lines.linewidth'])",
        "1.5\n",
    ),
    "HOME/.config/matplotlib": (
        "import matplotlib\nprint(matplotlib.rcParams['lines.linewidth'])",
        "1.5\n",
    ),
    "XDG_CONFIG_HOME": (
        "import matplotlib\nprint(matplotlib.rcParams['lines.linewidth'])",
        "1.5\n",
    ),
    "language": (
        "import locale, os, sys\n"
        "print(os.environ['LC_ALL'], 'LANGUAGE' in os.environ, 'LANG' in os.environ,"
        " locale.getencoding().lower(), sys.flags.utf8_mode)",
        "C.UTF-8 False False utf-8 0\n",
    ),
    "ascii": (
        "import subprocess, sys\n"
        "code = 'import sys; print(sys.stdout.encoding, chr(181))'\n"
        "said = subprocess.run([sys.executable, '-c', code], capture_output=True)\n"
        "print(said.stdout.decode())",
        "utf-8 \N{MICRO SIGN}\n\n",
    ),
    "colours": (environ("NO_COLOR", "PYTHON_COLORS"), "[]\n"),
    "PYTHONWARNINGS": (
        "import warnings\n"
        "try:\n    warnings.warn('old', ImportWarning)\n"
        "except ImportWarning:\n    print('raised')\nelse:\n    print('went on')",
        "went on\n",
    ),
    "PYTHONDEVMODE": ("import sys\nprint(sys.flags.dev_mode)", "False\n"),
    "PYTHONINTMAXSTRDIGITS": ("print(len(str(10**1000)))", "1001\n"),
    "PYTHONSAFEPATH": ("import sys\nprint(sys.flags.safe_path)", "False\n"),
    "COLUMNS": ("import shutil\nprint(shutil.get_terminal_size().columns)", "80\n"),
    "TZ": ("import os\nprint('TZ' in os.environ)", "False\n"),
    "VIRTUAL_ENV": (environ("VIRTUAL_ENV"), "[]\n"),
    "NPY": ("import numpy\nprint(numpy.ones(2).sum())", "2.0\n"),
    "threads": (environ("MKL_NUM_THREADS", "KMP_SETTINGS", "OMP_DISPLAY_ENV"), "[]\n"),
    "torch": (
        environ("TORCH_LOGS", "TORCH_SHOW_CPP_STACKTRACES", "PYTORCH_ENABLE_MPS_FALLBACK"),
        "[]\n",
    ),
    "torch speaks": (
        "import torch\nprint(torch.ones(4, 4).mm(torch.ones(4, 4)).sum())",
        "tensor(64.)\n",
    ),
    "TensorFlow": (environ("TF_XLA_FLAGS", "TF_ENABLE_ONEDNN_OPTS", "KERAS_BACKEND"), "[]\n"),
}
CASES = list(CELLS)


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return str(path)


def settings(case, folder):
    """The variables of a reader who has set this; the files that they name are made in `folder`."""
    start = "secret = 1\n"
    ipython = "profile_default/startup/00-mine.py"
    rc = "lines.linewidth: 9\n"
    if case == "PYTHONOPTIMIZE":
        return {"PYTHONOPTIMIZE": "1"}
    if case == "PYTHONSTARTUP":
        return {"PYTHONSTARTUP": write(folder / "start.py", start)}
    if case == "PYTHONPATH":
        write(folder / "sitecustomize.py", "import builtins\nbuiltins.secret = 1\n")
        return {"PYTHONPATH": str(folder)}
    if case == "IPYTHONDIR":
        write(folder / ipython, start)
        return {"IPYTHONDIR": str(folder)}
    if case == "HOME/.ipython":
        write(folder / ".ipython" / ipython, start)
        return {"HOME": str(folder)}
    if case in ("print options", "every expression"):
        config = "c = get_config()\nc.PlainTextFormatter.float_precision = '%.2f'\n"
        config += "c.InteractiveShell.ast_node_interactivity = 'all'\n"
        for name in "ipython_config.py", "ipython_kernel_config.py":
            write(folder / "profile_default" / name, config)
        return {"IPYTHONDIR": str(folder)}
    if case == "MATPLOTLIBRC":
        return {"MATPLOTLIBRC": write(folder / "matplotlibrc", rc)}
    if case == "HOME/.config/matplotlib":
        write(folder / ".config" / "matplotlib" / "matplotlibrc", rc)
        return {"HOME": str(folder)}
    if case == "XDG_CONFIG_HOME":
        write(folder / "matplotlib" / "matplotlibrc", rc)
        return {"XDG_CONFIG_HOME": str(folder)}
    return {
        "language": {"LANG": "de_DE.UTF-8", "LANGUAGE": "de", "LC_ALL": "C", "PYTHONUTF8": "1"},
        "ascii": {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        "colours": {"NO_COLOR": "1", "PYTHON_COLORS": "1", "FORCE_COLOR": "0"},
        "PYTHONWARNINGS": {"PYTHONWARNINGS": "error"},
        "PYTHONDEVMODE": {"PYTHONDEVMODE": "1"},
        "PYTHONINTMAXSTRDIGITS": {"PYTHONINTMAXSTRDIGITS": "640"},
        "PYTHONSAFEPATH": {"PYTHONSAFEPATH": "1"},
        "COLUMNS": {"COLUMNS": "20", "LINES": "5"},
        "TZ": {"TZ": "Asia/Tokyo"},
        "VIRTUAL_ENV": {"VIRTUAL_ENV": "/nowhere"},
        "NPY": {"NPY_DISABLE_CPU_FEATURES": "NONE_SUCH", "NPY_PROMOTION_STATE": "legacy"},
        "threads": {"MKL_NUM_THREADS": "1", "KMP_SETTINGS": "1", "OMP_DISPLAY_ENV": "TRUE"},
        "torch": {
            "TORCH_LOGS": "+dynamo",
            "TORCH_SHOW_CPP_STACKTRACES": "1",
            "PYTORCH_ENABLE_MPS_FALLBACK": "1",
        },
        "torch speaks": {"MKL_VERBOSE": "1", "ONEDNN_VERBOSE": "1", "OMP_DISPLAY_ENV": "TRUE"},
        "TensorFlow": {
            "TF_XLA_FLAGS": "--tf_xla_auto_jit=2",
            "TF_ENABLE_ONEDNN_OPTS": "0",
            "KERAS_BACKEND": "jax",
        },
    }[case]


def join(cases, folder):
    """The variables of a reader who has set all of these."""
    env = {}
    for case in cases:
        for name, value in settings(case, folder / case.replace("/", "-")).items():
            env[name] = (
                os.pathsep.join([env[name], value])
                if name == "PYTHONPATH" and name in env
                else value
            )
    return env
