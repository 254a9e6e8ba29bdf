"""A proxy before PostgreSQL that cuts connections: at any moment, or right after a commit, whose reply nobody gets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

COMMITTED = b"Z\x00\x00\x00\x05I"
"""ReadyForQuery, outside of a transaction: what was asked before is committed."""


class Proxy:
    """On a free port of loopback. `arm` lets it cut the next connection whose INSERT is committed."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._is_armed = False
        self.cut = Event()
        self.port = 0

    def arm(self) -> None:
        self.cut.clear()
        self._is_armed = True

    def cut_all(self) -> None:
        """Cut every connection that there is now."""
        done = Event()

        def cut() -> None:
            for writer in self._writers:
                writer.transport.abort()
            done.set()

        self._loop.call_soon_threadsafe(cut)
        done.wait()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client: what it says goes to the server, what the server says goes back, until one of them ends."""
        try:
            back, forth = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        both = (writer, forth)
        self._writers.update(both)
        await asyncio.wait(
            [
                asyncio.ensure_future(_carry(reader, forth, lambda _: False)),
                asyncio.ensure_future(_carry(back, writer, self._is_to_be_cut)),
            ],
            return_when=asyncio.FIRST_COMPLETED,
        )
        for each in both:
            each.transport.abort()
        self._writers.difference_update(both)

    def _is_to_be_cut(self, answer: bytes) -> bool:
        if self._is_armed and b"INSERT 0 " in answer and COMMITTED in answer:
            self._is_armed = False
            self.cut.set()
            return True
        return False

    async def _serve(self, ready: Event) -> None:
        self._stopping = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stopping.wait()
        server.close()
        for writer in self._writers:
            writer.transport.abort()

    def run(self, ready: Event) -> None:
        self._loop.run_until_complete(self._serve(ready))
        others = asyncio.all_tasks(self._loop)
        if others:
            self._loop.run_until_complete(asyncio.wait(others))
        self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_to_be_cut: Callable[[bytes], bool]
) -> None:
    with suppress(OSError):
        while piece := await reader.read(65536):
            if is_to_be_cut(piece):
                return
            writer.write(piece)
            await writer.drain()


@contextmanager
def proxy_before(target: int) -> Iterator[Proxy]:
    """A proxy before that port, in a thread of its own, until this ends."""
    proxy, ready = Proxy(target), Event()
    thread = Thread(target=proxy.run, args=[ready])
    thread.start()
    ready.wait()
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join()
