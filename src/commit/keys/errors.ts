import { SeineError } from '../../core/errors.ts';

/** A wallet folder or key file that can't be used. Says where and why, never what is in it. */
export class WalletError extends SeineError {
  constructor(path: string, problem: string, details: Readonly<Record<string, unknown>> = {}) {
    super('WalletUnusable', `${path}: ${problem}`, { details: { path, ...details }, exitCode: 2 });
  }
}
