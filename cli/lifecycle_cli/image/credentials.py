"""The user's logins, where `docker login` keeps them: in ~/.docker/config.json, or in the programs that this names."""

import base64
import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .errors import line

DOCKER_HUB: Final = "https://index.docker.io/v1/"  # the name under which Docker keeps the login of docker.io
_HELPER_SECONDS: Final = 30  # it may ask the user to unlock a keychain
_TOKEN: Final = "<token>"  # the user name that a helper gives with an identity token


@dataclass(frozen=True)
class Login:
    """A registry's login. Its text never shows the secret."""

    username: str
    secret: str
    source: str
    """Where it comes from, for messages."""
    is_identity: bool = False
    """Whether the secret is an identity token, for which the registry's token server gives others."""
    is_bearer: bool = False
    """Whether the secret is what the registry itself takes."""

    def __repr__(self) -> str:
        return f"Login({self.username!r}, source={self.source!r})"

    @property
    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.username}:{self.secret}".encode()).decode()


@dataclass(frozen=True)
class Found:
    login: Login | None
    note: str = ""
    """Why a login that is configured could not be had."""


def find(registry: str) -> Found:
    """The login for a registry (`ghcr.io`, `docker.io`), if the user has one; never raises."""
    server = DOCKER_HUB if registry == "docker.io" else registry
    file = _file()
    try:
        config = json.loads(file.read_bytes())
    except FileNotFoundError:
        return Found(None)
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not JSON"
        return Found(None, f"{file} could not be read: {why}")
    config = config if isinstance(config, dict) else {}
    helpers = config.get("credHelpers")
    helper = _of(helpers, server) or config.get("credsStore")
    found = _from_helper(helper, server) if isinstance(helper, str) and helper else Found(None)
    login = found.login or _from_file(_of(config.get("auths"), server), file)
    return Found(login, "" if login else found.note)


def _file() -> Path:
    folder = os.environ.get("DOCKER_CONFIG")
    return (Path(folder) if folder else Path(os.path.expanduser("~")) / ".docker") / "config.json"


def _of(table: object, server: str) -> Any:
    """The entry for a server, whose name may be written as a URL."""
    if not isinstance(table, dict):
        return None
    if server in table:
        return table[server]
    return next((value for key, value in table.items() if isinstance(key, str) and _host(key) == _host(server)), None)


def _host(server: str) -> str:
    host = re.sub(r"^https?://", "", server).partition("/")[0]
    return "docker.io" if host in ("index.docker.io", "registry-1.docker.io") else host


def _from_file(entry: object, file: Path) -> Login | None:
    if not isinstance(entry, dict):
        return None
    texts: Mapping[str, str] = {key: value for key, value in entry.items() if isinstance(value, str) and value}
    if "registrytoken" in texts:
        return Login("", texts["registrytoken"], str(file), is_bearer=True)
    if "identitytoken" in texts:
        return Login("", texts["identitytoken"], str(file), is_identity=True)
    username, secret = texts.get("username", ""), texts.get("password", "")
    if "auth" in texts:
        try:
            username, _, secret = base64.b64decode(texts["auth"]).decode().partition(":")
        except ValueError:
            return None
        secret = secret.rstrip("\0")
    return Login(username, secret, str(file)) if username and secret else None


def _from_helper(name: str, server: str) -> Found:
    program = f"docker-credential-{name}"
    if not re.fullmatch(r"[\w.-]+", name):
        return Found(None, f"{line(program)} is not a program's name")
    try:
        done = subprocess.run(
            [program, "get"],
            input=server,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_HELPER_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        return Found(None, f"{program}, which {_file()} names, is not installed")
    except (OSError, subprocess.SubprocessError) as error:
        return Found(None, f"{program} could not be run: {line(str(error))}")
    if done.returncode != 0:
        said = line(done.stdout or done.stderr)
        return Found(None, "" if "not found" in said else f"{program} failed: {said}")
    try:
        answer = json.loads(done.stdout)
        username, secret = answer["Username"], answer["Secret"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return Found(None, f"{program} gave no login")
    if not isinstance(username, str) or not isinstance(secret, str) or not secret:
        return Found(None, f"{program} gave no login")
    return Found(Login(username, secret, program, is_identity=username == _TOKEN))
