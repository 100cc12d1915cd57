import { SeineError } from '../../core/errors.ts';

/** A wallet folder or key file that can't be used. Says where and why, never what is in it. */
export class WalletError extends SeineError {
  constructor(path: string, problem: string, details: Readonly<Record<string, unknown>> = {}) {
    super('WalletUnusable', `${path}: ${problem}`, { details: { path, ...details }, exitCode: 2 });
  }
}

/** The signer process is not there, or stopped answering. */
export class SignerUnreachableError extends SeineError {
  constructor(url: string, reason: string) {
    super('SignerUnreachable', `no signer answers at ${url} (${reason}): start it ("seine wallet serve")`, {
      details: { url, reason },
      remedy: 'retry',
      exitCode: 3,
    });
  }
}

/** The signer answered with something that is no signature of its address over what was asked. */
export class SignerRefusedError extends SeineError {
  constructor(url: string, problem: string) {
    super('SignerRefused', `the signer at ${url} ${problem}`, { details: { url, problem } });
  }
}
