"""Addresses of sessions, moves and offers; assignments/urls.py takes them in."""

from django.urls import path

from assignments import views_fee, views_meetings, views_moves, views_offers, views_processes, views_series
from assignments import views_sessions as views

urlpatterns = [
    path("mine/", views_offers.my_sessions, name="my_sessions"),
    path("sessions/<int:pk>/", views.session, name="session"),
    path("sessions/<int:pk>/mark/<slug:event>/", views.session_mark, name="session_mark"),
    path("sessions/<int:pk>/undo/", views.session_undo, name="session_undo"),
    path("sessions/<int:pk>/move/", views_moves.session_move, name="session_move"),
    path("sessions/<int:pk>/series/cancel/", views_series.series_cancel, name="series_cancel"),
    path("sessions/<int:pk>/series/move/", views_series.series_move, name="series_move"),
    path("sessions/<int:pk>/series/place/", views_series.series_place, name="series_place"),
    path("sessions/<int:pk>/fee/", views_fee.session_fee, name="session_fee"),
    path("sessions/<int:pk>/fee/rule/", views_fee.session_fee_rule, name="session_fee_rule"),
    path("moves/<int:pk>/all/", views_series.moves, name="moves"),
    path("moves/<int:pk>/all/accept/", views_series.moves_accept, name="moves_accept"),
    path("moves/<int:pk>/all/decline/", views_series.moves_decline, name="moves_decline"),
    path("moves/<int:pk>/all/withdraw/", views_series.moves_withdraw, name="moves_withdraw"),
    path("processes/", views_processes.processes, name="processes"),
    path("processes/<int:pk>/", views_processes.process, name="process"),
    path("processes/<int:pk>/plan/", views_processes.process_plan, name="process_plan"),
    path("processes/<int:pk>/end/", views_processes.process_end, name="process_end"),
    path("processes/<int:pk>/open/", views_processes.process_open, name="process_open"),
    path("meetings/", views_meetings.meetings, name="meetings"),
    path("meetings/new/", views_meetings.meeting_new, name="meeting_new"),
    path("meetings/<int:pk>/", views_meetings.meeting, name="meeting"),
    path("meetings/<int:pk>/edit/", views_meetings.meeting_edit, name="meeting_edit"),
    path("meetings/<int:pk>/decide/", views_meetings.meeting_decide, name="meeting_decide"),
    path("decisions/<int:pk>/done/", views_meetings.decision_done, name="decision_done"),
    path("moves/<int:pk>/accept/", views_moves.move_accept, name="move_accept"),
    path("moves/<int:pk>/decline/", views_moves.move_decline, name="move_decline"),
    path("moves/<int:pk>/withdraw/", views_moves.move_withdraw, name="move_withdraw"),
    path("offers/<int:pk>/", views_offers.offer, name="offer"),
    path("offers/<int:pk>/accept/", views_offers.offer_accept, name="offer_accept"),
    path("offers/<int:pk>/decline/", views_offers.offer_decline, name="offer_decline"),
]
