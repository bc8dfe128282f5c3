"""One process owns a data folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.model.errors import StoreError
from core.store.instance import DataFolder, running_pid

_HOLD = """
import sys, pathlib, signal
from core.store.instance import DataFolder
DataFolder(pathlib.Path(sys.argv[1])).acquire()
print("held", flush=True)
signal.pause()
"""


def holder_of(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", _HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_told_who_has_the_folder_and_a_dead_ones_lock_is_taken_over(
    tmp_path: Path,
) -> None:
    first = holder_of(tmp_path)
    try:
        with pytest.raises(StoreError, match=rf"already running.*process {first.pid}"):
            DataFolder(tmp_path).acquire()
        assert running_pid(tmp_path) == first.pid
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate()
    assert running_pid(tmp_path) is None
    with DataFolder(tmp_path):
        assert (tmp_path / "zyn.lock").read_text().strip() == str(os.getpid())
        assert running_pid(tmp_path) == os.getpid()
    assert running_pid(tmp_path) is None


def test_a_folder_nobody_ever_used_is_free(tmp_path: Path) -> None:
    assert running_pid(tmp_path / "new") is None
    with DataFolder(tmp_path / "new"), pytest.raises(StoreError, match="zyn shell"):
        DataFolder(tmp_path / "new").acquire()


def test_only_the_owner_may_read_the_lock(tmp_path: Path) -> None:
    with DataFolder(tmp_path):
        assert (tmp_path / "zyn.lock").stat().st_mode & 0o777 == 0o600
