import type { WatchedTable } from '../changes/change-feed.js';
import type { FaultList } from './fault-list.js';
import { postgresAddressAt } from './postgres-address-at.js';
import type { ChangesYaml } from './schema-changes.js';
import type { DashcacheYaml } from './schema-dashcache.js';
import type { Partly, Shape } from './shape.js';
import type { DeclaredChanges, PostgresAddress } from './source-definitions.js';

interface Context {
  /** Of the source. */
  readonly address: PostgresAddress;
  readonly shape: Shape<DashcacheYaml>;
  readonly faults: FaultList;
}

/** The change feed of one source of dashcache.yaml; null without one, or where its faults say why there is none. */
export function buildChanges(
  source: string,
  yaml: Partly<ChangesYaml> | undefined,
  { address, shape, faults }: Context,
): DeclaredChanges | null {
  const at = ['sources', source, 'changes'];
  if (yaml?.feed === undefined) return null;
  const tables = new Map<string, WatchedTable>();
  for (const [name, table] of Object.entries(yaml.tables ?? {})) {
    if (!table) continue;
    const { tenant_column: tenantColumn = null, immutable = false } = table;
    tables.set(name, { tenantColumn, immutable });
    const spot = (key: string) => shape.keySpot(...at, 'tables', name, key);
    if (immutable && tenantColumn === null)
      faults.add(spot('immutable'), '"immutable" says something of "tenant_column", which is missing');
    if (tenantColumn !== null && yaml.feed === 'poll')
      faults.add(
        spot('tenant_column'),
        'a poll feed cannot tell whose rows changed',
        'leave it out, or choose logical or notify',
      );
  }
  if (tables.size === 0 && shape.keys(...at, 'tables').length === 0)
    faults.add(shape.keySpot(...at), '"changes" names no table', 'name one, such as tables: { tasks: {} }');
  return {
    feed: yaml.feed,
    tables,
    address:
      yaml.url === undefined ? address : postgresAddressAt([...at, 'url'], yaml.url, { shape, faults }),
  };
}
