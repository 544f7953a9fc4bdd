"""What is written about monitoring, and the files beside it, name what there is."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import yaml

from crossfix.guard.keys import ROLES
from crossfix.guard.metrics import METRICS

Page = Callable[[str], str]

ROOT = Path(__file__).parents[2]
PAGE = "docs/reference/monitoring.md"
_METRIC = re.compile(r"crossfix_[a-z_]+")


def of(name: str) -> str:
    return re.sub(r"_(bucket|sum|count)$", "", name)


def test_the_dashboard_and_the_rules_ask_for_metrics_that_exist() -> None:
    board = json.loads((ROOT / "deploy/grafana.json").read_text(encoding="utf-8"))
    rules = yaml.safe_load((ROOT / "deploy/prometheus-rules.yml").read_text(encoding="utf-8"))
    asked = [t["expr"] for panel in board["panels"] for t in panel["targets"]]
    asked += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert len(asked) > 15
    for expression in asked:
        names = _METRIC.findall(expression)
        assert names, expression
        assert {of(name) for name in names} <= METRICS.keys()
        for labels in re.findall(r"by \(([^)]+)\)", expression):
            known = {"le", *(label for n in names for label in METRICS[of(n)].labels)}
            assert {label.strip() for label in labels.split(",")} <= known, expression


def test_every_route_is_documented_with_the_roles_that_may_use_it(page: Page) -> None:
    rows = dict(re.findall(r"^\| `(?:GET|POST) (\S+)` \| ([^|]+) \|", page(PAGE), re.M))
    needs = {"/healthz": None, "/readyz": None, "/metrics": "metrics",
             "/v1/events": "events", "/v1/traces": "events"}  # fmt: skip
    assert rows.keys() == needs.keys()
    for path, scope in needs.items():
        said = set(re.findall(r"`(\w+)`", rows[path]))
        if scope is None:
            assert rows[path] == "none"
        else:
            assert said <= {role for role, scopes in ROLES.items() if scope in scopes}
            assert said


def test_the_routes_that_are_mounted_are_those_that_are_documented(page: Page) -> None:
    source = (ROOT / "src/crossfix/guard/monitoring.py").read_text(encoding="utf-8")
    mounted = re.findall(r'"(/[\w/]+)": only\(self\.', source)
    assert len(mounted) == 4
    assert all(f"{path}`" in page(PAGE) for path in mounted)
