"""Programs that only send a signal and return."""

import pytest

from lifecycle_rules.duration import command_seconds
from lifecycle_rules.signals import ends_the_server, sends_a_signal

from .test_practice_hooks import messages, shell

ENDS = [
    "nginx -s quit",
    "nginx -squit",
    "/usr/sbin/nginx -c x -s stop",
    "openresty -s quit",
    "angie -s stop",
    "freenginx -s quit",
    "apachectl -k graceful-stop",
    "apachectl graceful-stop",
    "/usr/local/apache2/bin/apachectl -k stop",
    "apache2ctl stop",
    "httpd -k graceful-stop",
    "httpd -kstop",
    "apache2 -f x -k stop",
    "pg_ctl stop -m fast -W",
    "pg_ctl --no-wait stop",
    "rndc stop",
    "rndc -s 127.0.0.1 halt",
    "s6-svc -d /run/service/web",
    "s6-svscanctl -t /run/service",
    "squid -k shutdown",
    "squid -kinterrupt",
    "supervisorctl shutdown",
    "supervisorctl -c x shutdown",
    "uwsgi --stop /run/uwsgi.pid",
]
GOES_ON = ["apachectl graceful", "httpd -k graceful", "apache2 -kgraceful"]
OTHERS = [
    "nginx",
    "nginx -s reload",
    "nginx quit",
    "nginx -t stop",
    "httpd -k start",
    "httpd stop",
    "httpd -k restart",
    "apachectl restart",
    "pg_ctl stop -m fast",
    "pg_ctl -w stop",
    "pg_ctl reload -W",
    "rndc reload",
    "s6-svc -wd -d /run/service/web",
    "s6-svc -wD -T 5000 -d /run/service/web",
    "s6-svc -h /run/service/web",
    "s6-svscanctl -a /run/service",
    "squid -k reconfigure",
    "squid shutdown",
    "supervisorctl stop all",
    "uwsgi --reload /run/uwsgi.pid",
    "sv down web",
    "redis-cli shutdown",
    "mysqladmin shutdown",
    "nats-server -sl=ldm=/run/nats.pid",
    "server -s quit",
]


@pytest.mark.parametrize("command", [*ENDS, *GOES_ON])
def test_a_program_that_returns_at_once(command: str) -> None:
    assert sends_a_signal(command.split())
    program = command.split()[0].rpartition("/")[2]
    words = f"returns as soon as {program} has sent its signal, and the stop signal follows at once"
    assert messages("prestop-signal-return", "preStop", shell(command), "exec.command") == [words]
    for script in (f"{command}; sleep 5", f"sleep 5; {command}", f"{command}; while a; do b; done"):
        assert messages("prestop-signal-return", "preStop", shell(script), "exec.command") == []


@pytest.mark.parametrize("command", OTHERS)
def test_a_program_that_waits_or_sends_none(command: str) -> None:
    assert not sends_a_signal(command.split())
    assert messages("prestop-signal-return", "preStop", shell(command), "exec.command") == []


@pytest.mark.parametrize("words", [(), (None,), (None, "-s", "quit"), ("nginx", "-s", None), ("nginx", None, "quit")])
def test_words_that_are_not_known(words: tuple[str | None, ...]) -> None:
    assert not sends_a_signal(words)
    assert not ends_the_server(words)


@pytest.mark.parametrize("command", ENDS)
def test_what_is_behind_it_may_not_run(command: str) -> None:
    assert command_seconds(["sh", "-c", f"sleep 1; {command}; sleep 9"]) == 1


@pytest.mark.parametrize("command", [*GOES_ON, *OTHERS])
def test_what_is_behind_another_runs(command: str) -> None:
    assert not ends_the_server(command.split())
    if "shutdown" not in command and not command.startswith("pg_ctl"):  # these end it, once they are done
        runs_on(command)


def runs_on(command: str) -> None:
    assert command_seconds(["sh", "-c", f"sleep 1; {command}; sleep 9"]) == 10
