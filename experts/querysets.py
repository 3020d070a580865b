"""Questions about experts, absences and contracts."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Aggregate, Exists, F, Func, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Collate
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from office import municipalities
from office.choices import ORDERERS, Role
from office.fields import FINNISH, DateRange
from office.spans import MeetsOne
from office.workdays import local_date

if TYPE_CHECKING:
    from experts.models import Absence, Contract, Expert, SavedView
    from office.models import User

#: Shorter numbers are part of too many telephones.
DIGITS_OF_A_PHONE = 4
A_NUMBER = re.compile(r"\+?[0-9][0-9 ()/.-]*")
WRITTEN = ("first_name", "last_name", "email", "municipality")
BARE_PHONE = Func(
    F("phone"), Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace", output_field=TextField()
)


class ExpertQuerySet(models.QuerySet["Expert"]):
    def visible_to(self, user: "User") -> "ExpertQuerySet":
        """The full record: the coordinator's, and the expert's own. (Staff search shows published facts only.)"""
        if user.has_role(Role.COORDINATOR):
            return self
        return self.filter(user=user)

    def findable_by(self, user: "User", day: date) -> "ExpertQuerySet":
        """Those who take work on the day, for people who order; nobody else finds anybody."""
        if user.has_role(Role.COORDINATOR, *ORDERERS):
            return self.in_state("active", day)
        return self.none()

    def in_state(self, state: str, day: date) -> "ExpertQuerySet":
        """By state as it is on the day: a break that has run out is over without anybody doing anything."""
        over = Q(state="paused", pause_until__lte=day)
        if state == "active":
            return self.filter(Q(state="active") | over)
        if state == "paused":
            return self.filter(~over, state="paused")
        return self.filter(state=state)

    def search(self, text: str) -> "ExpertQuerySet":
        """By all the words: of the name, e-mail, town, payroll number or telephone.

        Capitals do not matter; a and ä, o and ö do: they are letters of their own. The collation is named, so that
        Ä is ä whatever the database was made with.
        """
        text = unicodedata.normalize("NFC", text).strip()
        found = self.alias(**{f"said_{name}": Collate(F(name), FINNISH) for name in WRITTEN}, bare_phone=BARE_PHONE)
        for word in [text] if A_NUMBER.fullmatch(text) else text.split():
            met = Q(payroll_number__istartswith=word)
            for name in WRITTEN:
                met |= Q(**{f"said_{name}__icontains": word})
            for other in municipalities.names(word) - {word}:
                met |= Q(said_municipality__icontains=other)
            if digits := _phone_digits(word):
                met |= Q(bare_phone__contains=digits)
            found = found.filter(met)
        return found

    def with_contract(self, day: date, kind: str = "") -> "ExpertQuerySet":
        """Experts whose contract covers the day (and the kind of work)."""
        from experts.models import Contract  # noqa: PLC0415 - models import querysets

        contracts = Contract.objects.covering(day, kind).filter(expert=OuterRef("pk"))
        return self.filter(Exists(contracts))

    def with_contracts(self, days: Iterable[date], kind: str = "") -> "ExpertQuerySet":
        """Experts whose contracts cover each of the days (and the kind of work); mostly one contract covers all."""
        from experts.models import Contract  # noqa: PLC0415 - models import querysets

        wanted = sorted(days)
        if len(wanted) == 1:
            return self.with_contract(wanted[0], kind)
        own = Contract.objects.filter(expert=OuterRef("pk"))
        whole = own.covering(wanted[0], kind).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=wanted[-1]))
        held = own.signed(kind).order_by().values("expert").annotate(days=_Days(DateRange("valid_from", "valid_to")))
        each = Multirange([Range(day, day, "[]") for day in wanted])
        return self.filter(Q(Exists(whole)) | Q(_Covers(Subquery(held.values("days")), Value(each))))

    def present(self, times: Iterable[tuple[datetime, datetime]]) -> "ExpertQuerySet":
        """Those who have not told to be away at any of the times."""
        from experts.models import Absence  # noqa: PLC0415 - models import querysets

        times = list(times)
        if not times:
            return self
        return self.exclude(pk__in=Absence.objects.during(times).order_by().values("expert"))

    def away_on(self, day: date) -> "ExpertQuerySet":
        from experts.models import Absence  # noqa: PLC0415 - models import querysets

        return self.filter(Exists(Absence.objects.covering(day).filter(expert=OuterRef("pk"))))


class _Days(Aggregate):
    """All days of several ranges of days."""

    function = "range_agg"
    output_field = models.Field()


class _Covers(Func):
    """Whether the first days hold all of the second; unknown, so no, where there are no first ones."""

    template = "%(expressions)s"
    arg_joiner = " @> "
    output_field = models.BooleanField()


def _phone_digits(word: str) -> str:
    """What of a telephone number does not depend on how it is written: 040 123 is +358 40 123. Empty: no number."""
    digits = "".join(sign for sign in word if sign.isdecimal())
    if len(digits) < DIGITS_OF_A_PHONE or not A_NUMBER.fullmatch(word):
        return ""
    return digits.removeprefix("358") if word.startswith("+") else digits.removeprefix("0")


def days_of(starts_at: datetime, ends_at: datetime) -> tuple[date, date]:
    """The first and last day that a time (UTC, half-open) touches in Helsinki; ending at midnight is the day before."""
    return local_date(starts_at), local_date(max(starts_at, ends_at - timedelta(microseconds=1)))


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def covering(self, day: date) -> "AbsenceQuerySet":
        return self.filter(first_day__lte=day, last_day__gte=day)

    def during(self, times: Iterable[tuple[datetime, datetime]]) -> "AbsenceQuerySet":
        """Absences on any day that one of the times touches (see ``days_of``).

        The one question behind the search, the steps and saving (R9, R10 of the lessons).
        """
        days = [days_of(starts_at, ends_at) for starts_at, ends_at in times]
        rows = [(last, first) for first, last in dict.fromkeys(days)]
        return self.filter(MeetsOne("{0} <= %s AND {1} >= %s", ("first_day", "last_day"), rows))


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: "User") -> "SavedViewQuerySet":
        """One's own."""
        return self.filter(user=user)


class ContractQuerySet(models.QuerySet["Contract"]):
    def signed(self, kind: str = "") -> "ContractQuerySet":
        """Contracts that hold or have held (and name the kind of work)."""
        found = self.filter(state__in=["in_force", "ended"])
        return found.filter(kinds__contains=[kind]) if kind else found

    def covering(self, day: "date | datetime", kind: str = "") -> "ContractQuerySet":
        """Signed contracts that hold on the day (both ends included) and name the kind of work."""
        return self.signed(kind).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)
