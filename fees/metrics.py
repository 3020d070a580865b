"""Hour lists as numbers for Prometheus."""

from fees.models import HourList
from fees.states import ListState
from office.metrics import by_state, gauge

gauge(
    "hour_lists", "Hour lists by state.", lambda _at: by_state(HourList.objects.all(), ListState.values), label="state"
)
