"""Log lines as JSON, one a line, for a machine to read: what happened and where, nothing about people.

Addresses of pages may hold secrets (calendars, letters) and errors may quote data, so neither is written: a request is
told by the name of its address, an error by its type and the places it passed. E-mail addresses, telephone numbers and
identity codes are masked in what is left.
"""

import json
import logging
import re
from datetime import UTC, datetime
from traceback import extract_tb
from typing import Any

E_MAIL = re.compile(r"[^\s@<>()\[\]\"',;:]+@[^\s@<>()\[\]\"',;:]+")
IDENTITY_CODE = re.compile(r"(?<!\d)\d{6}\s?[-+A-FU-Ya-fu-y]\s?\d{3}[0-9A-Za-z](?![0-9A-Za-z])")

TELEPHONE = re.compile(r"(?<![\w.+])(?:\+\d{2,3}|00\d{2,3}|0\d)(?:[ -]?\d){6,10}(?!\w|[ .-]?\d)")


def masked(text: str) -> str:
    """The text without e-mail addresses, identity codes and telephone numbers."""
    return TELEPHONE.sub("…", IDENTITY_CODE.sub("…", E_MAIL.sub("…@…", text)))


class JsonLines(logging.Formatter):
    """``time`` is UTC. ``address`` is the name of the page, ``error`` a type, ``places`` file, line and function."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._said(record),
        }
        request = getattr(record, "request", None)
        if request is not None:
            match = getattr(request, "resolver_match", None)
            told |= {"method": getattr(request, "method", ""), "address": match.view_name if match else "unknown"}
            told["status"] = getattr(record, "status_code", None)
        if record.exc_info and record.exc_info[0]:
            told["error"] = record.exc_info[0].__name__
            places = extract_tb(record.exc_info[2])
            told["places"] = [f"{one.filename}:{one.lineno} {one.name}" for one in places]
        return json.dumps(told, ensure_ascii=False)

    def _said(self, record: logging.LogRecord) -> str:
        """Our own sentences as they are; of others' about a request or an error only the words that do not change."""
        ours = record.name == "erfa" or record.name.startswith("erfa.")
        if not ours and (record.exc_info or hasattr(record, "request")):
            task = record.args.get("name") if isinstance(record.args, dict) else None
            return masked(f"{record.msg} ({task})" if task else str(record.msg))
        try:
            return masked(record.getMessage())
        except (TypeError, ValueError):
            return masked(str(record.msg))
