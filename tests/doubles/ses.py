"""Run the double as a process: prints one line of JSON with its port when it listens; SIGTERM ends it."""

import argparse
import asyncio
import gc
import json
import signal
import sys
from contextlib import suppress
from functools import partial

from tests.doubles.errors import Refusal
from tests.doubles.service import Service
from tests.doubles.settings import Settings
from tests.doubles.wire import Connection
from tests.doubles.world import World


async def serve(port: int, settings: Settings, *, until_stdin_ends: bool) -> None:
    """Listen on the loopback interface until told to stop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if until_stdin_ends:
        loop.add_reader(sys.stdin.fileno(), stop.set)
    service = Service(World(settings))
    server = await loop.create_server(partial(Connection, service.answer), "127.0.0.1", port, backlog=1024)
    sys.stdout.write(json.dumps({"port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)  # nothing here makes cycles worth an early search through the ledger
    await stop.wait()
    server.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.ses", description="A stand-in for Amazon SES v2.")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) chooses a free one")
    parser.add_argument("--settings", default="{}", help="a JSON object, see tests/doubles/settings.py")
    parser.add_argument("--until-stdin-ends", action="store_true", help="also stop when standard input ends")
    options = parser.parse_args()
    try:
        settings = Settings().changed(json.loads(options.settings))
    except (Refusal, TypeError, ValueError) as problem:
        parser.error(f"--settings: {problem}")
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(options.port, settings, until_stdin_ends=options.until_stdin_ends))
    return 0


if __name__ == "__main__":
    sys.exit(main())
