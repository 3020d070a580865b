"""What the front desk adds to the pages of the registry: the person's rights."""

from datetime import datetime

from django.db import models

from desk.access import GIVE_DATA, OWN_DATA
from office.access import allowed
from office.models import User
from office.panels import Panel, panel


@panel("me", 95)
def own_data(user: User, _shown: models.Model, _at: datetime) -> Panel | None:
    return Panel("desk/_rights_own.html") if allowed(user, OWN_DATA) else None


@panel("expert", 95)
def data_protection(user: User, shown: models.Model, _at: datetime) -> Panel | None:
    return Panel("desk/_rights_expert.html", {"expert": shown}) if allowed(user, GIVE_DATA) else None
