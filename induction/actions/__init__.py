"""The only writers of guides, rows, checklists and readiness."""

from induction.actions.checklists import finish, refresh, reopen, start, tick
from induction.actions.guides import drop_draft, note_read, publish, save_draft
from induction.actions.rows import mark_ready, move_row, save_row, take_usual

__all__ = [
    "drop_draft",
    "finish",
    "mark_ready",
    "move_row",
    "note_read",
    "publish",
    "refresh",
    "reopen",
    "save_draft",
    "save_row",
    "start",
    "take_usual",
    "tick",
]
