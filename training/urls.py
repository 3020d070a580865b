from django.urls import path

from training import views

app_name = "training"
urlpatterns = [
    path("", views.courses, name="courses"),
    path("new/", views.course_edit, name="course_new"),
    path("<int:pk>/", views.course, name="course"),
    path("<int:pk>/edit/", views.course_edit, name="course_edit"),
    path("<int:pk>/dates/", views.dates, name="dates"),
    path("<int:pk>/enrol/", views.enrol, name="enrol"),
    path("<int:pk>/end/", views.end, name="end"),
    path("dates/<int:pk>/", views.date, name="date"),
    path("dates/<int:pk>/remove/", views.date_remove, name="date_remove"),
    path("participants/<int:pk>/undo/", views.undo, name="undo"),
    path("participants/<int:pk>/take-off/", views.take_off, name="take_off"),
    path("list/", views.trainings, name="trainings"),
    path("list/new/", views.training_edit, name="training_new"),
    path("list/<int:pk>/", views.training_edit, name="training"),
    path("experts/<int:pk>/external/", views.external_new, name="external_new"),
    path("external/<int:pk>/remove/", views.external_remove, name="external_remove"),
]
