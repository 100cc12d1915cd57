import { RECORD_SCHEMA } from '../../../src/core/manifest.ts';
import type { Manifest } from '../../../src/core/manifest.ts';

/** Address of //Alice. */
export const HOTKEY = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';

/** A valid manifest of one shard with ten rows. */
export function exampleManifest(changes: Partial<Manifest> = {}): Manifest {
  return {
    version: 1,
    netuid: 1,
    hotkey: HOTKEY,
    seq: 0,
    previous: null,
    created_at: 1_795_000_000_000_000,
    sources: ['web'],
    jobs: ['docs'],
    shards: [
      {
        sha256: 'a'.repeat(64),
        bytes: 1000,
        rows: 10,
        rows_root: 'b'.repeat(64),
        min_created_at: null,
        max_created_at: null,
      },
    ],
    rows: 10,
    rows_root: 'b'.repeat(64),
    schema: RECORD_SCHEMA,
    tool: 'seine-0.1.0',
    ...changes,
  };
}
