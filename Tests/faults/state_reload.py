"""Faults in what is read again while sipregd runs."""

import signal
import threading
import time

from harness.process import timed, wait_until
from registry import fault, measurement
from town import Town

MISTAKES = {
    "an unknown key": ("[daemon]\nlocal_prot = 5060\n", "local_prot"),
    "no TOML": ("[daemon\n", "expected"),
    "an account without an address": ('[[account]]\nname = "a"\n', "aor is missing"),
    "an injection": ('[[account]]\naor = "sip:a@b.example"\nusername = "a\\r\\nEvil: 1"\n', "control character"),
    "nothing to read": (None, "cannot read"),
}


@fault(24, "configuration error on reload", "five wrong files, each by sipregctl and by SIGHUP", seconds=20)
def wrong_configuration(trial):
    """It is told with its place, and nothing changes."""
    town = Town(trial, 50).start()
    known, before = town.identities(), town.requests()
    file = town.daemon.configuration
    for what, (text, words) in MISTAKES.items():
        file.unlink()
        if text is not None:
            file.write_text(text)
            file.chmod(0o600)
        said = len(town.daemon.log.read_text())
        for command in (["reload", "--dry-run"], ["reload"]):
            status, _ = town.daemon.ask(*command)
            trial.expect(f"{what}: status of {' '.join(command)}", status, 5)
        town.daemon.send(signal.SIGHUP)
        wait_until(
            lambda said=said: town.daemon.log.read_text()[said:].count("nothing was changed") >= 2, 10, "the complaint")
        trial.expect(f"{what}: told", words in town.daemon.log.read_text()[said:], True)
    town.configure()
    report = town.daemon.do("reload")
    trial.expect("a right one is taken, and is the same", report.get("unchanged"), town.count)
    time.sleep(1)
    trial.expect("REGISTERs", town.requests() - before, 0)
    trial.expect("registered", town.daemon.status()["counts"]["registered"], town.count)
    town.expect_nothing_lost(known)
    return {"refused": f"{len(MISTAKES)} files, 3 times each", "REGISTERs": 0, "lapses": 0}


@fault(
    25, "reload of 10,000 accounts", "1,000 taken out, 1,000 added, 1,000 changed, the rest as before", seconds=40,
    alone=True)
def large_reload(trial):
    """The rest does not notice; who was changed keeps the Call-ID."""
    part = 1000
    town = Town(trial, 10 * part).start(registrations_per_second=0)
    known, before = town.identities(), town.lab.ask("stats")
    changed = [town.account(number, expires=3000) for number in range(part, 2 * part)]
    others = [town.account(number) for number in range(2 * part, 11 * part)]
    town.daemon.configure(changed + others, registrations_per_second=0)
    began = time.monotonic()
    report = town.daemon.do("reload")
    answered = time.monotonic() - began
    trial.expect("added, changed, removed", [len(report[kind]) for kind in ("added", "changed", "removed")], [part] * 3)
    trial.expect("unchanged", report["unchanged"], 8 * part)
    wait_until(lambda: town.lab.ask("stats")["accepted"] - before["accepted"] >= 3 * part, 30, "what was to be done")
    town.daemon.wait_registered(town.count)
    took = time.monotonic() - began
    time.sleep(2)
    after = town.lab.ask("stats")
    trial.expect("REGISTERs accepted", after["accepted"] - before["accepted"], 3 * part)
    trial.expect("removed at the registrar", after["removed"] - before["removed"], part)
    trial.expect("refused", after["refused"], 0)
    removed = {f"sip:u{number}@lab.invalid" for number in range(part)}
    town.expect_nothing_lost({aor: call_id for aor, call_id in known.items() if aor not in removed})
    return {"answered after": f"{answered:.2f} s", "done after": f"{took:.1f} s", "REGISTERs for the rest": 0}


@measurement(
    "refreshes during a reload of 50,000 accounts", by="one after the other, while the file is read and compared",
    seconds=40, alone=True)
def refreshed_meanwhile(trial):
    """None waits for the reload."""
    count = 50_000
    town = Town(trial, count)
    settings = {"accounts_file": town.accounts_file(range(count)), "registrations_per_second": 0}
    town.daemon.configure([], **settings)
    town.daemon.start()
    town.daemon.wait_registered(count, 60)
    usual = [town.refresh_one(f"u{number}") for number in range(20)]
    # The same accounts in another order: all of it is read and compared, and nothing is to be done.
    town.accounts_file(reversed(range(count)))
    took = []
    reload = threading.Thread(target=lambda: took.append(timed(lambda: town.daemon.do("reload"))))
    reload.start()
    found = []
    while reload.is_alive():
        found.append(town.refresh_one(f"u{len(found)}"))
    reload.join()
    trial.expect_that("refreshed meanwhile", len(found) >= 3, len(found))
    # Half of Timer F would be late; a second is what a machine with neighbours takes.
    trial.expect_that("slowest of them", max(found) < 1, f"{1e3 * max(found):.0f} ms")
    town.expect_nothing_lost()
    return {
        "reload": f"{took[0]:.2f} s", "refreshed meanwhile": len(found),
        "slowest": f"{1e3 * max(found):.0f} ms, without a reload {1e3 * max(usual):.0f} ms"}
