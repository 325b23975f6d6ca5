# The packages are shared as well.
FROM python:3.11-slim AS base
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

FROM base AS dev
RUN apt-get update && apt-get install -y curl
CMD ["python", "app.py"]

FROM base AS prod
COPY . .
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:app"]
