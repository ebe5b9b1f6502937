"""Programs that only send a signal, or a message like it, and return: what they ask for is not done then.

Each was read in the program's own documentation or source; those that wait (`pg_ctl stop`, `mysqladmin shutdown`,
`redis-cli shutdown`, `sv down`, `supervisorctl stop`) are not among them.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from .shell import Word, name_of


class Sender(NamedTuple):
    """A program, and the words with which it sends a signal and returns."""

    source: str
    ends: frozenset[str]
    """What ends the server, and with it the container and its hook."""
    goes_on: frozenset[str] = frozenset()
    """What does not end the server."""
    option: str = ""
    """The option whose value these words are; empty where they stand by themselves."""
    beside: frozenset[str] = frozenset()
    """Words of which one must stand beside."""
    waits: str = ""
    """What an option begins with by which it waits."""


_NGINX: Final = Sender("https://nginx.org/en/docs/control.html", frozenset({"quit", "stop"}), option="-s")
_APACHE: Final = Sender(
    "https://httpd.apache.org/docs/2.4/stopping.html",
    frozenset({"graceful-stop", "stop"}),
    goes_on=frozenset({"graceful"}),
    option="-k",
)
_SENDERS: Final[Mapping[str, tuple[Sender, ...]]] = {
    **dict.fromkeys(("angie", "freenginx", "nginx", "openresty"), (_NGINX,)),
    **dict.fromkeys(("apache2", "httpd"), (_APACHE,)),
    # The scripts around it hand these words on as the value of -k.
    **dict.fromkeys(("apache2ctl", "apachectl"), (_APACHE, _APACHE._replace(option=""))),
    "pg_ctl": (
        Sender(
            "https://www.postgresql.org/docs/current/app-pg-ctl.html",
            frozenset({"stop"}),
            beside=frozenset({"-W", "--no-wait"}),
        ),
    ),
    "rndc": (Sender("https://bind9.readthedocs.io/en/latest/manpages.html#rndc", frozenset({"halt", "stop"})),),
    "s6-svc": (Sender("https://skarnet.org/software/s6/s6-svc.html", frozenset({"-d", "-k", "-q", "-t"}), waits="-w"),),
    "s6-svscanctl": (
        Sender("https://skarnet.org/software/s6/s6-svscanctl.html", frozenset({"-b", "-i", "-q", "-qb", "-t", "-tb"})),
    ),
    "squid": (
        Sender(
            "https://github.com/squid-cache/squid/blob/master/src/squid.8.in",
            frozenset({"interrupt", "kill", "shutdown"}),
            option="-k",
        ),
    ),
    "supervisorctl": (Sender("https://supervisord.org/api.html", frozenset({"shutdown"})),),
    "uwsgi": (Sender("https://uwsgi-docs.readthedocs.io/en/latest/Management.html", frozenset({"--stop"})),),
}
SENDERS: Final = frozenset(_SENDERS)
"""Their names, without a folder."""


def sends_a_signal(words: Sequence[Word]) -> bool:
    """Whether a command, by the table, sends a signal and returns."""
    return any(_is_asked(each, words, each.ends | each.goes_on) for each in _of(words))


def ends_the_server(words: Sequence[Word]) -> bool:
    """Whether it is one after which the server, and the container, end."""
    return any(_is_asked(each, words, each.ends) for each in _of(words))


def _of(words: Sequence[Word]) -> Sequence[Sender]:
    return _SENDERS.get(name_of(words[0]), ()) if words else ()


def _is_asked(sender: Sender, words: Sequence[Word], asks: frozenset[str]) -> bool:
    given = [word for word in words[1:] if word]
    if sender.beside and sender.beside.isdisjoint(given):
        return False
    if sender.waits and any(word.startswith(sender.waits) for word in given):
        return False
    if not sender.option:
        return not asks.isdisjoint(given)
    if any(word.startswith(sender.option) and word.removeprefix(sender.option) in asks for word in given):
        return True  # `-squit`
    return sender.option in given and not asks.isdisjoint(given)
