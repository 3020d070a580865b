"""What somebody was typing when their session ended: kept for an hour, on the server, and only for the same person.

A form that holds ``{% typed_by %}`` says, signed, who is typing. When it comes without a session, it is kept in the
new, empty one; after the log-in the page takes it up (D1). Another person who logs in never sees it (P13).
"""

from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils import timezone

FIELD = "typed_by"
KEY = "typed"
SALT = "office.typed"
LONGEST = timedelta(hours=1)
LARGEST = 100_000


def token(user_id: int) -> str:
    """Who is typing, for the hidden field."""
    return signing.dumps(user_id, salt=SALT)


def keep(request: HttpRequest) -> None:
    """Keeps what was posted without a session, when the form says who typed it. Files are not kept."""
    if request.method != "POST" or int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return
    try:
        who = signing.loads(request.POST.get(FIELD, ""), salt=SALT, max_age=timedelta(days=2))
    except signing.BadSignature:
        return
    data = {name: values for name, values in request.POST.lists() if name not in {FIELD, "csrfmiddlewaretoken"}}
    request.session[KEY] = {"who": who, "path": request.path, "data": data, "at": timezone.now().isoformat()}


def taken_up(request: HttpRequest) -> QueryDict | None:
    """What the person was typing on this page when the session ended; None when there is nothing."""
    kept: dict[str, Any] | None = request.session.get(KEY)
    if request.method != "GET" or not kept or (kept["who"], kept["path"]) != (request.user.pk, request.path):
        return None
    if timezone.now() - datetime.fromisoformat(kept["at"]) > LONGEST:
        return None
    found = QueryDict(mutable=True)
    for name, values in kept["data"].items():
        found.setlist(name, values)
    return found


def forget(request: HttpRequest) -> None:
    """Once it has been sent again."""
    request.session.pop(KEY, None)
