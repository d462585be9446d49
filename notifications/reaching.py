"""Connections that go to public addresses only, or to hosts that a setting names (against SSRF).

A name is looked up once, what it says is checked, and that very address is connected to: whoever
answers differently the second time (DNS rebinding) is not asked a second time.
"""

import http.client
import ipaddress
import socket
import ssl
import urllib.request
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any

_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
# What a setting may open: private use (RFC 1918, RFC 4193) and this machine.
_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
        "127.0.0.0/8",
        "::1/128",
    )
)
# Where a cloud hands out its keys; the first of them is link-local anyway, the second would pass for
# private use.
_METADATA = frozenset(map(ipaddress.ip_address, ("169.254.169.254", "fd00:ec2::254")))
# An IPv4 address inside an IPv6 one: translated (RFC 6052, RFC 8215).
_TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48")))

LookUp = Callable[..., list[tuple[Any, ...]]]


class AddressNotAllowedError(OSError):
    """No address of a host is one that we may connect to."""


def is_address(host: str) -> bool:
    """Say whether a URL's host is an address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def may_reach(text: str, *, private: bool) -> bool:
    """Say whether an address is public, or, where `private`, of a private network or this machine."""
    address = ipaddress.ip_address(text)
    for inner in (address, *_inside(address)):
        opened = private and any(inner in network for network in _PRIVATE)
        public = inner.is_global and not inner.is_multicast
        if inner in _METADATA or not (opened or public):
            return False
    return True


def connect(
    host: str, port: int, *, timeout: float | None, private: bool, look_up: LookUp | None = None
) -> socket.socket:
    """Connect to the first address of a host that may be reached; `timeout` in seconds for each.

    Raises:
        AddressNotAllowedError: none may be.
        OSError: the name is not known, or nobody answers.
    """
    found = (look_up or socket.getaddrinfo)(host, port, type=socket.SOCK_STREAM)
    allowed = [entry for entry in found if may_reach(str(entry[4][0]), private=private)]
    failure: OSError = AddressNotAllowedError("address not allowed")
    for family, kind, protocol, _, address in allowed:
        opened = socket.socket(family, kind, protocol)
        try:
            opened.settimeout(timeout)
            opened.connect(address)
        except OSError as error:
            opened.close()
            failure = error
        else:
            return opened
    raise failure


def guarded_opener(private_hosts: Collection[str]) -> urllib.request.OpenerDirector:
    """Give what opens http and https as above: no redirect, no proxy, no file, no other scheme.

    A proxy of the environment would look the name up anew, and the check would have been for nothing.
    """
    opener = urllib.request.OpenerDirector()
    for handler in (
        _Http(private_hosts),
        _Https(private_hosts),
        # Without a handler of redirects one is an error, and so the answer that is reported.
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _inside(address: _Ip) -> Iterator[_Ip]:
    """Give the addresses that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if any(address in network for network in _TRANSLATED):
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


class _HttpConnection(http.client.HTTPConnection):
    def __init__(self, host: str, *, private_hosts: Collection[str], **rest: Any) -> None:  # noqa: ANN401
        super().__init__(host, **rest)
        self._private = self.host.lower() in private_hosts

    def connect(self) -> None:
        self.sock = connect(self.host, self.port, timeout=self.timeout, private=self._private)


class _HttpsConnection(_HttpConnection):
    default_port = http.client.HTTPS_PORT

    def __init__(self, host: str, *, trust: ssl.SSLContext, **rest: Any) -> None:  # noqa: ANN401
        super().__init__(host, **rest)
        self._trust = trust

    def connect(self) -> None:
        super().connect()
        # By its name, not by the address that it was found at.
        self.sock = self._trust.wrap_socket(self.sock, server_hostname=self.host)


class _Http(urllib.request.HTTPHandler):
    def __init__(self, private_hosts: Collection[str]) -> None:
        super().__init__()
        self._make = partial(_HttpConnection, private_hosts=private_hosts)

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._make, req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, private_hosts: Collection[str]) -> None:
        super().__init__()
        self._make = partial(
            _HttpsConnection, private_hosts=private_hosts, trust=ssl.create_default_context()
        )

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._make, req)
