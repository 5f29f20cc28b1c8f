"""Packets on their way into the trial's host: counted, dropped, rejected by nftables."""

import itertools
import json

from harness.process import run


class Packets:
    """Those of one rule from now on. `match` and `verdict` are in the words of nft; what is not dropped goes on."""

    _names = itertools.count(1)

    def __init__(self, match, verdict="continue"):
        # A table of its own, so that nothing has to be there before. What counts comes before what drops.
        priority = -1 if verdict == "continue" else 0
        self._name = f"rule{next(self._names)}"
        run(["nft", "-f", "-"], f"""
            table inet {self._name} {{
                counter seen {{ }}
                chain in {{
                    type filter hook input priority {priority}
                    {match} counter name seen {verdict}
                }}
            }}""")

    @property
    def count(self):
        listing = json.loads(run(["nft", "-j", "list", "counter", "inet", self._name, "seen"]))
        return next(entry["counter"]["packets"] for entry in listing["nftables"] if "counter" in entry)

    def let_through(self):
        """Takes the rule away."""
        run(["nft", "delete", "table", "inet", self._name])
