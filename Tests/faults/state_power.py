"""A power cut at any moment: what the disk may hold then, read by sipregd."""

import hashlib
import random
import re
import shutil
import sqlite3
import uuid
from pathlib import Path

from harness.daemon import account
from harness.process import wait_until
from harness.scripted import ScriptedRegistrar
from powercut import STRACE, Disk, calls
from registry import fault

# Ways in which the unsynced sectors survive, at each point: none, all, and as chance has it.
BY_CHANCE = 12
SEED = 19
# CSeq numbers that a series reserves for each account.
RESERVED = 64


def record(trial, registrar):
    """A life from an empty directory to its end, as a list of its calls."""
    daemon = trial.daemon(under=[*STRACE, "-o", trial.folder / "calls"])
    daemon.configure([account("u1", registrar, expires=3600, minimum_interval=0)])
    daemon.start()
    daemon.wait_registered(1)
    for _ in range(3):
        seen = len(registrar.transactions())
        daemon.do("refresh", "--all")
        wait_until(lambda seen=seen: len(registrar.transactions()) > seen, 20, "a REGISTER")
    daemon.stop()
    return daemon, list(calls(trial.folder / "calls"))


def sent_with(call):
    """Call-ID and CSeq of a REGISTER that leaves with it, or None."""
    for text in call.texts if call.name.startswith("send") else []:
        found = re.search(rb"^REGISTER .*^Call-ID: (\S+).*^CSeq: (\d+)", text, re.M | re.S)
        if found:
            return found.group(1).decode(), int(found.group(2))
    return None


def images(directory, life):
    """Yields, for each point at which the power may be cut, what was sent before, and the images that are possible."""
    chance = random.Random(SEED)
    disk, sent = Disk(directory), None
    for call in life:
        sent = sent_with(call) or sent
        if disk.take(call):
            survivals = [lambda: False, lambda: True, *[lambda: chance.random() < 0.5] * BY_CHANCE]
            yield sent, [disk.image(survives) for survives in survivals]


def lay_out(image, directory):
    shutil.rmtree(directory, ignore_errors=True)
    Path(directory).mkdir()
    for name, content in image.items():
        (Path(directory) / name).write_bytes(content)


def remembered(directory, key):
    """Call-ID, and the CSeq from which a start goes on, as SQLite recovers them; None: there are none."""
    connection = sqlite3.connect(Path(directory) / "state.sqlite")
    try:
        meta = dict(connection.execute("SELECT key, value FROM meta"))
        row = connection.execute("SELECT call_id, cseq_ceiling, series FROM account").fetchone()
    except sqlite3.DatabaseError:
        return None
    finally:
        connection.close()
    series = int(meta.get("series", 0))
    if row:
        return row[0], row[1] + RESERVED * (series - row[2])
    if "identity_seed" not in meta:
        return None
    digest = hashlib.sha256(bytes.fromhex(meta["identity_seed"]) + key.encode()).digest()
    # RFC 9562 §5.8: version 8, variant 10.
    made = (int.from_bytes(digest[:16]) & ~(0xF << 76) & ~(0x3 << 62)) | 0x8 << 76 | 0x2 << 62
    return f"{uuid.UUID(int=made)}@scripted.test", int(meta["identity_cseq"]) + RESERVED * (series + 1) + 1


def goes_on(sent, found):
    """Whether who finds this goes on with the Call-ID, and with a CSeq that was not sent."""
    return sent is None or (found is not None and found[0] == sent[0] and found[1] > sent[1])


def lost_identities(possible, directory, key):
    """The images on which an identity is lost that was sent, by point and number."""
    lost = []
    for point, (sent, found) in enumerate(possible):
        for number, image in enumerate(found):
            lay_out(image, directory)
            if not goes_on(sent, remembered(directory, key)):
                lost.append((point, number))
    return lost


@fault(
    19, "power cut",
    "the system calls of a life, replayed to each of them: unsynced sectors are lost, kept, or by chance",
    seconds=60)
def power_cut(trial):
    """What left in a REGISTER is on the disk, whatever becomes of the rest."""
    registrar = trial.use(ScriptedRegistrar())
    daemon, life = record(trial, registrar)
    possible = list(images(daemon.state, life))
    count = sum(len(found) for _, found in possible)
    real = {file.name: file.read_bytes() for file in daemon.state.iterdir()}
    trial.expect_that("the last image is what is there", possible[-1][1][1] == real, sorted(real))
    key = f"u1 sip:u1@scripted.test {registrar.uri}"
    trial.expect(f"identities lost in {count} images", lost_identities(possible, daemon.state, key)[:3], [])
    # The control: on a disk that syncs nothing they would be.
    unsynced = [call for call in life if not call.name.endswith("sync")]
    without = lost_identities(images(daemon.state, unsynced), daemon.state, key)
    trial.expect_that("without a sync they are", len(without) > 0, len(without))

    distinct = {repr(image): (sent, image) for sent, found in possible for image in found[:2]}
    started = [start_on(daemon, registrar, sent, image) for sent, image in distinct.values()]
    trial.expect(f"lost by sipregd itself on {len(started)} of them", started.count(False), 0)
    return {"cut at": f"{len(possible)} calls", "images": count, "started on": len(started), "identities lost": 0}


def start_on(daemon, registrar, sent, image):
    """Whether sipregd itself goes on as it should."""
    lay_out(image, daemon.state)
    daemon.under = ()
    seen = len(registrar.transactions())
    daemon.start()
    daemon.wait_registered(1)
    daemon.do("refresh", "--all")
    wait_until(lambda: len(registrar.transactions()) > seen, 20, "a REGISTER")
    daemon.kill()
    first = registrar.transactions()[seen]
    return goes_on(sent, (first.call_id, first.cseq))
