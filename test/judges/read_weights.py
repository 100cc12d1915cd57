"""Reads weights with a client of somebody else's: python read_weights.py ENDPOINT NETUID UID BLOCK

Prints the (uid, weight) pairs that the uid has set at the end of that block, as JSON.
"""

import json
import sys

from async_substrate_interface import SubstrateInterface

if __name__ == "__main__":
    endpoint, netuid, uid, block = sys.argv[1], *map(int, sys.argv[2:])
    with SubstrateInterface(url=endpoint, ss58_format=42, retry_timeout=10, max_retries=3) as substrate:
        answer = substrate.query("SubtensorModule", "Weights", [netuid, uid], block_hash=substrate.get_block_hash(block))
        print(json.dumps(getattr(answer, "value", answer)))
