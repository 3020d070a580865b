"""Questions about guides, rows and checklists."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from experts.models import Expert
from induction.states import GuideState, InductionState
from induction.work import LATELY, agreed_work
from office.choices import NAMED, Role

if TYPE_CHECKING:
    from induction.models import ChecklistRow, GuideVersion, Induction
    from office.models import User


def kept(user: "User") -> Q:
    """What the person keeps: the coordinator what is common, named employee and deputy what is their unit's."""
    own = Q(unit__in=user.holdings.units_as(*NAMED))
    return own | Q(unit__isnull=True) if user.has_role(Role.COORDINATOR) else own


class GuideQuerySet(models.QuerySet["GuideVersion"]):
    def kept_by(self, user: "User") -> "GuideQuerySet":
        return self.filter(kept(user))

    def visible_to(self, user: "User") -> "GuideQuerySet":
        """All that the person keeps; what is published of the common guide, for the coordinator of every unit."""
        published = Q(state=GuideState.PUBLISHED)
        if not user.has_role(Role.COORDINATOR):
            published &= Q(unit__isnull=True)
        return self.filter(kept(user) | published) if user.has_role(Role.COORDINATOR, *NAMED) else self.none()

    def current(self) -> "GuideQuerySet":
        """The last published version of each guide."""
        published = self.model._default_manager.filter(state=GuideState.PUBLISHED)
        last = published.order_by("unit_id", "-number").distinct("unit_id")
        return self.filter(pk__in=last.values("pk"))

    def for_expert(self, user: "User", at: datetime, *, now: bool = False) -> "GuideQuerySet":
        """The current common guide and those of the units where the signed-in expert works or is inducted.

        ``now``: of units in use with work ahead or lately, or with an open checklist; none for who has left.
        """
        from induction.models import Induction  # noqa: PLC0415 - models import querysets

        work = agreed_work().filter(expert__user=user)
        inductions = Induction.objects.filter(expert__user=user)
        found = self.current()
        if now:
            work = work.filter(ends_at__gt=at - LATELY, unit__is_active=True)
            inductions = inductions.filter(state=InductionState.OPEN, unit__is_active=True)
            found = found.filter(Exists(Expert.objects.filter(user=user).exclude(state=Expert.State.ENDED)))
        theirs = Q(unit__in=work.values("unit")) | Q(unit__in=inductions.values("unit"))
        return found.filter(Q(unit__isnull=True) | theirs)

    def unread_by(self, user: "User") -> "GuideQuerySet":
        from induction.models import GuideRead  # noqa: PLC0415 - models import querysets

        return self.filter(~Exists(GuideRead.objects.filter(version=OuterRef("pk"), expert__user=user)))


class RowQuerySet(models.QuerySet["ChecklistRow"]):
    def kept_by(self, user: "User") -> "RowQuerySet":
        return self.filter(kept(user))

    def for_unit(self, unit_id: int) -> "RowQuerySet":
        """The common rows and the unit's own."""
        return self.filter(Q(unit__isnull=True) | Q(unit=unit_id))

    def of(self, unit_id: int | None) -> "RowQuerySet":
        """The unit's own rows, or the common ones."""
        return self.filter(unit__isnull=True) if unit_id is None else self.filter(unit=unit_id)


class InductionQuerySet(models.QuerySet["Induction"]):
    def visible_to(self, user: "User") -> "InductionQuerySet":
        """The coordinator all, named employee and deputy their unit's, an expert their own."""
        if user.has_role(Role.COORDINATOR):
            return self
        seen = Q(unit__in=user.holdings.units_as(*NAMED))
        if user.has_role(Role.EXPERT):
            seen |= Q(expert__user=user)
        return self.filter(seen)

    def counted(self) -> "InductionQuerySet":
        """With ``rows`` and ``ticks``: how many there are, how many of them are ticked."""
        return self.annotate(rows=Count("items"), ticks=Count("items", filter=Q(items__ticked_at__isnull=False)))
