"""Addresses of the search, the steps and the orders; those of sessions and offers stand beside."""

from django.urls import URLPattern, path

from assignments import steps, urls_sessions, views, views_ending, views_links

app_name = "assignments"
urlpatterns: list[URLPattern] = [
    path("", views.orders, name="orders"),
    path("find/", views.find, name="find"),
    path("find/order/", steps.start, name="order_start"),
    path("sessions/", views.unit_sessions, name="unit_sessions"),
    path("new/", steps.new, name="order_new"),
    path("<int:pk>/", views.order, name="order"),
    path("<int:pk>/what/", steps.what, name="order_what"),
    path("<int:pk>/when/", steps.when, name="order_when"),
    path("<int:pk>/who/", steps.who, name="order_who"),
    path("<int:pk>/fee/", steps.fee, name="order_fee"),
    path("<int:pk>/check/", steps.check, name="order_check"),
    path("<int:pk>/confirm/", views.confirm, name="order_confirm"),
    path("<int:pk>/cancel/", views.cancel, name="order_cancel"),
    path("<int:pk>/withdraw/", views.withdraw, name="order_withdraw"),
    path("<int:pk>/suggest/", views.suggest, name="order_suggest"),
    path("contracts/<int:pk>/ending/", views_ending.contract_ending, name="contract_ending"),
    path("answer/<str:token>/", views_links.answer, name="answer"),
    *urls_sessions.urlpatterns,
]
