"""Group `effective`: the Pod is accepted, runs, and is deleted; its preStop fails, and the one advised does not."""

from typing import Any

from .observe import hook_on_deletion, stored
from .proof import Proof, Spec, command, pod, shell

FAILED = "Warning FailedPreStopHook: PreStopHook failed"
PORT: Spec = {"ports": [{"name": "http", "containerPort": 80}]}
READINESS = {"readinessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1}}
# A hook finds nginx listening; and under hostNetwork, where the port is the node's, only one Pod has it at a time.
SERVES: Spec = {**PORT, **READINESS}
SECONDS = {"env": [{"name": "SECONDS_TO_DRAIN", "value": "1"}]}
SHARED: Spec = {"volumes": [{"name": "shared", "emptyDir": {}}]}
PROBED: dict[str, Any] = {
    "command": ["sleep", "infinity"],
    "livenessProbe": {"exec": {"command": ["false"]}, "failureThreshold": 1, "periodSeconds": 1},
    "volumeMounts": [{"name": "shared", "mountPath": "/shared"}],
}


def fails(fails: Spec, works: Spec) -> Proof:
    return Proof(hook_on_deletion, fails, FAILED, works, "the hook did not fail")


EFFECTIVE = {
    "tcpsocket-hook": fails(pod({"tcpSocket": {"port": 80}}, **SERVES), pod({"httpGet": {"port": 80}}, **SERVES)),
    "httpget-named-port": fails(
        pod({"httpGet": {"port": "web"}}, **SERVES), pod({"httpGet": {"port": "http"}}, **SERVES)
    ),
    "httpget-hostnetwork": fails(
        {"hostNetwork": True, **pod({"httpGet": {"port": 80}}, **SERVES)},
        {"hostNetwork": True, **pod({"httpGet": {"port": 80, "host": "127.0.0.1"}}, **SERVES)},
    ),
    "httpget-localhost": fails(
        pod({"httpGet": {"port": 80, "host": "localhost"}}, **SERVES), pod({"httpGet": {"port": 80}}, **SERVES)
    ),
    "exec-empty-arg0": fails(pod(command("", "-s", "reload")), pod(command("nginx", "-s", "reload"))),
    "exec-single-string": fails(pod(command("sleep 1")), pod(command("sleep", "1"))),
    "exec-shell-syntax": fails(
        pod(command("nginx", "-s", "reload", "&&", "sleep", "1")), pod(shell("nginx -s reload && sleep 1"))
    ),
    "exec-sh-c-split": fails(pod(command("sh", "-c", "sleep", "1")), pod(command("sh", "-c", "sleep 1"))),
    "exec-shell-without-c": fails(
        pod(command("/bin/sh", "sleep 1; nginx -s reload")), pod(shell("sleep 1; nginx -s reload"))
    ),
    "exec-var-literal": fails(
        pod(command("sleep", "$(SECONDS_TO_DRAIN)"), **SECONDS), pod(shell('sleep "$SECONDS_TO_DRAIN"'), **SECONDS)
    ),
    "exec-script-syntax": fails(
        pod(shell("if [ -d /tmp ]; then sleep 1")), pod(shell("if [ -d /tmp ]; then sleep 1; fi"))
    ),
    "exec-argument-refused": fails(pod(shell("sleep 0m2s")), pod(shell("sleep 2"))),
    "exec-os-mismatch": fails(
        {"os": {"name": "linux"}, **pod(command("powershell.exe", "-Command", "Start-Sleep 1"))},
        {"os": {"name": "linux"}, **pod(shell("sleep 1"))},
    ),
    "gated-field": Proof(
        stored,
        fails={"os": {"name": "linux"}, **pod("SIGUSR1", event="stopSignal")},
        failed="stored with terminationGracePeriodSeconds 30, lifecycle none",
        works={"os": {"name": "linux"}, **pod(shell("kill -USR1 1; sleep 1"))},
        worked="stored with terminationGracePeriodSeconds 30, lifecycle "
        '{"preStop": {"exec": {"command": ["/bin/sh", "-c", "kill -USR1 1; sleep 1"]}}}',
    ),
}
