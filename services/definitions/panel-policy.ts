import { formatDuration, parseDuration, parseSize } from './duration.js';
import type { FaultList } from './fault-list.js';
import type { Panel, PanelKind } from './model.js';
import type { DashboardYaml } from './schema-dashboard.js';
import type { DashcacheYaml, PolicyYaml } from './schema-dashcache.js';
import type { Partly, Path, Shape } from './shape.js';
import type { Spot } from './yaml-file.js';

/** The ttl of each kind of panel as the environment gives it. */
export type Ttls = Readonly<
  Record<PanelKind, { readonly ms: number; readonly setting: string; readonly explicit: boolean }>
>;

/** One of the places where a key may stand; the nearest wins. */
export interface PolicyLayer {
  readonly origin: 'panel' | 'dashboard' | 'dashcache.yaml';
  readonly shape: Shape<DashboardYaml> | Shape<DashcacheYaml>;
  readonly path: Path;
  readonly keys: Partly<PolicyYaml>;
}

export type PolicyPart = Pick<
  Panel,
  'policy' | 'ttlOrigin' | 'tags' | 'dependsOn' | 'ttlOnly' | 'maxRowsCount' | 'maxBytes' | 'client'
>;

const HOUR_MS = 3_600_000;
const DEFAULT_GRACE_MS = HOUR_MS;
const DEFAULT_STALE_IF_ERROR_MS = 24 * HOUR_MS;
const DEFAULT_DEADLINE_MS = 30_000;
const DEFAULT_MAX_ROWS_COUNT = 10_000;
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
const LARGEST_MAX_BYTES = 64 * 1024 * 1024;
const LONGEST_MS = 366 * 24 * HOUR_MS;
/** Beyond that a load is a job of its own, and beyond 24 days a timer would fire at once. */
const LONGEST_DEADLINE_MS = HOUR_MS;

/** What holds for a panel: panel > dashboard > dashcache.yaml > environment. */
export function panelPolicy(
  layers: readonly PolicyLayer[],
  { kind, ttls, faults }: { kind: PanelKind; ttls: Ttls; faults: FaultList },
): PolicyPart {
  const reader = new PolicyReader(layers, faults);
  const deadlineMs = reader.duration('deadline', LONGEST_DEADLINE_MS, DEFAULT_DEADLINE_MS);
  const softDeadlineMs = reader.duration('soft_deadline', LONGEST_MS, null);
  if (deadlineMs === 0) faults.add(reader.spot('deadline'), 'a deadline of nothing ends every load');
  if (softDeadlineMs !== null && deadlineMs !== null && softDeadlineMs > deadlineMs)
    faults.add(
      reader.spot('soft_deadline'),
      `the soft deadline is longer than the deadline (${formatDuration(deadlineMs)}), so it never comes`,
    );
  return {
    policy: {
      ttlMs: reader.duration('ttl', LONGEST_MS, ttls[kind].ms),
      graceMs: reader.duration('grace', LONGEST_MS, DEFAULT_GRACE_MS),
      staleIfErrorMs: reader.duration('stale_if_error', LONGEST_MS, DEFAULT_STALE_IF_ERROR_MS),
      deadlineMs,
      softDeadlineMs,
      unproven: reader.pick('unproven')?.keys.unproven ?? 'allow',
      maxStalenessMs: reader.duration('max_staleness', LONGEST_MS, null),
    },
    ttlOrigin: reader.pick('ttl')?.origin ?? ttls[kind].setting,
    tags: reader.list('tags'),
    dependsOn: reader.tables(),
    ttlOnly: reader.pick('ttl_only')?.keys.ttl_only ?? false,
    maxRowsCount: reader.pick('max_rows')?.keys.max_rows ?? DEFAULT_MAX_ROWS_COUNT,
    maxBytes: reader.maxBytes(),
    client: {
      maxAgeMs: reader.clientDuration('max_age', 0),
      staleMs: reader.clientDuration('stale', 5000),
      staleIfErrorMs: reader.clientDuration('stale_if_error', 60_000),
    },
  };
}

type DurationKey = 'ttl' | 'grace' | 'stale_if_error' | 'deadline' | 'soft_deadline' | 'max_staleness';

class PolicyReader {
  readonly #layers: readonly PolicyLayer[];
  readonly #faults: FaultList;

  constructor(layers: readonly PolicyLayer[], faults: FaultList) {
    this.#layers = layers;
    this.#faults = faults;
  }

  /** The nearest layer that says something of a key. */
  pick(key: keyof PolicyYaml): PolicyLayer | undefined {
    return this.#layers.find((layer) => layer.keys[key] !== undefined);
  }

  spot(key: keyof PolicyYaml, ...below: Path): Spot {
    const layer = this.pick(key) ?? this.#layers[0];
    if (!layer) throw new Error('A panel has a layer of its own');
    return layer.shape.valueSpot(...layer.path, key, ...below);
  }

  duration<Fallback extends number | null>(
    key: DurationKey,
    longestMs: number,
    fallback: Fallback,
  ): number | Fallback {
    const text = this.pick(key)?.keys[key];
    const ms = text === undefined ? null : parseDuration(text);
    if (ms === null) return fallback;
    this.#checkLongest(ms, longestMs, { key, spot: () => this.spot(key) });
    return ms;
  }

  clientDuration(key: 'max_age' | 'stale' | 'stale_if_error', fallbackMs: number): number {
    const layer = this.#layers.find((each) => each.keys.client?.[key] !== undefined);
    const ms = parseDuration(layer?.keys.client?.[key] ?? '');
    if (!layer || ms === null) return fallbackMs;
    this.#checkLongest(ms, LONGEST_MS, {
      key,
      spot: () => layer.shape.valueSpot(...layer.path, 'client', key),
    });
    return ms;
  }

  maxBytes(): number {
    const said = this.pick('max_bytes')?.keys.max_bytes;
    const bytes = said === undefined ? DEFAULT_MAX_BYTES : parseSize(String(said));
    if (bytes !== null && bytes >= 1 && bytes <= LARGEST_MAX_BYTES) return bytes;
    this.#faults.add(this.spot('max_bytes'), '"max_bytes" must be from 1 byte to 64 MiB');
    return DEFAULT_MAX_BYTES;
  }

  list(key: 'tags' | 'depends_on'): readonly string[] {
    const list = this.pick(key)?.keys[key] ?? [];
    for (const [index, item] of list.entries())
      if (list.indexOf(item) < index)
        this.#faults.add(this.spot(key, index), `${JSON.stringify(item)} is written twice`);
    return list;
  }

  tables(): readonly string[] {
    const tables = this.list('depends_on');
    for (const [index, table] of tables.entries())
      if (!/^[^\s.]+(\.[^\s.]+)?$/.test(table))
        this.#faults.add(
          this.spot('depends_on', index),
          `${JSON.stringify(table)} is not the name of a table`,
          'write tasks or schema.tasks',
        );
    return tables;
  }

  #checkLongest(ms: number, longestMs: number, said: { key: string; spot: () => Spot }): void {
    if (ms > longestMs)
      this.#faults.add(
        said.spot(),
        `"${said.key}" is too long: at most ${formatDuration(longestMs)} is accepted`,
      );
  }
}
