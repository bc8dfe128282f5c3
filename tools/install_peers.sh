#!/usr/bin/env bash
# Puts the servers that tests/peer drives Zyn with, all written by others, where those tests look for them:
# the npm ones into tools/peers/node_modules, the Python ones into .venv-peers, apart from Zyn's own packages.
# Both sets are pinned by hash. Needs node 20.15 or newer, npm and Python 3.11 or newer.
set -euo pipefail
cd "$(dirname "$0")/.."

(cd tools/peers && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
"${PYTHON:-python3}" -m venv --clear .venv-peers
.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
    -r tools/peers/requirements.txt
