"""Signs and verifies with Bittensor's own wallet library: python keypair.py < request.json

The request is {"keys": [{"uri": secret, "message": hex, "signature": hex by the key that is to be judged}]}. Prints a JSON list in the
same order: {"address": of the key, "accepts": whether the signature is the key's, "signature": one by the library}.
"""

import json
import sys

from bittensor_wallet import Keypair


def judged(uri: str, message: str, signature: str) -> dict:
    pair = Keypair.create_from_uri(uri) if uri.startswith("//") else Keypair.create_from_mnemonic(uri)
    data = bytes.fromhex(message)
    return {
        "address": pair.ss58_address,
        "accepts": pair.verify(data, bytes.fromhex(signature)),
        "signature": pair.sign(data).hex(),
    }


if __name__ == "__main__":
    print(json.dumps([judged(**key) for key in json.load(sys.stdin)["keys"]]))
