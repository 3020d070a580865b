# Functions about this checkout's demonstration server; read by scripts/demo and scripts/stop. shellcheck shell=bash
pid_file=var/server.pid
url_file=var/server_url

server_is_up() { # the process lives and is this checkout's (after a restart of the machine the number may be another's)
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || return 1
  [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$root" ]
}

start_server() { # host, first port
  rm -f "$url_file"
  # setsid: Ctrl-C reaches the script only, which then stops the server in order.
  setsid .venv/bin/python scripts/serve.py "$1" "$2" >var/server.log 2>&1 </dev/null &
  echo $! >"$pid_file"
}

wait_for_server() { # up to 60 seconds, until it answers
  local url i
  for i in $(seq 600); do
    server_is_up || return 1
    if [ -s "$url_file" ]; then break; fi
    sleep 0.1
  done
  url=$(cat "$url_file")healthz
  for i in $(seq 60); do
    server_is_up || return 1
    .venv/bin/python -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=30)' "$url" 2>>var/server.log && return 0
    sleep 1
  done
  return 1
}

stop_server() {
  local pid i
  if server_is_up; then
    pid=$(cat "$pid_file")
    kill "$pid" 2>/dev/null || true
    for i in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$pid_file" "$url_file"
}
