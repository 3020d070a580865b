from django.urls import path

from supervision import views

app_name = "supervision"
urlpatterns = [
    path("", views.groups, name="groups"),
    path("new/", views.group_edit, name="group_new"),
    path("<int:pk>/", views.group, name="group"),
    path("<int:pk>/edit/", views.group_edit, name="group_edit"),
    path("<int:pk>/dates/", views.dates, name="dates"),
    path("dates/<int:pk>/", views.meeting, name="meeting"),
    path("dates/<int:pk>/place/", views.place, name="place"),
    path("dates/<int:pk>/sign-up-for/", views.sign_up_for, name="sign_up_for"),
    path("dates/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("attendance/<int:pk>/", views.attendance, name="attendance"),
]
