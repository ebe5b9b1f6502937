"""Programs that ask a server once and fail where it does not listen yet, by the server that an image runs.

Not among them, for they ask again by themselves for a while: Kafka's tools, etcdctl, rpk, vault, zkCli.sh, mc.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple

from .requests import is_local
from .shell import Word, name_of


class Rest(Enum):
    """What the words are that are no options."""

    COMMAND = "the first one ends the options"
    DATABASE = "a database, or the URI of one"
    HOST = "the first one is the host"
    NOTHING = "nothing that tells another server"


class Client(NamedTuple):
    """A client: how it is given another host, and when it does not ask at all."""

    servers: frozenset[str]
    """Of which the image's repository has one in its name."""
    processes: frozenset[str]
    """What the container starts where it has a command of its own."""
    hosts: frozenset[str] = frozenset()
    """Options whose value is the host, or the URI of the server."""
    databases: frozenset[str] = frozenset()
    """Options whose value is a database, or the URI of one."""
    values: frozenset[str] = frozenset()
    """Options that take any other value."""
    rest: Rest = Rest.NOTHING
    variables: frozenset[str] = frozenset()
    """Of the environment, that give the host."""
    offline: frozenset[str] = frozenset()
    """Words with which it does not ask."""
    otherwise: frozenset[str] = frozenset()
    """Words with which it waits for the server, or asks others."""
    asks: frozenset[str] = frozenset()
    """Its subcommands that ask; empty where all do."""
    attached: str = ""
    """The option whose value may be a part of its word, as in `-hdb`."""
    hidden: str = ""
    """A pattern of option words in which a variable is no host, as `-p"$PASSWORD"`."""
    names: str = ""
    """A pattern of words in which a variable is the name of a database."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HELP: Final = _words("--help --version -? -V help version")
_REDIS: Final = Client(
    servers=_words("redis valkey keydb"),
    processes=_words("redis-server valkey-server keydb-server"),
    hosts=_words("-h -u"),
    values=_words(
        "-a -d -D -i -n -p -r -s -t -X --cacert --cacertdir --cert --count --eval --functions-rdb --key --lru-test "
        "--memkeys-samples --pass --pattern --quoted-pattern --rdb --show-pushes --sni --tls-ciphers --user"
    ),
    rest=Rest.COMMAND,
    offline=_HELP | _words("--intrinsic-latency -v"),
    otherwise=_words("--cluster"),
)
_POSTGRES: Final = Client(
    servers=_words("postgres postgresql timescaledb postgis pgvector"),
    processes=_words("postgres docker-entrypoint.sh pg_ctl patroni"),
    hosts=_words("-h --host"),
    databases=_words("-d --dbname"),
    values=_words(
        "-p --port -U --username -c --command -f --file -o --output -v --set --variable -P --pset -F -R -T -L -O "
        "--owner -E --encoding -D --tablespace --maintenance-db"
    ),
    rest=Rest.DATABASE,
    variables=_words("PGHOST PGHOSTADDR PGSERVICE"),
    offline=_HELP,
    attached="-h",
    hidden=r"-[Up]|--(?:username|port)=",
    names=r"(?:-d\s*|--dbname[=\s])[\"']?\$\{?POSTGRES_(?:DB|USER)\b",  # the image's own
)
_MYSQL: Final = Client(
    servers=_words("mysql mariadb percona"),
    processes=_words("mysqld mysqld_safe mariadbd mariadbd-safe docker-entrypoint.sh"),
    hosts=_words("-h --host"),
    values=_words("-u --user -P --port -S --socket -e --execute -D --database --default-character-set --protocol"),
    variables=_words("MYSQL_HOST"),
    offline=_HELP | _words("--print-defaults"),
    attached="-h",
    hidden=r"-[puPD]|--(?:password|user|port|database)=",
)
_MYSQLADMIN: Final = _MYSQL._replace(otherwise=_words("--wait -w"))
_MONGO: Final = Client(
    servers=_words("mongo mongodb"),
    processes=_words("mongod docker-entrypoint.sh"),
    hosts=_words("--host"),
    values=_words("--port -u --username -p --password --authenticationDatabase --authenticationMechanism --eval"),
    rest=Rest.DATABASE,
    offline=_HELP | _words("--nodb -h"),
    hidden=r"--(?:password|username|port)=",
)
_INFLUX: Final = Client(
    servers=_words("influxdb"),
    processes=_words("influxd entrypoint.sh"),
    hosts=_words("--host -host"),
    values=_words("-c --active-config -t --token"),
    rest=Rest.COMMAND,
    variables=_words("INFLUX_HOST"),
    offline=_HELP | _words("-h"),
    asks=_words(
        "-execute apply auth backup bucket bucket-schema dashboards delete export org ping query remote replication "
        "restore scripts secret setup stacks task telegrafs template user v1 write"
    ),
)
_OLLAMA: Final = Client(
    servers=_words("ollama"),
    processes=_words("ollama serve"),
    variables=_words("OLLAMA_HOST"),
    offline=_HELP | _words("-h -v serve"),
    asks=_words("cp create list ls ps pull push rm run show stop"),
)
_RABBITMQ: Final = Client(
    servers=_words("rabbitmq"),
    processes=_words("rabbitmq-server docker-entrypoint.sh"),
    hosts=_words("-n --node -H --host"),
    values=_words("-p --vhost -t --timeout -u --username --password -P --port"),
    rest=Rest.COMMAND,
    variables=_words("RABBITMQ_NODENAME"),
    offline=_HELP | _words("-h autocomplete decode encode hash_password"),
    otherwise=_words("await_online_nodes await_startup wait"),
)
_CASSANDRA: Final = Client(
    servers=_words("cassandra scylla"),
    processes=_words("cassandra docker-entrypoint.sh"),
    values=_words("-u --username -p --password -k --keyspace -f --file -e --execute"),
    rest=Rest.HOST,
    variables=_words("CQLSH_HOST"),
    offline=_HELP | _words("-h"),
)
_NODETOOL: Final = Client(
    servers=_words("cassandra"),
    processes=_words("cassandra docker-entrypoint.sh"),
    hosts=_words("-h --host"),
    values=_words("-p --port -u --username -pw --password -pwf --password-file"),
    rest=Rest.COMMAND,
    offline=_HELP,
)
_CLICKHOUSE: Final = Client(
    servers=_words("clickhouse"),
    processes=_words("clickhouse-server entrypoint.sh"),
    hosts=_words("-h --host"),
    values=_words("--port -u --user --password -d --database -q --query --queries-file --format"),
    variables=_words("CLICKHOUSE_HOST"),
    offline=_HELP,
)
_NEO4J: Final = Client(
    servers=_words("neo4j"),
    processes=_words("neo4j"),
    hosts=_words("-a --address --uri"),
    values=_words("-u --username -p --password -d --database -f --file --format"),
    variables=_words("NEO4J_ADDRESS NEO4J_URI"),
    offline=_HELP | _words("-h -v"),
)
_CONSUL: Final = Client(
    servers=_words("consul"),
    processes=_words("agent"),
    hosts=_words("-http-addr --http-addr"),
    rest=Rest.COMMAND,
    variables=_words("CONSUL_HTTP_ADDR"),
    offline=_HELP | _words("-h"),
    asks=_words("acl event info intention join kv leave maint members reload services"),
)
_CLIENTS: Final[Mapping[str, Client]] = {
    **dict.fromkeys(("redis-cli", "valkey-cli", "keydb-cli"), _REDIS),
    **dict.fromkeys(("psql", "createdb", "createuser", "dropdb", "dropuser", "vacuumdb"), _POSTGRES),
    **dict.fromkeys(("mysql", "mariadb"), _MYSQL),
    **dict.fromkeys(("mysqladmin", "mariadb-admin"), _MYSQLADMIN),
    **dict.fromkeys(("mongosh", "mongo"), _MONGO),
    "influx": _INFLUX,
    "ollama": _OLLAMA,
    **dict.fromkeys(("rabbitmqctl", "rabbitmqadmin"), _RABBITMQ),
    "cqlsh": _CASSANDRA,
    "nodetool": _NODETOOL,
    "clickhouse-client": _CLICKHOUSE,
    "cypher-shell": _NEO4J,
    "consul": _CONSUL,
}
CLIENTS: Final = frozenset(_CLIENTS)
# In an image's name they make another program of it than the server: any part with a long one in it, or a short one.
_OTHERS: Final = _words(
    "admin agent backup cli client commander connect copy dataplane dump exporter express gui init insight k8s "
    "metrics migrate migration operator perf pgbouncer pgpool proxy router sentinel template tools ui workbench"
)
_LONG: Final = 5
_PARTS: Final = re.compile(r"[^a-z0-9]+")
_URI: Final = re.compile(r"[a-z0-9+]+://(?:[^/@]*@)?(?P<host>\[[^\]]*\]|[^/:?,]*)(?P<more>,)?")
_CONNECTION: Final = re.compile(r"\b(?:host|hostaddr|service)\s*=")


def client(program: str) -> Client | None:
    return _CLIENTS.get(program)


def runs_its_server(of: Client, repository: str, command: Sequence[object], args: Sequence[object]) -> bool:
    """Whether a container runs the client's server, by the name of its image, and by what it starts."""
    parts = _PARTS.split(repository.rpartition("/")[2])
    if not any(server in part for server in of.servers for part in parts):
        return False
    if any(other == part or (len(other) >= _LONG and other in part) for part in parts for other in _OTHERS):
        return False
    if not command and (not args or (isinstance(args[0], str) and args[0].startswith("-"))):
        return True
    started = [part for word in (*command, *args) if isinstance(word, str) for part in word.split()]
    return any(name_of(part) in of.processes for part in started) and not any("sentinel" in part for part in started)


def is_offline(of: Client, words: Sequence[Word]) -> bool:
    """Whether it asks no server with these words."""
    return not of.offline.isdisjoint(words) or (bool(of.asks) and of.asks.isdisjoint(words))


def asks_its_own(of: Client, words: Sequence[Word], script: str) -> bool:
    """Whether, by its words, it asks a server on its own host; `script` is the text in which they stand."""
    if any(word and word.partition("=")[0] in of.otherwise for word in words):
        return False
    unknown = 0
    rest = iter(words[1:])
    for word in rest:
        if word is None:
            unknown += 1
            continue
        name, is_joined, value = word.partition("=")
        if name in of.hosts or name in of.databases:
            given = value if is_joined else next(rest, None)
            if not (_is_own_host(given) if name in of.hosts else _is_own_name(given, of, script)):
                return False
        elif word in of.values:
            next(rest, None)
        elif not word.startswith("-"):
            if of.rest is Rest.COMMAND:
                return not unknown and _is_own_behind(of, list(rest), script)
            if of.rest is Rest.HOST or (of.rest is Rest.DATABASE and not _is_own_database(word)):
                return of.rest is Rest.HOST and _is_own_host(word)
        elif of.attached and word.startswith(of.attached) and not _is_own_host(word.removeprefix(of.attached)):
            return False
    return not unknown or not (of.hosts or of.databases) or unknown <= _hidden(of, script)


def _is_own_behind(of: Client, words: Sequence[Word], script: str) -> bool:
    """Whether the words behind a command give no other host."""
    if None in words and _gives_a_host(of, script):
        return False
    for word, after in itertools.pairwise((*words, None)):
        name, is_joined, value = (word or "").partition("=")
        if name in of.hosts and not _is_own_host(value if is_joined else after):
            return False
    return True


def _gives_a_host(of: Client, script: str) -> bool:
    return bool(re.search(rf"(?:^|[\s\"'])(?:{'|'.join(map(re.escape, of.hosts))})", script))


def _hidden(of: Client, script: str) -> int:
    """How many words of a script have a variable in them that is no host; 0 where one may be."""
    if not of.hidden or _gives_a_host(of, script):
        return 0
    return len(re.findall(rf"(?:^|(?<=\s))(?:{of.hidden})[\"']?[$`]", script))


def _is_own_host(value: Word) -> bool:
    """Of a name, of one with a port, of a URI, and of an Erlang node; a path is that of a socket."""
    if value is None or value.startswith("/"):
        return value is not None
    found = _URI.match(value)
    if found:
        return not found["more"] and (not found["host"] or is_local(found["host"]))
    host = value.rpartition("@")[2]
    return is_local(host if host.count(":") > 1 else host.partition(":")[0])


def _is_own_name(value: Word, of: Client, script: str) -> bool:
    """Of a database, or of a variable for one."""
    if value is None:
        return bool(of.names and re.search(of.names, script))
    return _is_own_database(value)


def _is_own_database(value: str) -> bool:
    """Of a name, a file of commands, a URI, `host:port/name`, and a connection string."""
    if "://" in value:
        return _is_own_host(value)
    if _CONNECTION.search(value):
        return False
    if value.endswith(".js") or value.startswith("/") or not re.search("[/:]", value):
        return True
    return _is_own_host(value.partition("/")[0])


def is_own_value(value: object) -> bool:
    """Whether a variable, by its value as it stands in `env`, gives the own host."""
    return isinstance(value, str) and _is_own_host(value)
