"""Group `accepted`: what the API server says in a dry run; test_accepted.py has all its other verdicts."""

from .observe import refused
from .proof import Proof, command, container, pod

SIDECAR = {"restartPolicy": "Always"}
DRAIN = {"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}
ACCEPTED = {
    "hook-one-handler": Proof(
        refused,
        fails=pod({**command("nginx", "-s", "quit"), "sleep": {"seconds": 5}}),
        failed="spec.containers[0].lifecycle.preStop.sleep: Forbidden: may not specify more than 1 handler type",
        works=pod({"sleep": {"seconds": 5}}),
        worked="accepted",
    ),
    "hook-known-field": Proof(
        refused,
        fails={"containers": [container(lifecycle={"prestop": {"sleep": {"seconds": 5}}})]},
        failed='unknown field "spec.containers[0].lifecycle.prestop"',
        works=pod({"sleep": {"seconds": 5}}),
        worked="accepted",
    ),
    "hook-field-type": Proof(
        refused,
        fails=pod({"exec": {"command": ["sleep", 5]}}),
        failed='Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field '
        "ExecAction.spec.containers.lifecycle.preStop.exec.command of type string",
        works=pod({"exec": {"command": ["sleep", "5"]}}),
        worked="accepted",
    ),
    "exec-command-list": Proof(
        refused,
        fails=pod({"exec": {}}),
        failed="spec.containers[0].lifecycle.preStop.exec.command: Required value",
        works=pod(command("nginx", "-s", "quit")),
        worked="accepted",
    ),
    "httpget-port": Proof(
        refused,
        fails=pod({"httpGet": {"path": "/drain", "port": "8080"}}),
        failed="spec.containers[0].lifecycle.preStop.httpGet.port: "
        'Invalid value: "8080": must contain at least one letter (a-z)',
        works=pod({"httpGet": {"path": "/drain", "port": 8080}}),
        worked="accepted",
    ),
    "httpget-scheme": Proof(
        refused,
        fails=pod({"httpGet": {"port": 443, "scheme": "https"}}),
        failed="spec.containers[0].lifecycle.preStop.httpGet.scheme: "
        'Unsupported value: "https": supported values: "HTTP", "HTTPS"',
        works=pod({"httpGet": {"port": 443, "scheme": "HTTPS"}}),
        worked="accepted",
    ),
    "httpget-header-name": Proof(
        refused,
        fails=pod({"httpGet": {"port": 80, "httpHeaders": [{"name": "X_Drain", "value": "1"}]}}),
        failed="spec.containers[0].lifecycle.preStop.httpGet.httpHeaders: "
        "Invalid value: \"X_Drain\": a valid HTTP header must consist of alphanumeric characters or '-' "
        "(e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
        works=pod({"httpGet": {"port": 80, "httpHeaders": [{"name": "X-Drain", "value": "1"}]}}),
        worked="accepted",
    ),
    "lifecycle-on-init": Proof(
        refused,
        fails={"initContainers": [container("setup", **DRAIN)], **pod()},
        failed="spec.initContainers[0].lifecycle: "
        "Forbidden: may not be set for init containers without restartPolicy=Always",
        works={"initContainers": [container("proxy", **SIDECAR, **DRAIN)], **pod()},
        worked="accepted",
    ),
    "lifecycle-on-ephemeral": Proof(
        refused,
        fails={**pod(), "ephemeralContainers": [container("debug", **DRAIN)]},
        failed="spec.ephemeralContainers[0].lifecycle: Forbidden: cannot be set for an Ephemeral Container; "
        "spec.ephemeralContainers: Forbidden: cannot be set on create",
        works=pod(),
        worked="accepted",
    ),
    "probe-grace": Proof(
        refused,
        fails=pod(readinessProbe={"httpGet": {"port": 80}, "terminationGracePeriodSeconds": 5}),
        failed="spec.containers[0].readinessProbe.terminationGracePeriodSeconds: "
        "Invalid value: 5: must not be set for readinessProbes",
        works=pod(livenessProbe={"httpGet": {"port": 80}, "terminationGracePeriodSeconds": 5}),
        worked="accepted",
    ),
    "sleep-bounds": Proof(
        refused,
        fails=pod({"sleep": {"seconds": 60}}),
        failed="spec.containers[0].lifecycle.preStop.sleep: "
        "Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30)",
        works=pod({"sleep": {"seconds": 60}}, grace=90),
        worked="accepted",
    ),
}
