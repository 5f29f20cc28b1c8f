"""What a disk may hold after a power cut, by the system calls that came before it.

What was written and synced is there. Of what was written since, any sectors may be, in any order; so may a new name, or
one that was removed, as long as its directory was not synced.
"""

import re
from dataclasses import dataclass, field

SECTOR = 512
# What strace has to record: everything that changes files or makes that durable, and what is sent meanwhile.
TRACED = "openat,open,pwrite64,write,ftruncate,unlink,renameat,rename,fsync,fdatasync,sendto,sendmsg,sendmmsg"
STRACE = ["strace", "-f", "-y", "-xx", "-s", "70000", "-e", f"trace={TRACED}", "-e", "signal=none"]

_CALL = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+)")
_UNFINISHED = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_DESCRIPTOR = re.compile(r"\d+<((?:\\x[0-9a-f]{2})*)>")


def _decoded(text):
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass(frozen=True)
class Call:
    name: str
    arguments: str

    @property
    def path(self):
        """Of the descriptor, or the one that is named."""
        found = _DESCRIPTOR.match(self.arguments) or _TEXT.search(self.arguments)
        return _decoded(found.group(1)).decode() if found else ""

    @property
    def texts(self):
        return [_decoded(text) for text in _TEXT.findall(self.arguments)]

    @property
    def numbers(self):
        """What follows the text: of pwrite64 the size and the offset."""
        return [int(number) for number in re.findall(r", (\d+)(?=,|$)", _TEXT.sub("", self.arguments))]


def calls(log):
    """Those that succeeded, in the order in which they ended; what is sent counts from when it began."""
    begun = {}
    for line in log.read_text(encoding="ascii", errors="replace").splitlines():
        if unfinished := _UNFINISHED.match(line):
            begun[unfinished.group(1)] = unfinished.group(3)
            if unfinished.group(2).startswith("send"):
                yield Call(unfinished.group(2), unfinished.group(3))
            continue
        if resumed := _RESUMED.match(line):
            thread, name, rest = resumed.groups()
            line = f"{thread} {name}({begun.pop(thread, '')}{rest}"
            if name.startswith("send"):
                continue
        call = _CALL.match(line)
        if call and int(call.group(4)) >= 0:
            yield Call(call.group(2), call.group(3))


@dataclass
class File:
    durable: bytes = b""
    # Since the last sync: (offset, bytes), or a length to cut to.
    changes: list = field(default_factory=list)

    def content(self, survives):
        """`survives` is asked for each sector, and for each cut."""
        data = bytearray(self.durable)
        for change in self.changes:
            if isinstance(change, int):
                if survives():
                    del data[change:]
                continue
            offset, text = change
            for start in range(0, len(text), SECTOR):
                part = text[start:start + SECTOR]
                if survives():
                    data.extend(bytes(max(offset + start - len(data), 0)))
                    data[offset + start:offset + start + len(part)] = part
        return bytes(data)


class Disk:
    """One directory of it, call by call."""

    def __init__(self, directory):
        self._directory = str(directory)
        # By name: what a sync has made durable, and what is there now.
        self._durable_names = {}
        self._names = {}

    def _name(self, path):
        folder, _, name = path.rpartition("/")
        return name if folder == self._directory else None

    def take(self, call):
        """Whether it changed anything, or made it durable."""
        if call.name in ("fsync", "fdatasync") and call.path == self._directory:
            self._durable_names = dict(self._names)
            return True
        if call.name in ("open", "openat"):
            return self._opened(call)
        name = self._name(call.path)
        if name is None:
            return False
        file = self._names.setdefault(name, File())
        if call.name in ("fsync", "fdatasync"):
            file.durable, file.changes = file.content(lambda: True), []
        elif call.name == "pwrite64":
            file.changes.append((call.numbers[-1], call.texts[0]))
        elif call.name == "ftruncate":
            file.changes.append(call.numbers[-1])
        elif call.name == "unlink":
            del self._names[name]
        else:
            raise NotImplementedError(f"{call.name} of {call.path}")
        return True

    def _opened(self, call):
        """A relative path is below the folder whose descriptor comes first."""
        path = call.texts[0].decode()
        name = self._name(path if path.startswith("/") else f"{call.path}/{path}")
        if name is None or "O_CREAT" not in call.arguments or name in self._names:
            return False
        self._names[name] = File()
        return True

    def image(self, survives):
        """The files by name, after a cut now."""
        found = {}
        for name in sorted({*self._names, *self._durable_names}):
            former, present = self._durable_names.get(name), self._names.get(name)
            file = present if former is not present and survives() else former
            if file is not None:
                found[name] = file.content(survives)
        return found
