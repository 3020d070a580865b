"""The only writers of orders, offers, sessions and moves.

Each action is one transaction by one person, writes a log row for every step and raises office.errors.Refused or
Conflict with a readable message; then nothing is changed. ``at`` is aware; a second click is a Conflict.
"""

from assignments.actions.moves import accept_move, decline_move, preview_move, propose_move, withdraw_move
from assignments.actions.offers import accept, decline, record_agreed
from assignments.actions.orders import cancel_order, confirm, make_offer, save_draft, submit, withdraw_offer
from assignments.actions.outcomes import (
    EVENT_ROLES,
    Changed,
    Option,
    examine,
    may_undo,
    options,
    record_outcome,
    undo_outcome,
)

__all__ = [
    "EVENT_ROLES",
    "Changed",
    "Option",
    "accept",
    "accept_move",
    "cancel_order",
    "confirm",
    "decline",
    "decline_move",
    "examine",
    "make_offer",
    "may_undo",
    "options",
    "preview_move",
    "propose_move",
    "record_agreed",
    "record_outcome",
    "save_draft",
    "submit",
    "undo_outcome",
    "withdraw_move",
    "withdraw_offer",
]
