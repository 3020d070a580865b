"""Questions about supervision."""

from typing import TYPE_CHECKING

from django.db import models

from office.choices import Role

if TYPE_CHECKING:
    from office.models import User
    from supervision.models import SupervisionGroup, SupervisionMeeting


class GroupQuerySet(models.QuerySet["SupervisionGroup"]):
    def visible_to(self, user: "User") -> "GroupQuerySet":
        """The coordinator and experts all active groups, a supervisor their own."""
        if user.has_role(Role.COORDINATOR):
            return self
        if user.has_role(Role.EXPERT):
            return self.filter(models.Q(is_active=True) | models.Q(supervisor=user))
        if user.has_role(Role.SUPERVISOR):
            return self.filter(supervisor=user)
        return self.none()


class MeetingQuerySet(models.QuerySet["SupervisionMeeting"]):
    def visible_to(self, user: "User") -> "MeetingQuerySet":
        """The dates of the groups the person may see."""
        from supervision.models import SupervisionGroup  # noqa: PLC0415 - models import querysets

        return self.filter(group__in=SupervisionGroup.objects.visible_to(user))
