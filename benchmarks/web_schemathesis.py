"""Cases that schemathesis makes of /openapi.json: no failure of the server, every answer as described.

A round asks every operation, reading and changing alike, in one session of a site whose world is made up; its
clock goes on a second with every case, so that the limit on changes does not answer for the handlers.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from tests.support.web_client import Visitor, visiting
from tests.support.web_stage import Stage, stage

SUMMARY = "1,000 cases of schemathesis against the served OpenAPI document: no 5xx, no schema break"
ROUNDS, CASES = 10, 100


async def play(round: int) -> dict[str, int]:
    """One hundred cases; how many were answered and how many refused."""
    return await fuzz(round, CASES)


async def fuzz(seed: int, cases: int) -> dict[str, int]:
    """`cases` over all operations in turn, the same for the same seed. Raises with the first break."""
    scene = stage()
    async with visiting(scene.deps) as visitor:
        await visitor.sign_in()
        document = await visitor.get("/openapi.json")
        cookies = {one.key: one.value for one in visitor.http.cookie_jar}
        return await asyncio.to_thread(_fuzz, document, visitor, cookies, scene, seed, cases)


def _fuzz(
    document: Any, visitor: Visitor, cookies: dict[str, str], scene: Stage, seed: int, cases: int
) -> dict[str, int]:
    import schemathesis
    from schemathesis.core.result import Ok

    schema = schemathesis.openapi.from_dict(document)
    found = list(schema.get_all_operations())
    operations = [one.ok() for one in found if isinstance(one, Ok)]
    assert len(operations) == len(found), "the document describes a route that cannot be read"
    met: Counter[str] = Counter()
    headers = {"X-CSRF-Token": visitor.csrf}

    def ask(case: Any) -> None:
        scene.clock.pushed_ms += 1_100
        response = case.call(
            base_url=visitor.base, headers=headers, cookies=cookies, allow_redirects=False, timeout=20
        )
        case.validate_response(response, checks=_checks())
        met["cases"] += 1
        met["answered" if response.status_code < 400 else "refused"] += 1

    each, more = divmod(cases, len(operations))
    for number, operation in enumerate(operations):
        count = each + (number < more)
        if count:
            _examples(_strategy(operation, sound=(seed + number) % 2 == 0), count, seed, ask)
    met["rounds over every operation"] = int(cases >= len(operations))
    return dict(met)


def told(counts: Mapping[str, int]) -> str:
    """How many cases were played, and what became of them."""
    return (
        f"{counts['cases']:,} cases over every operation: {counts['answered']:,} answered, "
        f"{counts['refused']:,} refused as described, no 5xx, no schema break"
    )


def _checks() -> list[Callable[..., Any]]:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    return [
        not_a_server_error, response_schema_conformance, status_code_conformance, content_type_conformance
    ]  # fmt: skip


def _strategy(operation: Any, sound: bool) -> Any:
    """Cases as the document describes them, or ones that break it where there is something to break."""
    from schemathesis import GenerationMode

    takes = operation.body or operation.query or operation.path_parameters
    mode = GenerationMode.POSITIVE if sound or not takes else GenerationMode.NEGATIVE
    return operation.as_strategy(generation_mode=mode)


def _examples(strategy: Any, count: int, seed: int, ask: Callable[[Any], None]) -> None:
    """Exactly as many cases as are wanted, without a database and without shrinking."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    quiet = settings(
        max_examples=count, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    seeded(seed)(quiet(given(case=strategy)(lambda case: ask(case))))()
