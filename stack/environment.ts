/** Environment as it is handed to the stack; nothing here reads `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

const passedOn = ['PATH', 'LANG', 'TZ', 'TMPDIR', 'HOME'];

/**
 * What a part of the stack gets of the user's environment: enough to run, and no setting or secret that could change what
 * it does.
 */
export function childEnvironment(env: Environment): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of passedOn) {
    const value = env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
