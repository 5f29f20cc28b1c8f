"""What is done to the daemon, and what it cost."""

import signal
import sys
import time
from collections import Counter
from pathlib import Path

from benchmarking.daemon import MeasuredDaemon
from benchmarking.latency import Latency
from benchmarking.peer import UACModule
from benchmarking.registrar import KamailioRegistrar, LabRegistrar
from harness.control import Control

# Seconds. A transaction over UDP ends T4 = 5 s after its answer, and what a burst took goes back to the system within
# five more: that is part of its cost.
SETTLE = 12
POLL = 0.01
# What comes in one batch comes, for the lab, at one instant.
INSTANT = 0.001
# Seconds without anything to do: two pings of the watchdog fall into it, and some lines of status.
IDLE = 30
# Refreshes that are due together are over before much of a neighbour's noise has evened out: they are repeated, so
# often at most and for so many in all.
ROUNDS = 5
ROUND_REFRESHES = 200_000
# Seconds within which it has to end.
END = 60
# Calls whose cost is looked at.
QUESTIONS = 200


class Measurement:
    def __init__(self, arguments, folder):
        self._arguments = arguments
        self._folder = Path(folder)
        make = {"lab": LabRegistrar, "kamailio": KamailioRegistrar}[arguments.registrar]
        self._registrar = make(arguments, folder)
        self.result = {}
        self.peer = None

    def run(self):
        with self._registrar:
            self._say("empty daemon")
            with self._daemon("empty", 0) as daemon:
                self._measure_empty(daemon)
            with self._daemon("full", self._arguments.accounts) as daemon:
                self._run(daemon)
            if self._arguments.peer:
                self._say("Kamailio's uac module on the same work")
                with UACModule(self._registrar, self._arguments, self._folder) as peer:
                    self.peer = peer.measure(self._wait_for)

    def _daemon(self, name, count):
        return MeasuredDaemon(self._arguments, self._folder / name, self._registrar, count)

    def _run(self, daemon):
        self._say("first registrations")
        self._measure_ramp(daemon)
        self._say("nothing to do")
        self._measure_idle(daemon)
        self._say("refreshes, all due together")
        rounds = max(1, min(ROUNDS, ROUND_REFRESHES // self._arguments.accounts))
        self._measure_refreshes(daemon, "together", rounds)
        self._say("SIGKILL and start")
        self._measure_restart(daemon)
        self._say("questions")
        self._measure_questions(daemon)
        if self._arguments.pace:
            # The first ones after a start go on from what was read.
            self._say(f"refreshes, {self._arguments.pace} a second, the first after the start")
            self._measure_refreshes(daemon, "resumed")
            self._say(f"refreshes, {self._arguments.pace} a second")
            self._measure_refreshes(daemon, "paced")
        if self._arguments.cycles:
            self._measure_cycles(daemon)
        self._measure_stop(daemon)

    def _say(self, text):
        print(f"… {text}", file=sys.stderr, flush=True)

    # What the registrar sees

    def _wait_for(self, counter, by):
        """Call the result to wait until a counter of the registrar has grown by so many. It returns the first request
        and the last answer as the registrar saw them, and how much each counter has grown."""
        self._registrar.begin()
        before = self._registrar.counters()
        began = time.monotonic()

        def finish():
            while True:
                now = self._registrar.counters()
                if now[counter] - before[counter] >= by:
                    break
                if time.monotonic() - began > self._arguments.timeout:
                    raise RuntimeError(f"{now[counter] - before[counter]} of {by} {counter}: {now}")
                time.sleep(POLL)
            change = {
                key: value - before[key] for key, value in now.items() if not key.endswith("_at") and key in before}
            ended = now["last_registration_at" if counter == "registrations" else "last_refresh_at"]
            started = now["first_request_at"]
            return started, max(ended, started + INSTANT), change
        return finish

    # What is measured

    def _measure_empty(self, daemon):
        daemon.launch(0)
        self.result["start_empty_s"] = daemon.wait_ready(30)
        time.sleep(2)
        self._empty_memory, self._empty_cpu = daemon.process.memory(), daemon.process.cpu()

    def _measure_ramp(self, daemon):
        count, result = self._arguments.accounts, self.result
        finish = self._wait_for("registrations", count)
        registrar_cpu = self._registrar.cpu()
        daemon.launch(self._arguments.rate)
        self._read_s, read_cpu, read_rss = daemon.check_configuration() if count > 200_000 else (None, None, None)
        result["start_s"] = daemon.wait_ready(self._arguments.timeout)
        started, ended, change = finish()
        time.sleep(SETTLE)
        if read_cpu is None:
            self._read_s, read_cpu, read_rss = daemon.check_configuration()
        result["read_configuration_s"], result["read_configuration_peak_bytes"] = self._read_s, read_rss
        result["cpu_us_per_account_read"] = 1e6 * read_cpu / count
        result["ramp_s"] = ended - started
        result["ramp_per_s"] = count / (ended - started)
        result["cpu_us_per_registration"] = 1e6 * (daemon.process.cpu() - self._empty_cpu - read_cpu) / count
        result["registrar_cpu_us_per_request"] = 1e6 * (self._registrar.cpu() - registrar_cpu) / change["requests"]
        result["pss_bytes_per_account_bound"] = self._growth(daemon)

    def _growth(self, daemon):
        return (daemon.process.memory() - self._empty_memory) / self._arguments.accounts

    def _measure_refreshes(self, daemon, mode, rounds=1):
        count, result = self._arguments.accounts, self.result
        seconds, change = 0, Counter()
        before = daemon.process.cpu()
        with Control(daemon.socket, self._arguments.timeout) as control, Latency(daemon.socket) as latency:
            for _ in range(rounds):
                finish = self._wait_for("refreshes", count)
                control.call("Refresh", names=[], all=True)
                started, ended, changed = finish()
                seconds += ended - started
                change.update(changed)
        time.sleep(SETTLE)
        cpu = daemon.process.cpu() - before
        result[f"cpu_us_per_refresh_{mode}"] = 1e6 * cpu / change["refreshes"]
        result[f"refreshes_per_s_{mode}"] = rounds * count / seconds
        result[f"round_trips_per_refresh_{mode}"] = (
            (change["requests"] - change["retransmissions"]) / change["refreshes"])
        result[f"retransmissions_{mode}"] = change["retransmissions"]
        if rounds > 1:
            result[f"rounds_{mode}"] = rounds
        result[f"status_ms_median_{mode}"], result[f"status_ms_maximum_{mode}"] = latency.milliseconds()
        result["pss_bytes_per_account"] = self._growth(daemon)

    def _measure_restart(self, daemon):
        before = self._registrar.counters()
        daemon.kill()
        daemon.launch(self._arguments.pace)
        self.result["resume_s"] = daemon.wait_ready(self._arguments.timeout)
        time.sleep(SETTLE)
        after = self._registrar.counters()
        self.result["registers_after_resume"] = after["requests"] - before["requests"]
        self.result["pss_bytes_per_account_resumed"] = self._growth(daemon)

    def _measure_idle(self, daemon):
        seconds = min(IDLE, self._arguments.expires / 5)
        before = self._registrar.counters()["requests"]
        cpu, began = daemon.process.cpu(), time.monotonic()
        time.sleep(seconds)
        cpu, seconds = daemon.process.cpu() - cpu, time.monotonic() - began
        # Short expiries leave no time without a refresh.
        if self._registrar.counters()["requests"] == before:
            self.result["idle_cpu_ms_per_s"] = 1e3 * cpu / seconds

    def _measure_questions(self, daemon):
        result, count = self.result, self._arguments.accounts
        with Control(daemon.socket, self._arguments.timeout) as control:
            cpu = daemon.process.cpu()
            for _ in range(QUESTIONS):
                control.call("Status")
            result["cpu_us_per_status"] = 1e6 * (daemon.process.cpu() - cpu) / QUESTIONS
            cpu, began = daemon.process.cpu(), time.monotonic()
            listed = sum(frame.count(b'"aor":') for frame in control.frames("List"))
            if listed != count:
                raise RuntimeError(f"{listed} of {count} accounts listed")
            result["list_s"] = time.monotonic() - began
            result["cpu_us_per_account_listed"] = 1e6 * (daemon.process.cpu() - cpu) / count

    def _measure_cycles(self, daemon):
        result = self.result
        seconds = self._arguments.cycles * self._arguments.expires
        self._say(f"{self._arguments.cycles} cycles of {self._arguments.expires} s")
        self._registrar.begin()
        before, cpu, began = self._registrar.counters(), daemon.process.cpu(), time.monotonic()
        while time.monotonic() < began + seconds:
            time.sleep(min(1, max(0, began + seconds - time.monotonic())))
            daemon.process.check()
        cpu = daemon.process.cpu() - cpu
        after = self._registrar.verdict()
        refreshes = after["refreshes"] - before["refreshes"]
        result["refreshes"] = refreshes
        result["refreshes_per_s"] = refreshes / seconds
        result["cpu_us_per_refresh_in_cycles"] = 1e6 * cpu / max(refreshes, 1)
        result["cpu_percent_of_a_core"] = 100 * cpu / seconds
        for share in ("min", "1_percent", "median"):
            result[f"refresh_lead_{share}_s"] = after.get(f"refresh_lead_{share}")
        result["pss_bytes_per_account"] = self._growth(daemon)

    def _measure_stop(self, daemon):
        verdict = self._registrar.verdict()
        for key in ("bindings", "lapses", "call_id_changes", "cseq_violations"):
            self.result[key] = verdict.get(key)
        began = time.monotonic()
        if daemon.stop(END) == -signal.SIGKILL:
            raise RuntimeError(f"sipregd did not end on SIGTERM within {END} s")
        self.result["stop_s"] = time.monotonic() - began
