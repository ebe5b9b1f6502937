"""gRPC: requests from the engine to `Provider`, and its exceptions back as the engine's kinds of failure.

The SDK has a server for providers written in Python, but it puts a stack trace behind every message and
has no way to say that an object exists although its creation failed.
"""

import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as proto

from sandbox.provider.cluster import ApiError, NoSuchKind, Unreachable
from sandbox.provider.engine_log import EngineLog
from sandbox.provider.provider import InitFailed, Provider, Refused, schema

_THREADS: Final = 256  # each resource that is waited for holds one
_MAX_BYTES: Final = 400 * 1024 * 1024  # the engine's own limit
_GRACE_SECONDS: Final = 10.0

Response = TypeVar("Response")


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    def __init__(self, provider: Provider, log: EngineLog, version: str) -> None:
        self._provider = provider
        self._log = log
        self._version = version

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self._version)

    def GetSchema(self, request: proto.GetSchemaRequest, context: grpc.ServicerContext) -> proto.GetSchemaResponse:
        return proto.GetSchemaResponse(schema=schema(self._version))

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """For `PULUMI_DEBUG_PROVIDERS=kubernetes:PORT`, where the engine comes later than the provider."""
        self._log.connect(request.address)
        return empty_pb2.Empty()

    def CheckConfig(self, request: proto.CheckRequest, context: grpc.ServicerContext) -> proto.CheckResponse:
        return _answer(context, self._provider.check_config, request)

    def DiffConfig(self, request: proto.DiffRequest, context: grpc.ServicerContext) -> proto.DiffResponse:
        return _answer(context, self._provider.diff_config, request)

    def Configure(self, request: proto.ConfigureRequest, context: grpc.ServicerContext) -> proto.ConfigureResponse:
        return _answer(context, self._provider.configure, request)

    def Check(self, request: proto.CheckRequest, context: grpc.ServicerContext) -> proto.CheckResponse:
        return _answer(context, self._provider.check, request)

    def Diff(self, request: proto.DiffRequest, context: grpc.ServicerContext) -> proto.DiffResponse:
        return _answer(context, self._provider.diff, request)

    def Create(self, request: proto.CreateRequest, context: grpc.ServicerContext) -> proto.CreateResponse:
        return _answer(context, self._provider.create, request)

    def Read(self, request: proto.ReadRequest, context: grpc.ServicerContext) -> proto.ReadResponse:
        return _answer(context, self._provider.read, request)

    def Update(self, request: proto.UpdateRequest, context: grpc.ServicerContext) -> proto.UpdateResponse:
        return _answer(context, self._provider.update, request)

    def Delete(self, request: proto.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        _answer(context, self._provider.delete, request)
        return empty_pb2.Empty()

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self._provider.cancel()
        return empty_pb2.Empty()

    def Invoke(self, request: proto.InvokeRequest, context: grpc.ServicerContext) -> proto.InvokeResponse:
        _unserved(context, request.tok)

    def Call(self, request: proto.CallRequest, context: grpc.ServicerContext) -> proto.CallResponse:
        _unserved(context, request.tok)

    def Construct(self, request: proto.ConstructRequest, context: grpc.ServicerContext) -> proto.ConstructResponse:
        _unserved(context, request.type)


def serve(version: str, engine_address: str) -> None:
    """Until the engine ends it. The first line on stdout is the port: the engine waits for it."""
    log = EngineLog()
    log.connect(engine_address)
    server = grpc.server(
        ThreadPoolExecutor(_THREADS),
        options=[("grpc.max_receive_message_length", _MAX_BYTES), ("grpc.max_send_message_length", _MAX_BYTES)],
    )
    provider = Provider(log)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(provider, log, version), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    try:
        server.wait_for_termination()
    except KeyboardInterrupt:
        # How the engine ends a plugin. What is under way ends first, or its objects would be lost to the state.
        provider.cancel()
        server.stop(_GRACE_SECONDS).wait()


@dataclass
class _Status:
    """What `abort_with_status` wants; gRPC gives no class for it."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, bytes], ...] = ()


class _Rpc(_Status, grpc.Status):  # type: ignore[misc]
    pass


def _answer(context: grpc.ServicerContext, operation: Callable[[Any], Response], request: Message) -> Response:
    try:
        return operation(request)
    except InitFailed as failure:
        context.abort_with_status(_Rpc(grpc.StatusCode.UNKNOWN, str(failure), _details(failure)))
    except (Refused, Unreachable, ApiError, NoSuchKind) as refusal:
        context.abort(grpc.StatusCode.UNKNOWN, str(refusal))
    except ValueError as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        context.abort(grpc.StatusCode.INTERNAL, f"the stand-in for the Kubernetes provider failed: {error!r}")
    raise AssertionError("abort raises")


def _details(failure: InitFailed) -> tuple[tuple[str, bytes], ...]:
    """The engine keeps the object in the state, and tries to finish it with the next update."""
    detail = proto.ErrorResourceInitFailed(
        id=failure.object_id, properties=failure.state, reasons=failure.reasons, inputs=failure.inputs
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(failure))
    status.details.add().Pack(detail)
    return (("grpc-status-details-bin", status.SerializeToString()),)


def _unserved(context: grpc.ServicerContext, token: str) -> NoReturn:
    context.abort(
        grpc.StatusCode.UNKNOWN,
        f"the stand-in for the Kubernetes provider does not serve {token}; "
        "the official plugin `pulumi-resource-kubernetes` does",
    )
    raise AssertionError("abort raises")
