import { describe, expect, it } from 'vitest';
import { childEnvironment } from '../../stack/environment.ts';
import { externalRedis } from '../../stack/redis.ts';
import { externalTemporal } from '../../stack/temporal.ts';

describe('servers that settings name', () => {
  it('takes REDIS_URL for both roles unless a role has its own', () => {
    const env = { REDIS_URL: 'redis://a', REDIS_STATE_URL: 'redis://b' };
    expect(externalRedis('index', env)).toEqual({ url: 'redis://a', setting: 'REDIS_URL' });
    expect(externalRedis('state', env)).toEqual({ url: 'redis://b', setting: 'REDIS_STATE_URL' });
    expect(externalRedis('index', { REDIS_URL: '' })).toBeUndefined();
  });

  it('reads a Temporal with namespace and key, which implies TLS', () => {
    expect(externalTemporal({})).toBeUndefined();
    expect(externalTemporal({ TEMPORAL_ADDRESS: 't:7233' })).toEqual({
      address: 't:7233',
      namespace: 'default',
      tls: false,
    });
    expect(externalTemporal({ TEMPORAL_ADDRESS: 't:7233', TEMPORAL_NAMESPACE: 'n', TEMPORAL_API_KEY: 'k' })).toEqual({
      address: 't:7233',
      namespace: 'n',
      tls: true,
      apiKey: 'k',
    });
  });

  it('hands the parts no secret', () => {
    expect(childEnvironment({ PATH: '/bin', HOME: undefined, TEMPORAL_API_KEY: 'k' })).toEqual({ PATH: '/bin' });
  });
});
