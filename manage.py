#!/usr/bin/env python3
"""Django's command line for Erfa."""

import os
import sys


def main() -> None:
    """Run a management command; the settings are those of development unless DJANGO_SETTINGS_MODULE says otherwise."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - the settings come first

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
