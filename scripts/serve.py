"""Serves on the first free port: python scripts/serve.py HOST FIRST_PORT. Becomes gunicorn; same process id.

The socket is bound here and handed over, so that two copies started at once never get the same port.
The address goes to var/server_url, and to SITE_URL for links in mails.
"""

import os
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def listen(host: str, first: int) -> socket.socket:
    """A listening socket on the first free port from ``first`` on; tries a hundred."""
    for port in range(first, first + 100):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(128)
        except OSError:
            listener.close()
            continue
        return listener
    raise SystemExit(f"No free port from {first} to {first + 99} on {host}.")


def main(host: str, first: int) -> None:
    """Binds, writes the address down, and turns into gunicorn with the development settings."""
    listener = listen(host, first)
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0"} else host  # noqa: S104 - compared only
    url = f"http://{shown}:{listener.getsockname()[1]}"
    os.environ["SITE_URL"] = url
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.dev"
    if host != "127.0.0.1":
        os.environ["ERFA_ANY_HOST"] = "1"
    os.chdir(ROOT)
    Path("var/server_url").write_text(f"{url}/\n")
    os.set_inheritable(listener.fileno(), True)
    gunicorn = str(ROOT / ".venv" / "bin" / "gunicorn")
    options = ["--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "warning"]
    os.execv(gunicorn, [gunicorn, "config.wsgi:application", "--bind", f"fd://{listener.fileno()}", *options])  # noqa: S606 - becomes it


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
