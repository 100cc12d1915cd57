"""Encrypts and decrypts with Bittensor's own time-lock library: python timelock.py < request.json

The request is {"open": [{"ciphertext": hex, "round": int, "signature": hex}], "seal": [{"plaintext": hex, "round": int}],
"commits": [arguments of get_encrypted_commit_v2, hotkey as hex]}. Prints {"opened": [hex or null], "sealed": [hex],
"commits": [{"round": int, "bytes": int, "before": seconds, "after": seconds}]}.
"""

import json
import sys
import time

import bittensor_drand


def compact(number: int) -> bytes:
    if number < 1 << 6:
        return bytes([number << 2])
    if number < 1 << 14:
        return (number << 2 | 1).to_bytes(2, "little")
    return (number << 2 | 2).to_bytes(4, "little")


def opened(ciphertext: str, round: int, signature: str) -> str | None:
    inner = bytes.fromhex(ciphertext)
    envelope = compact(len(inner)) + inner + round.to_bytes(8, "little")
    try:
        return bittensor_drand.decrypt_with_signature(envelope, signature).hex()
    except ValueError:
        return None


def sealed(plaintext: str, round: int) -> str:
    """The ciphertext without the envelope that the library puts around it: its length before, its round after."""
    envelope, _ = bittensor_drand.encrypt_at_round(bytes.fromhex(plaintext), round)
    prefix = (1, 2, 4)[envelope[0] & 3]
    return envelope[prefix:-8].hex()


def committed(request: dict) -> dict:
    before = time.time()
    commit, round = bittensor_drand.get_encrypted_commit_v2(**{**request, "hotkey": bytes.fromhex(request["hotkey"])})
    return {"round": round, "bytes": len(commit), "before": before, "after": time.time()}


def main() -> None:
    request = json.load(sys.stdin)
    answer = {
        "opened": [opened(**item) for item in request["open"]],
        "sealed": [sealed(**item) for item in request["seal"]],
        "commits": [committed(item) for item in request["commits"]],
    }
    json.dump(answer, sys.stdout)


main()
