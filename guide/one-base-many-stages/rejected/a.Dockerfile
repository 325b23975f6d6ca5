# Only the start of the server is mended.
FROM python:3.11-slim AS base
WORKDIR /app

FROM base AS dev
RUN apt-get update && apt-get install -y curl
CMD ["python", "app.py"]

FROM dev AS prod
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:app"]
