"""Tests reach nothing but this machine."""

import socket

import pytest

REFUSED = pytest.fail.Exception


def test_a_connection_to_the_outside_fails_the_test() -> None:
    # 192.0.2.0/24 is for documentation (RFC 5737): nobody is there even if the guard fails.
    with socket.socket() as outside, pytest.raises(REFUSED, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 9))
    with socket.socket() as outside, pytest.raises(REFUSED):
        outside.connect_ex(("192.0.2.1", 9))


def test_a_name_on_the_outside_is_not_looked_up() -> None:
    with pytest.raises(REFUSED, match=r"fcm\.invalid"):
        socket.create_connection(("fcm.invalid", 443), timeout=1)


def test_loopback_is_open() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as ours,
    ):
        ours.sendall(b"here")
        theirs, _ = server.accept()
        with theirs:
            assert theirs.recv(4) == b"here"
