from django.urls import path

from feetables import views, views_compare, views_items

app_name = "feetables"
urlpatterns = [
    path("", views.tables, name="tables"),
    path("amounts/", views_items.amounts, name="amounts"),
    path("compare/", views_compare.compare, name="compare"),
    path("new/", views.table_edit, name="table_new"),
    path("<int:pk>/", views.table, name="table"),
    path("<int:pk>/edit/", views.table_edit, name="table_edit"),
    path("<int:pk>/approve/", views.approve, name="approve"),
    path("<int:pk>/remove/", views.table_remove, name="table_remove"),
    path("<int:pk>/items/new/", views_items.item_new, name="item_new"),
    path("items/<int:pk>/", views_items.item_edit, name="item_edit"),
    path("items/<int:pk>/remove/", views_items.item_remove, name="item_remove"),
]
