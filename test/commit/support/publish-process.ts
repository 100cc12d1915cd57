import { openDevelopmentKey } from '../../../src/commit/keys/wallet.ts';
import { connectChain } from '../../../src/commit/subtensor/client.ts';
import { publishManifest } from './publish-one.ts';
import type { OneManifest } from './publish-one.ts';

/** Publishes one manifest as a process that tests may kill: ENDPOINT KEY-URI REQUEST-AS-JSON. Prints the outcome. */
const [endpoint = '', uri = '', request = ''] = process.argv.slice(2);
const chain = await connectChain({ endpoints: [endpoint] });
const signer = await openDevelopmentKey({ uri, development: true });
console.log(JSON.stringify(await publishManifest({ chain, signer }, JSON.parse(request) as OneManifest)));
await chain.close();
