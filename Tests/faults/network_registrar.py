"""Faults of the registrar as a whole: it goes, and comes back."""

import time

from peers.process import wait_until
from registry import fault


@fault(30, "every nonce stale at once", "the lab forgets its nonces under 200 accounts", seconds=15)
def every_nonce_stale(trial):
    """A challenge with stale=true is answered at once and is no failure."""
    count = 200
    lab = trial.lab()
    daemon = trial.daemon()
    daemon.configure([
        {"aor": f"sip:u{number}@lab.invalid", "registrar": f"sip:{lab.addresses['registrar']}", "password": "secret",
         "expires": 60} for number in range(count)])
    daemon.start()
    daemon.wait_registered(count)
    before = lab.ask("stats")
    lab.ask("stale")
    began = time.monotonic()
    daemon.do("refresh", "--all")
    wait_until(lambda: lab.ask("stats")["refreshes"] - before["refreshes"] >= count, 30, "all refreshed")
    took = time.monotonic() - began
    after = lab.ask("stats")
    trial.expect("stale challenges", after["stale_challenges"] - before["stale_challenges"], count)
    trial.expect("requests", after["requests"] - before["requests"], 2 * count)
    trial.expect("lapses", after["lapses"], 0)
    counts = daemon.status()["counts"]
    trial.expect("registered", counts["registered"], count)
    return {"all refreshed after": f"{took:.1f} s", "REGISTERs": after["requests"] - before["requests"], "lapses": 0}
