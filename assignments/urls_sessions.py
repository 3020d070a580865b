"""Addresses of sessions, moves and offers; assignments/urls.py takes them in."""

from django.urls import path

from assignments import views_sessions as views

urlpatterns = [
    path("mine/", views.my_sessions, name="my_sessions"),
    path("sessions/<int:pk>/", views.session, name="session"),
    path("sessions/<int:pk>/mark/<slug:event>/", views.session_mark, name="session_mark"),
    path("sessions/<int:pk>/undo/", views.session_undo, name="session_undo"),
    path("sessions/<int:pk>/move/", views.session_move, name="session_move"),
    path("moves/<int:pk>/accept/", views.move_accept, name="move_accept"),
    path("moves/<int:pk>/decline/", views.move_decline, name="move_decline"),
    path("moves/<int:pk>/withdraw/", views.move_withdraw, name="move_withdraw"),
    path("offers/<int:pk>/", views.offer, name="offer"),
    path("offers/<int:pk>/accept/", views.offer_accept, name="offer_accept"),
    path("offers/<int:pk>/decline/", views.offer_decline, name="offer_decline"),
]
