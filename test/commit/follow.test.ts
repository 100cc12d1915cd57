import { expect, it } from 'vitest';
import { followCommits } from '../../src/commit/follow.ts';
import { HOTKEY } from './support/example-manifest.ts';

it('reads every block of the range once, in order', async () => {
  const read: number[] = [];
  const commitsIn = (netuid: number, block: number) => {
    read.push(block);
    const place = { netuid, hotkey: HOTKEY, registered: 0, uid: 0, block, blockHash: '0x', data: '' };
    return Promise.resolve(
      block % 2 === 0
        ? [
            { ...place, event: 1 },
            { ...place, event: 4 },
          ]
        : [],
    );
  };
  const found: string[] = [];
  for await (const commit of followCommits({ chain: { commitsIn }, netuid: 1 }, { fromBlock: 3, toBlock: 6 })) {
    found.push(`${commit.block}-${commit.event}`);
  }
  expect(read).toEqual([3, 4, 5, 6]);
  expect(found).toEqual(['4-1', '4-4', '6-1', '6-4']);
});
