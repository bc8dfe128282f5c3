#!/usr/bin/env bash
# Puts the engines that benchmarks/ holds Zyn against where they are looked for: each into its own environment,
# .venv-rivals/NAME, apart from Zyn's packages and from each other. Pinned by hash; nothing of Zyn imports them.
# Needs Python 3.11 (they have wheels for it) and about 2.5 GB. Names given as arguments install only those;
# what is there already, from the same lock, is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

python="${PYTHON:-python3}"
[ $# -gt 0 ] || set -- raptorbt vectorbt backtesting freqtrade nautilus
for name in "$@"; do
    lock="tools/rivals/$name.txt"
    [ -f "$lock" ] || { echo "there is no rival $name; there are: $(cd tools/rivals && echo *.txt | sed 's/\.txt//g')" >&2; exit 2; }
    home=".venv-rivals/$name"
    cmp -s "$lock" "$home/.lock" && continue
    "$python" -m venv --clear "$home"
    if [ -x .venv/bin/uv ]; then
        .venv/bin/uv pip install --quiet --python "$home/bin/python" --no-deps --require-hashes -r "$lock"
    else
        "$home/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$lock"
    fi
    cp "$lock" "$home/.lock"
    echo "installed: $name"
done
