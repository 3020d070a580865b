"""The only writers of hour lists, payment runs, corrections and documents."""

from fees.actions.added import add_row as add_row
from fees.actions.added import remove_row as remove_row
from fees.actions.checking import approve as approve
from fees.actions.checking import return_list as return_list
from fees.actions.checking import unapprove as unapprove
from fees.actions.documents import go_on_documents as go_on_documents
from fees.actions.documents import make_documents as make_documents
from fees.actions.documents import stop_documents as stop_documents
from fees.actions.drafts import drop_drafts as drop_drafts
from fees.actions.drafts import save_draft as save_draft
from fees.actions.lists import send_month as send_month
from fees.actions.lists import sums_of as sums_of
from fees.actions.lists import take_back as take_back
from fees.actions.paying import mark_paid as mark_paid
from fees.actions.paying import reject as reject
from fees.actions.paying import resend as resend
from fees.actions.paying import send_to_payroll as send_to_payroll
from fees.actions.receipts import add_receipt as add_receipt
from fees.actions.receipts import remove_receipt as remove_receipt
from fees.actions.reminding import remind as remind
from fees.actions.runs import correct as correct
from fees.actions.runs import drop_correction as drop_correction
from fees.actions.runs import make_run as make_run
from fees.preview import preview_run as preview_run
