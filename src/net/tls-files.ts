import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { SeineError, messageOf } from '../core/errors.ts';
import type { Certificate } from './http-server.ts';

/** Certificates are renewed days before they end. */
const DEFAULT_POLL_MS = 10_000;

/** A certificate and its key can't be read, or are no pair. */
export class TlsFilesRefused extends SeineError {
  constructor(certFile: string, keyFile: string, cause: unknown) {
    super('TlsFilesRefused', `${certFile} and ${keyFile} are no certificate with its key: ${messageOf(cause)}`, {
      details: { certFile, keyFile },
      exitCode: 2,
      cause,
    });
  }
}

export interface TlsFilesOptions {
  /** PEM, with the certificates between it and the authority's behind it. */
  certFile: string;
  keyFile: string;
  /** @default 10000 */
  pollMs?: number;
  onChange: (certificate: Certificate) => void;
  /** Told once a change; the last good pair stays in use. */
  onRefused: (error: TlsFilesRefused) => void;
}

export interface TlsFiles {
  /** The first good pair. */
  certificate: Certificate;
  /** Looks at the files now. */
  poll: () => Promise<void>;
  close: () => void;
}

/** Reads a certificate and its key, and again when one of them changes. Throws TlsFilesRefused where the first are no pair. */
export async function openTlsFiles(options: TlsFilesOptions): Promise<TlsFiles> {
  const { certFile, keyFile, pollMs = DEFAULT_POLL_MS, onChange, onRefused } = options;
  const stampOf = async (): Promise<string> => (await Promise.all([certFile, keyFile].map(fileStamp))).join(' ');

  let stamp = await stampOf();
  const certificate = await readPair(certFile, keyFile);
  let current = certificate;

  const poll = async (): Promise<void> => {
    const found = await stampOf();
    if (found === stamp) return;
    // Before the read: what is written meanwhile has another stamp, and is read next time.
    stamp = found;
    try {
      const next = await readPair(certFile, keyFile);
      if (next.cert === current.cert && next.key === current.key) return;
      current = next;
      onChange(next);
    } catch (error) {
      // As while one of the two is written and the other is not yet.
      if (!(error instanceof TlsFilesRefused)) throw error;
      onRefused(error);
    }
  };
  const timer = setInterval(() => void poll().catch(() => undefined), pollMs).unref();
  return { certificate, poll, close: () => clearInterval(timer) };
}

async function readPair(certFile: string, keyFile: string): Promise<Certificate> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (error) {
    throw new TlsFilesRefused(certFile, keyFile, error);
  }
}

async function fileStamp(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? 'none' : `${found.ino}.${found.size}.${found.mtimeNs}`;
}
