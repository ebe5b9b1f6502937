"""Fields of types that the API server cannot decode, and that it can. test_accepted.py asks a node about them."""

from typing import Any

Lifecycle = Any

# The container's lifecycle; the field below it, and what is said of it.
WRONG: list[tuple[Lifecycle, str, str]] = [
    ("hello", "", "must be an object, not a string"),
    ([], "", "must be an object, not a list"),
    (5, "", "must be an object, not an integer"),
    ({"preStop": "sleep 10"}, ".preStop", "must be an object, not a string"),
    ({"postStart": ["a"]}, ".postStart", "must be an object, not a list"),
    ({"preStop": True}, ".preStop", "must be an object, not a boolean"),
    ({"preStop": {"exec": "nginx -s quit"}}, ".preStop.exec", "must be an object, not a string"),
    ({"preStop": {"exec": ["nginx", "-s", "quit"]}}, ".preStop.exec", "must be an object, not a list"),
    ({"preStop": {"exec": {"command": ["sleep", 5]}}}, ".preStop.exec.command[1]", "must be a string, not an integer"),
    (
        {"preStop": {"exec": {"command": ["sleep", 0.5]}}},
        ".preStop.exec.command[1]",
        "must be a string, not a number with a fraction",
    ),
    ({"preStop": {"exec": {"command": ["a", True]}}}, ".preStop.exec.command[1]", "must be a string, not a boolean"),
    ({"preStop": {"exec": {"command": [["a"]]}}}, ".preStop.exec.command[0]", "must be a string, not a list"),
    ({"preStop": {"sleep": 5}}, ".preStop.sleep", "must be an object, not an integer"),
    ({"preStop": {"sleep": "5"}}, ".preStop.sleep", "must be an object, not a string"),
    ({"preStop": {"sleep": {"seconds": "5"}}}, ".preStop.sleep.seconds", "must be an integer, not a string"),
    ({"preStop": {"sleep": {"seconds": "5s"}}}, ".preStop.sleep.seconds", "must be an integer, not a string"),
    (
        {"preStop": {"sleep": {"seconds": 5.5}}},
        ".preStop.sleep.seconds",
        "must be an integer, not a number with a fraction",
    ),
    ({"preStop": {"sleep": {"seconds": True}}}, ".preStop.sleep.seconds", "must be an integer, not a boolean"),
    ({"preStop": {"httpGet": "/drain"}}, ".preStop.httpGet", "must be an object, not a string"),
    ({"preStop": {"httpGet": {"port": 80, "path": 8}}}, ".preStop.httpGet.path", "must be a string, not an integer"),
    (
        {"preStop": {"httpGet": {"port": 80, "host": 10.5}}},
        ".preStop.httpGet.host",
        "must be a string, not a number with a fraction",
    ),
    (
        {"preStop": {"httpGet": {"port": True}}},
        ".preStop.httpGet.port",
        "must be an integer or a string, not a boolean",
    ),
    ({"preStop": {"httpGet": {"port": [80]}}}, ".preStop.httpGet.port", "must be an integer or a string, not a list"),
    (
        {"preStop": {"httpGet": {"port": 80.5}}},
        ".preStop.httpGet.port",
        "must be an integer or a string, not a number with a fraction",
    ),
    (
        {"preStop": {"httpGet": {"port": 80, "httpHeaders": {"X-A": "1"}}}},
        ".preStop.httpGet.httpHeaders",
        "must be a list, not an object",
    ),
    (
        {"preStop": {"httpGet": {"port": 80, "httpHeaders": ["X-A: 1"]}}},
        ".preStop.httpGet.httpHeaders[0]",
        "must be an object, not a string",
    ),
    (
        {"preStop": {"httpGet": {"port": 80, "httpHeaders": [{"name": "X-A", "value": 1}]}}},
        ".preStop.httpGet.httpHeaders[0].value",
        "must be a string, not an integer",
    ),
    (
        {"postStart": {"tcpSocket": {"port": 80, "host": 1}}},
        ".postStart.tcpSocket.host",
        "must be a string, not an integer",
    ),
]

RIGHT: list[Lifecycle] = [
    None,
    {},
    {"preStop": None, "postStart": {"sleep": {"seconds": 5}}},
    {"preStop": {"sleep": {"seconds": 5.0}}},
    {"preStop": {"exec": {"command": ["sleep", "5"]}}},
    {"preStop": {"exec": {"command": ["a", None]}}},
    {"preStop": {"httpGet": {"port": 80.0, "path": None, "httpHeaders": None}}},
    {"preStop": {"httpGet": {"port": "http", "path": "8", "httpHeaders": [{"name": "X-A", "value": "1"}]}}},
    {"preStop": {"httpGet": {"port": 80, "host": "10", "scheme": "HTTPS", "httpHeaders": []}}},
]
