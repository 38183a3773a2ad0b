// A process with a DashboardCacheService over Redis, started and told what to do by panel-process.ts.

import { Cache } from '../../services/cache/cache.js';
import { Generations } from '../../services/cache/generations.js';
import { MemoryStore } from '../../services/cache/memory-store.js';
import { silentObserver as observer } from '../../services/cache/observer.js';
import { RedisBus } from '../../services/cache/redis-bus.js';
import { openRedisClient, redisReady } from '../../services/cache/redis-client.js';
import { RedisControlSlot } from '../../services/cache/redis-control-slot.js';
import { RedisStore } from '../../services/cache/redis-store.js';
import { subscriberOpener } from '../../services/cache/redis-subscriber.js';
import { newProcessId } from '../../services/cache/stamp.js';
import { systemClock as clock } from '../../services/clock.js';
import { DashboardCacheService, type PanelRequest } from '../../services/dashboard-cache-service.js';
import { tenantFromParameter } from '../../services/definitions/tenant.js';
import { EventTrail } from '../../services/events/event-trail.js';
import { RefreshNotes } from '../../services/events/refresh-notes.js';
import { silentLog } from '../../services/log.js';
import { tagOf } from '../../services/panel-tags.js';
import { openDoor } from '../../services/pressure/open-door.js';
import {
  CachedSource,
  integerParameter,
  panelOf,
  parametersOf,
  queryOf,
  resolved,
  rowOf,
} from './cache-panels.js';
import { turnComparisonOff } from './comparison-off.js';
import { IpcCalls } from './ipc-calls.js';
import type { PanelProcessSetup, PanelQuestion, PanelTask, PanelTaskDone } from './panel-process.js';
import { nameOf, type Reading, type Selection, type Trial } from './stale-fill-trials.js';

const { redisUrl, prefix, isUncompared }: PanelProcessSetup = JSON.parse(process.argv[2] ?? '{}');
if (isUncompared) turnComparisonOff();

/** Counts how often Redis fell silent: a read may have met that although it answers again by its end. */
let silencesCount = 0;
const log = { ...silentLog, warn: () => void silencesCount++ };
const topology = { kind: 'single', url: redisUrl } as const;
const redis = openRedisClient(topology, log);
await redisReady(redis, 5000);
const slot = new RedisControlSlot({ redis, prefix, clock, processId: newProcessId() });
const generations = new Generations({ slot, clock, log, observer });
const { random } = Math;
const open = subscriberOpener({ topology, client: redis, random });
const look = () => generations.refresh();
const place = () => generations.place;
const bus = new RedisBus({ open, prefix, clock, log, observer, random, look, place });
const ledger = { stored: () => {}, read: () => {} };
const store = new RedisStore({ redis, prefix, clock, observer, ledger });
const memory = new MemoryStore({ maxBytes: 64 * 1024 * 1024, clock, observer });
const cache = new Cache({ memory, redis: store, generations, clock, observer, random, signals: bus.fills });

const calls = new IpcCalls<PanelQuestion, number, PanelTask, PanelTaskDone>(process, perform);
const source = new CachedSource(async ({ values }) => {
  const trial = { lane: Number(values['tenant']), key: Number(values['key']) };
  return rowOf({ version: await calls.ask({ name: nameOf(trial) }) });
});
const service = new DashboardCacheService({
  isDeclared: () => true,
  cache,
  sourceOf: () => source,
  tablesOf: () => [],
  toldToMs: () => Number.NEGATIVE_INFINITY,
  isEnabled: () => true,
  shedder: openDoor,
  refreshes: new RefreshNotes({ trail: new EventTrail(), clock }),
  clock,
});

const parameters = [integerParameter('tenant', { tenant: true }), integerParameter('key')] as const;
const [tenantParameter, keyParameter] = parameters;

function requestOf({ lane, key }: Trial): PanelRequest {
  return {
    panel: panelOf({
      dashboardId: `lane_${lane}`,
      tags: [`tag_${lane}`],
      queries: [queryOf('SELECT version FROM versions WHERE tenant = :tenant AND key = :key')],
      parameters,
    }),
    parameters: parametersOf(resolved(tenantParameter, lane), resolved(keyParameter, key)),
    tenant: tenantFromParameter(String(lane)),
  };
}

async function read(trial: Trial): Promise<Reading> {
  const wasIsolated = generations.isIsolated;
  const silencesBefore = silencesCount;
  try {
    const { entry, outcome, isUnproven = false } = await service.read(requestOf(trial));
    const { data } = JSON.parse(String(await entry.body.bytes('identity'))) as { data: { version: number } };
    const isWithout = wasIsolated || generations.isIsolated || silencesCount > silencesBefore;
    const how = isWithout ? `${outcome}, without Redis` : outcome;
    return { version: data.version, isUnproven: isUnproven || outcome === 'unproven_hit', how };
  } catch (error) {
    return { version: null, isUnproven: false, how: String(error) };
  }
}

/** As an administrator's selection becomes one. */
function purgedTag({ lane }: Trial, by: Selection): string {
  if (by === 'tag') return tagOf({ kind: 'tag', name: `tag_${lane}` });
  if (by === 'panel') return tagOf({ kind: 'panel', name: `lane_${lane}/metrics` });
  return tagOf({ kind: 'all' }, tenantFromParameter(String(lane)));
}

async function purge(trial: Trial, by: Selection): Promise<boolean> {
  const acknowledged = service.invalidate([purgedTag(trial, by)], { mode: 'purge', wait: true });
  return acknowledged.then(
    () => true,
    () => false,
  );
}

const NOTHING: Reading = { version: null, isUnproven: false, how: '' };

async function perform(task: PanelTask): Promise<PanelTaskDone> {
  if (task.do === 'read') return { reading: await read(task.trial), isAcknowledged: false };
  const isAcknowledged = await purge(task.trial, task.by);
  return { reading: NOTHING, isAcknowledged };
}

process.on('disconnect', () => process.exit());
await generations.start();
bus.start();
await calls.ask({ name: null });
