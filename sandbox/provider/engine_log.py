"""Messages to the person at the terminal, through the engine."""

import threading
from contextlib import suppress
from typing import Final

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

_SECONDS: Final = 5.0


class EngineLog:
    """What a resource is doing (`status`, overwritten by the next one) and what stays on the screen.

    A message that cannot be delivered is dropped: no operation fails for want of a listener.
    """

    def __init__(self) -> None:
        self._stub: engine_pb2_grpc.EngineStub | None = None
        self._lock = threading.Lock()
        self._said_once: set[str] = set()

    def connect(self, address: str) -> None:
        self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address)) if address else None

    def status(self, urn: str, message: str) -> None:
        self._send(engine_pb2.INFO, urn, message, ephemeral=True)

    def info(self, urn: str, message: str) -> None:
        self._send(engine_pb2.INFO, urn, message)

    def warning(self, urn: str, message: str) -> None:
        self._send(engine_pb2.WARNING, urn, message)

    def once(self, message: str) -> None:
        """Said of the whole operation, and only the first time."""
        with self._lock:
            if message in self._said_once:
                return
            self._said_once.add(message)
            self.info("", message)

    def _send(
        self, severity: engine_pb2.LogSeverity.ValueType, urn: str, message: str, ephemeral: bool = False
    ) -> None:
        if self._stub is None:
            return
        request = engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=ephemeral)
        with suppress(grpc.RpcError):
            self._stub.Log(request, timeout=_SECONDS)
