import { SeineError } from '../core/errors.ts';
import { createGuardedFetch } from './guarded-fetch.ts';

/** Posts a message to whoever watches. Throws WebhookFailedError. */
export type Webhook = (message: WebhookMessage) => Promise<void>;

/** Slack and its likes show `text`; the rest is for programs. */
export interface WebhookMessage {
  text: string;
  [field: string]: unknown;
}

/** The message was not taken. Names the host alone: the rest of a webhook's URL is what lets one post. */
export class WebhookFailedError extends SeineError {
  constructor(host: string, reason: string) {
    super('WebhookFailed', `the webhook at ${host} took no message (${reason}): check alerts.webhook_url`, {
      details: { host, reason },
      remedy: 'retry',
    });
  }
}

const TIMEOUT_MS = 10_000;
/** Discord shows `content`, at most so many characters of it. */
const DISCORD_LIMIT = 2000;

/**
 * A webhook at a URL, which may lead to a private address since the operator has named it. JSON `{text, content, …}` is what Slack, Mattermost,
 * Discord and a plain receiver each find their field in.
 */
export function createWebhook(url: string, userAgent: string): Webhook {
  const { host } = URL.canParse(url) ? new URL(url) : { host: '' };
  if (!/^https?:\/\//.test(url) || host === '') throw new WebhookFailedError('(no URL)', 'not an http or https URL');
  const fetch = createGuardedFetch({ allowPrivate: [host], userAgent, timeoutMs: TIMEOUT_MS, maxBodyBytes: 65_536 });
  return async (message) => {
    const body = JSON.stringify({ ...message, content: message.text.slice(0, DISCORD_LIMIT) });
    const answer = await fetch(url, { body, headers: { 'content-type': 'application/json' } }).catch(
      (error: unknown) => {
        // Neither its message nor its cause: both may carry the URL.
        throw new WebhookFailedError(host, error instanceof Error ? error.name : 'unknown');
      },
    );
    if (answer.status < 200 || answer.status > 299) throw new WebhookFailedError(host, `status ${answer.status}`);
  };
}
