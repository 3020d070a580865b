"""Prints the first free TCP port: python free_port.py HOST FIRST. Tries a hundred."""

import socket
import sys


def free(host: str, first: int) -> int:
    """The first port from ``first`` on that nobody listens on."""
    for port in range(first, first + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # gunicorn does the same
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise SystemExit(f"No free port from {first} to {first + 99} on {host}.")


if __name__ == "__main__":
    print(free(sys.argv[1], int(sys.argv[2])))
