# The Sluicegate command and what it needs to run, in /opt/sluicegate. Compilers and pip stay behind in the first stage.
FROM python:3.11-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build

# The dependencies are a layer of their own: a change of the code does not fetch them again.
COPY requirements-build.lock requirements-runtime.lock ./
RUN python -m venv /build/tools \
 && /build/tools/bin/python -m pip install --require-hashes -r requirements-build.lock \
 && python -m venv /opt/sluicegate \
 && /opt/sluicegate/bin/python -m pip install --require-hashes -r requirements-runtime.lock

COPY pyproject.toml setup.py README.md LICENSE ./
COPY src ./src
COPY schemas ./schemas
COPY models ./models
COPY policy ./policy
COPY agents ./agents
COPY cli ./cli
RUN /build/tools/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
 && /opt/sluicegate/bin/python -m pip install --no-deps --no-index dist/*.whl \
 && /opt/sluicegate/bin/python -m pip uninstall --yes pip setuptools

FROM python:3.11-slim-bookworm

RUN python -m pip uninstall --yes pip setuptools wheel \
 && useradd --system --uid 10001 --user-group --no-create-home --home-dir /var/lib/sluicegate sluicegate \
 && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/sluicegate

COPY --from=build /opt/sluicegate /opt/sluicegate

ENV PATH=/opt/sluicegate/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# The policy and the bundle shipped with the package serve unless SLUICEGATE_POLICY and SLUICEGATE_BUNDLE say otherwise.
WORKDIR /var/lib/sluicegate
USER 10001:10001
EXPOSE 9464
STOPSIGNAL SIGTERM
ENTRYPOINT ["sluicegate"]
CMD ["worker"]
