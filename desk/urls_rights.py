from django.urls import path

from desk import views_retention, views_rights

urlpatterns = [
    path("me/data/", views_rights.my_data, name="my_data"),
    path("me/data/file/", views_rights.my_data_file, name="my_data_file"),
    path("data/experts/<int:pk>/", views_rights.expert_data, name="expert_data"),
    path("data/experts/<int:pk>/file/", views_rights.expert_data_file, name="expert_data_file"),
    path("data/experts/<int:pk>/erase/", views_rights.erase, name="erase"),
    path("data/erasures/<int:pk>/", views_rights.erasure_report, name="erasure"),
    path("retention/", views_retention.retention, name="retention"),
    path("retention/now/", views_retention.carry_out, name="carry_out"),
    path("retention/reports/", views_retention.reports, name="retention_reports"),
    path("retention/<slug:code>/", views_retention.period, name="retention_period"),
]
