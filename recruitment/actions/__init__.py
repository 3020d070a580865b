"""The only writers of recruitment."""

from recruitment.actions.applications import change as change
from recruitment.actions.applications import enter as enter
from recruitment.actions.applications import noted_look as noted_look
from recruitment.actions.applications import receive as receive
from recruitment.actions.decisions import accept as accept
from recruitment.actions.decisions import decline as decline
from recruitment.actions.decisions import to_training as to_training
from recruitment.actions.decisions import withdraw as withdraw
from recruitment.actions.interviews import Asked as Asked
from recruitment.actions.interviews import book as book
from recruitment.actions.interviews import hold as hold
from recruitment.actions.interviews import write_view as write_view
from recruitment.actions.removal import remove as remove
