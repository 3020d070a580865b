from django.urls import path

from fees import views_board, views_check, views_costs, views_month, views_paying, views_runs

app_name = "fees"
urlpatterns = [
    path("month/", views_month.my_month, name="my_month"),
    path("month/<str:month>/", views_month.my_month, name="my_month_of"),
    path("experts/<int:expert_pk>/<str:month>/", views_month.my_month, name="month_of_expert"),
    path("lists/<int:pk>/take-back/", views_month.take_back, name="take_back"),
    path("times/<int:pk>/costs/", views_costs.costs, name="costs"),
    path("receipts/<int:pk>/", views_costs.receipt, name="receipt"),
    path("receipts/<int:pk>/remove/", views_costs.receipt_remove, name="receipt_remove"),
    path("statements/<int:pk>/", views_month.my_statement, name="my_statement"),
    path("check/", views_check.check, name="check"),
    path("check/approve/", views_check.approve, name="approve"),
    path("lists/<int:pk>/", views_check.hour_list, name="hour_list"),
    path("lists/<int:pk>/unapprove/", views_check.unapprove, name="unapprove"),
    path("board/", views_board.board, name="board"),
    path("board/<str:month>/", views_board.board, name="board_of"),
    path("board/<str:month>/close/", views_board.close, name="close"),
    path("board/<str:month>/remind/", views_board.remind, name="remind"),
    path("runs/", views_runs.runs, name="runs"),
    path("runs/<int:pk>/", views_runs.run, name="run"),
    path("runs/<int:pk>/lines/", views_runs.run_lines, name="run_lines"),
    path("runs/<int:pk>/all.zip", views_runs.everything, name="run_zip"),
    path("runs/<int:pk>/files/", views_runs.files, name="run_files"),
    path("runs/<int:pk>/send/", views_paying.send, name="run_send"),
    path("runs/<int:pk>/reject/", views_paying.reject, name="run_reject"),
    path("runs/<int:pk>/resend/", views_paying.resend, name="run_resend"),
    path("runs/<int:pk>/pay/", views_paying.pay, name="run_pay"),
    path("documents/<int:pk>/", views_runs.document, name="document"),
    path("lines/<int:pk>/correct/", views_runs.correct, name="correct"),
    path("corrections/", views_runs.corrections, name="corrections"),
    path("corrections/<int:pk>/drop/", views_runs.drop_correction, name="drop_correction"),
]
