/** The version of package.json, which a test compares. */
export const VERSION = '0.1.0';

/** Written into manifests, datasets and summaries; the same rows give the same bytes by the same tool. */
export const TOOL = `seine-${VERSION}`;

/**
 * The version key that weights are set with: a subnet's owner refuses weights of older software by asking for a higher one. One number
 * for major, minor and patch, as Bittensor's subnet template counts: 1000 x major + 10 x minor + patch.
 */
export const WEIGHTS_VERSION_KEY = versionKeyOf(VERSION);

function versionKeyOf(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return 1000 * major + 10 * minor + patch;
}
