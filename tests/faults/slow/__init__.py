"""Real processes of worker and clock, and days of ticks: minutes, so only with `make faults`."""
