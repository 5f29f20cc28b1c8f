"""What a client of the control socket is checked by."""

import sys


def check(what, holds, found=""):
    """Prints it; the first mismatch is the end."""
    print(f"{'ok' if holds else 'MISMATCH'}: {what}{f' ({found})' if found != '' else ''}", flush=True)
    if not holds:
        sys.exit(1)
