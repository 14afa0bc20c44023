"""How the coordinator and a worker talk: one JSON object per line, over two pipes of their own.

Standard output and error belong to the user's code, which may print what it likes.

| command | reply |
|---|---|
| `load` | phases, versions, device, dtype, checksum of the weights; or `skip` with a reason |
| `reference`, `rounding` | batch and parameters; the files are in the directory given |
| `describe`, `operations` | what a backend is; what it makes of each operation |
| `first_call`, `parity`, `warm_up`, `sample`, `audit`, `allocator` | what they measured |

A reply is `{"ok": true, …}`, or `{"ok": false, "kind": "input" | "error", "message": …}`: `input` means that what the
user gave is wrong, whichever backend runs it.
"""

from __future__ import annotations

import json
from typing import Any, Final, TypeAlias, final

Message: TypeAlias = dict[str, Any]
LINE_LIMIT: Final = 16 * 2**20


class ProtocolError(Exception):
    """Bytes arrived that are not a message."""


@final
class LineBuffer:
    """Collects bytes until they make whole messages."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Add what was read; return the messages that are now complete.

        Raises:
            ProtocolError: for a line that is not a JSON object, or one that does not end.

        >>> LineBuffer().feed(encode({"ok": True}) + b'{"half')
        [{'ok': True}]
        """
        self._bytes += data
        *lines, rest = self._bytes.split(b"\n")
        if len(rest) > LINE_LIMIT:
            raise ProtocolError(f"a line of more than {LINE_LIMIT} bytes")
        self._bytes = bytearray(rest)
        return [_decode(bytes(line)) for line in lines]


def encode(message: Message) -> bytes:
    """Return the message as one line."""
    return json.dumps(message, allow_nan=False).encode() + b"\n"


def _decode(line: bytes) -> Message:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise ProtocolError(f"not JSON: {line[:80]!r}") from error
    if not isinstance(message, dict):
        raise ProtocolError(f"not a JSON object: {line[:80]!r}")
    return message
