"""The rule poststart-client-self, and the table of clients that it goes by."""

from typing import Any

import pytest

from lifecycle_rules import UNKNOWN
from lifecycle_rules.clients import CLIENTS
from lifecycle_rules.requests import TOOLS

from .test_practice_hooks import command, messages, shell

OTHER = "ghcr.io/acme/app:1"
AGAIN = "if that fails, the kubelet restarts the container"


def said(image: Any, hook: Any, **where: Any) -> list[str]:
    return messages("poststart-client-self", "postStart", hook, "exec.command", image=image, **where)


def says(program: str, guess: str = "") -> list[str]:
    return [f"the server may not listen yet, and {program} asks only once{guess}: {AGAIN}"]


@pytest.mark.parametrize(
    ("image", "script"),
    [
        ("redis", "redis-cli ping"),
        ("redis:7.2", "redis-cli config set notify-keyspace-events KEA"),
        ("bitnami/redis:7.4", 'redis-cli -a "$REDIS_PASSWORD" config set maxmemory "$MAX"'),
        ("redis", "redis-cli -h ::1 ping"),
        ("ghcr.io/acme/tools/redis", "redis-cli ping"),
        ("redis", "redis-cli -n"),
        ("redis/redis-stack-server", "redis-cli -h localhost -p 6380 -n 1 set a b"),
        ("redis", "redis-cli -u redis://:pw@127.0.0.1:6379 ping"),
        ("redis", "redis-cli -s /run/redis.sock ping"),
        ("redis", "redis-cli --eval /x.lua"),
        ("valkey/valkey:8", "valkey-cli ping"),
        ("eqalpha/keydb", "keydb-cli ping"),
        ("postgres:16", "psql -U postgres -c 'select 1'"),
        ("postgres", 'psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c x'),
        ("postgres", "psql -U$POSTGRES_USER -d ${POSTGRES_DB} -c x"),
        ("postgres", "psql -h localhost mydb -f /x.sql"),
        ("postgres", "psql -h /run/postgresql -c x"),
        ("postgres", "psql -hlocalhost -c x"),
        ("postgres", "psql --host=127.0.0.1 --dbname=shop -c x"),
        ("postgres", "psql postgresql://a:b@localhost:5432/shop -c x"),
        ("postgres", "PGPASSWORD=$X psql -U a -c x"),
        ("postgres", "PGHOST=db env PGHOST=localhost psql -c x"),
        ("timescale/timescaledb:2.19.3-pg17", "createdb shop"),
        ("bitnami/postgresql", "createuser --superuser shop"),
        ("mysql:8", "mysql -uroot -p$MYSQL_ROOT_PASSWORD -e 'x'"),
        ("mysql:8", 'mysql -u root -p"$P" -e "x"'),
        ("mysql:8", 'mysql --user=root --password="$P" shop -e "x"'),
        ("mysql/mysql-server", "mysqladmin -uroot password x"),
        ("mariadb:11", "mariadb -h127.0.0.1 -e x"),
        ("percona/percona-xtradb-cluster", "mysql -h localhost -e x"),
        ("mongo:7", "mongosh --quiet --eval 'rs.initiate()'"),
        ("mongo", "mongo admin /scripts/init.js"),
        ("mongo", "mongosh scripts/init.js"),
        ("mongo", "mongosh /scripts/init"),
        ("mongo", "mongosh localhost/x"),
        ("mongo", "mongosh mongodb://localhost:27017/x"),
        ("mongo", "mongosh 127.0.0.1:27017/x"),
        ("mongo", 'mongosh -u root -p "$P" --eval x'),
        ("influxdb:2", "influx bucket create -n x"),
        ("influxdb:2", 'influx bucket create -n "$BUCKET"'),
        ("influxdb:2.0.7", "influx v1 dbrp create --db default --rp default-rp"),
        ("influxdb:1.8", "influx -execute 'create database x'"),
        ("influxdb:2", "influx setup --host http://localhost:8086 -f"),
        ("ollama/ollama", "ollama pull llama3"),
        ("ollama/ollama", 'ollama pull "$MODEL"'),
        ("rabbitmq:4-management", 'rabbitmqctl add_user "$U" "$P"'),
        ("rabbitmq", "rabbitmqctl -n rabbit@localhost set_policy a b"),
        ("cassandra:5", "cqlsh -e 'x'"),
        ("cassandra:5", "cqlsh localhost 9042 -e 'x'"),
        ("scylladb/scylla", "cqlsh -u a -p b -f /x.cql"),
        ("cassandra", "nodetool -p 7199 status"),
        ("clickhouse/clickhouse-server", "clickhouse-client -q 'x'"),
        ("neo4j:5", 'cypher-shell -u neo4j -p "$P" "CREATE (n)"'),
        ("hashicorp/consul:1.21", 'consul kv put a "$B"'),
        ("hashicorp/consul:1.21", "consul kv put -http-addr=http://localhost:8500 a b"),
        (OTHER, "curl -s localhost:8080/init"),
        (OTHER, "wget -qO- http://127.0.0.1/"),
        (OTHER, "curl -fsS -X POST http://localhost:9/x -d @/x.json > /dev/null"),
        (OTHER, "timeout 5 curl localhost"),
        (OTHER, "sh -c 'curl localhost'"),
        (OTHER, "(cd /tmp && curl localhost)"),
        (OTHER, "curl --retry 3 localhost"),
        (
            "docker.elastic.co/elasticsearch/elasticsearch:8.18.1",
            "curl -k -u elastic:x https://localhost:9200/_template/a",
        ),
    ],
)
def test_a_client_of_the_containers_own_server(image: str, script: str) -> None:
    program = next(each for each in script.replace("'", " ").split() if each in CLIENTS | TOOLS)
    assert said(image, shell(script)) == says(program)
    assert messages("poststart-client-self", "preStop", shell(script), "exec.command", image=image) == []


@pytest.mark.parametrize(
    "script",
    [
        "mkdir -p /a && echo a > /a/b && redis-cli ping",
        "set -e; redis-cli ping; echo done",
        "redis-cli --version; redis-cli ping",
        "export A=b; A=c; redis-cli ping",
        "set -e; elasticsearch-keystore add-file a /b; redis-cli ping",
        "redis-cli ping > /dev/null 2>&1",
        "echo 'config set a b' | redis-cli",
        "mkdir -p /a; cat /x | sort | redis-cli -n 1",
        "{ echo a | redis-cli; } > /x",
        "redis-cli <<END\nconfig set a b\nEND",
        "exec redis-cli ping",
    ],
)
def test_what_stands_before_it(script: str) -> None:
    assert said("redis", shell(script)) == says("redis-cli")


@pytest.mark.parametrize(
    ("script", "guess"),
    [
        ("sleep 5; redis-cli ping", ", after a sleep of 5 s, which is a guess"),
        ("sleep 1m && redis-cli ping", ", after a sleep of 60 s, which is a guess"),
        ("sleep 1; echo; sleep 0.5; redis-cli ping", ", after a sleep of 1.5 s, which is a guess"),
        ("sleep $X; redis-cli ping", ""),
    ],
)
def test_a_pause_is_a_guess(script: str, guess: str) -> None:
    assert said("redis", shell(script)) == says("redis-cli", guess)


def test_a_command_without_a_shell() -> None:
    assert said("redis:7", command("redis-cli", "ping")) == says("redis-cli")
    assert said("redis:7", command("redis-cli", "-h", UNKNOWN, "ping")) == []
    assert said("mysql:8", command("mysql", UNKNOWN)) == []
    assert said("redis:7", command("redis-cli", "ping"), sidecar=True) == says("redis-cli")


@pytest.mark.parametrize(
    "script",
    [
        "redis-cli ping || true",
        "redis-cli ping || :",
        "redis-cli ping || echo",
        "redis-cli ping &",
        "redis-cli ping; echo",
        "! redis-cli ping",
        "redis-cli ping | grep PONG",
        "/wait.sh | redis-cli",
        "echo ping | redis-cli | grep PONG",
        "echo ping | redis-cli; true",
        "until redis-cli ping; do sleep 1; done",
        "until redis-cli ping; do sleep 1; done; redis-cli config set a b",
        "while ! redis-cli ping; do sleep 1; done; redis-cli config set a b",
        "for i in $(seq 1 10); do redis-cli ping && break; sleep 1; done; redis-cli config set a b",
        "timeout 60 sh -c 'until redis-cli ping; do sleep 1; done'; redis-cli config set a b",
        "wait_for() { until redis-cli ping; do sleep 1; done; }; wait_for; redis-cli config set a b",
        "if [ -f /x ]; then redis-cli ping; fi",
        "[ -f /x ] && redis-cli ping",
        "wait-for localhost:6379; redis-cli ping",
        "/scripts/wait.sh && redis-cli ping",
        "$WAIT; redis-cli ping",
        "redis-cli ping || true; redis-cli ping",
        "redis-cli -h redis.data ping",
        "redis-cli -h",
        "redis-cli -h $HOST ping",
        "redis-cli -u redis://cache:6379 ping",
        'redis-cli -u "$REDIS_URL" ping',
        "redis-cli $OPTIONS ping",
        "redis-cli --cluster create a:6379 b:6379",
        "redis-cli --version",
        "redis-cli --help",
        "psql -c 'select 1'",
        "echo redis-cli",
        "true",
        "redis-cli ping; if",
    ],
)
def test_what_waits_or_asks_another_or_is_not_certain(script: str) -> None:
    assert said("redis:7", shell(script)) == []


@pytest.mark.parametrize(
    ("image", "script"),
    [
        (OTHER, "psql -c x"),
        ("postgres", "redis-cli ping"),
        ("oliver006/redis_exporter", "redis-cli ping"),
        ("bitnami/redis-sentinel", "redis-cli ping"),
        ("prometheuscommunity/postgres-exporter", "psql -c x"),
        ("prodrigestivill/postgres-backup-local", "psql -c x"),
        ("redis/redisinsight", "redis-cli ping"),
        ("erikdubbelboer/phpredisadmin", "redis-cli ping"),
        ("acme/mysql-client", "mysql -e x"),
        ("redis/app", "redis-cli ping"),
        ("Not An Image", "redis-cli ping"),
        ("a" * 1000 + "/redis", "redis-cli ping"),
        (None, "redis-cli ping"),
        (UNKNOWN, "redis-cli ping"),
        ("postgres", "pg_isready; psql -c x"),
        ("postgres", "psql postgres://db/x -c x"),
        ("postgres", "psql postgres://localhost,db/x -c x"),
        ("postgres", "psql 'host=db user=x' -c x"),
        ("postgres", 'psql "$URL" -c x'),
        ("postgres", 'psql -d "$DATABASE_URL" -c x'),
        ("postgres", "psql -hdb -c x"),
        ("postgres", "psql --host=$H -c x"),
        ("postgres", "psql --host=db -c x"),
        ("postgres", "psql -U $U $MORE -c x"),
        ("postgres", "PGHOST=db psql -c x"),
        ("postgres", "PGHOST=$X psql -c x"),
        ("postgres", "env PGSERVICE=db psql -c x"),
        ("mysql", "mysql -h$H -p$P -e x"),
        ("mysql", "mysql -h $H -p$P -e x"),
        ("mysql", "mysql $OPTIONS -e x"),
        ("mysql", "echo -p$P > /x; mysql -h$H -e x"),
        ("mysql", "mysql -p$P $OPTIONS -e x"),
        ("mysql", "mysqladmin --wait=5 ping"),
        ("mysql", "mysqladmin -w ping"),
        ("mongo", "mongosh other:27017/x"),
        ("mongo", "mongosh other/x"),
        ("mongo", "mongosh --host rs/a,b --eval x"),
        ("mongo", "mongosh --nodb /x.js"),
        ("rabbitmq", "rabbitmqctl await_startup; rabbitmqctl set_policy a b"),
        ("rabbitmq", "rabbitmqctl wait /x.pid"),
        ("rabbitmq", "rabbitmqctl -n rabbit@other set_policy a b"),
        ("rabbitmq", "rabbitmqctl set_policy a b -n rabbit@other"),
        ("rabbitmq", 'rabbitmqctl set_policy "$A" --node="$N"'),
        ("rabbitmq", "rabbitmqctl help"),
        ("rabbitmq", "rabbitmq-plugins enable rabbitmq_shovel"),
        ("influxdb", "influx config create -n x -u http://localhost:8086"),
        ("influxdb", "influx bucket create --host=$X -n y"),
        ("influxdb", "influx bucket create --host http://other:8086 -n y"),
        ("influxdb", 'influx bucket create -n "$N" --host http://localhost:8086'),
        ("influxdb", "influx version"),
        ("ollama/ollama", "ollama --version"),
        ("ollama/ollama", "OLLAMA_HOST=gpu:11434 ollama pull x"),
        ("cassandra", "cqlsh db -e x"),
        ("cassandra", "nodetool -h other status"),
        ("neo4j", "cypher-shell -a neo4j://db x"),
        ("hashicorp/consul", "consul version"),
        ("hashicorp/consul", "consul kv get -http-addr=http://other:8500 x"),
        ("bitnami/kafka", "kafka-topics.sh --bootstrap-server localhost:9092 --create --topic x"),
        (OTHER, "curl -s --retry 5 --retry-connrefused localhost"),
        (OTHER, "curl -s --retry 5 --retry-all-errors localhost"),
        (OTHER, "wget --retry-connrefused localhost"),
        (OTHER, "curl other:80"),
        (OTHER, "curl $URL"),
        (OTHER, "curl http://$HOSTNAME:8080"),
        (OTHER, "curl localhost:15020/healthz/ready"),
        (OTHER, "curl localhost:4191/ready"),
        (OTHER, "curl localhost other"),
        (OTHER, "curl --version"),
    ],
)
def test_another_server_or_none(image: Any, script: str) -> None:
    assert said(image, shell(script)) == []


@pytest.mark.parametrize(
    ("fields", "is_own"),
    [
        ({"args": ["--appendonly", "yes"]}, True),
        ({"args": []}, True),
        ({"command": []}, True),
        ({"command": ["redis-server", "/etc/redis.conf"]}, True),
        ({"command": ["sh", "-c", "exec /usr/local/bin/redis-server /etc/redis.conf"]}, True),
        ({"args": ["redis-server"]}, True),
        ({"command": ["sleep", "infinity"]}, False),
        ({"command": ["redis-sentinel", "/etc/sentinel.conf"]}, False),
        ({"command": ["redis-server", "/x", "--sentinel"]}, False),
        ({"args": ["redis-cli", "monitor"]}, False),
        ({"args": [5]}, False),
        ({"command": UNKNOWN}, False),
        ({"args": UNKNOWN}, False),
    ],
)
def test_what_the_container_starts(fields: Any, is_own: bool) -> None:
    assert bool(said("redis:7", shell("redis-cli ping"), **fields)) is is_own


@pytest.mark.parametrize(
    ("fields", "is_own"),
    [
        ({"env": [{"name": "PGHOST", "value": "localhost"}]}, True),
        ({"env": [{"name": "PGUSER", "value": "db"}, 5]}, True),
        ({"env": [{"name": "PGHOST", "value": "db"}]}, False),
        ({"env": [{"name": "PGHOST", "valueFrom": {}}]}, False),
        ({"env": [{"name": "PGHOST", "value": UNKNOWN}]}, False),
        ({"env": UNKNOWN}, False),
        ({"envFrom": [{"secretRef": {"name": "db"}}]}, False),
    ],
)
def test_the_host_in_the_environment(fields: Any, is_own: bool) -> None:
    assert bool(said("postgres:17", shell("psql -c x"), **fields)) is is_own


def test_a_server_of_all_addresses_is_the_own() -> None:
    env = [{"name": "OLLAMA_HOST", "value": "0.0.0.0:11434"}]
    assert said("ollama/ollama", command("ollama", "pull", "x"), env=env) == says("ollama")
    assert said("redis", shell("redis-cli ping"), envFrom=[{}]) == says("redis-cli"), "it reads no variable"


def test_a_port_is_the_containers_own_where_it_declares_it_or_is_alone() -> None:
    beside, hook = {"containers": None, "initContainers": [{"name": "i"}]}, shell("curl localhost:8080")
    del beside["containers"]
    assert said(OTHER, hook, spec=beside) == []
    assert said(OTHER, hook, spec=beside, ports=[{"containerPort": 8080}]) == says("curl")
    assert said(OTHER, hook, spec=beside, ports=[{"containerPort": 8081}]) == []


def test_a_part_of_an_object_may_have_a_command_already() -> None:
    assert said("redis", shell("redis-cli ping"), kind="PodPatch") == []
    assert said("redis", shell("redis-cli ping"), kind="PodPatch", args=["--save", ""]) == says("redis-cli")
