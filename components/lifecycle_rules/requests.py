"""What `curl` and `wget` ask for: the requests of a command line that is certain, word by word.

A word or an option that is not known makes all of them unknown: it may be another method, another host, or a file of
options. wget is GNU's and BusyBox', which takes a part of GNU's options.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from .shell import Word, name_of

MAX_URL: Final = 2048  # characters; longer ones are not judged
_URL: Final = re.compile(
    r"(?:(?P<scheme>https?)://)?(?:[^@/?#\s]*@)?(?P<host>\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<path>/[^?#\s]*)?(?:[?#]\S*)?",
    re.ASCII,
)
_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}
_AS_QUERY: Final = frozenset({"-G", "--get"})
LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "ip6-localhost"})


class Request(NamedTuple):
    """One request, and whether its program asks again where nobody listens yet."""

    method: str
    host: str
    port: int
    path: str
    """Without the query; `/` where there is none."""
    retries: bool

    @property
    def is_local(self) -> bool:
        return is_local(self.host)


class _Tool(NamedTuple):
    """The options of a program: those that take a value, those that do not, and what some of them mean."""

    values: frozenset[str]
    flags: frozenset[str]
    methods: Mapping[str, str]
    """The method that an option makes it; empty for the option's own value."""
    joins: bool
    """Whether it reads `--option=value`."""
    retries: tuple[frozenset[str], ...]
    """Sets of options, of each of which one must be given for it to ask again."""


def is_local(host: str) -> bool:
    """Whether a host's name is that of the Pod itself, seen from one of its containers."""
    name = host.strip("[]").lower().rstrip(".")
    return name in LOCAL or bool(re.fullmatch(r"127(?:\.\d{1,3}){3}", name, re.ASCII))


def requests(words: Sequence[Word]) -> list[Request]:
    """The requests of a command line of curl or wget; none where they are not certain."""
    tool = _TOOLS.get(name_of(words[0])) if words else None
    read = _options(tool, words[1:]) if tool else None
    if tool is None or read is None:
        return []
    options, urls = read
    method = _method(tool, options)
    again = bool(tool.retries) and all(any(each in options for each in one_of) for one_of in tool.retries)
    found = [_request(url, method, again) for url in urls]
    known = [each for each in found if each]
    return known if method and len(known) == len(found) else []


def paths(words: Sequence[Word]) -> list[str]:
    """The paths of all that may be a URL in a command line, whatever its options are."""
    found = [_url(each) for each in words[1:] if each]
    return [each["path"] or "/" for each in found if each]


def _method(tool: _Tool, options: Mapping[str, Word]) -> str:
    """What is given goes before what the options imply, and that before GET; empty where it is not certain."""
    implied = set()
    for option, value in options.items():
        method = tool.methods.get(option)
        if method == "":
            return (value or "").upper()
        if method:
            implied.add(method)
    if implied and not options.keys().isdisjoint(_AS_QUERY):  # what would be the body becomes the query
        implied.discard("POST")
    return "GET" if not implied else implied.pop() if len(implied) == 1 else ""


def _request(url: str, method: str, retries: bool) -> Request | None:
    found = _url(url)
    if found is None:
        return None
    port = int(found["port"]) if found["port"] else _PORTS[found["scheme"] or "http"]
    return Request(method, found["host"], port, found["path"] or "/", retries)


def _url(word: str) -> re.Match[str] | None:
    return _URL.fullmatch(word) if len(word) <= MAX_URL else None


def _options(tool: _Tool, words: Sequence[Word]) -> tuple[dict[str, Word], list[str]] | None:
    """The options with their values, and the URLs; None where a word is not known to be either."""
    options: dict[str, Word] = {}
    urls: list[str] = []
    rest = iter(words)
    for word in rest:
        if word is None:
            return None
        if word == "--":
            urls += [each for each in rest if each is not None]
            break
        if not word.startswith("-"):
            urls.append(word)
            continue
        given = _long(tool, word) if word.startswith("--") else _short(tool, word)
        if given is None:
            return None
        for option, value, takes_next in given:
            found = next(rest, None) if takes_next else value
            if option == "--url" and found:
                urls.append(found)
            options[option] = found
    return options, urls


_Given = tuple[str, Word, bool]  # option, its value, and whether that is the next word


def _long(tool: _Tool, word: str) -> list[_Given] | None:
    name, is_joined, value = word.partition("=") if tool.joins else (word, "", "")
    if name in tool.values:
        return [(name, value, not is_joined)]
    return [(name, None, False)] if name in tool.flags and not is_joined else None


def _short(tool: _Tool, word: str) -> list[_Given] | None:
    """`-sXPOST`: flags, of which the last may take the rest of the word, or the next one, as its value."""
    given: list[_Given] = []
    letters: Iterator[tuple[int, str]] = iter(enumerate(word[1:], 1))
    for index, letter in letters:
        option = f"-{letter}"
        if option in tool.values:
            value = word[index + 1 :]
            return [*given, (option, value, not value)]
        double = word[index : index + 2]
        if f"-{double}" in tool.flags and len(double) == 2:  # wget's -nv and its like
            next(letters)
            given.append((f"-{double}", None, False))
        elif option in tool.flags:
            given.append((option, None, False))
        else:
            return None
    return given


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Not among them, for they may turn all around: -K and --config, -x and --proxy, --next, --resolve, --connect-to,
# --unix-socket; and of wget -i, -e, and -b, with which it goes on in the background.
_CURL: Final = _Tool(
    values=_words(
        "-A -b -c -C -d -D -e -E -F -H -m -o -r -t -T -u -w -X -y -Y -z --cacert --capath --cert "
        "--cert-type --ciphers --connect-timeout --cookie --cookie-jar --data --data-ascii --data-binary --data-raw "
        "--data-urlencode --dump-header --expect100-timeout --form --form-string --header --interface --json "
        "--keepalive-time --key --key-type --limit-rate --max-filesize --max-redirs --max-time --output "
        "--output-dir --pass --range --referer --request --retry --retry-delay --retry-max-time --speed-limit "
        "--speed-time --stderr --tls-max --upload-file --url --user --user-agent --write-out"
    ),
    flags=_words(
        "-# -0 -1 -2 -3 -4 -6 -a -f -g -G -i -I -j -J -k -l -L -n -N -O -q -R -s -S -v -V --anyauth --basic "
        "--compressed --create-dirs --digest --disable --fail --fail-early --fail-with-body --get --globoff --head "
        "--http1.0 --http1.1 --http2 --http2-prior-knowledge --include --insecure --ipv4 --ipv6 --location --negotiate "
        "--netrc --no-alpn --no-buffer --no-keepalive --no-progress-meter --no-sessionid --ntlm "
        "--parallel --path-as-is --progress-bar --raw --remote-name --remote-time --retry-all-errors "
        "--retry-connrefused --show-error --silent --styled-output --tcp-fastopen --tcp-nodelay "
        "--tlsv1 --tlsv1.0 --tlsv1.1 --tlsv1.2 --tlsv1.3 --tr-encoding --verbose"
    ),
    methods={
        "-X": "",
        "--request": "",
        "-I": "HEAD",
        "--head": "HEAD",
        "-T": "PUT",
        "--upload-file": "PUT",
        **dict.fromkeys(_words("-d -F --data --data-ascii --data-binary --data-raw --data-urlencode --json"), "POST"),
        **dict.fromkeys(_words("--form --form-string"), "POST"),
    },
    joins=False,
    retries=(frozenset({"--retry"}), frozenset({"--retry-connrefused", "--retry-all-errors"})),
)
_WGET: Final = _Tool(
    values=_words(
        "-a -A -D -I -l -o -O -P -Q -R -t -T -U -w --append-output --bind-address --body-data --body-file "
        "--ca-certificate --ca-directory --certificate --compression --connect-timeout --directory-prefix "
        "--dns-timeout --header --http-password --http-user --limit-rate --max-redirect --method --output-document "
        "--output-file --password --post-data --post-file --prefer-family --private-key --quota --read-timeout "
        "--referer --retry-on-http-error --secure-protocol --timeout --tries --user --user-agent --wait --waitretry"
    ),
    flags=_words(
        "-4 -6 -c -d -E -F -k -K -N -nc -nd -nH -np -nv -p -q -r -S -v -x --auth-no-challenge --continue "
        "--content-disposition --content-on-error --debug --delete-after --ignore-length --inet4-only --inet6-only "
        "--keep-session-cookies --no-cache --no-check-certificate --no-clobber --no-cookies --no-dns-cache "
        "--no-hsts --no-http-keep-alive --no-netrc --no-proxy --no-verbose --quiet --retry-connrefused "
        "--retry-on-host-error --save-headers --server-response --show-progress --spider --timestamping "
        "--trust-server-names --verbose"
    ),
    methods={
        "--method": "",
        "--spider": "HEAD",
        "--post-data": "POST",
        "--post-file": "POST",
    },
    joins=True,
    retries=(frozenset({"--retry-connrefused"}),),
)
_TOOLS: Final[Mapping[str, _Tool]] = {"curl": _CURL, "wget": _WGET}
TOOLS: Final = frozenset(_TOOLS)
