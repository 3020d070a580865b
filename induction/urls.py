from django.urls import path

from induction import views, views_checklists, views_guides, views_rows

app_name = "induction"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("common/", views.common, name="common"),
    path("common/usual/", views.usual, name="usual"),
    path("common/guide/", views_guides.common_guide_edit, name="common_guide_edit"),
    path("common/rows/<slug:sort>/", views_rows.common_row_new, name="common_row_new"),
    path("units/", views.my_units, name="my_units"),
    path("units/<int:pk>/", views.unit, name="unit"),
    path("units/<int:pk>/texts/", views.unit_texts, name="unit_texts"),
    path("units/<int:pk>/guide/", views_guides.guide_edit, name="guide_edit"),
    path("units/<int:pk>/rows/<slug:sort>/", views_rows.row_new, name="row_new"),
    path("units/<int:pk>/ready/", views.ready, name="ready"),
    path("units/<int:pk>/ready/history/", views.readiness_history, name="readiness_history"),
    path("units/<int:pk>/start/", views_checklists.start, name="start"),
    path("rows/<int:pk>/", views_rows.row_edit, name="row_edit"),
    path("rows/<int:pk>/move/", views_rows.row_move, name="row_move"),
    path("guide/", views_guides.guide, name="guide"),
    path("guide/<int:pk>/read/", views_guides.guide_read, name="guide_read"),
    path("versions/<int:pk>/", views_guides.version, name="version"),
    path("versions/<int:pk>/publish/", views_guides.publish, name="publish"),
    path("versions/<int:pk>/drop/", views_guides.drop, name="drop"),
    path("checklists/<int:pk>/", views_checklists.checklist, name="checklist"),
    path("checklists/<int:pk>/tick/", views_checklists.tick, name="tick"),
    path("checklists/<int:pk>/reopen/", views_checklists.reopen, name="reopen"),
    path("checklists/<int:pk>/refresh/", views_checklists.refresh, name="refresh"),
]
