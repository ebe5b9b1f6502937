"""Reads from a registry by the distribution API, with the logins of Docker, and writes nothing to it."""

import contextlib
import http.client
import ipaddress
import json
import re
import ssl
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Final

from lifecycle_rules.images import DEFAULT_REGISTRY, Reference

from . import credentials
from .credentials import Found, Login
from .errors import Fault, document, line
from .files import Layer
from .layers import read
from .manifests import INDEXES, MANIFESTS, MAX_DOCUMENT, Descriptor, is_digest, verified
from .progress import Progress
from .streams import PIECE, digest_of
from .work import Work

TIMEOUT_SECONDS: Final = 10  # to connect, and between two pieces of an answer
MAX_REDIRECTS: Final = 3
_MAX_ANSWER: Final = 1 << 20  # bytes of a token or an error
_ACCEPT: Final = ", ".join((*MANIFESTS, *INDEXES))
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HOSTS: Final = {"docker.io": "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}
_ITS_MANIFEST: Final = "its manifest"
_ITS_TOKEN: Final = "its token"
_LATER: Final = "Try again later"
_SCHEME: Final = re.compile(r"(?:^|,)\s*(Bearer|Basic)\b", re.IGNORECASE)
_PARAMETER: Final = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]*))')


class Registry:
    """The registry of one image. Every method raises Fault."""

    def __init__(self, reference: Reference, work: Work, progress: Progress) -> None:
        host = _HOSTS.get(reference.registry, reference.registry)
        self._is_local = _is_loopback(host)
        self._base = f"{'http' if self._is_local else 'https'}://{host}"
        try:
            self._own = _origin(self._base)
        except ValueError as error:
            raise Fault(f"{host} is not a host: {line(str(error))}", "Check the name") from None
        self._reference = reference
        self._work = work
        self._progress = progress
        self._login: Found | None = None
        self._authorization = ""
        # Proxies as the environment names them, but for this machine itself.
        proxies = urllib.request.ProxyHandler({} if self._is_local else None)
        self._opener = urllib.request.OpenerDirector()
        for handler in (proxies, urllib.request.HTTPHandler(), urllib.request.HTTPSHandler()):
            self._opener.add_handler(handler)

    def head(self, which: str) -> str:
        """The digest of what a tag or a digest names; empty where the registry does not say it."""
        with self._answer("HEAD", f"manifests/{which}") as answer:
            said = answer.headers.get("Docker-Content-Digest", "") if answer.status == 200 else ""
        return said if is_digest(said) else ""

    def manifest(self, which: str) -> tuple[bytes, str]:
        """What a tag or a digest names: a manifest or an index, and its digest."""
        with self._ask("GET", f"manifests/{which}", _ITS_MANIFEST) as answer:
            content = self._read(answer, MAX_DOCUMENT + 1, _ITS_MANIFEST)
            said = answer.headers.get("Docker-Content-Digest", "")
        expected = which if ":" in which else said
        found = Descriptor(expected if is_digest(expected) else digest_of(content), len(content))
        return verified(content, found, _ITS_MANIFEST), found.digest

    def has(self, descriptor: Descriptor) -> bool:
        return True

    def expect(self, size: int) -> None:
        self._progress.expect(size)

    def document(self, descriptor: Descriptor, what: str) -> bytes:
        kind = "manifests" if descriptor.media_type in (*MANIFESTS, *INDEXES) else "blobs"
        with self._ask("GET", f"{kind}/{descriptor.digest}", what) as answer:
            return verified(self._read(answer, MAX_DOCUMENT + 1, what), descriptor, what)

    def layer(self, descriptor: Descriptor, diff_id: str, what: str) -> Layer:
        with self._ask("GET", f"blobs/{descriptor.digest}", what) as answer:
            found = read(self._pieces(answer, descriptor.size + 1, what), self._work, descriptor.algorithm)
        return found.checked(what, digest=descriptor.digest, size=descriptor.size, diff_id=diff_id)

    @contextlib.contextmanager
    def _ask(self, method: str, below: str, what: str) -> Iterator[HTTPResponse]:
        with self._answer(method, below) as answer:
            if answer.status != 200:
                raise self._refusal(answer, what)
            yield answer

    def _answer(self, method: str, below: str) -> HTTPResponse:
        """What the registry answers, after a login if it asks for one."""
        url = f"{self._base}/v2/{self._reference.repository}/{below}"
        answer = self._send(method, url, self._authorization)
        if answer.status == 401 and self._is_own(answer):
            challenges = answer.headers.get_all("WWW-Authenticate") or []
            if self._authorize(challenges):
                answer.close()
                answer = self._send(method, url, self._authorization)
        return answer

    def _is_own(self, answer: HTTPResponse) -> bool:
        """Whether it is the registry that answers, and no host to which it redirected."""
        return _origin(answer.url) == self._own

    def _send(self, method: str, url: str, authorization: str, form: dict[str, str] | None = None) -> HTTPResponse:
        """Follows redirects; the authorization goes to the host it is for, and to no other."""
        for _ in range(MAX_REDIRECTS + 1):
            headers = {"User-Agent": "lifecycle", "Accept": _ACCEPT if form is None else "application/json"}
            if authorization:
                headers["Authorization"] = authorization
            data = urllib.parse.urlencode(form).encode() if form is not None else None
            try:
                request = urllib.request.Request(url, data=data, headers=headers, method=method)
                answer: HTTPResponse = self._opener.open(request, timeout=TIMEOUT_SECONDS)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise Fault(f"{_host(url)} cannot be reached: {_why(error)}", _remedy(error)) from None
            location = answer.headers.get("Location")
            if answer.status not in _REDIRECTS or not location or form is not None:
                return answer
            answer.close()
            url, before = self._target(url, location), url
            if _origin(url) != _origin(before):
                authorization = ""
        raise Fault(f"{_host(self._base)} redirects more than {MAX_REDIRECTS} times", _LATER)

    def _target(self, url: str, location: str) -> str:
        try:
            target = urllib.parse.urljoin(url, location)
            allowed = self._is_safe(target)
        except ValueError:
            allowed = False
        if not allowed:
            raise Fault(f"{_host(url)} redirects to {line(location)}, which is not https", _LATER)
        return target

    def _is_safe(self, url: str) -> bool:
        scheme, host, _ = _origin(url)
        return bool(host) and (scheme == "https" or (scheme == "http" and self._is_local and _is_loopback(host)))

    def _authorize(self, challenges: list[str]) -> bool:
        """Gets what the registry asks for; False where there is no way to."""
        asked = _challenges(challenges)
        login = self._known().login
        if login and login.is_bearer:
            known, self._authorization = self._authorization, f"Bearer {login.secret}"
            return known != self._authorization
        if "bearer" in asked and asked["bearer"].get("realm"):
            self._authorization = f"Bearer {self._token(asked['bearer'], login)}"
            return True
        if "basic" in asked and login and not login.is_identity:
            known, self._authorization = self._authorization, login.basic
            return known != self._authorization
        return False

    def _token(self, asked: dict[str, str], login: Login | None) -> str:
        realm = asked["realm"]
        try:
            safe = self._is_safe(realm)
        except ValueError:
            safe = False
        if not safe:
            raise Fault(f"{self._reference.registry} issues its tokens at {line(realm)}, which is not https", _LATER)
        about = {"service": asked["service"]} if asked.get("service") else {}
        about["scope"] = asked.get("scope") or f"repository:{self._reference.repository}:pull"
        if login and login.is_identity:
            form = {**about, "grant_type": "refresh_token", "client_id": "lifecycle", "refresh_token": login.secret}
            answer = self._send("POST", realm, "", form)
        else:
            url = f"{realm}{'&' if '?' in realm else '?'}{urllib.parse.urlencode(about)}"
            answer = self._send("GET", url, login.basic if login else "")
        with answer:
            if answer.status != 200:
                raise self._refusal(answer, _ITS_TOKEN)
            found = document(self._read(answer, _MAX_ANSWER, _ITS_TOKEN), f"the token of {_host(realm)}")
        token = found.get("token") or found.get("access_token")
        if not isinstance(token, str):
            raise Fault(f"{_host(realm)} gave no token", _LATER)
        return token

    def _known(self) -> Found:
        if self._login is None:
            self._login = credentials.find(self._reference.registry)
        return self._login

    def _refusal(self, answer: HTTPResponse, what: str) -> Fault:
        host, name, said = _host(answer.url), self._reference.registry, self._said(answer)
        again = f"`docker login {name}`" if name != DEFAULT_REGISTRY else "`docker login`"
        is_token = what == _ITS_TOKEN
        if (answer.status in (401, 403) and (is_token or self._is_own(answer))) or (is_token and answer.status == 400):
            known = self._known()
            if known.login:
                return Fault(f"{name} refuses the login from {known.login.source}{said}", f"Log in again with {again}")
            note = f"; {known.note}" if known.note else ""
            what = f"{name} has no such image, or asks for a login{said}{note}"
            return Fault(what, f"Log in with {again}, or check the name")
        if answer.status == 404:
            if what == _ITS_MANIFEST:
                return Fault(f"{name} has no such image{said}", "Check the name and the tag")
            return Fault(f"{host} does not have {what}{said}", "Push the image again")
        if answer.status == 429:
            return Fault(f"{host} accepts no more requests for now{said}", f"Wait, or log in with {again}")
        return Fault(f"{host} answers {answer.status} {line(answer.reason or '')} for {what}{said}", _LATER)

    def _said(self, answer: HTTPResponse) -> str:
        """The registry's own words about an error, in brackets."""
        try:
            errors = json.loads(answer.read(_MAX_ANSWER))["errors"][0]
            said = line(": ".join(str(errors[key]) for key in ("code", "message") if errors.get(key)))
        except (
            OSError,
            http.client.HTTPException,
            ValueError,
            RecursionError,
            KeyError,
            IndexError,
            TypeError,
            AttributeError,
        ):
            return ""
        return f" ({said})" if said else ""

    def _read(self, answer: HTTPResponse, limit: int, what: str) -> bytes:
        return b"".join(self._pieces(answer, limit, what))

    def _pieces(self, answer: HTTPResponse, limit: int, what: str) -> Iterator[bytes]:
        """So many bytes at most."""
        while limit > 0:
            try:
                piece = answer.read(min(PIECE, limit))
            except http.client.IncompleteRead as error:
                piece, limit = error.partial, 0
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise Fault(f"{_host(answer.url)} broke off while {what} was read: {_why(error)}", _LATER) from None
            if not piece:
                return
            limit -= len(piece)
            self._progress(len(piece))
            yield piece


def _challenges(headers: list[str]) -> dict[str, dict[str, str]]:
    """The schemes that `WWW-Authenticate` names, in small letters, and the parameters of each."""
    found = {}
    for header in headers:
        _, *parts = _SCHEME.split(header)
        for scheme, text in zip(parts[::2], parts[1::2], strict=True):
            found[scheme.lower()] = {each[1].lower(): each[2] or each[3] or "" for each in _PARAMETER.finditer(text)}
    return found


def _origin(url: str) -> tuple[str, str, int]:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80}.get(parts.scheme, 443)


def _host(url: str) -> str:
    return line(urllib.parse.urlsplit(url).netloc)


def _is_loopback(host: str) -> bool:
    name = host if host.count(":") > 1 and "[" not in host else urllib.parse.urlsplit(f"//{host}").hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _why(error: BaseException) -> str:
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        error = reason
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT_SECONDS} s"
    return line((isinstance(error, OSError) and error.strerror) or str(reason or error) or type(error).__name__)


def _remedy(error: BaseException) -> str:
    if isinstance(getattr(error, "reason", error), ssl.SSLError):
        return "If your own CA signed its certificate, set SSL_CERT_FILE to that CA's file"
    return "Check the name and the network"
