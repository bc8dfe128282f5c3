"""Which Zyn this is."""

from __future__ import annotations

from pathlib import Path


def release() -> str:
    """The version, as installed or as this clone says."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  slow to load

    try:
        return version("zyn")
    except PackageNotFoundError:
        import tomllib  # noqa: PLC0415  only where it is not installed

        project = Path(__file__).parents[1] / "pyproject.toml"
        return str(tomllib.loads(project.read_text())["project"]["version"])
