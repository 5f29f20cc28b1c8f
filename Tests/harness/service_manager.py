"""What systemd is to a service that notifies it."""

import socket
import threading


class ServiceManager:
    """Hears what a daemon notifies, so that it does what it does under systemd. A context."""

    def __init__(self, path, watchdog=None):
        """`watchdog`: seconds of silence that are one too many, WatchdogSec= of the unit."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._ready = threading.Event()
        # Before the command line of the daemon.
        self.words = ["env", f"NOTIFY_SOCKET={path}", *([f"WATCHDOG_USEC={watchdog * 1_000_000}"] if watchdog else [])]

    def __enter__(self):
        threading.Thread(target=self._hear, daemon=True).start()
        return self

    def __exit__(self, *_):
        # Wakes the reader.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _hear(self):
        while words := self._socket.recv(1 << 12):
            if b"READY=1" in words.split(b"\n"):
                self._ready.set()

    def wait_ready(self, seconds=60):
        """Until the daemon has said so; each of its lives once."""
        if not self._ready.wait(seconds):
            raise TimeoutError(f"ready: not within {seconds} s")
        self._ready.clear()
