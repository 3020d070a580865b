import pytest
from axe_playwright_python.sync_playwright import Axe
from office.models import User
from desk.demo import LOGINS
import time
def test_x(demonstration, visit):
    for l in LOGINS:
        v = visit(User.objects.get(email=l.email))
        t=time.time()
        v.open("/")
        t1=time.time()
        r = Axe().run(v.page)
        print(l, v.page.title(), t1-t, time.time()-t1)
        print(r.generate_report())
