"""What goes over loopback, kept for the judge."""

import json
import signal
import time
from pathlib import Path

from harness.process import Process, wait_until


class Capture:
    """Records the packets of some endpoints, and beside them what the judge must know: who was who.

    `NAME.pcapng` and `NAME.json` in the folder. The facts tell what was configured, never what the daemon did.
    """

    # What was sent is in the kernel's buffer for a moment before dumpcap sees it.
    _settling = 0.3

    def __init__(self, folder, name, endpoints, facts):
        self._file = Path(folder) / f"{name}.pcapng"
        self._log = Path(folder) / f"{name}.log"
        self._endpoints = sorted(set(endpoints), key=str)
        for old in (self._file, self._log):
            old.unlink(missing_ok=True)
        facts = {**facts, "ports": [endpoint.port for endpoint in self._endpoints]}
        self._file.with_suffix(".json").write_text(json.dumps(facts, indent=2))

    def __enter__(self):
        wanted = " or ".join(f"(host {place.host} and port {place.port})" for place in self._endpoints)
        self._process = Process(
            ["dumpcap", "-q", "-i", "lo", "-f", wanted, "-w", self._file, "-B", "8"], self._log)
        wait_until(self._is_capturing, 10, "dumpcap's start")
        return self

    def _is_capturing(self):
        self._process.check()
        return "File: " in self._process.tail() and self._file.exists()

    def __exit__(self, *_):
        time.sleep(self._settling)
        self._process.stop(signal.SIGINT)
