# Erfa for production; web server, worker and clock are the same image with another command (docker-compose.yml).
FROM python:3.11-slim-bookworm

# Pango draws the PDF documents; harfbuzz-subset makes them small and the same everywhere.
RUN apt-get update \
    && apt-get install --no-install-recommends -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production

WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

COPY . .
# The values are for this one step: no database is asked and nothing is kept.
RUN python -m scripts.translate compile \
    && SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=postgresql://build/build REDIS_URL=redis://build \
       python manage.py collectstatic --no-input --verbosity 0 \
    && useradd --system --uid 10001 --no-create-home erfa

USER erfa
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--logger-class", "config.access_log.AccessLog", "--access-logfile", "-", "--access-logformat", "%(h)s %(t)s %(m)s %(U)s %(s)s %(b)s %(M)sms"]
