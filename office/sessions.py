"""Sessions in the database, as Django's; the one that every request asks for by a question that stands already."""

from datetime import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from office.asked_once import Question

_HELD = Question(
    lambda key, at: Session.objects.filter(session_key=key, expire_date__gt=at),
    key=str,
    at=datetime,
)


class SessionStore(db.SessionStore):
    """Named by ``SESSION_ENGINE``."""

    def _get_session_from_db(self) -> Session | None:
        found = _HELD.one(key=self.session_key, at=timezone.now())
        if found is None:
            self._session_key = None
        return found
