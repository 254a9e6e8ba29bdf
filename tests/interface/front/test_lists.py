"""Lists of users: one route takes larger bodies than all others, and few of them at once."""

from __future__ import annotations

import asyncio
import threading

import pytest
from werkzeug.exceptions import InternalServerError

from interface.front import Front
from interface.front.bodies import LARGEST, LARGEST_LIST
from interface.front.front import MOST_LISTS
from interface.front.refusals import every_refusal
from interface.web.prepared import prepare
from interface.web.routes import Routes
from tests.interface.front.asgi import ask, chunks, run, scope
from tests.interface.front.test_front import IN_CHUNKS, Application, Environ
from tests.interface.web.house import House

LIST = b"/users/import"


def front_of(house: House, app: Application, seconds: float = 5) -> Front:
    prepared = prepare(house.app, [*every_refusal(10), InternalServerError()])
    return Front(app, prepared, seconds=seconds, access_log=None, route_of=Routes(house.app.url_map).of)


@pytest.mark.parametrize(
    ("method", "path", "size", "status"),
    [
        ("POST", LIST, LARGEST_LIST, 200),
        ("POST", LIST, LARGEST_LIST + 1, 413),
        ("GET", LIST, LARGEST + 1, 413),
        ("POST", b"/users/%69mport", LARGEST + 1, 413),
        ("POST", LIST + b"/", LARGEST + 1, 413),
        ("POST", b"/users", LARGEST + 1, 413),
    ],
)
def test_only_a_list_may_be_larger_than_other_bodies(
    shared_house: House, method: str, path: bytes, size: int, status: int
) -> None:
    app = Application()
    front = front_of(shared_house, app)
    told, _, _ = run(ask(front, scope(method, path, [IN_CHUNKS]), chunks(b"x" * size)))
    assert (told, [len(body) for body in app.bodies]) == (status, [size] if status == 200 else [])


def test_a_list_that_is_too_large_is_told_what_to_do(shared_house: House) -> None:
    headers = [(b"content-length", str(LARGEST_LIST + 1).encode())]
    _, _, body = run(ask(front_of(shared_house, Application()), scope("POST", LIST, headers), []))
    assert "The list is too large for this screen, which takes 4 MiB." in body.decode()


def test_few_lists_are_in_memory_at_once_and_everything_else_goes_on(shared_house: House) -> None:
    go_on = threading.Event()

    def stuck(environ: Environ) -> list[bytes]:
        if environ["PATH_INFO"] == LIST.decode():
            go_on.wait(60)
        return [b""]

    front = front_of(shared_house, Application(stuck))

    async def crowd() -> None:
        lists = [asyncio.create_task(ask(front, scope("POST", LIST))) for _ in range(MOST_LISTS + 3)]
        while sum(task.done() for task in lists) < 3:
            await asyncio.sleep(0)
        for path in (b"/api/v1/login-check?login_name=x", b"/users", b"/users/import"):
            assert (await ask(front, scope("GET", path)))[0] == 200
        go_on.set()
        assert sorted([(await task)[0] for task in lists]) == [200] * MOST_LISTS + [503] * 3
        assert (await ask(front, scope("POST", LIST)))[0] == 200, "there is room again"

    run(crowd())


def test_a_list_that_never_comes_makes_room_again(shared_house: House) -> None:
    front = front_of(shared_house, Application(), seconds=0.01)
    for _ in range(MOST_LISTS + 1):
        assert run(ask(front, scope("POST", LIST, [IN_CHUNKS]), []))[0] == 408
