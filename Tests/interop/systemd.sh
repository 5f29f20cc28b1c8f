#!/bin/bash
# The unit under a real systemd: systemd.sh FOLDER, where FOLDER holds sipregd and sipregctl.
#
# Start waits for READY, the status shows counts, the journal knows registrations by their fields, a reload is applied
# or refused, a crash or a hang loses nothing, and stop ends cleanly. The registrar is the lab's.
set -euo pipefail

binaries=$(readlink -f -- "${1:?usage: systemd.sh FOLDER}")
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
unit=$here/../../systemd
directory=$(mktemp -d)
readonly binaries here unit directory

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
      *) printf 'password = "%s"\n' "$(password_of "$account")" ;;
    esac
  done
}

install_configuration() {
  put 640 /dev/stdin /etc/sipregd/sipregd.toml
  inside chgrp sipregd /etc/sipregd/sipregd.toml
}

status_line() { property StatusText; }
counts() { says "(^|[^0-9])$1 registered" "$(status_line)"; }
entries() { inside journalctl -u sipregd --no-pager -o json "$@"; }
call_id() { inside sipregctl show "$1" --json | grep -oE '[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}@[^"]+' | head -n 1; }

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

# The lab prints one line of JSON when it is ready.
inside systemd-run --quiet --unit=lab --service-type=exec /usr/bin/sipregd lab
lab() { inside journalctl -u lab -o cat --no-pager | grep -m 1 '^{'; }
eventually 20 lab > /dev/null
lab_value() { lab | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
registrar=$(lab_value registrar)
domain=$(lab_value domain)
password_of() { echo "secret-$1"; }

# A credential and a shorter watchdog, as an operator would set them.
printf 'secret-carol' | put 600 /dev/stdin /etc/sipregd/credentials/carol
put 644 /dev/stdin /etc/systemd/system/sipregd.service.d/test.conf << 'UNIT'
[Service]
LoadCredential=carol:/etc/sipregd/credentials/carol
WatchdogSec=3s
UNIT
inside chmod 755 /etc/sipregd
inside systemctl daemon-reload

echo "start"
printf '[daemon]\nlocal_prot = 5060\n' | install_configuration
expect "fails with a configuration that is wrong" not quietly inside systemctl start sipregd
expect "which the journal explains" says 'sipregd.toml.*local_prot' "$(entries)"
expect "and is not tried again" property_is ActiveState failed

configuration alice bob carol | install_configuration
expect "succeeds" inside systemctl start sipregd
expect "has waited for READY: the control socket answers" quietly inside sipregctl list
expect "leaves the socket to the group" \
  is "$(inside stat -c '%U %G %a' /run/sipregd/control)" "sipregd sipregd 660"
expect "status counts what is registered" eventually 20 counts 3
echo "          $(status_line)"

echo "journal"
expect "knows a registration by its account" says '"SIP_AOR"' "$(entries SIP_ACCOUNT=alice)"
expect "with its Call-ID" says "\"SIP_CALL_ID\" *: *\"$(call_id alice)\"" "$(entries SIP_ACCOUNT=alice)"
expect "and nobody else's" not says '"SIP_ACCOUNT" *: *"bob"' "$(entries SIP_ACCOUNT=alice)"
expect "holds no secret" not says 'secret-' "$(entries)"

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
inside kill -KILL "$main"
expect "is started again" eventually 20 property_is NRestarts 1
expect "with all bindings" eventually 20 counts 4
expect "under the same Call-ID" is "$(call_id alice)" "$before"
inside kill -STOP "$(property MainPID)"
expect "so is a daemon that hangs" eventually 30 property_is NRestarts 2
expect "with all bindings" eventually 20 counts 4

echo "stop"
expect "succeeds" inside systemctl stop sipregd
expect "ends cleanly" is "$(property Result) $(property ExecMainStatus) $(property ActiveState)" "success 0 inactive"
expect "takes the control socket away" not inside test -e /run/sipregd/control
expect "keeps the state" inside sh -c 'ls /var/lib/sipregd/* > /dev/null'

echo "$passed passed, $failed failed"
(( failed == 0 ))
