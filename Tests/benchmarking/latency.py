"""How long the daemon takes to answer while it works."""

import threading
import time

from harness.control import Control


class Latency:
    """Asks for the status ten times a second on a connection of its own, as long as the block lasts. The daemon's
    answers are in what is measured meanwhile: `cpu_us_per_status` says how much they are."""

    INTERVAL = 0.1

    def __init__(self, path):
        self._path = path
        self._times = []
        self._failure = None
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        self._thread.join()

    def _ask(self):
        try:
            with Control(self._path, timeout=120) as control:
                while not self._is_over.is_set():
                    began = time.monotonic()
                    control.call("Status")
                    self._times.append(time.monotonic() - began)
                    self._is_over.wait(self.INTERVAL)
        except (RuntimeError, OSError) as error:
            self._failure = error

    def milliseconds(self):
        """Median and maximum."""
        if self._failure or not self._times:
            raise RuntimeError(f"no status: {self._failure}")
        times = sorted(self._times)
        return 1e3 * times[len(times) // 2], 1e3 * times[-1]
