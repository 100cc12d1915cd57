"""Reads commitments with a client of somebody else's: python read_commitments.py ENDPOINT NETUID '[{"hotkey": …, "block": …}]'

Prints a JSON list in the same order: the joined Raw fields that the hotkey's commitment has at the end of that block, or null where it
has none.
"""

import json
import sys

from async_substrate_interface import SubstrateInterface


def raw_bytes(value) -> bytes:
    """Bytes of a fixed array, whichever form the decoder gives it."""
    if isinstance(value, str):
        return bytes.fromhex(value.removeprefix("0x"))
    while isinstance(value, (list, tuple)) and len(value) == 1 and isinstance(value[0], (list, tuple)):
        value = value[0]
    return bytes(value)


def text_of(registration) -> str | None:
    if registration is None:
        return None
    parts = []
    for field in registration["info"]["fields"]:
        field = field[0] if isinstance(field, (list, tuple)) else field
        for kind, value in field.items() if isinstance(field, dict) else []:
            if kind.startswith("Raw"):
                parts.append(raw_bytes(value))
    return b"".join(parts).decode("utf-8", "replace")


def main() -> None:
    endpoint, netuid, places = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
    with SubstrateInterface(url=endpoint, ss58_format=42, retry_timeout=10, max_retries=3) as substrate:
        texts = []
        for place in places:
            answer = substrate.query(
                "Commitments",
                "CommitmentOf",
                [netuid, place["hotkey"]],
                block_hash=substrate.get_block_hash(place["block"]),
            )
            texts.append(text_of(getattr(answer, "value", answer)))
    print(json.dumps(texts))


if __name__ == "__main__":
    main()
