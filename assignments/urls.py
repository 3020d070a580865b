"""Addresses of the search, the steps and the orders; those of sessions and offers stand beside."""

from django.urls import URLPattern, path

from assignments import (
    steps,
    steps_second,
    steps_send,
    steps_when,
    urls_sessions,
    views,
    views_asking,
    views_confirmation,
    views_ending,
    views_links,
    views_missing,
)

app_name = "assignments"
urlpatterns: list[URLPattern] = [
    path("", views.orders, name="orders"),
    path("find/", views.find, name="find"),
    path("find/order/", steps.start, name="order_start"),
    path("sessions/", views.unit_sessions, name="unit_sessions"),
    path("new/", steps.new, name="order_new"),
    path("<int:pk>/", views.order, name="order"),
    path("<int:pk>/what/", steps.what, name="order_what"),
    path("<int:pk>/copy/", steps.copy, name="order_copy"),
    path("<int:pk>/details/", steps.details, name="order_details"),
    path("<int:pk>/when/", steps_when.when, name="order_when"),
    path("<int:pk>/who/", steps.who, name="order_who"),
    path("<int:pk>/second/", steps_second.second, name="order_second"),
    path("<int:pk>/fee/", steps_send.fee, name="order_fee"),
    path("<int:pk>/check/", steps_send.check, name="order_check"),
    path("<int:pk>/confirm/", views.confirm, name="order_confirm"),
    path("<int:pk>/cancel/", views.cancel, name="order_cancel"),
    path("<int:pk>/withdraw/", views.withdraw, name="order_withdraw"),
    path("<int:pk>/suggest/", views.suggest, name="order_suggest"),
    path("<int:pk>/several/", views_asking.several, name="order_several"),
    path("<int:pk>/who-can/", views_asking.who_can, name="order_who_can"),
    path("<int:pk>/missing/", views_missing.missing, name="order_missing"),
    path("<int:pk>/missing/ask/", views_missing.ask_another, name="order_another"),
    path("<int:pk>/missing/leave/", views_missing.leave, name="order_leave"),
    path("<int:pk>/missing/one/", views_missing.one, name="order_one"),
    path("<int:pk>/missing/none/", views_missing.none, name="order_none"),
    path("<int:pk>/confirmation/", views_confirmation.order_confirmation, name="order_paper"),
    path("<int:pk>/dates/", views_confirmation.order_dates, name="order_dates"),
    path("<int:pk>/change/", views_asking.change, name="order_change"),
    path("offers/<int:pk>/choose/", views_asking.choose, name="offer_choose"),
    path("units/<int:pk>/", views_asking.habits, name="unit_habits"),
    path("contracts/<int:pk>/ending/", views_ending.contract_ending, name="contract_ending"),
    path("answer/<str:token>/", views_links.answer, name="answer"),
    *urls_sessions.urlpatterns,
]
