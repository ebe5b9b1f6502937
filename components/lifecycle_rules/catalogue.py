"""The rules: what each one says, why, the sources for it, and how to fix what it finds.

`make docs` writes docs/rules.md from this catalogue and from the proofs in tests/cluster/proofs.
"""

from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Final


class Group(str, Enum):
    """What a rule is about. The policy pack has one policy per group."""

    ACCEPTED = "accepted"  # the API server would refuse it
    EFFECTIVE = "effective"  # the API server accepts it, but the kubelet can never run it
    BUDGET = "budget"  # the hook's time against the grace period
    SECRETS = "secrets"  # it shows a secret to people who may not see it
    PRACTICE = "practice"  # it works, but not well, or not always: rules of experience, and heuristics


class Severity(str, Enum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Rule:
    """One thing to know about hooks. `why` is the fact behind it, true for Kubernetes 1.37 unless it says otherwise."""

    id: str
    group: Group
    severity: Severity
    title: str
    why: str
    fix: str
    sources: tuple[str, ...]
    """A path in the source of Kubernetes 1.37.2, an issue as `name#number`, a page of kubernetes.io, or a URL."""
    unproven: str = ""
    """What a node with Linux, containerd and the default feature gates cannot show."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: the rule, the field's path as the API server writes it, and the message."""

    rule: Rule
    path: str
    message: str
    container: str


_accepted = partial(Rule, group=Group.ACCEPTED, severity=Severity.ERROR)
_effective = partial(Rule, group=Group.EFFECTIVE, severity=Severity.ERROR)
_budget = partial(Rule, group=Group.BUDGET, severity=Severity.ERROR)
_secrets = partial(Rule, group=Group.SECRETS, severity=Severity.ERROR)
_practice = partial(Rule, group=Group.PRACTICE, severity=Severity.WARNING)
_hint = partial(Rule, group=Group.PRACTICE, severity=Severity.INFO)

_VALIDATION = "pkg/apis/core/validation/validation.go"
_HANDLERS = "pkg/kubelet/lifecycle/handlers.go"
_CONTAINER = "pkg/kubelet/kuberuntime/kuberuntime_container.go"
_MANAGER = "pkg/kubelet/kuberuntime/kuberuntime_manager.go"
_HOOKS_PAGE = "concepts/containers/container-lifecycle-hooks"
_POD_PAGE = "concepts/workloads/pods/pod-lifecycle"
_SIDECAR_PAGE = "concepts/workloads/pods/sidecar-containers"

HOOK_ONE_HANDLER: Final = _accepted(
    id="hook-one-handler",
    title="A hook has exactly one handler",
    why="The API server refuses a hook that has none, or more than one, of exec, httpGet, sleep and tcpSocket.",
    fix="Keep one of exec, httpGet and sleep.",
    sources=(f"{_VALIDATION}#L3616-L3663",),
)
HOOK_KNOWN_FIELD: Final = _accepted(
    id="hook-known-field",
    title="A hook has only fields that Kubernetes knows",
    why=(
        "Strict field validation (kubectl, server-side apply) refuses an unknown field. Without it, the API server "
        "drops the field silently. Typical cases: a misspelled field, a gRPC handler, a field in the wrong place."
    ),
    fix=(
        "Use the API's fields, in camelCase: postStart and preStop, with exec, httpGet or sleep. `lifecycle` belongs "
        "in a container, terminationGracePeriodSeconds beside the containers."
    ),
    sources=(
        "staging/src/k8s.io/api/core/v1/types.go#L3349-L3364",
        "reference/using-api/api-concepts#field-validation",
        "https://github.com/helm/charts/pull/11080",
        "https://github.com/Kong/charts/issues/639",
    ),
)
HOOK_FIELD_TYPE: Final = _accepted(
    id="hook-field-type",
    title="A hook's fields have the types that Kubernetes gives them",
    why="The API server cannot decode a field of another type, and refuses the whole object.",
    fix=(
        "Write numbers without quotes, and strings that look like a number or a boolean in quotes, e.g. "
        '["sleep", "5"]. A handler is an object, e.g. `sleep: {seconds: 5}`.'
    ),
    sources=("staging/src/k8s.io/api/core/v1/types.go#L3349-L3364",),
)
EXEC_COMMAND_LIST: Final = _accepted(
    id="exec-command-list",
    title="An exec handler has a command",
    why="`exec.command` is required, and is a list of words: no shell splits it.",
    fix='Write the command as a list, e.g. ["/bin/sh", "-c", "nginx -s quit"].',
    sources=(f"{_VALIDATION}#L3549-L3555",),
)
HTTPGET_PORT: Final = _accepted(
    id="httpget-port",
    title="An httpGet handler has a valid port number",
    why="A missing port counts as 0, and the API server refuses numbers outside 1..65535.",
    fix="Give the port's number, or a name that the container's ports declare.",
    sources=(f"{_VALIDATION}#L3588-L3597",),
)
HTTPGET_SCHEME: Final = _accepted(
    id="httpget-scheme",
    title="An httpGet handler's scheme is HTTP or HTTPS",
    why="The API server accepts only these two, in capitals.",
    fix="Write HTTP or HTTPS.",
    sources=(f"{_VALIDATION}#L3568-L3570",),
)
HTTPGET_HEADER_NAME: Final = _accepted(
    id="httpget-header-name",
    title="An httpGet handler's header has a valid name",
    why="The API server accepts letters, digits and `-`, and refuses an underscore.",
    fix="Write the name like `X-Header-Name`.",
    sources=(f"{_VALIDATION}#L3571-L3575",),
)
LIFECYCLE_ON_INIT: Final = _accepted(
    id="lifecycle-on-init",
    title="Among init containers, only sidecars can have hooks",
    why="The API server refuses `lifecycle`, even an empty one, on an init container that runs to completion.",
    fix="Remove the hook, or make the container a sidecar with `restartPolicy: Always` (Kubernetes 1.29).",
    sources=(f"{_VALIDATION}#L3964-L3968",),
)
LIFECYCLE_ON_EPHEMERAL: Final = _accepted(
    id="lifecycle-on-ephemeral",
    title="Ephemeral containers cannot have hooks",
    why="The API server refuses `lifecycle` on a container that was added for debugging.",
    fix="Remove the hook.",
    sources=(f"{_VALIDATION}#L3902-L3918",),
)
STOPSIGNAL_OS: Final = _accepted(
    id="stopsignal-os",
    title="A stop signal matches the Pod's operating system",
    why=(
        "With the feature gate ContainerStopSignals (1.33, off by default), the API server refuses a stopSignal "
        "without spec.os.name, and a signal that the operating system does not have."
    ),
    fix="Set `os: {name: linux}`, and give the signal's full name, e.g. SIGTERM.",
    sources=(f"{_VALIDATION}#L3665-L3700", "enhancements#4960"),
    unproven="The feature gate is off on the node, as it is by default.",
)
PROBE_GRACE: Final = _accepted(
    id="probe-grace",
    title="A probe's own grace period is positive, and a readiness probe has none",
    why="It is the time a container has to stop after the probe fails. A readiness probe stops nothing.",
    fix="Give a liveness or startup probe at least 1 second, and remove the field from a readiness probe.",
    sources=(f"{_VALIDATION}#L3381-L3415", "kubernetes#64715"),
)
SLEEP_BOUNDS: Final = _accepted(
    id="sleep-bounds",
    title="A sleep handler fits into the grace period",
    why=(
        "The API server refuses a sleep that is negative, or longer than terminationGracePeriodSeconds (30 when unset)."
    ),
    fix="Shorten the sleep, or raise terminationGracePeriodSeconds above it.",
    sources=(f"{_VALIDATION}#L3478-L3488", "enhancements#3960"),
)
TCPSOCKET_HOOK: Final = _effective(
    id="tcpsocket-hook",
    title="A tcpSocket hook never runs",
    why="The field is kept for compatibility; the kubelet answers `invalid handler` (lifecycle/handlers.go).",
    fix="Use exec, httpGet or sleep.",
    sources=(f"{_HANDLERS}#L103-L107",),
)
HTTPGET_NAMED_PORT: Final = _effective(
    id="httpget-named-port",
    title="An httpGet handler names a port of its own container",
    why="The kubelet looks the name up only in the ports of the container that has the hook (probe/util.go).",
    fix="Declare the port in the same container, or give its number.",
    sources=("pkg/probe/util.go#L25-L52",),
)
HTTPGET_HOSTNETWORK: Final = _effective(
    id="httpget-hostnetwork",
    title="Under hostNetwork, an httpGet handler names its host",
    why="Without a host, the kubelet asks the runtime for the Pod's address. A Pod with hostNetwork has none.",
    fix="Set `host: 127.0.0.1`, since the container shares the node's network, or use exec.",
    sources=(f"{_HANDLERS}#L123-L141", "kubernetes#134285"),
)
HTTPGET_LOCALHOST: Final = _effective(
    id="httpget-localhost",
    title="An httpGet handler's host is not a loopback address",
    why="The kubelet sends the request from the node's network, where the container does not listen.",
    fix="Leave `host` out: the request then goes to the Pod's own address.",
    sources=(f"{_HANDLERS}#L123-L147",),
)
EXEC_EMPTY_ARG0: Final = _effective(
    id="exec-empty-arg0",
    title="An exec handler names a program",
    why="The API server does not check the words of a command, and the runtime finds no program to start.",
    fix="Write the program's name as the first word.",
    sources=(f"{_HANDLERS}#L80-L84",),
)
EXEC_SINGLE_STRING: Final = _effective(
    id="exec-single-string",
    title="An exec handler's command is a list of words",
    why="No shell splits the command: the runtime takes the whole text as the name of one program.",
    fix='Write each word separately, e.g. ["sleep", "10"], or let a shell run the text: ["/bin/sh", "-c", "…"].',
    sources=(f"{_HANDLERS}#L80-L84", "kubernetes#91326"),
)
EXEC_SHELL_SYNTAX: Final = _effective(
    id="exec-shell-syntax",
    title="Shell syntax needs a shell",
    why="The runtime starts the program with the words as they are; `&&`, `|` and `>` mean nothing to it.",
    fix='Let a shell run it: ["/bin/sh", "-c", "…"].',
    sources=(f"{_HANDLERS}#L80-L84",),
)
EXEC_SH_C_SPLIT: Final = _effective(
    id="exec-sh-c-split",
    title="The script of `sh -c` is one word",
    why="A shell takes only the word after -c as its script. The words after that become $0, $1 and so on.",
    fix='Write the script as one word: ["/bin/sh", "-c", "sleep 5"].',
    sources=(f"{_HANDLERS}#L80-L84",),
)
EXEC_SHELL_WITHOUT_C: Final = _effective(
    id="exec-shell-without-c",
    title="A shell needs -c before its script",
    why="Without -c, a shell takes its first argument as the name of a script file, and there is no such file.",
    fix='Put -c before the script: ["/bin/sh", "-c", "sleep 5; nginx -s quit"].',
    sources=(f"{_HANDLERS}#L80-L84", "https://github.com/haproxytech/kubernetes-ingress/issues/464"),
)
EXEC_VAR_LITERAL: Final = _effective(
    id="exec-var-literal",
    title="A variable in a hook's command needs a shell",
    why="Kubernetes expands $(VAR) in `command`, `args` and probes, not in hooks (kubernetes#129502).",
    fix='Let a shell expand it: ["/bin/sh", "-c", "… "$VAR""].',
    sources=(f"{_HANDLERS}#L80-L84", "kubernetes#129502"),
)
EXEC_SCRIPT_SYNTAX: Final = _effective(
    id="exec-script-syntax",
    title="A shell can parse a hook's script",
    why=(
        "A missing `fi`, `done`, `}`, `)` or quote is a syntax error: the shell runs neither the line where the error "
        "starts nor anything after it, and the hook fails."
    ),
    fix="Close what is open, or remove what matches nothing. `sh -n` checks a script without running it.",
    sources=("https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_01",),
)
EXEC_ARGUMENT_REFUSED: Final = _effective(
    id="exec-argument-refused",
    title="A program accepts the time that a hook gives it",
    why=(
        "`sleep` and `timeout` of coreutils and of BusyBox read a number with one of the units s, m, h and d. They "
        "refuse `1m30s`, `5min` and `-5`, and exit at once."
    ),
    fix="Write the seconds as one number: `sleep 90`.",
    sources=(
        "https://www.gnu.org/software/coreutils/manual/html_node/sleep-invocation.html",
        "https://git.busybox.net/busybox/tree/coreutils/sleep.c",
    ),
)
EXEC_OS_MISMATCH: Final = _effective(
    id="exec-os-mismatch",
    title="A hook uses a shell of the Pod's operating system",
    why="The runtime starts the program in the container: Windows has no /bin/sh, and Linux has no cmd.exe.",
    fix="Use the operating system's own shell, or correct spec.os.name.",
    sources=(f"{_HANDLERS}#L80-L84", "kubernetes#73434"),
    unproven="The half about Windows: it needs a Windows node.",
)
GATED_FIELD: Final = _effective(
    id="gated-field",
    title="A field behind a feature gate needs the gate",
    why=(
        "While the gate is off, the API server drops the field silently, before it validates: the Pod has no such hook "
        "or stop signal."
    ),
    fix=(
        "Turn the gate on in the whole control plane and on all nodes, and list it in the policies' `featureGates`; or "
        "do without the field."
    ),
    sources=("pkg/api/pod/util.go#L882-L906", "reference/command-line-tools-reference/feature-gates"),
)
PRESTOP_BUDGET: Final = _budget(
    id="prestop-budget",
    title="A preStop leaves the container time within the grace period",
    why=(
        "The grace period starts at the deletion and covers the hook first, then the stop signal. The API server "
        "accepts a sleep as long as the whole grace period."
    ),
    fix=(
        "Shorten the hook, or raise terminationGracePeriodSeconds to the hook's time plus the time that the process "
        "needs to end."
    ),
    sources=(f"{_CONTAINER}#L897-L910", "kubernetes#65496"),
)
PROBE_GRACE_VS_PRESTOP: Final = _budget(
    id="probe-grace-vs-prestop",
    title="A preStop leaves the container time within its probes' grace periods",
    why="When a liveness or startup probe fails, its own terminationGracePeriodSeconds replaces the Pod's.",
    fix="Shorten the hook, or raise the probe's terminationGracePeriodSeconds above it.",
    sources=(f"{_CONTAINER}#L1423-L1442", "kubernetes#64715"),
)
PRESTOP_UNBOUNDED: Final = _budget(
    id="prestop-unbounded",
    title="A preStop ends by itself",
    why=(
        "A hook that never ends takes the whole grace period: the kubelet waits for it until then, and kills the "
        "container 2 s later."
    ),
    fix="Give the loop a condition that ends it, or a limit: `timeout 20 sh -c '…'`.",
    sources=(f"{_CONTAINER}#L801-L808", "kubernetes#31902"),
)
GRACE_NEGATIVE: Final = _budget(
    id="grace-negative",
    title="A grace period is not negative",
    why="Kubernetes turns it into 1 second: in a Pod at once, in a template when it creates the Pods.",
    fix="Set terminationGracePeriodSeconds to the time that the hook and the process need together.",
    sources=("pkg/apis/core/v1/defaults.go#L164-L168", "pkg/api/pod/warnings.go#L352-L354"),
)
HOOK_SECRET_ARGV: Final = _secrets(
    id="hook-secret-argv",
    title="A hook's command holds no secret",
    why=(
        "Everyone who can read the Pod can read it, and it appears again in the Pod's status when a postStart fails. "
        "On the node it is in an annotation of the container and in the process list."
    ),
    fix=(
        'Take it from a Secret: set an `env` with `secretKeyRef` and use "$NAME" in a shell script, or read it from a '
        "mounted file."
    ),
    sources=(
        f"{_HANDLERS}#L83",
        "pkg/kubelet/kubelet_pods.go#L2770-L2788",
        "pkg/kubelet/kuberuntime/labels.go#L129-L137",
    ),
)
HOOK_SECRET_HTTPGET: Final = _secrets(
    id="hook-secret-httpget",
    title="A hook's request holds no secret",
    why=(
        "Everyone who can read the Pod can read the path and the headers. The path also appears in the Pod's status "
        "when a postStart fails, and in the kubelet's log."
    ),
    fix=(
        'Send the request from the container, which can read a Secret: exec with `curl -H "Authorization: Bearer '
        '$TOKEN"`.'
    ),
    sources=(f"{_HANDLERS}#L83", "pkg/kubelet/kubelet_pods.go#L2770-L2788"),
)
LIFECYCLE_EMPTY: Final = _hint(
    id="lifecycle-empty",
    title="An empty lifecycle does nothing",
    why="The API server accepts `lifecycle: {}`, but there is no hook.",
    fix="Remove it, or add the hook that was meant.",
    sources=(f"{_VALIDATION}#L3706-L3718",),
)
SLEEP_ZERO_SECONDS: Final = _practice(
    id="sleep-zero",
    title="A sleep of 0 seconds does nothing",
    why="An unset `seconds` is 0: the handler returns at once.",
    fix="Set `seconds` to more than 0, or remove the hook.",
    sources=(f"{_HANDLERS}#L111-L121", "enhancements#4818"),
)
EXEC_SLEEP: Final = _practice(
    id="exec-sleep",
    title="A hook that only sleeps needs no program",
    why=(
        "The kubelet runs the sleep action itself (1.30, stable in 1.34). The program `sleep` must be in the image, "
        "and minimal images lack it."
    ),
    fix="Use `sleep: {seconds: …}` instead of exec.",
    sources=("enhancements#3960", "kubernetes#114465"),
)
EXEC_TOOL_MISSING: Final = _practice(
    id="exec-tool-missing",
    title="A hook's programs are in its image",
    why=(
        "A missing program makes the hook fail, and a loop that waits for it to succeed waits in vain. A heuristic: a "
        "table of images and of the programs that they are known to lack."
    ),
    fix="Use a program that the image has, the sleep or httpGet action, or an image that has the program.",
    sources=(
        "kubernetes#114465",
        "https://github.com/nginxinc/docker-nginx/issues/179",
        "https://github.com/coredns/helm/issues/43",
        "https://github.com/dotnet/dotnet-docker/issues/2379",
    ),
)
EXEC_WORDS_LOST: Final = _practice(
    id="exec-words-lost",
    title="A second command after the script of `sh -c` never runs",
    why="A shell runs only the word after -c. The words after that are the script's $0, $1 and so on.",
    fix='Write all commands as one word: ["/bin/sh", "-c", "jstack 1 > /tmp/threads; sleep 10"].',
    sources=(f"{_HANDLERS}#L80-L84", "https://github.com/aws-samples/kubernetes-for-java-developers/issues/12"),
)
HTTPGET_HTTPS: Final = _hint(
    id="httpget-https",
    title="An httpGet hook does not verify TLS",
    why=(
        "The kubelet accepts any certificate. If the server answers in plain HTTP, the kubelet asks again over HTTP, "
        "without the Authorization header. Its event about that, LifecycleHTTPFallback, is lost, because the recorder "
        "accepts no Pods."
    ),
    fix="Do not rely on it for secrecy. Where that matters, verify the certificate in an exec hook.",
    sources=(
        f"{_HANDLERS}#L150-L168",
        "pkg/kubelet/kubelet.go#L621-L626",
        "pkg/kubelet/container/helpers.go#L300-L311",
    ),
)
HTTPGET_STATUS: Final = _hint(
    id="httpget-status",
    title="An httpGet hook ignores the answer's status",
    why=(
        "The hook fails only if the connection fails: 404 and 500 count as success. A heuristic: the path looks like a "
        "health check's."
    ),
    fix="Use a startupProbe or a readinessProbe to wait for health.",
    sources=(f"{_HANDLERS}#L147-L169", "kubernetes#56963"),
)
HTTPGET_HOST: Final = _practice(
    id="httpget-host",
    title="Pod Security refuses a hook's host",
    why=(
        "From policy version 1.34 on, the level baseline refuses any `host` in probes and hooks. A namespace that "
        "enforces it refuses the Pod."
    ),
    fix="Leave `host` out: the request then goes to the Pod's own address.",
    sources=("staging/src/k8s.io/pod-security-admission/policy/check_hostProbesAndhostLifecycle.go#L63-L150",),
)
HTTPGET_METHOD: Final = _practice(
    id="httpget-method",
    title="A hook sends the method that the endpoint expects",
    why=(
        "An httpGet action sends GET, and so do curl and wget by default. Many endpoints act only on POST or PUT, as "
        "Envoy's /drain_listeners does: they refuse a GET, and the kubelet counts the refusal as success. A heuristic: "
        "a table of endpoints, by path, and by image or port where other servers may have the same path."
    ),
    fix="Send the request from the container: exec with `curl -X POST`, or with a client that the image has.",
    sources=(
        f"{_HANDLERS}#L147-L169",
        "https://www.envoyproxy.io/docs/envoy/latest/operations/admin",
        "https://docs.spring.io/spring-boot/api/rest/actuator/shutdown.html",
    ),
)
STDOUT_LOST: Final = _hint(
    id="hook-stdout-lost",
    title="What a hook prints is lost",
    why="It goes neither to the container's log nor into an event.",
    fix="Write to a file, or to the container's log: `> /proc/1/fd/1`.",
    sources=(f"{_HANDLERS}#L84", "kubernetes#16412"),
)
POSTSTART_HTTPGET_SELF: Final = _practice(
    id="poststart-httpget-self",
    title="A postStart does not send a request to its own container",
    why=(
        "It runs once, as soon as the process starts. If the server does not listen yet, the hook fails, and the "
        "kubelet kills the container."
    ),
    fix="Wait with a startupProbe, or retry with a limit in an exec hook.",
    sources=("kubernetes#78286", f"{_HANDLERS}#L143-L169"),
)
POSTSTART_CLIENT_SELF: Final = _practice(
    id="poststart-client-self",
    title="A postStart waits for its own server before it sends a request",
    why=(
        "It runs as soon as the process starts. If nobody listens yet, the client fails the hook, and the kubelet "
        "kills the container. A fixed sleep before it is a guess: a slow start takes longer. A heuristic: a table of "
        "clients, in images of their servers; curl and wget on a port of the container's own."
    ),
    fix=(
        "Retry in a loop with a limit, `for i in $(seq 30); do redis-cli ping && break; sleep 1; done`, or with the "
        "client's own retry: `curl --retry 30 --retry-delay 1 --retry-connrefused`, `rabbitmqctl await_startup`."
    ),
    sources=(
        "kubernetes#78286",
        "https://github.com/networkservicemesh/deployments-k8s/issues/13394",
        "https://github.com/influxdata/helm-charts/issues/336",
        f"{_HANDLERS}#L80-L84",
    ),
)
POSTSTART_UNBOUNDED: Final = _practice(
    id="poststart-unbounded",
    title="A postStart that waits has a limit",
    why=(
        "It has no timeout. While it runs, the Pod can neither become Ready nor be deleted: not even the grace period "
        "ends it."
    ),
    fix="Give it a limit: `timeout 30 sh -c '…'`, or a loop that counts.",
    sources=("kubernetes#116032", "kubernetes#68013", "pkg/kubelet/kubelet.go#L2252-L2267"),
)
POSTSTART_SLEEP: Final = _practice(
    id="poststart-sleep",
    title="A postStart does not sleep",
    why="Until it ends, the Pod is Pending without an address, and the next container does not start.",
    fix="Wait with a startupProbe: Kubernetes gives it a timeout and retries.",
    sources=(f"{_CONTAINER}#L325", f"{_MANAGER}#L1955-L1962"),
)
POSTSTART_SLEEP_PENDING: Final = _practice(
    id="poststart-sleep-pending",
    title="A postStart sleep leaves the Pod Pending in 1.32.0 to 1.32.2",
    why=(
        "In these releases the API server panics on each update of such a Pod, including the kubelet's updates of its "
        "status, unless a preStop uses the sleep action too. The Pod stays Pending, and only a forced deletion removes "
        "it."
    ),
    fix="Upgrade to 1.32.3 or later, or wait with a startupProbe.",
    sources=("kubernetes#129907", "kubernetes#129946", "kubernetes#130496"),
    unproven="The node has 1.37.2, in which this is fixed.",
)
POSTSTART_BACKGROUND: Final = _practice(
    id="poststart-background",
    title="What a hook starts in the background does not hold its output",
    why=(
        "The runtime waits until every process that holds the hook's output has ended: `agent &` keeps the hook, and "
        "the Pod, waiting."
    ),
    fix="Redirect the output, `agent > /dev/null 2>&1 &`, or better, make it a sidecar.",
    sources=(f"{_HANDLERS}#L80-L81", "https://github.com/containerd/containerd/blob/main/docs/cri/config.md"),
)
POSTSTART_NOT_IDEMPOTENT: Final = _practice(
    id="poststart-not-idempotent",
    title="A postStart can run again",
    why="It runs at each start of the container, and what it left in a volume is still there.",
    fix="Use `mkdir -p` or `ln -sf`, or check first.",
    sources=("kubernetes#122803", _HOOKS_PAGE),
)
POSTSTART_IN_JOB: Final = _practice(
    id="poststart-in-job",
    title="A postStart is not a step of a Job",
    why=(
        "When it fails, the kubelet stops the container. If the process then exits with 0, the Pod is Succeeded "
        "without its postStart."
    ),
    fix="Move the step into an init container, or put it before the command.",
    sources=("kubernetes#130438", "pkg/kubelet/container/helpers.go#L90-L120"),
)
PRESTOP_IN_JOB: Final = _hint(
    id="prestop-in-job",
    title="A preStop is not the last step of a Job",
    why="Kubernetes does not stop a container that ends by itself: its preStop never runs.",
    fix="Do it in the command itself: `trap … EXIT`, or one command after another.",
    sources=("kubernetes#55807", _HOOKS_PAGE),
)
JOB_PLAIN_SIDECAR: Final = _practice(
    id="job-plain-sidecar",
    title="A Job's helper is a sidecar container",
    why=(
        "A Job waits until all its containers have ended, and a proxy does not end. A heuristic: a table of well-known "
        "proxies."
    ),
    fix="Move it to initContainers with `restartPolicy: Always` (1.29): Kubernetes stops it after the others.",
    sources=("kubernetes#25908", "enhancements#753"),
)
PRESTOP_SIGNAL_RETURN: Final = _practice(
    id="prestop-signal-return",
    title="A preStop waits for what it asked for",
    why=(
        "A hook that sends a signal returns at once, and the stop signal follows immediately: the process gains no "
        "time."
    ),
    fix="Wait in the hook until the work is done, or sleep first and let the stop signal do the rest.",
    sources=("kubernetes#39170", f"{_CONTAINER}#L793-L810"),
)
PRESTOP_MARGIN: Final = _practice(
    id="prestop-margin",
    title="A preStop leaves the process time to end",
    why=(
        "The time that the hook leaves is all that the process has between its stop signal and its kill. A heuristic: "
        "10 s."
    ),
    fix="Shorten the hook, or raise terminationGracePeriodSeconds.",
    sources=(f"{_CONTAINER}#L897-L910",),
)
PRESTOP_ZERO_GRACE: Final = _practice(
    id="prestop-zero-grace",
    title="A grace period of 0 leaves no time for a preStop",
    why=(
        "On deletion the object is gone at once, and the hook has 2 s. When a probe fails, the kubelet does not run "
        "the hook at all."
    ),
    fix="Set terminationGracePeriodSeconds to the hook's time plus the time that the process needs to end.",
    sources=(f"{_CONTAINER}#L889-L897", "pkg/registry/core/pod/strategy.go#L175-L206"),
)
PRESTOP_UNEVEN: Final = _practice(
    id="prestop-uneven",
    title="All serving containers of a Pod drain",
    why=(
        "All hooks start at the same time. A container without one gets its stop signal at once, while the others "
        "still drain."
    ),
    fix="Give it the same preStop delay.",
    sources=(f"{_CONTAINER}#L946-L960",),
)
SIDECAR_GRACE: Final = _practice(
    id="sidecar-grace",
    title="The grace period is long enough for the sidecars too",
    why=(
        "Sidecars stop after the app containers, within what is left of the same grace period. Then everything is "
        "killed. A heuristic: 10 s for each step."
    ),
    fix="Raise terminationGracePeriodSeconds.",
    sources=(
        f"{_CONTAINER}#L895-L910",
        "pkg/kubelet/kuberuntime/kuberuntime_termination_order.go#L42-L118",
        _SIDECAR_PAGE,
    ),
)
SIDECAR_SELF_STOP: Final = _practice(
    id="sidecar-self-stop",
    title="A sidecar's preStop does not stop the sidecar",
    why=(
        "All hooks run at the start of the termination, a sidecar's too. The sidecar would be gone before the app "
        "containers that need it."
    ),
    fix="Let Kubernetes stop it, which it does after the app containers.",
    sources=("pkg/kubelet/kuberuntime/kuberuntime_termination_order.go#L42-L118", _SIDECAR_PAGE),
)
SERVE_NO_DELAY: Final = _practice(
    id="serve-no-delay",
    title="A server drains before it stops",
    why=(
        "Services drop a Pod's address when the Pod gets its stop signal, not before: requests still reach a process "
        "that is gone. A heuristic: a Deployment with ports and a readinessProbe is a server, and does not keep "
        "serving by itself for a while."
    ),
    fix="Add a preStop, e.g. `sleep: {seconds: 10}`: longer than the cluster needs to learn that the Pod ends.",
    sources=("kubernetes#43576", _POD_PAGE),
)
SERVE_NO_READINESS: Final = _practice(
    id="serve-no-readiness",
    title="A server that drains says when it is ready",
    why=(
        "Without a readinessProbe, a container counts as ready as soon as it has started: a rollout then stops the old "
        "one before the new one answers."
    ),
    fix="Add a readinessProbe.",
    sources=("kubernetes#20473", _POD_PAGE),
)
WEDGE_GRACE: Final = _practice(
    id="wedge-grace",
    title="A wedged process does not get a long grace period",
    why=(
        "When the livenessProbe fails, the container has the whole grace period before it is restarted. A heuristic: "
        "more than 120 s."
    ),
    fix="Set the livenessProbe's own terminationGracePeriodSeconds.",
    sources=("kubernetes#64715", f"{_CONTAINER}#L1423-L1442"),
)
GRACE_TOO_LONG: Final = _hint(
    id="grace-too-long",
    title="A grace period is no longer than a drain waits",
    why=(
        "A node's drain waits that long for a process that does not end. The cluster autoscaler waits 10 minutes by "
        "default."
    ),
    fix="Lower terminationGracePeriodSeconds to the time that the process really needs.",
    sources=("kubernetes#123872", "https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md"),
)
PID1_SHELL: Final = _practice(
    id="pid1-shell",
    title="The stop signal reaches the process",
    why=(
        "A shell that is PID 1 and waits for its command neither ends on the stop signal nor passes it on: the grace "
        "period runs out, and everything is killed."
    ),
    fix="Replace the shell by the process, `exec server`, or trap the signal.",
    sources=("kubernetes#127188", "tasks/configure-pod-container/attach-handler-lifecycle-event"),
)

RULES: Final = tuple(each for each in list(globals().values()) if isinstance(each, Rule))
"""All rules above, in this order, which docs/rules.md keeps."""
