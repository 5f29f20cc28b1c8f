"""Strangers at the daemon's port while it has work of its own: a flood of requests, peers that ask and never read."""

import socket
import threading
import time
from pathlib import Path

from harness.daemon import accounts_at
from harness.process import run
from registry import measurement

RATE, SECONDS = 50_000, 60


def proportional_set_size(pid):
    """KiB of memory that are a process's own, shared pages by their share."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise RuntimeError("no Pss in smaps_rollup")


@measurement("50,000 OPTIONS a second for 60 s", by="a sender in C on loopback, 200 accounts with expires 60",
             seconds=90, alone=True)
def flood(trial):
    """No refresh is late, and memory stays flat."""
    count = 200
    program = trial.folder / "flood"
    run(["cc", "-O2", "-Wall", "-Werror", "-o", program, Path(__file__).with_name("flood.c")])
    lab = trial.lab()
    daemon = trial.started(accounts_at(lab, count, expires=60))
    daemon.wait_registered(count)
    before = proportional_set_size(daemon.pid)
    sizes = []
    is_over = threading.Event()

    def watch():
        while not is_over.wait(1):
            sizes.append(proportional_set_size(daemon.pid))
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        result = run([program, "127.0.0.1", daemon.port, RATE, SECONDS])
    finally:
        is_over.set()
        watcher.join()
    sent, answered, seconds = int(result.split()[0]), int(result.split()[1]), float(result.split()[2])
    stats = lab.ask("stats")
    trial.expect_that("datagrams a second", sent / seconds >= 0.98 * RATE, f"{sent / seconds:.0f}")
    # The sender is at the registrar's address and not at its port: 500 answers a second are what such a one gets.
    trial.expect_that("answered, and no more than may be", 400 <= answered / seconds <= 520,
                      f"{answered / seconds:.0f}/s")
    trial.expect("lapses", stats["lapses"], 0)
    trial.expect("bindings", stats["bindings"], count)
    trial.expect_that("refreshes", stats["refreshes"] >= count, stats["refreshes"])
    # A refresh comes at 36 s of 60 at the latest.
    lead = stats["refresh_lead_min"]
    trial.expect_that("least lead of a refresh", lead >= 10, f"{lead:.1f} s")
    time.sleep(2)
    after = proportional_set_size(daemon.pid)
    trial.expect_that("memory at most", max(sizes) <= before + 65_536, f"{max(sizes)} KiB, before {before} KiB")
    # By then the first server transactions have ended (Timer J), and as many end as begin.
    middle, last = max(sizes[:40]), max(sizes[40:])
    trial.expect_that("and it does not grow", last <= middle + 8_192, f"{middle} KiB in 40 s, {last} KiB after that")
    counts = daemon.status()["counts"]
    trial.expect("registered, or being refreshed", counts["registered"] + counts["refreshing"], count)
    return {"sent": f"{sent / seconds:.0f}/s", "answered": f"{answered / seconds:.0f}/s", "lapses": stats["lapses"],
            "least lead": f"{lead:.1f} s", "PSS before, peak, after": f"{before}, {max(sizes)}, {after} KiB"}


DEAF, ASKED = 1_024, 4_000


def options(port, number):
    return (f"OPTIONS sip:u@127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.9:5060;branch=z9hG4bK{number}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:s@s.test>;tag=1\r\nTo: <sip:u@127.0.0.1>\r\nCall-ID: {number}\r\n"
            "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n").encode()


def connected_from(address, port):
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    peer.bind((address, 0))
    peer.connect(("127.0.0.1", port))
    return peer


@measurement("1,024 TCP peers of many hosts that ask and never read", by="4,000 OPTIONS a peer, small receive buffers",
             seconds=60, alone=True)
def deaf_peers(trial):
    """Memory stays bounded, refreshes go on, and the registrar's own connection is answered."""
    lab = trial.lab()
    daemon = trial.started(accounts_at(lab, 100, expires=60))
    daemon.wait_registered(100)
    before = proportional_set_size(daemon.pid)
    asked = b"".join(options(daemon.port, number) for number in range(ASKED))
    peers = []
    for number in range(DEAF):
        peer = connected_from(f"127.0.{1 + number // 60}.{1 + number % 60}", daemon.port)
        peer.setblocking(False)
        peers.append(peer)
    rest = {peer: memoryview(asked) for peer in peers}
    biggest, until = before, time.monotonic() + 20
    while time.monotonic() < until:
        for peer in [peer for peer, left in rest.items() if left]:
            try:
                rest[peer] = rest[peer][peer.send(rest[peer][:65_536]):]
            except BlockingIOError:
                pass
            except OSError:
                rest[peer] = memoryview(b"")
        biggest = max(biggest, proportional_set_size(daemon.pid))
    trial.expect_that("memory at most", biggest <= before + 40_960, f"{biggest} KiB, before {before} KiB")
    proxy = connected_from("127.0.0.1", daemon.port)
    proxy.settimeout(5)
    proxy.sendall(options(daemon.port, "proxy"))
    answer = proxy.recv(4_096)
    trial.expect_that("the registrar's host is answered", answer.startswith(b"SIP/2.0 200"), answer[:30])
    stats = lab.ask("stats")
    trial.expect("lapses", stats["lapses"], 0)
    trial.expect("bindings", stats["bindings"], 100)
    traffic = daemon.status()["traffic"]
    trial.expect_that("connections closed are counted", traffic["connections_closed"] > 0,
                      traffic["connections_closed"])
    for peer in [*peers, proxy]:
        peer.close()
    return {"PSS before, peak": f"{before}, {biggest} KiB", "closed": traffic["connections_closed"]}
