"""PyPI mockpost as Twilio. It sends texts and shows them; it has no list of them at Twilio's own address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.support.peers import MOCKPOST, free_port, running

OWNER, SENDER = "+15550199", "+15550100"
_OTHER_PORTS = ("SMTP", "FTP", "FTPS", "FTPS_IMPLICIT", "SFTP")


@dataclass(frozen=True, slots=True)
class SmsPeer:
    """The carrier, and what it was given."""

    session: aiohttp.ClientSession
    url: str

    @property
    def env(self) -> dict[str, str]:
        return {
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": "1" * 32,
            "TWILIO_FROM": SENDER,
            "SMS_TO": OWNER,
            "TWILIO_API_BASE_URL": f"{self.url}/twilio",
        }

    async def texts(self) -> list[str]:
        """The texts to the owner, oldest first."""
        query = {"channel": "sms", "limit": "500"}
        async with self.session.get(f"{self.url}/api/messages", params=query) as response:
            kept = await response.json()
        mine = [one for one in kept if one["recipient"] == OWNER and one["sender"] == SENDER]
        return [one["body"] for one in sorted(mine, key=lambda one: str(one["created_at"]))]


@asynccontextmanager
async def mockpost(folder: Path) -> AsyncIterator[SmsPeer]:
    """mockpost, asking for a login as Twilio does."""
    port = free_port()
    ports = {f"MOCKPOST_{name}_PORT": str(free_port()) for name in _OTHER_PORTS}
    env = {
        **ports, "MOCKPOST_HTTP_PORT": str(port), "MOCKPOST_STRICT_AUTH": "1", "MOCKPOST_LOG_LEVEL": "info",
    }  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    async with running((MOCKPOST,), folder, f"{url}/health", env), aiohttp.ClientSession() as session:
        yield SmsPeer(session, url)
