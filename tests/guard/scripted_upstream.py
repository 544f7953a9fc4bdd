"""A model API that does what the request's model name says: run as a process of its own.

``python scripted_upstream.py PORT_FILE LOG_FILE``. Every request it sees goes to the log, a JSON
line each; so does the end of each stream, with whether the client stayed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from aiohttp import web

WORDS = ["The", " quick", " brown", " fox", " jumps", " over", " the", " lazy", " dog", "."]
LOG = Path(sys.argv[2]) if len(sys.argv) > 2 else Path("/dev/null")


def note(**what: object) -> None:
    with LOG.open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


def lower(request: web.Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def chunk(delta: dict[str, Any], finish: str | None = None, index: int = 0) -> bytes:
    body = {
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
        "choices": [{"index": index, "delta": delta, "finish_reason": finish}],
    }  # fmt: skip
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def completion(message: dict[str, Any], finish: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "scripted",
        "choices": [{"index": 0, "message": {"role": "assistant", **message},
                     "finish_reason": finish}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21},
    }  # fmt: skip


def last_user_text(body: dict[str, Any]) -> str:
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else json.dumps(content)


async def chat(request: web.Request) -> web.StreamResponse:
    body = await request.json()
    note(path=request.path, body=body, headers=lower(request))
    if failed := await misbehaving(request, body["model"]):
        return failed
    model = body["model"]
    if body.get("stream"):
        return await stream_chat(request, body)
    if model == "tool":
        call = {"id": "call_1", "type": "function",
                "function": {"name": "weather", "arguments": '{"city": "Bern"}'}}  # fmt: skip
        return web.json_response(completion({"content": None, "tool_calls": [call]}, "tool_calls"))
    if model == "refuses":
        return web.json_response(completion({"content": None, "refusal": "I cannot."}, "stop"))
    if model == "filtered":
        return web.json_response(completion({"content": ""}, "content_filter"))
    text = last_user_text(body) if model == "echo" else "".join(WORDS)
    return web.json_response(completion({"content": text}, "stop"))


async def misbehaving(request: web.Request, model: str) -> web.StreamResponse | None:
    if model == "slow":
        await asyncio.sleep(3600)
    if model == "waits":
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            note(cancelled=True)
            raise
    if model == "dies":
        assert request.transport is not None
        request.transport.abort()
        return web.Response()
    if model == "garbage":
        return web.Response(body=b"\x00\xff<html>", content_type="application/json")
    if model == "policy":
        error = {"message": "no", "type": "invalid_request_error", "param": None,
                 "code": "content_policy_violation"}  # fmt: skip
        return web.json_response({"error": error}, status=400)
    if model == "fails":
        return web.json_response({"error": {"message": "boom", "code": None}}, status=500)
    if model == "short":
        answer = web.StreamResponse(headers={"content-length": "5000"})
        answer.content_type = "application/json"
        await answer.prepare(request)
        await answer.write(b'{"id": "chatcmpl')
        assert request.transport is not None
        request.transport.close()
        return answer
    return None


async def stream_chat(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    model = body["model"]
    answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await answer.prepare(request)
    sent = 0
    try:
        for part in parts_of(body):
            await answer.write(part)
            sent += 1
            if model == "cuts" and sent == 4:
                assert request.transport is not None
                request.transport.abort()
                return answer
            if model == "ends early" and sent == 4:
                return answer
            if model == "stalls" and sent == 4:
                await asyncio.sleep(3600)
            if model == "garbled" and sent == 4:
                await answer.write(b"data: {not json\n\n")
            if model == "lasts":
                await asyncio.sleep(0.05)
        await answer.write(b"data: [DONE]\n\n")
    except (ConnectionError, asyncio.CancelledError):
        note(stream_left_after=sent)
        raise
    note(stream_finished=sent)
    return answer


def parts_of(body: dict[str, Any]) -> list[bytes]:
    model = body["model"]
    if model == "tool":
        head = {"index": 0, "id": "call_1", "type": "function",
                "function": {"name": "weather", "arguments": ""}}  # fmt: skip
        pieces = ['{"ci', 'ty": ', '"Bern"', "}"]
        deltas = [{"tool_calls": [head]}]
        deltas += [
            {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces
        ]
        return [*map(chunk, deltas), chunk({}, "tool_calls")]
    words = WORDS
    if model == "echo":
        text = last_user_text(body)
        words = [text[i : i + 3] for i in range(0, len(text), 3)]
    if model == "lasts":
        words = [" word"] * 600
    choices = body.get("n") or 1
    return [
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"content": word}, index=i) for word in words for i in range(choices)),
        *(chunk({}, "stop", index=i) for i in range(choices)),
    ]


async def messages(request: web.Request) -> web.StreamResponse:
    body = await request.json()
    note(path=request.path, body=body, headers=lower(request))
    if failed := await misbehaving(request, body["model"]):
        return failed
    text = last_user_text(body) if body["model"] == "echo" else "".join(WORDS)
    stop = "refusal" if body["model"] == "refuses" else "end_turn"
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": body["model"],
        "content": [{"type": "text", "text": text}], "stop_reason": stop, "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 12},
    }  # fmt: skip
    if not body.get("stream"):
        return web.json_response(message)
    answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await answer.prepare(request)

    async def event(kind: str, **more: object) -> None:
        data = json.dumps({"type": kind, **more})
        await answer.write(f"event: {kind}\ndata: {data}\n\n".encode())

    await event("message_start", message={**message, "content": [], "stop_reason": None})
    at = 0
    if body.get("thinking"):
        block = {"type": "thinking", "thinking": "", "signature": ""}
        await event("content_block_start", index=0, content_block=block)
        delta = {"type": "thinking_delta", "thinking": "Well."}
        await event("content_block_delta", index=0, delta=delta)
        await event("content_block_stop", index=0)
        at = 1
    await event("content_block_start", index=at, content_block={"type": "text", "text": ""})
    for i in range(0, len(text), 3):
        delta = {"type": "text_delta", "text": text[i : i + 3]}
        await event("content_block_delta", index=at, delta=delta)
    await event("content_block_stop", index=at)
    delta = {"stop_reason": stop, "stop_sequence": None}
    await event("message_delta", delta=delta, usage={"output_tokens": 12})
    await event("message_stop")
    return answer


async def responses(request: web.Request) -> web.StreamResponse:
    body = await request.json()
    note(path=request.path, body=body, headers=lower(request))
    given = body["input"]
    text = given if body["model"] == "echo" and isinstance(given, str) else "".join(WORDS)
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
            "content": [part]}  # fmt: skip
    response = {
        "id": "resp_1", "object": "response", "created_at": 1, "model": body["model"],
        "status": "completed", "output": [item], "parallel_tool_calls": True, "tools": [],
        "tool_choice": "auto", "error": None, "incomplete_details": None, "metadata": {},
        "instructions": None, "temperature": 1.0, "top_p": 1.0,
        "usage": {"input_tokens": 9, "output_tokens": 12, "total_tokens": 21,
                  "input_tokens_details": {"cached_tokens": 0},
                  "output_tokens_details": {"reasoning_tokens": 0}},
    }  # fmt: skip
    if not body.get("stream"):
        return web.json_response(response)
    answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await answer.prepare(request)
    number = 0

    async def event(kind: str, **more: object) -> None:
        nonlocal number
        data = json.dumps({"type": kind, "sequence_number": number, **more})
        number += 1
        await answer.write(f"event: {kind}\ndata: {data}\n\n".encode())

    begun = {**response, "status": "in_progress", "output": [], "usage": None}
    await event("response.created", response=begun)
    await event("response.output_item.added", output_index=0, item={**item, "content": []})
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    await event("response.content_part.added", **at, part={**part, "text": ""})
    for i in range(0, len(text), 3):
        await event("response.output_text.delta", **at, delta=text[i : i + 3], logprobs=[])
    await event("response.output_text.done", **at, text=text, logprobs=[])
    await event("response.completed", response=response)
    return answer


async def completions(request: web.Request) -> web.StreamResponse:
    body = await request.json()
    note(path=request.path, body=body, headers=lower(request))
    choice = {"index": 0, "text": "".join(WORDS), "finish_reason": "stop", "logprobs": None}
    whole = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": body["model"]}
    if not body.get("stream"):
        return web.json_response({**whole, "choices": [choice]})
    answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await answer.prepare(request)
    for word in WORDS:
        data = {**whole, "choices": [{**choice, "text": word, "finish_reason": None}]}
        await answer.write(b"data: " + json.dumps(data).encode() + b"\n\n")
    await answer.write(b"data: [DONE]\n\n")
    return answer


async def embeddings(request: web.Request) -> web.StreamResponse:
    body = await request.json()
    note(path=request.path, body=body, headers=lower(request))
    data = [{"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}]
    usage = {"prompt_tokens": 3, "total_tokens": 3}
    return web.json_response(
        {"object": "list", "data": data, "model": body["model"], "usage": usage}
    )


async def models(request: web.Request) -> web.StreamResponse:
    note(path=request.path, headers=lower(request))
    data = [{"id": "scripted", "object": "model", "created": 1, "owned_by": "tests"}]
    return web.json_response({"object": "list", "data": data})


async def files(request: web.Request) -> web.StreamResponse:
    note(path=request.path, headers=lower(request), query=request.query_string)
    return web.json_response({"path": request.path, "method": request.method})


async def main() -> None:
    application = web.Application(client_max_size=100_000_000)
    application.router.add_post("/v1/chat/completions", chat)
    application.router.add_post("/v1/messages", messages)
    application.router.add_post("/v1/responses", responses)
    application.router.add_post("/v1/completions", completions)
    application.router.add_post("/v1/embeddings", embeddings)
    application.router.add_get("/v1/models", models)
    application.router.add_route("*", "/v1/files/{rest:.*}", files)
    runner = web.AppRunner(application, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    await site.start()
    port = runner.addresses[0][1]
    Path(sys.argv[1]).write_text(str(port))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
