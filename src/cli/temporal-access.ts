import type { TemporalAccess } from '../../temporal/client.ts';
import type { Settings } from '../config/load.ts';

/** Where the settings say that Temporal is. */
export function temporalAccess({ values }: Settings): TemporalAccess {
  return {
    address: values['temporal.address'],
    namespace: values['temporal.namespace'],
    tls: values['temporal.tls'],
    apiKey: values['temporal.api_key']?.reveal() ?? null,
  };
}
