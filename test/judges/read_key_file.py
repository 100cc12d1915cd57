"""Opens an encrypted key file with bittensor-wallet and prints its address as JSON; null where the package is missing."""

import json
import sys

try:
    from bittensor_wallet import Keyfile
except ImportError:
    print("null")
    sys.exit(0)

path, password = sys.argv[1:]
print(json.dumps(Keyfile(path=path).get_keypair(password=password).ss58_address))
