import socket

from tests.guard.gateway_process import Serving


def asked(serving: Serving, *requests: bytes) -> list[bytes]:
    """Return what comes in one piece after each request on one connection."""
    host, port = serving.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        found = []
        for request in requests:
            raw.sendall(request)
            found.append(raw.recv(65_536))
        return found


def test_an_answer_comes_in_one_piece_again_and_again(gateway: Serving) -> None:
    request = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
    for answer in asked(gateway, request, request, request):
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert body == b'{"ok":true}'


def test_the_last_answer_comes_whole_before_the_connection_ends(gateway: Serving) -> None:
    last = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    (answer,) = asked(gateway, last)
    assert answer.endswith(b'{"ok":true}')
