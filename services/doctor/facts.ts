import type { DefinitionFault } from '../definitions/definition-faults.js';
import type { Definitions, Panel } from '../definitions/model.js';
import type { CacheEvent } from '../events/events-schema.js';
import type { ExplainedEntry } from '../explain/entries-schema.js';
import type { CheckedStatement } from '../sources/source.js';
import type { EnabledStatisticsBody } from '../statistics/report-schema.js';
import type { SwitchStates } from '../switches/switch-schema.js';
import type { HostSeen } from './process/host-seen.js';
import type { RedisSeen } from './redis/redis-seen.js';
import type { SourceSeen } from './source/source-seen.js';

/** Something that was looked for: what it is, or why nobody can say. */
export type Known<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly reason: string };

/** All that checks judge, gathered once. */
export interface Facts {
  readonly settings: DoctorSettings;
  readonly host: HostSeen;
  /** Always known: who does not answer is found by it. */
  readonly service: ServiceReach;
  readonly running: RunningService;
  /** Whether the service counts at all. */
  readonly monitoring: { readonly isOn: boolean };
  readonly statistics: EnabledStatisticsBody;
  /** What Prometheus would scrape. */
  readonly figures: readonly Sample[];
  readonly switches: SwitchStates;
  /** The newest first. */
  readonly events: readonly CacheEvent[];
  readonly entries: readonly ExplainedEntry[];
  /** What is wrong with the files; none where they can be read. */
  readonly files: { readonly faults: readonly DefinitionFault[] };
  readonly definitions: Definitions;
  readonly queries: QueriesSeen;
  /** Null without a Redis in the settings. */
  readonly redisReach: RedisReach | null;
  readonly redis: RedisSeen;
  readonly sources: readonly SourceSeen[];
}

export type FactName = keyof Facts;
export type Gathered = { readonly [N in FactName]: Known<Facts[N]> };

/** The settings that the doctor was started with: they should be those of the service. */
export interface DoctorSettings {
  readonly host: string;
  readonly isLoopback: boolean;
  readonly adminToken: string | null;
  readonly cacheEnabled: boolean;
  readonly cacheMonitoring: boolean;
  readonly logLevel: string;
  readonly logFile: string | null;
  readonly memoryMaxBytes: number;
  readonly redisMaxBytes: number;
  readonly redisPrefix: string;
  readonly slowCacheThresholdMs: number;
  /** Sentences about variables that were probably meant to be settings. */
  readonly warnings: readonly string[];
  /** Of the package that the doctor is part of. */
  readonly version: string;
}

export interface ServiceReach {
  readonly address: string;
  /** Why it does not answer, and what to do; null: it does. */
  readonly problem: string | null;
  /** Null: it may be asked everything. */
  readonly refusal: string | null;
}

export interface RunningService {
  readonly degraded: readonly string[];
  readonly version: string;
  /** How far its clock is ahead of this one, in ms; whole seconds are all that its Date header tells. */
  readonly clockAheadMs: number;
}

/** One line of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface QueriesSeen {
  readonly checked: ReadonlyMap<Panel, readonly CheckedStatement[]>;
  readonly faults: readonly DefinitionFault[];
  /** Queries of tenants' dashboards that are not seen to read rows of their tenant alone. */
  readonly unproved: readonly DefinitionFault[];
  /** Names of the sources that did not answer: of their queries nothing is known. */
  readonly absent: readonly string[];
}

export interface RedisReach {
  /** Why it does not answer; null: it does. */
  readonly problem: string | null;
  readonly kind: 'single' | 'sentinel' | 'cluster';
}

export function known<T>(value: T): Known<T> {
  return { known: true, value };
}

export function unknown(reason: string): { readonly known: false; readonly reason: string } {
  return { known: false, reason };
}

/** What `look` gives, or the message of what it rejects with. */
export async function lookedAt<T>(look: () => Promise<T>): Promise<Known<T>> {
  try {
    return known(await look());
  } catch (error) {
    return unknown(error instanceof Error ? error.message : String(error));
  }
}
