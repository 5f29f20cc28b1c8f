#!/usr/bin/env python3
"""Asks a running sipregd over its control socket with a foreign Varlink implementation, the Python package `varlink`.

Usage: varlink_client.py SOCKET-PATH

The daemon must have at least one account. Every check is printed; the first mismatch ends the run with status 1.
"""

import sys

import varlink

from checks import check

INTERFACE = "org.sipregd.Registrations"
METHODS = {"Status", "List", "Show", "Watch", "Refresh", "Pause", "Resume", "Reload"}
ERRORS = {"NoSuchAccount", "NotPermitted", "ReloadFailed", "Unavailable"}
STATES = {"unregistered", "registering", "registered", "refreshing", "waiting", "paused", "unregistering"}
NOBODY = "no such account \x1b[31m\u4e16\u754c"


def error_of(call):
    """The name and the parameters of the Varlink error that a call ends with."""
    try:
        call()
    except varlink.VarlinkError as error:
        return error.error(), error.parameters() or {}
    return None, {}


def main(path):
    client = varlink.Client.new_with_address(f"unix:{path}")
    client.get_interfaces()
    info = client.info
    check("GetInfo names product and version", info["product"] == "sipregd" and info["version"], info["version"])
    check("GetInfo lists both interfaces", {INTERFACE, "org.varlink.service"} <= set(info["interfaces"]))

    description = client.get_interface(INTERFACE)
    members = description.members
    check("GetInterfaceDescription parses as Varlink", description.name == INTERFACE)
    check("the interface has its methods", members.keys() >= METHODS, len(METHODS))
    check("the interface has its errors", members.keys() >= ERRORS, len(ERRORS))

    with client.open(INTERFACE) as daemon:
        status = daemon.Status()["status"]
        counts = status["counts"]
        check("Status counts every state", set(counts) == STATES)
        check("Status counts add up", sum(counts.values()) == status["total"], status["total"])

        accounts = []
        chunks = 0
        for reply in daemon.List(_more=True):
            accounts += reply["accounts"]
            chunks += 1
        names = [account["name"] for account in accounts]
        check("List with more gives every account", len(accounts) == status["total"], f"{chunks} replies")
        check("List is sorted and has no doubles", names == sorted(set(names), key=lambda name: name.encode()))
        check("every account has a known state", all(account["state"] in STATES for account in accounts))
        check("there is an account to look at", len(accounts) > 0)

        first = accounts[0]
        found = [row for reply in daemon.List({"pattern": first["name"]}, _more=True) for row in reply["accounts"]]
        check("List with a pattern finds the account", first["name"] in [row["name"] for row in found])
        none = [row for reply in daemon.List({"domain": "nowhere.invalid"}, _more=True) for row in reply["accounts"]]
        check("List of a domain without accounts is empty", none == [])

        details = daemon.Show(first["name"])["details"]
        check("Show is about the account", details["account"]["aor"] == first["aor"], first["aor"])
        check("Show has a Call-ID at a domain", "@" in details["call_id"])
        check("Show has a CSeq", isinstance(details["cseq"], int))
        check("no reply has a password", "password" not in str(details) + str(accounts))

        name, parameters = error_of(lambda: daemon.Show(NOBODY))
        check("Show of nobody is NoSuchAccount", name == f"{INTERFACE}.NoSuchAccount", name)
        check("the error returns the name as it was sent", parameters.get("name") == NOBODY)

        name, parameters = error_of(lambda: daemon.Pause([], None, False))
        check("Pause of nothing is InvalidParameter", name == "org.varlink.service.InvalidParameter", name)
        check("after errors the connection goes on", daemon.Status()["status"]["total"] == status["total"])

    name, _ = error_of(lambda: client.get_interface("org.example.nothing"))
    check("an unknown interface is InterfaceNotFound", name == "org.varlink.service.InterfaceNotFound", name)
    print("all checks hold")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
