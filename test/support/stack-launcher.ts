// A process that starts a stack and holds it until a signal: what `seine stack up` and `npm start` are, for tests that kill it.
// Arguments: folder, endpoint of a chain that runs already. Prints "up" when all parts serve.
import { stopOnSignals } from '../../stack/signals.ts';
import { startStack } from '../../stack/stack.ts';

const [dir = '', endpoint = ''] = process.argv.slice(2);
const env = { ...process.env, SUBTENSOR_ENDPOINT: endpoint };
const stack = await startStack({ dir, chain: { blocks: 'instant' }, env, log: () => undefined });
stopOnSignals(stack, stack.down, () => undefined);
console.log('up');
setInterval(() => undefined, 60_000);
