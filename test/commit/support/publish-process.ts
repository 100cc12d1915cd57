import { openDevelopmentKey } from '../../../src/commit/keys/wallet.ts';
import { publishManifest } from '../../../src/commit/publisher.ts';
import type { PublishRequest } from '../../../src/commit/publisher.ts';
import { connectChain } from '../../../src/commit/subtensor/client.ts';

/** Publishes one manifest as a process that tests may kill: ENDPOINT KEY-URI REQUEST-AS-JSON. Prints the outcome. */
const [endpoint = '', uri = '', request = ''] = process.argv.slice(2);
const chain = await connectChain({ endpoint });
const signer = await openDevelopmentKey({ uri, development: true });
console.log(JSON.stringify(await publishManifest({ chain, signer }, JSON.parse(request) as PublishRequest)));
await chain.close();
