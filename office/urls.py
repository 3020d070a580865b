from django.urls import path

from office import views_outbox, views_reminders, views_units

app_name = "office"
urlpatterns = [
    path("", views_units.units, name="units"),
    path("new/", views_units.unit_edit, name="unit_new"),
    path("<int:pk>/", views_units.unit, name="unit"),
    path("<int:pk>/edit/", views_units.unit_edit, name="unit_edit"),
    path("<int:pk>/people/new/", views_units.grant_new, name="grant_new"),
    path("<int:pk>/hand-over/", views_units.hand_over, name="hand_over"),
    path("<int:pk>/budget/", views_units.budget, name="budget"),
    path("grants/<int:pk>/end/", views_units.grant_end, name="grant_end"),
    path("people/", views_units.people_page, name="people"),
    path("people/new/", views_units.county_grant_new, name="county_grant_new"),
    path("service-areas/", views_units.service_areas, name="service_areas"),
    path("service-areas/new/", views_units.service_area_edit, name="service_area_new"),
    path("service-areas/<int:pk>/", views_units.service_area_edit, name="service_area"),
    path("rules/", views_units.rules, name="rules"),
    path("rules/closing-days/<int:pk>/remove/", views_units.closing_day_remove, name="closing_day_remove"),
    path("rules/policies/<int:pk>/remove/", views_units.policy_remove, name="policy_remove"),
    path("permissions/", views_units.permissions, name="permissions"),
    path("messages/", views_outbox.outbox, name="outbox"),
    path("messages/kinds/", views_outbox.kinds, name="kinds"),
    path("messages/mine/", views_outbox.my_messages, name="my_messages"),
    path("messages/mine/reminders/", views_reminders.my_reminders, name="my_reminders"),
    path("reminders/", views_reminders.reminders, name="reminders"),
    path("reminders/<slug:name>/", views_reminders.reminder_change, name="reminder_change"),
    path("reminders/changes/<int:pk>/remove/", views_reminders.reminder_remove, name="reminder_remove"),
    path("messages/<int:pk>/", views_outbox.message, name="message"),
    path("messages/<int:pk>/send-again/", views_outbox.send_again, name="send_again"),
    path("messages/<int:pk>/hold/", views_outbox.message_hold, name="message_hold"),
    path("messages/<int:pk>/release/", views_outbox.message_release, name="message_release"),
    path("messages/<int:pk>/edit/", views_outbox.message_edit, name="message_edit"),
    path("messages/<int:pk>/discard/", views_outbox.message_discard, name="message_discard"),
    path("messages/<int:pk>/told/", views_outbox.message_tell, name="message_tell"),
]
