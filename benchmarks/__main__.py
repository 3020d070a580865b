"""Makes an office of its own in a database of its own, measures, prints a table, and throws the database away.

Floors and ours are measured in turns in the same run: on a machine that does other things, too, only their ratio tells.
Nothing is asserted about time.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import django


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--experts", type=int, default=500)
    parser.add_argument("--months", type=int, default=1, help="months with entries; all but the newest are closed")
    parser.add_argument("--entries", type=int, default=20, help="entries of an expert in a month")
    parser.add_argument("--large", action="store_true", help="twelve months: 120,000 entries with the other defaults")
    parser.add_argument("--in-unit", type=int, default=50, help="experts of a unit: lists on the approver's page")
    parser.add_argument("--repeat", type=int, default=20, help="goes of a page")
    parser.add_argument("--processes", type=int, default=2, help="for documents")
    parser.add_argument("--registry", default="50,500,5000", help="sizes of the registry for its list and search")
    parser.add_argument("--rows", type=int, default=5000, help="rows of the sheet that is brought in (0: none)")
    parser.add_argument("--year", type=int, default=0, help="months of sessions for search and calendars (0: none)")
    parser.add_argument("--writes", type=int, default=100, help="acceptances and cancellations of a round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of writes")
    parser.add_argument("--messages", type=int, default=1000, help="messages composed and sent (0: none)")
    parser.add_argument("--only-messages", action="store_true")
    parser.add_argument("--only-registry", action="store_true")
    parser.add_argument("--only-ordering", action="store_true", help="twelve months unless --year tells")
    parser.add_argument("--no-documents", action="store_true")
    options = parser.parse_args()
    if options.large:
        options.months = 12
    if options.only_messages:
        options.registry = ""
    if options.only_ordering:
        options.registry, options.year = "", options.year or 12
    return options


@contextmanager
def _own_database() -> Iterator[None]:
    """A database beside the configured one, migrated; dropped at the end, whatever happens."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    configured = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"] |= {"NAME": f"erfa_bench_{os.getpid()}", "SERIALIZE": False}
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.close()
        connection.creation.destroy_test_db(configured, verbosity=0)
        settings.DATABASES["default"]["NAME"] = configured


def _say(text: str, begun: float) -> None:
    print(f"{perf_counter() - begun:6.1f} s  {text}", file=sys.stderr, flush=True)


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    django.setup()
    options = _options()
    from benchmarks.measure import printed  # noqa: PLC0415 - Django must be set up first
    from benchmarks.messages import measured as messages  # noqa: PLC0415
    from benchmarks.ordering import measured as ordering  # noqa: PLC0415
    from benchmarks.registry import measured  # noqa: PLC0415
    from benchmarks.runs import everything  # noqa: PLC0415

    begun = perf_counter()
    results = []
    if not (options.only_registry or options.only_ordering or options.only_messages):
        with _own_database():
            results += everything(options, lambda text: _say(text, begun))
    sizes = [int(size) for size in options.registry.split(",") if size]
    if sizes:
        with _own_database():
            results += measured(sizes, options.rows, options.repeat, lambda text: _say(text, begun))
    if options.messages and not (options.only_registry or options.only_ordering):
        with _own_database():
            results += messages(options.messages, 5, lambda text: _say(text, begun))
    if options.year:
        with _own_database():
            results += ordering(options, lambda text: _say(text, begun))
    load = statistics.mean(os.getloadavg()[:2])
    print(
        f"\n{options.experts} experts × {options.months} months × {options.entries} entries, medians; "
        f"{os.cpu_count()} cores, load {load:.1f}, {perf_counter() - begun:.0f} s altogether\n"
    )
    print(printed(results))


if __name__ == "__main__":
    main()
