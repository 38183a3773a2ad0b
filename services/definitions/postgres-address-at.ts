import type { FaultList } from './fault-list.js';
import { AddressFault, readPostgresAddress } from './postgres-address.js';
import type { DashcacheYaml } from './schema-dashcache.js';
import type { Shape } from './shape.js';
import type { PostgresAddress } from './source-definitions.js';

/** Of a source with faults, which is never opened. */
export const NOWHERE: PostgresAddress = {
  host: '',
  port: 5432,
  user: '',
  password: '',
  database: '',
  applicationName: '',
  channelBinding: false,
  tls: null,
};

/** The address that stands at `path` of dashcache.yaml; NOWHERE with a fault. No message holds a part of it. */
export function postgresAddressAt(
  path: readonly string[],
  url: string,
  { shape, faults }: { shape: Shape<DashcacheYaml>; faults: FaultList },
): PostgresAddress {
  try {
    return readPostgresAddress(url, shape.file.folder);
  } catch (error) {
    if (!(error instanceof AddressFault)) throw error;
    // Without the line, as it may hold a password.
    const { place } = shape.valueSpot(...path);
    faults.add({ place }, error.message, error.hint);
    return NOWHERE;
  }
}
