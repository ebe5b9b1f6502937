"""The cluster of a provider, as kubectl asks it."""

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pulumi

KUBECTL_SECONDS: Final = "5s"
_RENDERS: Final = "renderYamlToDirectory"
# The provider's settings that say which cluster it is, by kubectl's flags.
_FLAGS: Final = {"kubeconfig": "--kubeconfig", "context": "--context", "cluster": "--cluster"}


class Cluster:
    """Asks one cluster. What is wrong with it is a line for debugging, and no error: the provider says it, too."""

    def __init__(self, provider: pulumi.ProviderResource | None = None) -> None:
        """The cluster of the provider, and that of the default provider without one."""
        self.is_default: Final = provider is None
        self._provider = provider
        self._said: set[str] = set()

    async def ask(self, *words: str) -> Any:
        """What kubectl says as JSON; nothing where there is no kubectl, no such cluster or no answer.

        `words` are as they are, without a shell. A name among them may be anything: `pod/NAME` is never an option.
        """
        program = shutil.which("kubectl")
        if program is None:
            return self._nothing("no kubectl on PATH: cannot look up whether a hook failed")
        settings = await self._settings()
        if settings is None:
            return self._nothing("the provider's settings are unknown: cannot look up whether a hook failed")
        if settings.pop(_RENDERS, None):
            return self._nothing("the provider only renders YAML: cannot look up whether a hook failed")
        given = settings.get("kubeconfig")
        is_path = given is None or os.path.exists(os.path.expanduser(given))
        options = ["--output", "json", "--request-timeout", KUBECTL_SECONDS]
        with contextlib.ExitStack() as stack:
            if given is not None:
                settings["kubeconfig"] = os.path.expanduser(given) if is_path else stack.enter_context(_file(given))
            for key, value in settings.items():
                options += [_FLAGS[key], value]
            process = await asyncio.create_subprocess_exec(
                *(program, *words, *options), stdin=DEVNULL, stdout=PIPE, stderr=PIPE
            )
            out, error = await process.communicate()
        if process.returncode != 0:
            # An error about a kubeconfig may quote it, and one that is given as text may be secret.
            why = error.decode(errors="replace").strip() if is_path else f"exit status {process.returncode}"
            pulumi.log.debug(f"kubectl {' '.join(words)}: {why}")
            return {}
        try:
            return json.loads(out or "{}")
        except ValueError:
            return {}

    async def _settings(self) -> dict[str, str] | None:
        """What the provider was given; None where that is not known."""
        if self._provider is None:
            config = pulumi.Config("kubernetes")
            return {key: value for key in (*_FLAGS, _RENDERS) if (value := config.get(key))}
        settings = {}
        for key in _FLAGS:  # of settings of two words Pulumi's Python knows no output
            given: Any = pulumi.get(self._provider, key)
            if isinstance(given, pulumi.Output):
                if not await given.is_known():
                    return None
                given = await given.future()
            if given:
                settings[key] = given if isinstance(given, str) else json.dumps(given)
        return settings

    def _nothing(self, why: str) -> Mapping[str, Any]:
        """Says why once, though it is asked every two seconds."""
        if why not in self._said:
            self._said.add(why)
            pulumi.log.debug(why)
        return {}


def cluster_of(provider: pulumi.ProviderResource | None) -> Cluster | None:
    """That of a provider; None where its settings cannot be had, as where it is of a program in another language."""
    import pulumi_kubernetes as k8s

    if provider is None or isinstance(provider, k8s.Provider):
        return Cluster(provider)
    pulumi.log.debug("the given provider does not show its settings here: cannot look up whether a hook failed")
    return None


@contextlib.contextmanager
def _file(kubeconfig: str) -> Iterator[str]:
    """A file with the kubeconfig, for its owner only, and gone right after."""
    with tempfile.TemporaryDirectory(prefix="lifecycle-demo-") as folder:
        path = os.path.join(folder, "kubeconfig")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(kubeconfig)
        yield path
