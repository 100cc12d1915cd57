import type { Settings } from '../../config/load.ts';
import type { NetworkOptions } from '../../net/guarded-fetch.ts';
import { userAgentOf } from '../../net/user-agent.ts';

/** How this operator's clients reach the web. */
export function networkOptions({ values }: Settings): NetworkOptions {
  return {
    userAgent: userAgentOf(values['fetch.user_agent'], values['fetch.contact']),
    proxy: values['fetch.proxy']?.reveal() ?? null,
    http2: values['fetch.http2'],
  };
}
