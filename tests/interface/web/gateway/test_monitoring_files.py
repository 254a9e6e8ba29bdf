"""The alert rules and the dashboard: Prometheus' own grammar reads them, and they name what /metrics has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.examples import a_key, a_period
from tests.interface.web.house import House

FILES = Path(__file__).parents[4] / "deploy" / "monitoring"
PAGE = (FILES.parents[1] / "docs" / "monitoring.md").read_text()
LABELS = {
    "seatledger_login_checks_total": {"decision", "code"},
    "seatledger_in_use_rises_total": {"how", "by"},
    "seatledger_warning": {"code", "stage"},
    "up": {"job"},  # which Prometheus makes itself, of every server
}


def alerts() -> dict[str, str]:
    (group,) = yaml.safe_load((FILES / "alerts.yaml").read_text())["groups"]
    return {rule["alert"]: rule["expr"] for rule in group["rules"]}


def panels() -> dict[str, str]:
    board = json.loads((FILES / "grafana.json").read_text())
    return {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in board["panels"]
        for target in panel["targets"]
    }


EXPRESSIONS = {**alerts(), **panels()}


def selectors(expression: object) -> Iterator[promql_parser.VectorSelector]:
    """Every series that an expression selects, wherever in it."""
    match expression:
        case promql_parser.VectorSelector():
            yield expression
        case promql_parser.MatrixSelector():
            yield expression.vector_selector
        case promql_parser.BinaryExpr():
            yield from selectors(expression.lhs)
            yield from selectors(expression.rhs)
        case promql_parser.Call():
            for argument in expression.args:
                yield from selectors(argument)
        case promql_parser.AggregateExpr() | promql_parser.ParenExpr():
            yield from selectors(expression.expr)


@pytest.fixture(scope="module")
def told(shared_house: House) -> set[str]:
    """The names of all samples that /metrics may have."""
    shared_house.register(a_key(license_period=a_period("2026-04-01", "2027-03-31")))
    shared_house.checkpoint()
    families = text_string_to_metric_families(shared_house.app.test_client().get("/metrics").text)
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families} | {"up"}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_selects_what_there_is(told: set[str], name: str) -> None:
    found = list(selectors(promql_parser.parse(EXPRESSIONS[name])))
    assert found
    for selector in found:
        assert selector.name in told
        labels = LABELS.get(selector.name, set())
        assert {matcher.name for matcher in selector.matchers.matchers} <= labels
    grouped = re.findall(r"by \(([^)]*)\)", EXPRESSIONS[name])
    assert {label.strip() for group in grouped for label in group.split(",")} <= set().union(*LABELS.values())


def test_every_metric_and_every_alert_stands_on_the_page(told: set[str]) -> None:
    for name in {*told, *alerts()} - {"up"}:
        assert f"`{name}`" in PAGE


def test_the_dashboard_has_a_place_for_every_panel() -> None:
    board = json.loads((FILES / "grafana.json").read_text())
    taken = set[tuple[int, int]]()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
