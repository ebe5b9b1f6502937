"""What curl and wget ask for, by their words."""

import shlex
from typing import Any

import pytest

from lifecycle_rules.requests import Request, is_local, paths, requests


def asked(text: str) -> list[tuple[str, str, int, str]]:
    return [(each.method, each.host, each.port, each.path) for each in requests(tuple(shlex.split(text)))]


@pytest.mark.parametrize(
    ("command", "request_"),
    [
        ("curl localhost", ("GET", "localhost", 80, "/")),
        ("/usr/bin/curl -s localhost:8080/a?b=c#d", ("GET", "localhost", 8080, "/a")),
        ("curl -fsSL https://web.svc/a/", ("GET", "web.svc", 443, "/a/")),
        ("curl 'http://[::1]:9901/drain?graceful'", ("GET", "[::1]", 9901, "/drain")),
        ("curl http://user:pw@localhost:9/z#f", ("GET", "localhost", 9, "/z")),
        ("curl --url localhost:1/a", ("GET", "localhost", 1, "/a")),
        ("curl -s -o /dev/null -w %{http_code} --max-time 2 localhost", ("GET", "localhost", 80, "/")),
        ("curl -- localhost", ("GET", "localhost", 80, "/")),
        ("curl -X GET localhost", ("GET", "localhost", 80, "/")),
        ("curl -XPOST localhost", ("POST", "localhost", 80, "/")),
        ("curl -sfXput localhost", ("PUT", "localhost", 80, "/")),
        ("curl --request DELETE localhost", ("DELETE", "localhost", 80, "/")),
        ("curl -X GET -d a localhost", ("GET", "localhost", 80, "/")),
        ("curl -d '' localhost", ("POST", "localhost", 80, "/")),
        ("curl -sd@file localhost", ("POST", "localhost", 80, "/")),
        ("curl --json '{}' localhost", ("POST", "localhost", 80, "/")),
        ("curl -F a=b localhost", ("POST", "localhost", 80, "/")),
        ("curl --data-urlencode a localhost", ("POST", "localhost", 80, "/")),
        ("curl -G -d a=b localhost", ("GET", "localhost", 80, "/")),
        ("curl --get --data a=b localhost", ("GET", "localhost", 80, "/")),
        ("curl -T file localhost", ("PUT", "localhost", 80, "/")),
        ("curl -I localhost", ("HEAD", "localhost", 80, "/")),
        ("curl localhost -o", ("GET", "localhost", 80, "/")),
        ("wget -qO- localhost:8080/a", ("GET", "localhost", 8080, "/a")),
        ("wget -q -O /dev/null -T 5 http://localhost/", ("GET", "localhost", 80, "/")),
        ("wget -nv --tries=1 --timeout 3 localhost", ("GET", "localhost", 80, "/")),
        ("wget -nv localhost", ("GET", "localhost", 80, "/")),
        ("wget -nvq localhost", ("GET", "localhost", 80, "/")),
        (f"curl localhost/{'a' * 2038}", ("GET", "localhost", 80, f"/{'a' * 2038}")),
        ("wget --post-data= localhost", ("POST", "localhost", 80, "/")),
        ("wget --post-data a=b localhost", ("POST", "localhost", 80, "/")),
        ("wget --post-file x localhost", ("POST", "localhost", 80, "/")),
        ("wget --method=PUT --body-data=x localhost", ("PUT", "localhost", 80, "/")),
        ("wget --spider localhost", ("HEAD", "localhost", 80, "/")),
    ],
)
def test_a_request(command: str, request_: Any) -> None:
    assert asked(command) == [request_]


def test_the_paths_whatever_the_options_are() -> None:
    assert paths(("curl", "localhost", "localhost:9/a?b")) == ["/", "/a"]


def test_several_requests() -> None:
    for command in ("curl -s localhost:1/a localhost:2/b", "curl localhost:1/a -- localhost:2/b"):
        assert asked(command) == [("GET", "localhost", 1, "/a"), ("GET", "localhost", 2, "/b")]


@pytest.mark.parametrize(
    "command",
    [
        "curl",
        "curl --version",
        "wget -q",
        "fetch localhost",
        "curl -K options localhost",
        "curl --config options localhost",
        "curl --next localhost",
        "curl -x proxy localhost",
        "curl --unix-socket /run/x.sock http://localhost/a",
        "curl --request=POST localhost",
        "curl --silent=1 localhost",
        "curl -s --unheard-of localhost",
        "curl -sQ",
        "curl -9 localhost",
        "curl -I -d a localhost",
        "curl ftp://localhost/a",
        "curl 'http://{a,b}/c'",
        "curl 'localhost:123456'",
        "curl localhost 'a b'",
        "wget -i urls",
        "wget -b localhost",
        "wget -e use_proxy=on localhost",
        "wget --unheard-of localhost",
        f"curl localhost/{'a' * 2039}",
        "curl -",
    ],
)
def test_what_is_not_certain(command: str) -> None:
    assert asked(command) == []


@pytest.mark.parametrize("words", [(), (None,), (None, "localhost"), ("curl", None), ("curl", None, "localhost")])
def test_words_that_are_not_known(words: Any) -> None:
    assert requests(words) == []


def test_a_value_that_is_not_known_is_none_of_the_request() -> None:
    assert requests(("curl", "-H", None, "localhost")) == [Request("GET", "localhost", 80, "/", retries=False)]
    assert requests(("curl", "-d", None, "localhost")) == [Request("POST", "localhost", 80, "/", retries=False)]
    assert requests(("curl", "-X", None, "localhost")) == []


@pytest.mark.parametrize(
    ("command", "retries"),
    [
        ("curl --retry 5 --retry-connrefused localhost", True),
        ("curl --retry 5 --retry-all-errors localhost", True),
        ("curl --retry 5 localhost", False),
        ("curl --retry-connrefused localhost", False),
        ("wget --retry-connrefused localhost", True),
        ("wget --tries=9 localhost", False),
    ],
)
def test_whether_it_asks_again(command: str, retries: bool) -> None:
    assert [each.retries for each in requests(tuple(command.split()))] == [retries]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.1.2.3", "[::1]", "::1", "0.0.0.0"])
def test_the_pod_itself(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize(
    "host",
    ["", "db", "localhost.acme", "10.0.0.1", "1127.0.0.1", "127.0.0.1.nip.io", "[::2]", "Xlocalhost", "127.0.0.\u0661"],
)
def test_another_host(host: str) -> None:
    assert not is_local(host)
