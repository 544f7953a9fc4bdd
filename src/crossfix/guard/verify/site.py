"""The routes of verification below ``/verify``: a page for people, JSON for programs."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossfix.guard.verify.answers import (
    as_json,
    as_page,
    body_of,
    fields,
    language_of,
    refused_json,
    said,
    wants_json,
)
from crossfix.guard.verify.languages import texts
from crossfix.guard.verify.page import HEADERS, STATIC, render, static
from crossfix.guard.verify.refused import RefusedError
from crossfix.guard.verify.steps import Step, Steps
from crossfix.guard.verify.ticket import Tickets
from crossfix.guard.verify.verification import Visit
from crossfix.guard.verify.webhook import Webhooks

_T = TypeVar("_T")
_INVALID = RefusedError("ticket_invalid")


class Site:
    """The pages and the API of verification.

    Args:
        tickets: reads tickets.
        steps: what can be done with one.
        hooks: takes in what external providers say.
        name: the application as people know it.
        address: where the gateway is reached from outside.
        clock: seconds since 1970 UTC.
    """

    def __init__(
        self,
        tickets: Tickets,
        steps: Steps,
        hooks: Webhooks,
        name: str,
        address: Callable[[], str],
        clock: Callable[[], float],
    ) -> None:
        self._tickets = tickets
        self._steps = steps
        self._hooks = hooks
        self._name = name
        self._address = address
        self._clock = clock

    def close(self) -> None:
        """Let go of what the steps hold."""
        self._steps.close()

    def application(self) -> Starlette:
        """Return the ASGI application."""
        routes = [
            Route("/verify/static/{name}", _static, methods=["GET"]),
            Route("/verify/hooks/{provider}", self._hook, methods=["POST"]),
            Route("/verify/{ticket}", self._show, methods=["GET"]),
            Route("/verify/{ticket}/proof", self._challenge, methods=["GET"]),
        ]
        for path, step in self._steps.posts().items():
            routes.append(Route("/verify/{ticket}/" + path, self._doing(step), methods=["POST"]))
        return Starlette(routes=routes, exception_handlers={HTTPException: _not_here})

    async def _show(self, request: Request) -> Response:
        visit = self._visit(request)
        if visit is None:
            return self._refused(request, _INVALID, None)
        try:
            shown = await asyncio.to_thread(self._steps.shown, visit)
        except RefusedError as e:
            return self._refused(request, e, None)
        if wants_json(request):
            return as_json(self._summary(visit, shown))
        return as_page(self._page(request, visit, shown))

    async def _challenge(self, request: Request) -> Response:
        visit = self._visit(request)
        if visit is None:
            return refused_json(_INVALID, language_of(request))
        try:
            return as_json(await asyncio.to_thread(self._steps.challenge, visit))
        except RefusedError as e:
            return refused_json(e, language_of(request))

    async def _hook(self, request: Request) -> Response:
        try:
            body = await body_of(request)
            headers = dict(request.headers)
            name = request.path_params["provider"]
            done = await asyncio.to_thread(self._hooks.receive, name, headers, body, self._clock())
        except RefusedError as e:
            return refused_json(e, language_of(request))
        return as_json(done)

    def _doing(self, step: Step) -> Callable[[Request], Any]:
        async def do(request: Request) -> Response:
            visit = self._visit(request)
            if visit is None:
                return self._refused(request, _INVALID, None)
            try:
                given = await fields(request)
                done = await asyncio.to_thread(step, visit, given, language_of(request))
            except RefusedError as e:
                return await self._try_again(request, visit, e)
            if wants_json(request):
                return as_json(done)
            if done.get("reached"):
                return as_page(self._page(request, visit, {"ways": []}, done=True, more=done))
            shown = await asyncio.to_thread(self._steps.shown, visit)
            return as_page(self._page(request, visit, shown, more=done))

        return do

    async def _try_again(self, request: Request, visit: Visit, error: RefusedError) -> Response:
        shown: Mapping[str, Any] | None = None
        if not wants_json(request) and error.code != "ticket_spent":
            shown = await asyncio.to_thread(self._steps.shown, visit)
        return self._refused(request, error, visit, shown)

    def _refused(
        self,
        request: Request,
        error: RefusedError,
        visit: Visit | None,
        shown: Mapping[str, Any] | None = None,
    ) -> Response:
        if wants_json(request):
            return refused_json(error, language_of(request))
        html = self._page(request, visit, shown or {"ways": []}, error=error)
        return as_page(html, error.status, error)

    def _visit(self, request: Request) -> Visit | None:
        now = self._clock()
        ticket = self._tickets.read(request.path_params["ticket"], now)
        if ticket is None:
            return None
        return Visit(ticket, request.client.host if request.client else "", now)

    def _summary(self, visit: Visit, shown: Mapping[str, Any]) -> dict[str, Any]:
        ways = [{"way": w.way, "tier": w.tier, **w.shows} for w in shown["ways"]]
        return {
            "name": self._name, "needed": visit.ticket.tier, "tier": shown["has"],
            "seconds": int(visit.ticket.ends - visit.now), "ways": ways,
        }  # fmt: skip

    def _page(
        self,
        request: Request,
        visit: Visit | None,
        shown: Mapping[str, Any],
        *,
        error: RefusedError | None = None,
        done: bool = False,
        more: Mapping[str, Any] | None = None,
    ) -> str:
        language = language_of(request)
        base = "/verify/" + request.path_params["ticket"]
        more = more or {}
        step = more.get("said")
        return render(
            language, name=self._name, ways=shown["ways"], base=base,
            here=self._address() + base, error=said(error, language) if error else None,
            step=texts(language)[step] if step else None, done=done,
            recovery=more.get("recovery"),
            minutes=math.ceil((visit.ticket.ends - visit.now) / 60) if visit else 0,
        )  # fmt: skip


async def _not_here(request: Request, error: Exception) -> Response:
    """Say in JSON what is wrong with a path or a method."""
    assert isinstance(error, HTTPException)
    code = "method_not_allowed" if error.status_code == 405 else "not_found"
    fault = {"code": code, "message": error.detail, "hint": None}
    answer = as_json({"errors": [fault]}, error.status_code)
    answer.headers.update(error.headers or {})
    return answer


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        return as_json({"errors": [{"code": "not_found", "message": "", "hint": None}]}, 404)
    kept = {**HEADERS, "cache-control": "public, max-age=3600", "content-type": STATIC[name]}
    return Response(static(name), headers=kept)
