"""Figures as a table, and what is wrong with them."""

# In the order of the table: the figure, its name, its unit.
FIGURES = [
    ("start_empty_s", "start without an account", "s"),
    ("read_configuration_s", "read the configuration", "s"),
    ("read_configuration_peak_bytes", "  most memory meanwhile", "B"),
    ("cpu_us_per_account_read", "  CPU per account", "µs"),
    ("start_s", "start from cold until ready", "s"),
    ("ramp_s", "first registrations", "s"),
    ("ramp_per_s", "  rate", "/s"),
    ("cpu_us_per_registration", "  CPU per registration", "µs"),
    ("idle_cpu_ms_per_s", "CPU with nothing to do", "ms/s"),
    ("cpu_us_per_refresh_together", "CPU per refresh, due together", "µs"),
    ("rounds_together", "  times", ""),
    ("refreshes_per_s_together", "  rate", "/s"),
    ("round_trips_per_refresh_together", "  round trips per refresh", ""),
    ("status_ms_median_together", "  status, median", "ms"),
    ("status_ms_maximum_together", "  status, maximum", "ms"),
    ("retransmissions_together", "  retransmissions", ""),
    ("resume_s", "SIGKILL, start until ready", "s"),
    ("registers_after_resume", "  needless REGISTERs", ""),
    ("cpu_us_per_status", "CPU per answer to status", "µs"),
    ("list_s", "list of all accounts", "s"),
    ("cpu_us_per_account_listed", "  CPU per account", "µs"),
    ("cpu_us_per_refresh_resumed", "CPU per refresh, the first after a start", "µs"),
    ("cpu_us_per_refresh_paced", "CPU per refresh, paced", "µs"),
    ("refreshes_per_s_paced", "  rate", "/s"),
    ("round_trips_per_refresh_paced", "  round trips per refresh", ""),
    ("status_ms_median_paced", "  status, median", "ms"),
    ("status_ms_maximum_paced", "  status, maximum", "ms"),
    ("cpu_us_per_refresh_in_cycles", "CPU per refresh, as they come", "µs"),
    ("refreshes_per_s", "  rate", "/s"),
    ("cpu_percent_of_a_core", "  of one core", "%"),
    ("refresh_lead_min_s", "  lead, minimum", "s"),
    ("refresh_lead_1_percent_s", "  lead, 1 %", "s"),
    ("refresh_lead_median_s", "  lead, median", "s"),
    ("pss_bytes_per_account_bound", "memory per account (PSS), bound", "B"),
    ("pss_bytes_per_account_resumed", "  resumed", "B"),
    ("pss_bytes_per_account", "  at the end", "B"),
    ("stop_s", "SIGTERM until ended", "s"),
    ("bindings", "bindings", ""),
    ("lapses", "lapses", ""),
    ("call_id_changes", "changes of a Call-ID", ""),
    ("cseq_violations", "violations of CSeq order", ""),
    ("registrar_cpu_us_per_request", "CPU of the registrar per request", "µs"),
]

# Of Kamailio, under the same name or as what it is to be held against.
PEER = {
    "ramp_per_s": "ramp_per_s", "cpu_us_per_registration": "cpu_us_per_registration",
    "cpu_us_per_refresh_together": "cpu_us_per_refresh_together",
    "round_trips_per_refresh_together": "round_trips_per_refresh", "pss_bytes_per_account": "pss_bytes_per_account"}


def number(value):
    if value is None:
        return "–"
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def table(result, peer=None):
    rows = [("", "sipregd", "Kamailio", "ratio") if peer else ("", "sipregd")]
    for key, name, unit in FIGURES:
        if key not in result:
            continue
        value = result[key]
        row = [name + (f", {unit}" if unit else ""), number(value)]
        if peer:
            other = peer.get(PEER.get(key))
            row += [number(other) if other is not None else "", f"{value / other:.2f}" if other else ""]
        rows.append(row)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.rjust(width) if column else cell.ljust(width)
                  for column, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in rows)


def complaints(result, arguments):
    """What must not be, whatever the machine."""
    found = [f"{result[key]} {key.replace('_', ' ')}" for key in ("lapses", "call_id_changes", "cseq_violations")
             if result.get(key)]
    if result["bindings"] != arguments.accounts:
        found.append(f"{result['bindings']} bindings of {arguments.accounts}")
    if result["registers_after_resume"]:
        found.append(f"{result['registers_after_resume']} needless REGISTERs after a restart")
    if arguments.cycles and result["refreshes"] < arguments.accounts * arguments.cycles:
        found.append(f"{result['refreshes']} refreshes, fewer than {arguments.cycles} for each account")
    return found
