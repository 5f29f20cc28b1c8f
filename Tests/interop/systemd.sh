#!/bin/bash
# The unit under a real systemd: systemd.sh FOLDER, where FOLDER holds sipregd and sipregctl.
#
# Start waits for READY, the status shows counts, the journal knows registrations by their fields, a reload is applied
# or refused, a crash or a hang loses nothing and sends nothing, and stop ends cleanly. The registrar is the lab's, and
# the witness.
set -euo pipefail

binaries=$(readlink -f -- "${1:?usage: systemd.sh FOLDER}")
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
unit=$here/../../systemd
directory=$(mktemp -d)
readonly binaries here unit directory
readonly domain=example.net password=wHaT-nObOdY-rEaDs

inside() { "$here/machine" run "$directory" "$@"; }
put() { "$here/machine" put "$directory" "$@"; }
property() { inside systemctl show sipregd --value -p "$1"; }

passed=0 failed=0

# expect TEXT COMMAND…: the command succeeds.
expect() {
  local text=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "  ok      $text"
  else
    failed=$((failed + 1))
    echo "  FAILED  $text"
  fi
}

# The same within SECONDS, since the wire is in between.
eventually() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    (( SECONDS < deadline )) || return 1
    sleep 0.2
  done
}

not() { ! "$@"; }
quietly() { "$@" > /dev/null 2>&1; }
is() { [[ $1 == "$2" ]]; }
property_is() { is "$(property "$1")" "$2"; }
says() { grep -qE -- "$1" <<< "$2"; }

finish() {
  local status=$?
  if (( status != 0 || failed > 0 )); then
    inside systemctl status sipregd lab --no-pager -l >&2 || true
    inside journalctl --no-pager -n 60 -o short-monotonic >&2 || true
  fi
  "$here/machine" halt "$directory"
  exit $status
}
trap finish EXIT

# configuration ACCOUNT…: each registers with the lab.
configuration() {
  local account
  echo '[daemon]'
  echo 'local_port = 0'
  for account in "$@"; do
    printf '\n[[account]]\nname = "%s"\naor = "sip:%s@%s"\nregistrar = "sip:%s"\n' \
      "$account" "$account" "$domain" "$registrar"
    case $account in
      carol) echo 'credential = "carol"' ;; # from LoadCredential=
      *) printf 'password = "%s"\n' "$password" ;;
    esac
  done
}

install_configuration() {
  put 640 /dev/stdin /etc/sipregd/sipregd.toml
  inside chgrp sipregd /etc/sipregd/sipregd.toml
}

# 1: it answers, and not all are registered yet.
answers() { quietly inside sipregctl list || (( $? == 1 )); }
status_line() { property StatusText; }
counts() { says "^$1 of $1 bound$" "$(status_line)"; }
entries() { inside journalctl -u sipregd --no-pager -o json "$@"; }
readonly uuid='[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}'
call_id() { inside sipregctl show "$1" --json | grep -oE "$uuid@[^\"]+" | head -n 1; }

echo "the programs"
# linked PROGRAM WORD…: what the loader is told of it.
linked() {
  local word told
  told=$(readelf -hldW "$binaries/$1")
  shift
  for word in "$@"; do says "$word" "$told" || return 1; done
}
for program in sipregd sipregctl; do
  expect "$program has its tables read-only once it runs" linked $program 'GNU_RELRO' '\(FLAGS\) +BIND_NOW' 'Flags:.* NOW'
  expect "$program is at any address" linked $program 'Type: +DYN \(Position-Independent'
  expect "$program has no code on its stack" linked $program 'GNU_STACK .* RW +0x'
  expect "$program may change no code" not linked $program 'LOAD .* RWE +0x'
done

"$here/machine" boot "$directory"
put 755 "$binaries/sipregd" /usr/bin/sipregd
put 755 "$binaries/sipregctl" /usr/bin/sipregctl
put 644 "$unit/sipregd.sysusers" /usr/lib/sysusers.d/sipregd.conf
put 644 "$unit/sipregd.service" /etc/systemd/system/sipregd.service
inside systemd-sysusers
inside systemctl daemon-reload

echo "the unit"
expect "has no setting that this systemd does not know" \
  is "$(inside systemd-analyze verify /etc/systemd/system/sipregd.service 2>&1)" ""
expect "exposes little" \
  quietly inside systemd-analyze security --threshold=15 --no-pager sipregd.service

# The lab reads commands from a pipe that it holds open itself, and answers in its journal.
inside mkfifo /run/lab
inside systemd-run --quiet --unit=lab --service-type=exec \
  /bin/sh -c "exec /usr/bin/sipregd lab --password $password <> /run/lab"
lab_lines() { inside journalctl -u lab -o cat --no-pager | grep '^{'; }
lab_says_more() { lab_answer=$(lab_lines | tail -n +$(($1 + 1)) | head -n 1) && [[ -n $lab_answer ]]; }
lab_value() { python3 -c 'import json, sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$lab_answer" "$1"; }

# statistic NAME: what the registrar has counted until now.
statistic() {
  local count
  count=$(lab_lines | wc -l)
  inside sh -c 'echo stats > /run/lab'
  eventually 10 lab_says_more "$count" && lab_value "$1"
}

eventually 20 lab_says_more 0
registrar=$(lab_value registrar)

# A credential and a shorter watchdog, as an operator would set them.
printf '%s' "$password" | put 600 /dev/stdin /etc/sipregd/credentials/carol
put 644 /dev/stdin /etc/systemd/system/sipregd.service.d/test.conf << 'UNIT'
[Service]
LoadCredential=carol:/etc/sipregd/credentials/carol
WatchdogSec=3s
UNIT
inside chmod 755 /etc/sipregd
inside systemctl daemon-reload

echo "too few threads"
put 644 /dev/stdin /etc/systemd/system/sipregd.service.d/threads.conf << 'UNIT'
[Service]
LimitNPROC=4
Restart=no
UNIT
inside systemctl daemon-reload
configuration | install_configuration
expect "are no silence" not quietly timeout 20 "$here/machine" run "$directory" systemctl start sipregd
expect "but a status" property_is ExecMainStatus 71
expect "and words" says 'it needs [0-9]+ threads' "$(entries)"
inside rm /etc/systemd/system/sipregd.service.d/threads.conf
inside systemctl daemon-reload

echo "start"
printf '[daemon]\nlocal_prot = 5060\n' | install_configuration
expect "fails with a configuration that is wrong" not quietly inside systemctl start sipregd
expect "which the journal explains" says 'sipregd.toml.*local_prot' "$(entries)"
expect "and is not tried again" property_is ActiveState failed

configuration alice bob carol | install_configuration
expect "succeeds" inside systemctl start sipregd
expect "has waited for READY: the control socket answers" answers
expect "leaves the socket to the group" \
  is "$(inside stat -c '%U %G %a' /run/sipregd/control)" "sipregd sipregd 660"
expect "status counts what is registered" eventually 20 counts 3
echo "          $(status_line)"

echo "journal"
expect "knows a registration by its account" says '"SIP_AOR"' "$(entries SIP_ACCOUNT=alice)"
expect "with its Call-ID" says "\"SIP_CALL_ID\" *: *\"$(call_id alice)\"" "$(entries SIP_ACCOUNT=alice)"
expect "with what the registrar said" says '"SIP_STATUS" *: *"200"' "$(entries SIP_ACCOUNT=alice SIP_STATE=registered)"
expect "and nobody else's" not says '"SIP_ACCOUNT" *: *"bob"' "$(entries SIP_ACCOUNT=alice)"
expect "hears of nothing but sipregd's own doings" not says 'thread priority' "$(entries)"
expect "holds no secret" not says "$password" "$(entries)"

echo "reload"
main=$(property MainPID)
configuration alice bob carol dave | install_configuration
expect "succeeds" inside systemctl reload sipregd
expect "registers the new account" eventually 20 counts 4
printf '[[account]]\nnaem = "x"\n' | install_configuration
expect "fails with a configuration that is wrong" not quietly inside systemctl reload sipregd
expect "which changes nothing" counts 4
expect "in the same process" property_is MainPID "$main"
configuration alice bob carol dave | install_configuration

echo "crash"
before=$(call_id alice)
requests=$(statistic requests)
inside kill -KILL "$main"
expect "is started again" eventually 20 property_is NRestarts 1
expect "with all bindings" eventually 20 counts 4
expect "under the same Call-ID" is "$(call_id alice)" "$before"
inside kill -ABRT "$(property MainPID)"
expect "so is one that got the watchdog's signal" eventually 20 property_is NRestarts 2
expect "which ended it" says 'status=6/ABRT' "$(inside journalctl -u sipregd --no-pager -o cat)"
expect "with all bindings" eventually 20 counts 4
inside kill -STOP "$(property MainPID)"
expect "so is a daemon that hangs" eventually 30 property_is NRestarts 3
expect "with all bindings" eventually 20 counts 4
expect "under the same Call-ID" is "$(call_id alice)" "$before"
expect "nothing was sent for it" is "$(statistic requests)" "$requests"
expect "what is sent then goes on in the old order" inside sipregctl refresh --all
refreshed() { is "$(statistic requests) $(statistic refreshes)" "$((requests + 4)) 4"; }
expect "one REGISTER for each account" eventually 20 refreshed
expect "which the registrar takes for refreshes" \
  is "$(statistic cseq_violations) $(statistic call_id_changes) $(statistic lapses) $(statistic bindings)" "0 0 0 4"

echo "readers"
# A member of the group, who may look.
as_reader() { inside setpriv --reuid=64123 --regid="$(inside id -g sipregd)" --clear-groups "$@"; }
for number in $(seq 5000); do
  printf '{"name":"aaaaaaaaaaaaaaaaaaaaaaaa%s","aor":"sip:a%s@%s","registrar":"sip:%s","password":"%s"}\n' \
    "$number" "$number" "$domain" "$registrar" "$password"
done | put 640 /dev/stdin /etc/sipregd/many.jsonl
inside chgrp sipregd /etc/sipregd/many.jsonl
configuration alice bob carol dave |
  sed 's/^local_port = 0$/&\naccounts_file = "many.jsonl"/' | install_configuration
inside systemctl reload sipregd
expect "five thousand more accounts register" eventually 90 counts 5,004
echo "          $(status_line)"

hostile=$(printf 'a*%.0s' $(seq 127))b
expect "a pattern of a million stars is refused" \
  not quietly as_reader sipregctl list --pattern "$(printf '*%.0s' $(seq 100000))"
restarts=$(property NRestarts)
searches() {
  local number searching=()
  for number in $(seq 8); do
    as_reader timeout 10 sh -c "while :; do sipregctl list --pattern '$hostile' > /dev/null; done" &
    searching+=($!)
  done
  sleep 2
  eventually 3 quietly inside sipregctl status
  local status=$?
  wait "${searching[@]}" || true
  return $status
}
expect "eight who look for something without an end keep nobody from the status" searches
expect "nor the watchdog from its ping" property_is NRestarts "$restarts"

as_reader python3 -c '
import socket, time
call = b"{\"method\":\"org.sipregd.Registrations.Watch\",\"parameters\":{},\"more\":true}\0"
watchers = []
for _ in range(100):
    watcher = socket.socket(socket.AF_UNIX)
    watcher.connect("/run/sipregd/control")
    try:
        watcher.sendall(call)
    except OSError:
        pass
    watchers.append(watcher)
print("there", flush=True)
time.sleep(30)' > "$directory/watchers" &
watchers=$!
eventually 10 grep -q there "$directory/watchers"
expect "a hundred who watch and never read leave root the status" quietly inside sipregctl status
expect "and the reload" inside systemctl reload sipregd
# Resident, in MiB.
memory() { inside awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$(property MainPID)/status"; }
before=$(memory)
expect "and while everybody refreshes" quietly inside sipregctl refresh --all
sleep 5
grown=$(($(memory) - before))
expect "they take a bounded amount of memory: $grown MiB" test $grown -lt 48
kill $watchers
wait $watchers || true

echo "stop"
expect "succeeds" inside systemctl stop sipregd
expect "ends cleanly" is "$(property Result) $(property ExecMainStatus) $(property ActiveState)" "success 0 inactive"
expect "takes the control socket away" not inside test -e /run/sipregd/control
expect "keeps the state" inside sh -c 'ls /var/lib/sipregd/* > /dev/null'

echo "$passed passed, $failed failed"
(( failed == 0 ))
