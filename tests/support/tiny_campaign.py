"""A campaign for the test of campaigns: its rounds count themselves, and say in which process."""

import os

SUMMARY = "rounds that count themselves"
ROUNDS = 5
PROCESSES = 2
ROUNDS_A_PROCESS = 1


async def play(round: int) -> dict[str, int]:
    """The round's number and its process."""
    return {"round": round, "process": os.getpid()}
