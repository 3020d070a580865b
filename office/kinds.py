"""Kinds of work (R7). Pure: rules, fee tables, contracts and orders all speak of them."""

from enum import StrEnum


class TaskType(StrEnum):
    INDIVIDUAL = "individual"
    PAIR = "pair"
    GROUP = "group"
    LECTURE = "lecture"
    DEVELOPMENT = "development"
    APPOINTMENT = "appointment"
    WALK_IN = "walk_in"
    MEETING = "meeting"
