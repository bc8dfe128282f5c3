"""The service never loads the compiler, nor the arrays it works on; a backtest loads both when it runs."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.house.tree import ROOT

_EVERYTHING_OF_THE_SERVICE = """
import json, pkgutil, sys
import bot, core, web

for package in (bot, core, web):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.startswith(("core.lab", "bot.__main__", "core.pictures")):
            __import__(found.name)
import core.lab.chat, core.lab.run
heavy = ("numba", "llvmlite", "core.lab.kernel", "core.lab.bulk")
print(json.dumps([name for name in heavy if name in sys.modules]))
"""


def test_no_module_of_the_service_loads_the_compiler() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _EVERYTHING_OF_THE_SERVICE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []
