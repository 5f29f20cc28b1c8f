"""Libraries of ours that stand between sipregd and the system (LD_PRELOAD), compiled when they are needed."""

from pathlib import Path

SOURCES = Path(__file__).resolve().parent / "libraries"


def preloaded(trial, name, **environment):
    """The words before a command line that run it with the library and these variables."""
    library = trial.folder / f"{name}.so"
    if not library.exists():
        trial.shell(f"cc -O2 -Wall -Wextra -Werror -shared -fPIC -o {library} {SOURCES / name}.c")
    return ["env", f"LD_PRELOAD={library}", *(f"{key}={value}" for key, value in environment.items())]
