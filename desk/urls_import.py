from django.urls import path

from desk import views_import as views

app_name = "desk"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("fee-table/<int:pk>.csv", views.fee_table, name="fee_table_file"),
    path("<int:pk>/", views.import_sheet, name="import_sheet"),
    path("<int:pk>/take/", views.import_take, name="import_take"),
    path("<int:pk>/again/", views.import_again, name="import_again"),
    path("<int:pk>/stop/", views.import_stop, name="import_stop"),
]
