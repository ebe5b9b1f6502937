"""Carries connections from the socket at descriptor 3 to the API server.

The socket was opened outside: it listens on the machine's loopback, though the process that accepts
its connections lives in another network namespace.
"""

import asyncio
import socket

LISTENER = 3
TARGET = ("127.0.0.1", 6443)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        inner_reader, inner_writer = await asyncio.open_connection(*TARGET)
    except OSError:
        writer.close()
        return
    await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))


async def main() -> None:
    server = await asyncio.start_server(carry, sock=socket.socket(fileno=LISTENER))
    await server.serve_forever()


asyncio.run(main())
