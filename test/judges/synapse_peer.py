"""A peer by Bittensor's own SDK: python synapse_peer.py <secret of its hotkey> <port for its Axon>

Serves SeineTask (signing its answers), SeineCapacity (as the SDK leaves them: unsigned) and Values (gives back what it is sent), each with the SDK's own
verification. Says {"hotkey": …} once it listens; then each line read is a command and is answered by one line:
  {"ask": {"ip", "port", "hotkey"}, "type", "fields", "timeout"}  its Dendrite asks an axon
  {"read": [JSON text]}                                           Python's text of each, and the body hash of a Values with it
"""

import asyncio
import json
import os
import socket
import sys
import time
from typing import Any, ClassVar, Optional

# The SDK writes its log where it likes: what this peer says goes out beside it.
says = os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

import bittensor
from bittensor.utils import networking
from bittensor_wallet import Keypair

# The SDK asks a public service for its own address; what this peer logs need not be true.
networking.get_external_ip = lambda: "192.0.2.1"


class SeineTask(bittensor.Synapse):
    task: str
    api: str
    body: str
    answer: Optional[str] = None
    required_hash_fields: ClassVar[tuple[str, ...]] = ("task", "api", "body")


class SeineCapacity(bittensor.Synapse):
    statement: Optional[str] = None


class Values(bittensor.Synapse):
    value: Any = None
    required_hash_fields: ClassVar[tuple[str, ...]] = ("value",)


class Wallet:
    def __init__(self, hotkey: Keypair):
        self.hotkey = self.coldkeypub = hotkey


def serve(keypair: Keypair, port: int) -> bittensor.Axon:
    axon = bittensor.Axon(wallet=Wallet(keypair), ip="127.0.0.1", external_ip="127.0.0.1", port=port)
    axon.fast_config.host = "127.0.0.1"

    def do_task(synapse: SeineTask) -> SeineTask:
        if synapse.task == "busy":
            synapse.axon.status_code = 429
        request = json.loads(synapse.body)
        message = {"role": "assistant", "content": f"{synapse.task}: {request['messages'][0]['content']}"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        synapse.answer = json.dumps({"id": "1", "model": request["model"], "choices": [choice]})
        synapse.axon.nonce, synapse.axon.uuid = time.time_ns(), axon.uuid
        signed = f"{synapse.axon.nonce}.{synapse.dendrite.hotkey}.{synapse.axon.hotkey}.{axon.uuid}"
        synapse.axon.signature = f"0x{keypair.sign(signed).hex()}"
        return synapse

    def tell_capacity(synapse: SeineCapacity) -> SeineCapacity:
        synapse.statement = '{"kind":"capacity"}'
        return synapse

    def give_back(synapse: Values) -> Values:
        return synapse

    for forward in (do_task, tell_capacity, give_back):
        axon.attach(forward_fn=forward)
    axon.start()
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return axon
        except OSError:
            time.sleep(0.05)


async def ask(keypair: Keypair, command: dict) -> dict:
    kind = {"SeineTask": SeineTask, "SeineCapacity": SeineCapacity, "Values": Values}[command["type"]]
    target = bittensor.AxonInfo(
        version=1, ip_type=4, coldkey=command["ask"]["hotkey"], protocol=4, **command["ask"]
    )
    async with bittensor.Dendrite(wallet=keypair) as dendrite:
        filled = await dendrite.forward(
            target, kind(**command["fields"]), timeout=command["timeout"], deserialize=False
        )
    axon = filled.axon
    return {
        "status": filled.dendrite.status_code,
        "message": filled.dendrite.status_message,
        "fields": {name: getattr(filled, name) for name in kind.model_fields if name not in bittensor.Synapse.model_fields},
        "signed": axon.signature is not None
        and Keypair(ss58_address=axon.hotkey).verify(
            f"{axon.nonce}.{keypair.ss58_address}.{axon.hotkey}.{axon.uuid}", axon.signature
        ),
    }


def read(text: str) -> dict:
    value = json.loads(text)
    return {"text": str(value), "hash": Values(value=value).body_hash}


if __name__ == "__main__":
    own = Keypair.create_from_uri(sys.argv[1])
    running = serve(own, int(sys.argv[2]))
    print(json.dumps({"hotkey": own.ss58_address}), file=says, flush=True)
    for line in sys.stdin:
        todo = json.loads(line)
        done = [read(text) for text in todo["read"]] if "read" in todo else asyncio.run(ask(own, todo))
        print(json.dumps(done), file=says, flush=True)
    running.stop()
