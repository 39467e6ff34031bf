#!/usr/bin/env bash
# Shows in a few seconds what gopm does, in a home of its own that is removed at the end.
#
# gopm must be on PATH; `make demo` sees to that. Needs bash; with python3 the example is a web server, without it a
# script. Ends with 1 as soon as something is not as promised.
set -euo pipefail

example=$(cd "$(dirname "$0")/example" && pwd)
ecosystem=$example/ecosystem.json
python3 -c 'import http.server' 2>/dev/null || ecosystem=$example/ecosystem-bash.json

command -v gopm >/dev/null || { echo "demo: gopm is not on PATH; run: make demo" >&2; exit 1; }

# A short path: a Unix socket's may have 107 bytes.
GOPM_HOME=$(mktemp -d /tmp/gopm-demo.XXXXXX)
export GOPM_HOME

clean_up() {
    status=$?
    trap - EXIT
    gopm kill >/dev/null 2>&1 || status=1
    rm -rf "$GOPM_HOME"
    if [ "$status" = 0 ]; then say "All as promised. Nothing is left running, $GOPM_HOME is removed."; fi
    exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; fi

say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }

run() {
    printf '$ %s\n' "$*"
    "$@"
}

fail() {
    echo "demo: not as promised: $*" >&2
    echo "The daemon's log ends with:" >&2
    tail -n 15 "$GOPM_HOME/daemon.log" >&2 || true
    exit 1
}

# The PID of a process, 0 if it is not online.
pid_of() { gopm isrunning "$1" --json | sed -n 's/.*"pid": \([0-9]*\).*/\1/p' || true; }

# Whether a process exists and is no zombie.
is_alive() {
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null && [[ ${stat##*) } != Z* ]]
}

# wait_for SECONDS COMMAND…: until the command succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.05
    done
}

is_back() {
    local pid
    pid=$(pid_of web)
    [ "$pid" != "$first" ] && is_alive "$pid"
}

has_crashed_twice() { [[ $(gopm logs worker --err -n 50) == *"attempt 2 in 500ms"* ]]; }

has_new_daemon() {
    local pid
    { read -r pid <"$GOPM_HOME/daemon.pid"; } 2>/dev/null && [ "$pid" != "$daemon" ] && is_alive "$pid"
}

answers() {
    port=$(gopm logs web -n 50 | sed -n 's/.*listening on port //p' | tail -n 1)
    [ -n "$port" ] && { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null
}

ask() {
    wait_for 5 answers || fail "the web server does not answer"
    printf 'GET / HTTP/1.0\r\n\r\n' >&3
    answer=$(tail -n 1 <&3)
    exec 3>&-
    echo "the web server says: $answer"
    [ "$answer" = "hello from process $(pid_of web)" ] || fail "another process answers"
}

say "Two programs from one file; the first command starts the daemon."
run gopm start "$ecosystem"
first=$(pid_of web)
is_alive "$first" || fail "web does not run"
case $ecosystem in */ecosystem.json) ask ;; esac
run gopm list

say "Kill one the hard way. It comes back by itself, with a new PID."
run kill -9 "$first"
wait_for 5 is_back || fail "web has not come back"
case $ecosystem in */ecosystem.json) ask ;; esac
echo "web was process $first and is process $(pid_of web) now"
run gopm logs web -n 6

say "The worker has a bug and keeps crashing. Each restart waits longer than the one before."
wait_for 8 has_crashed_twice || fail "the worker's crashes are not in its log"
run gopm logs worker --err -n 8

say "Kill the daemon itself. The programs go on; a new daemon takes them over."
second=$(pid_of web)
daemon=$(<"$GOPM_HOME/daemon.pid")
run kill -9 "$daemon"
wait_for 5 has_new_daemon || fail "no new daemon has come"
[ "$(pid_of web)" = "$second" ] || fail "web has another PID than before"
case $ecosystem in */ecosystem.json) ask ;; esac
run gopm list
echo "daemon: process $daemon before, process $(<"$GOPM_HOME/daemon.pid") now; web is process $second as before"

say "Stop everything, the daemon too."
run gopm kill
if is_alive "$second"; then fail "web has survived gopm kill"; fi

say "Bring everything back."
run gopm resurrect
third=$(pid_of web)
is_alive "$third" || fail "web is not back"
[ "$third" != "$second" ] || fail "web has the PID of a process that ended"
run gopm list
