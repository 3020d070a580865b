"""When the demonstration office is looked at."""

from tests.factories import at

#: A Wednesday: July is paid, August is in payment, September is with the units, October runs.
NOW = at(2026, 10, 14, 10)
