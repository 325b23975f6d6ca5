FROM python:3.11-slim AS base
WORKDIR /app

FROM base AS packages
COPY requirements.txt .
RUN pip install --no-cache-dir --target=/packages -r requirements.txt

FROM base AS dev
RUN apt-get update && apt-get install -y curl
CMD ["python", "app.py"]

FROM base AS prod
ENV PYTHONPATH=/packages
COPY --from=packages /packages /packages
COPY . .
ENTRYPOINT ["python", "-m", "gunicorn"]
CMD ["--bind", "0.0.0.0:8000", "app:app"]
