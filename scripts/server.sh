# Functions about this checkout's demonstration server; read by scripts/demo and scripts/stop. shellcheck shell=bash
pid_file=var/server.pid
url_file=var/server_url

server_is_up() { # the process lives and is this checkout's (after a restart of the machine the number may be another's)
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || return 1
  [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$root" ]
}

start_server() { # address to bind, address to show
  rm -f "$pid_file"
  # setsid: Ctrl-C reaches the script only, which then stops the server in order.
  setsid .venv/bin/gunicorn config.wsgi:application --bind "$1" --workers 2 --threads 4 --worker-tmp-dir /dev/shm \
    --pid "$pid_file" --log-level warning >var/server.log 2>&1 </dev/null &
  server_job=$!
  echo "$2" >"$url_file"
}

wait_for_server() { # up to 60 seconds, until the server answers at all
  local url; url=$(cat "$url_file")
  .venv/bin/python - "$url" "$server_job" <<'PY'
import os, sys, time, urllib.error, urllib.request
url, job, end = sys.argv[1] + "healthz", int(sys.argv[2]), time.monotonic() + 60
while time.monotonic() < end:
    try:
        urllib.request.urlopen(url, timeout=5)
        sys.exit(0)
    except urllib.error.HTTPError as error:
        sys.exit(f"{url} answers {error.code}")
    except OSError:
        try:
            os.kill(job, 0)
        except ProcessLookupError:
            sys.exit(1)
        time.sleep(0.1)
sys.exit(1)
PY
}

stop_server() {
  local pid i
  server_is_up || { [ -z "${server_job:-}" ] || kill "$server_job" 2>/dev/null || true; rm -f "$pid_file" "$url_file"; return 0; }
  pid=$(cat "$pid_file")
  kill "$pid" 2>/dev/null || true
  for i in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null || true
  rm -f "$pid_file" "$url_file"
}
