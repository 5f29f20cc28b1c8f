"""The control socket: calls, and how long their answers take."""

import json
import socket
import threading
import time

from .process import Failure

INTERFACE = "org.sipregd.Registrations"


class Control:
    """One connection. Varlink: objects of JSON with a NUL behind each."""

    def __init__(self, path, timeout=120):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout)
        self._socket.connect(str(path))
        self._rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def call(self, method, **parameters):
        self._send(method, parameters, more=False)
        return self._read()["parameters"]

    def frames(self, method, **parameters):
        """Each reply of a call that takes several, as it came: to read a million accounts takes longer than to send
        them. Members are sorted, so the first one says whether there is more."""
        self._send(method, parameters, more=True)
        continues = True
        while continues:
            frame = self._read_frame()
            if frame.startswith(b'{"error":'):
                raise Failure(frame.decode())
            continues = frame.startswith(b'{"continues":true')
            yield frame

    def _send(self, method, parameters, more):
        call = {"method": f"{INTERFACE}.{method}", "parameters": parameters}
        if more:
            call["more"] = True
        self._socket.sendall(json.dumps(call).encode() + b"\0")

    def _read(self):
        reply = json.loads(self._read_frame())
        if "error" in reply:
            raise Failure(f"{reply['error']}: {reply['parameters']}")
        return reply

    def _read_frame(self):
        while b"\0" not in self._rest:
            received = self._socket.recv(1 << 20)
            if not received:
                raise Failure("the daemon closed its control socket")
            self._rest += received
        frame, _, self._rest = self._rest.partition(b"\0")
        return frame


class Latency:
    """Asks for the status ten times a second on a connection of its own, as long as the block lasts. The daemon's answers
    are in what is measured meanwhile: `cpu_us_per_status` says how much they are."""

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
            with Control(self._path) as control:
                while not self._is_over.is_set():
                    began = time.monotonic()
                    control.call("Status")
                    self._times.append(time.monotonic() - began)
                    self._is_over.wait(self.INTERVAL)
        except (Failure, OSError) as error:
            self._failure = error

    def milliseconds(self):
        """Median and maximum."""
        if self._failure or not self._times:
            raise Failure(f"no status: {self._failure}")
        times = sorted(self._times)
        return 1e3 * times[len(times) // 2], 1e3 * times[-1]
