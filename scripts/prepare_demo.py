"""Loads the demonstration office when it is not there, and prints its log-ins; one start of Django for both."""

import os
import sys
from pathlib import Path

import django
from django.core.management import call_command

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
django.setup()
call_command("load_demo", stdout=sys.stderr)
call_command("demo_logins")
