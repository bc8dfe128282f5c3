"""Makes .venv from the lock, with nothing but the standard library: `python3 tools/bootstrap.py [--dev]`.

Honours pip's own settings (PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS, PIP_NO_INDEX, pip.conf). A
stamp makes the second run cost nothing. Written for old interpreters too, so that they can say they are old.
"""

import glob
import hashlib
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, ".zyn-setup")
LOG = os.path.join(VENV, "setup.log")
UV_LOCK = os.path.join(ROOT, "requirements-uv.lock")
LOCKS = {"runtime": "requirements.lock", "dev": "requirements-dev.lock"}
SUITED = ((3, 11), (3, 14))  # from, before
NO_INDEX = (
    "no matching distribution", "could not find a version", "failed to fetch", "error sending request",
    "dns error", "connection", "name or service", "temporary failure", "no versions of", "network",
    "was not found", "timed out",
)  # fmt: skip

SCRIPT = """#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys

from bot.__main__ import main

sys.exit(main())
"""


class SetupFailed(Exception):
    """One line for whoever typed make."""


def main(arguments):
    kind = "dev" if "--dev" in arguments else "runtime"
    if is_done(kind):
        return 0
    if not (SUITED[0] <= sys.version_info[:2] < SUITED[1]):
        return with_another_python(arguments)
    try:
        begun = time.time()
        print(
            "Setting up Zyn in .venv; about 15 s with a fast line, up to 2 minutes with pip alone ...",
            flush=True,
        )
        set_up(kind)
    except SetupFailed as failure:
        print(f"zyn setup: {failure}", file=sys.stderr)
        return 1
    print(f"Set up in {time.time() - begun:.0f} s.", flush=True)
    return 0


def with_another_python(arguments):
    """Start again under a Python that suits, if this machine has one."""
    for name in ("python3.13", "python3.12", "python3.11"):
        path = shutil.which(name)
        if (
            path
            and subprocess.call([path, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
        ):
            os.execv(path, [path, "-I", os.path.abspath(__file__)] + arguments)
    found = f"{sys.version_info[0]}.{sys.version_info[1]} ({sys.executable})"
    print(
        f"zyn setup: Zyn needs Python 3.11, 3.12 or 3.13 and found {found}. Install one, or name it: "
        "make PYTHON=/path/to/python3.12",
        file=sys.stderr,
    )
    return 1


def is_done(kind):
    try:
        with open(STAMP) as stamp:
            return expected(kind) in stamp.read().split("\n") and os.path.exists(PYTHON)
    except OSError:
        return False


def expected(kind):
    """What the stamp says when this kind is set up: locks, this file, and where the clone lies."""
    digest = hashlib.sha256(ROOT.encode())
    for path in (LOCKS[kind], os.path.join("tools", "bootstrap.py")):
        with open(os.path.join(ROOT, path), "rb") as file:
            digest.update(file.read())
    return f"{kind} {digest.hexdigest()}"


def set_up(kind):
    make_venv()
    open(LOG, "w").close()
    lock = os.path.join(ROOT, LOCKS[kind])
    if not (install_with_uv(lock) or install_with_pip(lock)):
        raise SetupFailed(why_not())
    join_project()
    # The locks of both kinds agree, and the larger one holds the smaller.
    kinds = ["runtime", "dev"] if kind == "dev" else ["runtime"]
    with open(STAMP, "w") as stamp:
        stamp.write("\n".join(map(expected, kinds)))


def make_venv():
    if (
        os.path.exists(PYTHON)
        and subprocess.call([PYTHON, "-m", "pip", "--version"], stdout=subprocess.DEVNULL) == 0
    ):
        return
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if made.returncode:
        raise SetupFailed(
            "python3 -m venv failed ({}). On Debian and Ubuntu: apt install python3-venv".format(
                (made.stdout.strip().split("\n") or [""])[-1]
            )
        )


def install_with_uv(lock):
    """The fast way; False when there is no uv or it could not."""
    uv = shutil.which("uv") or os.path.join(VENV, "bin", "uv")
    if not os.path.exists(uv):
        quick = ["--quiet", "--retries", "0", "--timeout", "15", "--require-hashes", "-r", UV_LOCK]
        if not logged([PYTHON, "-m", "pip", "install"] + quick) or not os.path.exists(uv):
            return False
    command = [uv, "pip", "install", "--python", PYTHON, "--require-hashes", "-r", lock]
    return logged(command, uv_environment())


def install_with_pip(lock):
    return logged(
        [PYTHON, "-m", "pip", "install", "--quiet", "--retries", "1", "--require-hashes", "-r", lock]
    )


def uv_environment():
    """pip's settings in uv's words; what is set for uv already stays."""
    listed = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    settings = {}
    for line in listed.stdout.split("\n"):
        key, _, value = line.partition("=")
        settings[key.split(".")[-1]] = value.strip("'\"").replace("\\n", " ")
    # Like pip: the best match of all indexes; the hashes say that it is the right one.
    found = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_NO_CONFIG": "1"}
    if "index-url" in settings:
        found["UV_DEFAULT_INDEX"] = settings["index-url"]
    if "extra-index-url" in settings:
        found["UV_INDEX"] = " ".join(settings["extra-index-url"].split())
    if "find-links" in settings:
        found["UV_FIND_LINKS"] = ",".join(settings["find-links"].split())
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        found["UV_NO_INDEX"] = "1"
    if "cert" in settings:
        found["SSL_CERT_FILE"] = settings["cert"]
    found.update(os.environ)
    return found


def join_project():
    """The clone itself: a path file and the zyn command. Nothing is built, so nothing can fail to build."""
    (packages,) = glob.glob(os.path.join(VENV, "lib", "python3.*", "site-packages"))
    with open(os.path.join(packages, "zyn-clone.pth"), "w") as path_file:
        path_file.write(ROOT + "\n")
    script = os.path.join(VENV, "bin", "zyn")
    with open(script, "w") as file:
        file.write(SCRIPT.format(python=PYTHON))
    os.chmod(script, 0o755)


def logged(command, environment=None):
    """Run quietly; the output goes to the log."""
    with open(LOG, "a") as log:
        return subprocess.call(command, stdout=log, stderr=subprocess.STDOUT, env=environment) == 0


def why_not():
    with open(LOG) as log:
        text = log.read()
    if "hash" in text.lower() and "mismatch" in text.lower():
        return (
            "a package is not the one that was recorded (hash mismatch); nothing of it was installed. See "
            + LOG
        )
    if any(sign in text.lower() for sign in NO_INDEX):
        return (
            "the packages could not be fetched: no package index answered. Set PIP_INDEX_URL to one you can "
            "reach, or put the wheels into a folder: PIP_NO_INDEX=1 PIP_FIND_LINKS=/that/folder make setup"
        )
    last = [line for line in text.split("\n") if line.strip()][-1:]
    return "the packages could not be installed ({}). See {}".format("".join(last).strip(), LOG)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
