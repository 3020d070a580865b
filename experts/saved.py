"""Saved views: the filters of a list under a name of one's own."""

from django import forms
from django.http import QueryDict

#: ``SavedView.page`` of the registry.
SAVED_PAGE = "registry"


def kept_query(asked: QueryDict, form: forms.BaseForm) -> str:
    """What stands after the ? in the address: the known filters that are set, and nothing else."""
    kept = QueryDict(mutable=True)
    for name in form.fields:
        if value := asked.get(name, "").strip():
            kept[name] = value
    return kept.urlencode()
