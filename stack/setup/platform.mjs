/** Is this a machine that the packaged parts run on: Linux on x86-64 with glibc >= 2.31? Else the reason why not. */
export function whyPartsCannotRun() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return `this is ${process.platform} on ${process.arch}`;
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  if (glibc === undefined) return 'this Linux has no glibc (musl)';
  const [major, minor] = glibc.split('.').map(Number);
  return major > 2 || minor >= 31 ? undefined : `its glibc is ${glibc}`;
}

/** How to get each part where the packaged ones can't run. */
export const otherWays = {
  temporal:
    'install the Temporal CLI (`brew install temporal`, or the vendor’s package) so that `temporal` is on PATH, or run ' +
    '`docker run --rm -p 127.0.0.1:7233:7233 -p 127.0.0.1:8233:8233 temporalio/temporal server start-dev --ip 0.0.0.0` ' +
    'and set TEMPORAL_ADDRESS=127.0.0.1:7233',
  redis:
    'run `docker run --rm -p 127.0.0.1:6379:6379 redis:8` and set REDIS_URL=redis://127.0.0.1:6379, or install Redis 8 or ' +
    'Redis Stack from the vendor’s packages',
  chromium: 'install Chromium or Google Chrome, or set CHROMIUM_PATH to its executable',
};
