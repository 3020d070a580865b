"""Steps of a fee table."""

from feetables.models import FeeTable
from office.choices import Role
from office.states import step, table

TABLE = table(step("approve", [FeeTable.State.DRAFT], FeeTable.State.APPROVED, {Role.COORDINATOR}))
