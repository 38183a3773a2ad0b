import { parseBudget } from './budget.js';
import { buildChanges } from './build-changes.js';
import { didYouMean, type FaultList } from './fault-list.js';
import { rememberSpot } from './origins.js';
import { NOWHERE, postgresAddressAt } from './postgres-address-at.js';
import type { DashcacheYaml, PostgresSourceYaml } from './schema-dashcache.js';
import type { Partly, Shape } from './shape.js';
import { sharedTables } from './shared-tables.js';
import type { PostgresSourceDefinition } from './source-definitions.js';
import { isTimezone, nearTimezone } from './timezone.js';

const DEFAULT_POOL_COUNT = 5;

interface Context {
  readonly shape: Shape<DashcacheYaml>;
  readonly faults: FaultList;
}

/** One PostgreSQL source of dashcache.yaml; with faults too, as far as it goes. No message holds a part of the URL. */
export function buildPostgresSource(
  name: string,
  yaml: Partly<PostgresSourceYaml>,
  { shape, faults }: Context,
): PostgresSourceDefinition {
  const at = ['sources', name];
  const address =
    yaml.url === undefined ? NOWHERE : postgresAddressAt([...at, 'url'], yaml.url, { shape, faults });
  const poolCount = yaml.pool ?? DEFAULT_POOL_COUNT;
  const source: PostgresSourceDefinition = {
    type: 'postgres',
    name,
    address,
    poolCount,
    concurrencyCount: yaml.concurrency ?? poolCount,
    timezone: yaml.timezone ?? 'UTC',
    budgetPerMinuteCount: parseBudget(yaml.budget ?? ''),
    changes: buildChanges(name, yaml.changes, { address, shape, faults }),
    tenantSetting: yaml.row_level_security?.setting ?? null,
    sharedTables: sharedTables(yaml.shared_tables),
    place: shape.keySpot(...at).place,
  };
  if (source.concurrencyCount > poolCount)
    faults.add(
      shape.valueSpot(...at, 'concurrency'),
      `"concurrency" is more than the ${poolCount} connections of "pool"`,
      'raise "pool", or leave "concurrency" out',
    );
  if (!isTimezone(source.timezone))
    faults.add(
      shape.valueSpot(...at, 'timezone'),
      `there is no time zone ${JSON.stringify(source.timezone)}`,
      didYouMean(nearTimezone(source.timezone), 'write an IANA name such as Europe/Berlin'),
    );
  rememberSpot(source, () => shape.keySpot(...at));
  return source;
}
