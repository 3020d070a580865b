"""The web server's access log, without the secrets that stand in addresses.

Links of calendars, of answers from a mail and of new addresses carry a secret in their path. Whoever reads the log must
not be able to use them: what looks like one is written as "…".
"""

import re
from typing import Any

from gunicorn.glogging import Logger

#: A part of a path as long as a secret; names of pages and numbers of records are shorter.
SECRET = re.compile(r"[\w:.~%-]{24,}")


def without_secrets(path: str) -> str:
    """``/calendar/…`` for ``/calendar/Zk3…9w.ics``."""
    return "/".join("…" if SECRET.fullmatch(part) else part for part in path.split("/"))


class AccessLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Named by ``--logger-class``: docker-compose.yml, Dockerfile."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        found["U"] = without_secrets(str(found["U"]))
        return found
