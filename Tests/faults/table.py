"""The table at the end of a run: every fault, how it was produced, what was measured."""

import shutil
import sys
import textwrap
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What came of a fault. `measured`: a dictionary or a text; None: it was not measured."""

    fault: object
    passed: bool
    measured: object
    seconds: float
    output: str

    @property
    def verdict(self):
        return "passed" if self.passed else "FAILED"

    @property
    def number(self):
        return "-" if self.fault.number is None else str(self.fault.number)

    @property
    def headline(self):
        return f"{self.verdict}  {self.number:>2}  {self.fault.name} ({self.fault.key}), {self.seconds:.0f} s"

    @property
    def words(self):
        if isinstance(self.measured, dict):
            return "; ".join(f"{name} {value}" for name, value in self.measured.items())
        return self.measured or "nothing"


def print_table(outcomes):
    """By number, those without one at the end."""
    rows = [("#", "fault", "produced by", "measured", "verdict")]
    rows += [
        (outcome.number, outcome.fault.name, outcome.fault.by, outcome.words, outcome.verdict)
        for outcome in sorted(outcomes, key=lambda outcome: (outcome.fault.number or 99, outcome.fault.key))]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 160
    widths = _widths(width)
    print()
    for row in rows:
        cells = [textwrap.wrap(text, width) or [""] for text, width in zip(row, widths, strict=True)]
        for line in range(max(map(len, cells))):
            texts = [cell[line] if line < len(cell) else "" for cell in cells]
            print("  ".join(f"{text:{width}}" for text, width in zip(texts, widths, strict=True)).rstrip())
    print()


def _widths(total):
    """The number and the verdict are short; what was measured has half of the rest."""
    number, verdict, gaps = 2, 7, 8
    rest = max(total - number - verdict - gaps, 80)
    return (number, rest // 4, rest // 4, rest - 2 * (rest // 4), verdict)
