"""The usage policies of a real gateway as their readers see them, and who accepted them."""

import json
import re
import urllib.error
import urllib.request
from typing import Any

from tests.guard.gateway_process import Serving


def get(serving: Serving, path: str, **headers: str) -> str:
    asked = urllib.request.Request(serving.url + path, headers=headers)
    with urllib.request.urlopen(asked) as answer:
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        return str(answer.read().decode())


def accept(url: str, **body: Any) -> tuple[int, dict[str, Any]]:
    asked = urllib.request.Request(
        url + "/v1/usage/acceptance", json.dumps(body).encode(),
        {"content-type": "application/json"},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as e:
        return e.code, json.loads(e.read())


def test_the_page_is_for_anybody_in_the_language_that_is_asked_for(gateway: Serving) -> None:
    assert "<title>Usage policies</title>" in get(gateway, "/usage")
    headers = {"accept-language": "xx, en;q=0.2, fr-CH;q=0.9"}
    assert '<html lang="fr"' in get(gateway, "/usage", **headers)
    assert '<html lang="es"' in get(gateway, "/usage?language=es-MX", **headers)
    strange = get(gateway, "/usage?language=%3Cscript%3E")
    assert '<html lang="en"' in strange
    assert "<script" not in strange


def test_an_acceptance_is_an_event_with_versions_and_edition(serve: Any, upstream: Any) -> None:
    serving = serve("--upstream", upstream.url, "--open")
    found = re.search(r"Edition ([0-9a-f]{12})", get(serving, "/usage"))
    assert found is not None
    edition = found[1]
    status, said = accept(serving.url, account="ann", edition=edition, language="fr")
    assert (status, said["edition"]) == (200, edition)
    (event,) = serving.events("app:ann", count=1)
    assert (event["action"], event["language"]) == ("profile", "fr")
    assert event["attributes"]["edition"] == edition
    assert event["attributes"]["accepted"].split() == said["accepted"]
    assert accept(serving.url, account="ann", edition="0" * 12)[0] == 409
    assert accept(serving.url, account="")[0] == 400
    assert accept(serving.url)[0] == 400
    assert accept(serving.url, account="ann")[0] == 200


def test_nobody_accepts_without_a_key(gateway: Serving) -> None:
    assert accept(gateway.url, account="ann")[0] == 401
