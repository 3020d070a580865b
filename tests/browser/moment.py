"""When the demonstration office is looked at."""

from tests.factories import at

#: A Wednesday: August is paid, September is with the units, October runs.
NOW = at(2026, 10, 14, 10)
