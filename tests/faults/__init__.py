"""Faults of worker, broker, database, mail server and clock: counted at the receiving mail server."""
