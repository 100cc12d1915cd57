/** The workflow bundle: every workflow that a control worker runs. */
export { buildDataset } from './build-dataset.ts';
export { challengeMiners } from './challenge-miners.ts';
export { challengePeriod } from './challenge-period.ts';
export { checkHealth } from './check-health.ts';
export { collectCommit } from './collect-commit.ts';
export { copyOthers } from './copy-others.ts';
export { publishCommit } from './publish-commit.ts';
export { scrapeSource } from './scrape-source.ts';
export { validateEpoch } from './validate-epoch.ts';
export { validateMiner } from './validate-miner.ts';
export { watchCommitments } from './watch-commitments.ts';
