"""A state file that is not what sipregd wrote."""

from registry import fault
from town import Town


def cut(data):
    return data[:len(data) // 2]


def overwritten(data):
    return data[:4096] + b"\xa5" * 8192 + data[12288:]


def of_another_version(data):
    # The user version of an SQLite file.
    return data[:60] + (9).to_bytes(4, "big") + data[64:]


def of_another_program(data):
    # Its application id.
    return data[:68] + b"else" + data[72:]


def garbage(data):
    return b"\x5a" * len(data)


@fault(22, "state file damaged", "cut, garbage, overwritten, of another version or program, between two lives",
       seconds=20)
def state_damaged(trial):
    """It is set aside under another name, loudly; everybody registers anew, and what follows lasts."""
    damages = [cut, garbage, overwritten, of_another_version, of_another_program]
    town = Town(trial, 60).start()
    file = town.daemon.state / "state.sqlite"
    for number, damage in enumerate(damages, 1):
        what = damage.__name__.replace("_", " ")
        town.daemon.stop()
        harmed = damage(file.read_bytes())
        file.write_bytes(harmed)
        town.daemon.start()
        town.daemon.wait_registered(town.count)
        aside = sorted(town.daemon.state.glob("state.sqlite.damaged-*"))
        trial.expect(f"{what}: set aside", len(aside), number)
        trial.expect(f"{what}: nothing lost of it", any(old.read_bytes() == harmed for old in aside), True)
        trial.expect(f"{what}: healthy", town.store()["healthy"], True)
        trial.expect(f"{what}: REGISTERs of a restart", town.restart(), 0)
    words = town.daemon.log.read_text().count("the state file cannot be used (")
    trial.expect("said so", words, len(damages))
    trial.expect("lapses", town.lab.ask("stats")["lapses"], 0)
    return {"set aside": f"{len(damages)} files", "registered anew": f"{town.count} accounts each", "lapses": 0}
