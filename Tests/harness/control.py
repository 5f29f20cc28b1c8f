"""The control socket, asked directly."""

import json
import socket

INTERFACE = "org.sipregd.Registrations"


class Control:
    """One connection; a context. Varlink: objects of JSON with a NUL behind each."""

    def __init__(self, path, timeout=30):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self._rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def call(self, method, **parameters):
        """The parameters of the reply. Raises RuntimeError for an error."""
        self._send(method, parameters)
        reply = json.loads(self._read_frame())
        if "error" in reply:
            raise RuntimeError(f"{reply['error']}: {reply['parameters']}")
        return reply["parameters"]

    def frames(self, method, **parameters):
        """Each reply of a call that takes several, as it came: to read a million accounts takes longer than to send
        them. Members are sorted, so the first one says whether there is more."""
        self._send(method, parameters, more=True)
        continues = True
        while continues:
            frame = self._read_frame()
            if frame.startswith(b'{"error":'):
                raise RuntimeError(frame.decode())
            continues = frame.startswith(b'{"continues":true')
            yield frame

    def _send(self, method, parameters, **flags):
        call = {"method": f"{INTERFACE}.{method}", "parameters": parameters, **flags}
        self.socket.sendall(json.dumps(call).encode() + b"\0")

    def _read_frame(self):
        while b"\0" not in self._rest:
            received = self.socket.recv(1 << 20)
            if not received:
                raise RuntimeError("the daemon closed its control socket")
            self._rest += received
        frame, _, self._rest = self._rest.partition(b"\0")
        return frame
