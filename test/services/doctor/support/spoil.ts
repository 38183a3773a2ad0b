import type { Facts, Gathered, RunningService } from '../../../../services/doctor/facts.js';
import { parseExposition } from '../../../../services/doctor/parse-exposition.js';
import type { RedisSeen } from '../../../../services/doctor/redis/redis-seen.js';
import type { PostgresSeen } from '../../../../services/doctor/source/source-seen.js';
import type { EnabledStatisticsBody } from '../../../../services/statistics/report-schema.js';
import type { Lifetime } from '../../../helpers/lifetime.js';
import {
  but,
  checkedBy,
  definitionsOf,
  FILES,
  factOf,
  GOOD_FIGURES,
  redisNode,
  sourcesOf,
} from './good-facts.js';

/** Makes of a good environment one in which a check has to fire. */
export type Spoil = (good: Gathered, t: Lifetime) => Gathered | Promise<Gathered>;

type Body = EnabledStatisticsBody;

export const statistics =
  (change: (body: Body) => Partial<Body>): Spoil =>
  (good) => {
    const body = factOf(good, 'statistics');
    return but(good, { statistics: { ...body, ...change(body) } });
  };

export const counts = (changed: Partial<Body['cache_stats']>): Spoil =>
  statistics(({ cache_stats }) => ({ cache_stats: { ...cache_stats, ...changed } }));

export const events = (changed: Readonly<Record<string, number>>): Spoil =>
  statistics(({ process }) => ({ process: { ...process, events: { ...process.events, ...changed } } }));

export const targetMissed = (name: string, actual: number): Spoil =>
  statistics(({ targets }) => ({
    targets: targets.map((each) => (each.name === name ? { ...each, actual, met: false } : each)),
  }));

export const redis =
  (changed: Partial<RedisSeen>): Spoil =>
  (good) =>
    but(good, { redis: { ...factOf(good, 'redis'), ...changed } });

export const info = (lines: string): Spoil => redis({ nodes: [redisNode(lines)] });

export const running =
  (changed: Partial<RunningService>): Spoil =>
  (good) =>
    but(good, { running: { ...factOf(good, 'running'), ...changed } });

export const settings =
  (changed: Partial<Facts['settings']>): Spoil =>
  (good) =>
    but(good, { settings: { ...factOf(good, 'settings'), ...changed } });

export const sources =
  (changed: Parameters<typeof sourcesOf>[1]): Spoil =>
  (good) =>
    but(good, { sources: sourcesOf(factOf(good, 'definitions'), changed) });

export const postgres = (changed: Partial<PostgresSeen>): Spoil => sources({ postgres: changed });

export const figures =
  (lines: string): Spoil =>
  (good) => {
    const names = new Set(parseExposition(lines).map(({ name }) => name));
    const kept = parseExposition(GOOD_FIGURES).filter(({ name }) => !names.has(name));
    return but(good, { figures: [...kept, ...parseExposition(lines)] });
  };

export const files =
  (changed: Readonly<Record<string, string>>, environment: Readonly<Record<string, string>> = {}): Spoil =>
  async (good, t) => {
    const definitions = await definitionsOf(t, { ...FILES, ...changed }, environment);
    return but(good, {
      definitions,
      queries: checkedBy(definitions),
      sources: sourcesOf(definitions),
    });
  };

export const tasks = (good: Gathered) => {
  const source = factOf(good, 'sources')[0];
  const table = source?.postgres?.known ? source.postgres.value.tables[0] : undefined;
  if (!table) throw new Error('There is no table');
  return table;
};

export const log =
  (changed: Partial<NonNullable<Facts['host']['log']>>): Spoil =>
  (good) => {
    const host = factOf(good, 'host');
    return but(good, { host: { ...host, log: host.log && { ...host.log, ...changed } } });
  };

export const panelOf = (good: Gathered) => {
  const panel = factOf(good, 'definitions').dashboards.get('operations')?.panels.get('metrics');
  if (!panel) throw new Error('There is no panel');
  return panel;
};

export const WITHOUT_FEED = `sources:
  main: { type: postgres, url: "postgres://reader@127.0.0.1:5432/shop" }
  legacy: { type: http, url: "http://127.0.0.1:9000/reports" }
`;
export const PLACE = { file: 'dashboards/operations.yaml', line: 4, column: 3 };
