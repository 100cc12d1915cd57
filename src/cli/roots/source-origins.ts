import type { Settings } from '../../config/load.ts';
import { PUBLIC_ORIGINS } from '../../scrapers/sources.ts';
import type { SourceOrigins } from '../../scrapers/sources.ts';

/** Where sources with an API are asked, by the settings. */
export function sourceOrigins({ values }: Settings): SourceOrigins {
  const { firebase, search } = PUBLIC_ORIGINS.hackernews;
  return {
    hackernews: {
      firebase: values['sources.hackernews_url'] ?? firebase,
      search: values['sources.hackernews_search_url'] ?? search,
    },
  };
}
