"""Reading of the environment, so that the settings stay a list of facts."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def flag(name: str, *, default: bool = False) -> bool:
    """True for 1, true, yes, on (any case)."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def required(name: str) -> str:
    """The value of a variable that production cannot do without."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"Set the environment variable {name}.")
    return value


#: Compiling a query costs more than any query of a page takes; reading in jumps costs little on a disk without arms.
PLANNER = "-c jit=off -c random_page_cost=1.1"
#: What a connection has asked so often is planned no more (docs/decisions/0029).
PREPARED: dict[str, Any] = {"server_side_binding": True, "prepare_threshold": 5}


def database(url: str) -> dict[str, Any]:
    """Django's database entry for a postgresql:// URL; ``host`` and ``user`` may stand in the query (Unix socket)."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql:// (PostgreSQL is the only database).")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or query.pop("password", "")),
        "HOST": unquote(parts.hostname or query.pop("host", "")),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 0,  # the pool keeps the connections
        "CONN_HEALTH_CHECKS": True,  # one that the server has cut is replaced before it is used
        # Seconds until somebody is told that there is no connection.
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 5}, "options": PLANNER} | PREPARED,
        "TEST": {"NAME": os.environ.get("ERFA_TEST_DB", "test_erfa")},
    }


def local_database_url(var: Path) -> str:
    """DATABASE_URL, else what ``make setup`` wrote for the private cluster."""
    if url := os.environ.get("DATABASE_URL"):
        return url
    written = var / "database_url"
    if written.exists():
        return written.read_text().strip()
    raise ImproperlyConfigured("No database: run `make setup`, or set DATABASE_URL.")


def local_secret_key(var: Path) -> str:
    """A secret key of this checkout's own, made once."""
    path = var / "secret_key"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(50))
        path.chmod(0o600)
    return path.read_text().strip()
