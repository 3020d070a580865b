"""What induction adds to pages below: the expert's page, the expert's own, the unit's. One query each."""

from datetime import datetime

from django.db import models

from experts.models import Expert
from induction.board import with_state
from induction.models import Induction
from office.choices import Role
from office.models import Unit, User
from office.panels import Panel, panel


@panel("expert", 40)
def of_expert(user: User, shown: models.Model, at: datetime) -> Panel | None:  # noqa: ARG001 - the panels' signature
    """In which units the expert has been inducted."""
    if not isinstance(shown, Expert):
        return None
    found = Induction.objects.visible_to(user).filter(expert=shown).select_related("unit").counted()
    return Panel("induction/_of_expert.html", {"inductions": list(found), "own": shown.user_id == user.pk})


panel("me", 40)(of_expert)


@panel("unit", 40)
def of_unit(user: User, shown: models.Model, at: datetime) -> Panel | None:
    """Whether the unit is ready for experts."""
    if not isinstance(shown, Unit) or not user.has_role(Role.COORDINATOR):
        return None
    return Panel("induction/_of_unit.html", {"unit": with_state(Unit.objects.filter(pk=shown.pk), at).get()})
