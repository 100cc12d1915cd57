/** Who takes part in the small network. Development seeds: the keys of nobody's money. */
export interface Participant {
  name: string;
  role: 'miner' | 'validator';
  seed: string;
  copier: boolean;
}

export const COLDKEY_SEED = '//Seine';

export const PARTICIPANTS: readonly Participant[] = [
  { name: 'miner-1', role: 'miner', seed: '//Seine//miner-1', copier: false },
  { name: 'miner-2', role: 'miner', seed: '//Seine//miner-2', copier: false },
  { name: 'copier', role: 'miner', seed: '//Seine//copier', copier: true },
  { name: 'validator-1', role: 'validator', seed: '//Seine//validator-1', copier: false },
  { name: 'validator-2', role: 'validator', seed: '//Seine//validator-2', copier: false },
];
