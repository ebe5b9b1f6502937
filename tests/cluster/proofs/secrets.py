"""Group `secrets`: a postStart that fails, as each does sooner or later; nothing listens on its port."""

from .observe import SECRET, in_the_status
from .proof import Proof, Spec, command, pod, shell

URL = "http://127.0.0.1:9/register"
TOKEN: Spec = {
    "env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": SECRET["name"], "key": SECRET["key"]}}}]
}
FROM_ENV = pod(shell(f'curl -sf -H "Authorization: Bearer $TOKEN" {URL}'), event="postStart", **TOKEN)
SECRETS = {
    "hook-secret-argv": Proof(
        in_the_status,
        fails=pod(command("curl", "-sf", "-H", f"Authorization: Bearer {SECRET['value']}", URL), event="postStart"),
        failed="the secret stands in the Pod's spec and status",
        works=FROM_ENV,
        worked="the secret stands nowhere in the Pod",
    ),
    "hook-secret-httpget": Proof(
        in_the_status,
        fails=pod({"httpGet": {"port": 9, "path": f"/register?token={SECRET['value']}"}}, event="postStart"),
        failed="the secret stands in the Pod's spec and status",
        works=FROM_ENV,
        worked="the secret stands nowhere in the Pod",
    ),
}
