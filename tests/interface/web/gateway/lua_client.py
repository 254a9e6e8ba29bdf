"""The Lua of docs/gateway.md that answers from a snapshot, run by LuaJIT, and called as the Python of that page is."""

from __future__ import annotations

import json
import subprocess
from base64 import urlsafe_b64decode
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature

DRIVER = r"""
local cjson, client, kept = require "cjson", require "seatledger_snapshot", {}
local function told(answer)
  local products = table.concat(answer.optional_products, ",")
  return { decision = answer.decision, code = answer.code, message = answer.message, products = products }
end
for line in io.lines() do
  local asked = cjson.decode(line)
  local done, result = pcall(function()
    if asked.file then
      kept[#kept + 1] = client.load(asked.file, asked.vkey, asked.newest_position)
      return { number = #kept }
    end
    return told(client.decide(kept[asked.number], asked.login_name, asked.now, asked.release_date))
  end)
  io.write(cjson.encode(done and result or { failed = tostring(result) }), "\n")
  io.flush()
end
"""


class Loaded(dict[str, Any]):
    """What a file holds; the number by which Lua has it."""

    number: int


class LuaClient:
    """A process of LuaJIT with the page's module."""

    def __init__(self, directory: Path, code: str) -> None:
        (directory / "seatledger_snapshot.lua").write_text(code, encoding="utf-8")
        (directory / "driver.lua").write_text(DRIVER, encoding="utf-8")
        self._process = subprocess.Popen(
            ["luajit", "driver.lua"], cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def close(self) -> None:
        self._process.communicate()
        assert self._process.returncode == 0

    def load(self, file: str, vkey: str, newest_position: int = 0) -> dict[str, Any]:
        answer = self._ask(file=file, vkey=vkey, newest_position=newest_position)
        loaded = Loaded(json.loads(urlsafe_b64decode(json.loads(file)["payload"] + "==")))
        loaded.number = answer["number"]
        return loaded

    def decide(
        self, snapshot: Loaded, login_name: str, now: datetime, release_date: date | None = None
    ) -> dict[str, Any]:
        release = {} if release_date is None else {"release_date": release_date.isoformat()}
        told = self._ask(number=snapshot.number, login_name=login_name, now=now.timestamp(), **release)
        products = told.pop("products")
        return {**told, "optional_products": products.split(",") if products else []}

    def _ask(self, **question: Any) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if failed := answer.get("failed"):
            raise InvalidSignature if "is not signed" in failed else ValueError(failed)
        return answer
