"""Questions about applications."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Max, Q
from django.db.models.functions import Greatest, TruncDate

from office import municipalities
from office.choices import Role
from office.workdays import HELSINKI
from recruitment.states import OPEN

if TYPE_CHECKING:
    from office.models import User
    from recruitment.models import Application


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: "User") -> "ApplicationQuerySet":
        """The coordinator sees all; an interviewer the ones to interview, until there is a decision."""
        if user.has_role(Role.COORDINATOR):
            return self
        return self.filter(interview__interviewers__user=user, state__in=OPEN)

    def still(self) -> "models.QuerySet[Any]":
        """Those that wait for somebody, with ``ended``: the last day on which anything happened or will (Helsinki).

        That is when it came, a step, the interview, a view that was given, the last date of the course.
        """
        moments = "decisions__at", "interview__starts_at", "interview__interviewers__given_at", "course__dates__ends_at"
        days = (TruncDate(Max(moment), tzinfo=HELSINKI) for moment in moments)
        return self.filter(state__in=OPEN).annotate(ended=Greatest(F("received_on"), *days))

    def search(self, text: str) -> "ApplicationQuerySet":
        """By words of the name, e-mail or municipality. Never by topic."""
        found = self
        for word in text.split():
            met = Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word)
            for name in municipalities.names(word):
                met |= Q(municipality__icontains=name)
            found = found.filter(met)
        return found
