import { randomUUID } from 'node:crypto';
import { DashcacheError } from '../errors.js';
import type { BypassBody, Bypassed } from './bypass/bypass-schema.js';
import { bypassedRead } from './bypass/bypassed-read.js';
import type { Acknowledgement } from './cache/acknowledgement.js';
import type { Cache } from './cache/cache.js';
import type { Inspection } from './cache/inspection.js';
import type { Clock } from './clock.js';
import type { DashboardCacheService, PanelLook } from './dashboard-cache-service.js';
import type { Definitions } from './definitions/model.js';
import { resolveParameters } from './definitions/resolve-parameters.js';
import type { EventTrail } from './events/event-trail.js';
import type { EventKind, Events } from './events/events-schema.js';
import { dataAddress } from './explain/data-address.js';
import type { Entries, ExplainedEntry } from './explain/entries-schema.js';
import { type ExplainContext, explainEntry } from './explain/explain-entry.js';
import { explainWhy } from './explain/explain-why.js';
import type { Why } from './explain/why-schema.js';
import type { Invalidated, InvalidationBody } from './invalidation/invalidation-schema.js';
import { type Declared, selectedTags } from './invalidation/selection.js';
import { operatorRequests } from './operator-requests.js';
import type { SwitchBody, Switched, SwitchStates } from './switches/switch-schema.js';
import { switchedTag, switchStates } from './switches/switch-states.js';
import { runsAfterLoad } from './warming/warm-after-load.js';
import { Warmer } from './warming/warmer.js';
import type { WarmingRun } from './warming/warming-run.js';
import type { Warmed, WarmingBody } from './warming/warming-schema.js';

export interface AdministrationParts {
  readonly service: DashboardCacheService;
  readonly cache: Pick<Cache, 'switch' | 'switches' | 'refreshSwitches'>;
  readonly trail: EventTrail;
  readonly clock: Clock;
  readonly definitions: () => Definitions;
  readonly tablesOf: Declared['tablesOf'];
  readonly tablesVerdictOf: ExplainContext['tablesVerdictOf'];
  readonly redisKeyOf: ExplainContext['redisKeyOf'];
  /** Warms in the background. */
  readonly warming: { ask(run: WarmingRun): void; nextAtMs(dashboardId: string): number | null };
  /** CACHE_ENABLED: false wins over every switch. */
  readonly cacheEnabled: boolean;
  readonly basePath: string;
}

interface Explained {
  readonly entry: ExplainedEntry;
  readonly inspection: Inspection;
  readonly look: PanelLook;
}

/** The next poll of a Redis that is back is a quarter of a second away. */
const RETRY_AFTER_SECONDS = 1;

/** What an administrator may do to the cache while it serves. Bodies have the shapes of their schemas already. */
export class Administration {
  readonly #parts: AdministrationParts;
  readonly #warmer: Warmer;
  readonly #startedAt: string;

  constructor(parts: AdministrationParts) {
    this.#parts = parts;
    this.#warmer = new Warmer(parts);
    this.#startedAt = new Date(parts.clock.nowMs()).toISOString();
  }

  /**
   * `callId`: of the request, for the trail. Throws body_invalid, dashboard_unknown, panel_unknown, or invalidation_not_taken: then it
   * holds here and is tried again.
   */
  async invalidate(body: InvalidationBody, callId: string): Promise<Invalidated> {
    const { service, tablesOf } = this.#parts;
    const tags = selectedTags(body, { definitions: this.#definitions, tablesOf });
    const how = { mode: body.mode ?? 'purge', wait: body.wait ?? true, callId } as const;
    const acknowledged = await service.invalidate(tags, how).catch((cause: unknown) => {
      throw notTaken('invalidation_not_taken', cause);
    });
    return { ...told(acknowledged), ...(body.warm && { warming: this.#warmAfter(tags, body) }) };
  }

  /** Throws what is wrong with the body, or the error of the query for all tenants. */
  warm(body: WarmingBody, signal: AbortSignal): Promise<Warmed> {
    return this.#warmer.warm(body, signal);
  }

  /** What reading an address takes without the cache. Throws what is wrong with the address, as a read of it would. */
  async bypass({ url }: BypassBody): Promise<Bypassed> {
    const { basePath, clock } = this.#parts;
    const address = dataAddress(url, { definitions: this.#definitions, basePath });
    const asked = operatorRequests(address, resolveParameters({ ...address, nowMs: clock.nowMs() }));
    return {
      url: address.url,
      dashboard: address.dashboard.id,
      is_whole: address.isWhole,
      ...(await bypassedRead(asked, this.#parts)),
    };
  }

  /** As they are in Redis now, or, while that does not answer, as this process knows them. */
  async switches(): Promise<SwitchStates> {
    await this.#parts.cache.refreshSwitches();
    return this.#states();
  }

  /** Resolves once it is in force in every process. Throws like invalidate, with switch_not_taken. */
  async turn(body: SwitchBody): Promise<Switched> {
    const tag = switchedTag(body, this.#definitions);
    const acknowledged = await this.#parts.cache.switch(tag, body.enabled).catch((cause: unknown) => {
      throw notTaken('switch_not_taken', cause);
    });
    return { ...told(acknowledged), ...this.#states() };
  }

  /** What the next read of an address would find. Throws what is wrong with the address, as a read of it would. */
  async entries(url: string): Promise<Entries> {
    const { entries, ...about } = await this.#explained(url);
    return { ...about, entries: entries.map(({ entry }) => entry) };
  }

  /** Why it would find that, and how it came to it, as far as this process remembers. Throws as `entries`. */
  async why(url: string): Promise<Why> {
    const { trail, warming, clock, service, cacheEnabled } = this.#parts;
    const { entries, ...about } = await this.#explained(url);
    const events = trail.recent({ limitCount: Number.POSITIVE_INFINITY }).toReversed();
    const nowMs = clock.nowMs();
    const warmedAtMs = warming.nextAtMs(about.dashboard);
    return {
      ...about,
      asked_at: new Date(nowMs).toISOString(),
      process: { pid: process.pid, remembers_since: trail.completeSince() ?? this.#startedAt },
      panels: entries.map(({ entry, look, inspection: { leasedForMs, isIsolated } }) => {
        const outlook = service.outlook(look);
        return explainWhy(entry, {
          ...{ nowMs, events, outlook, leasedForMs, isIsolated, cacheEnabled, warmedAtMs },
        });
      }),
    };
  }

  async #explained(url: string): Promise<Omit<Entries, 'entries'> & { entries: Explained[] }> {
    const { service, basePath, redisKeyOf, tablesVerdictOf, clock } = this.#parts;
    const address = dataAddress(url, { definitions: this.#definitions, basePath });
    const nowMs = clock.nowMs();
    const asked = operatorRequests(address, resolveParameters({ ...address, nowMs }));
    const explained = asked.map(async (request) => {
      const look = service.look(request);
      const inspection = await service.inspect(look);
      return {
        look,
        inspection,
        entry: explainEntry(look, inspection, { nowMs, redisKeyOf, tablesVerdictOf }),
      };
    });
    return {
      url: address.url,
      dashboard: address.dashboard.id,
      tenant: asked.find(({ tenant }) => tenant.text !== null)?.tenant.text ?? null,
      entries: await Promise.all(explained),
    };
  }

  events(wanted: { kind?: EventKind | undefined; limitCount: number }): Events {
    return { events: this.#parts.trail.recent(wanted) };
  }

  /** The dashboards that are loaded anew. */
  #warmAfter(tags: readonly string[], { tenant = null }: { tenant?: string | null }): string[] {
    const { warming, tablesOf } = this.#parts;
    const context = { definitions: this.#definitions, tablesOf, tenantText: tenant, callId: randomUUID() };
    const runs = runsAfterLoad(tags, context);
    for (const run of runs) warming.ask(run);
    return runs.map(({ dashboardId }) => dashboardId);
  }

  get #definitions(): Definitions {
    return this.#parts.definitions();
  }

  #states(): SwitchStates {
    const { cache, cacheEnabled } = this.#parts;
    const off = cache.switches();
    return switchStates(this.#definitions, { cacheEnabled, isOff: (tag) => off.get(tag) === true });
  }
}

function told({ reach, processesCount, confirmedCount }: Acknowledgement): Invalidated {
  return { reach, processes: processesCount, confirmed: confirmedCount };
}

function notTaken(code: 'invalidation_not_taken' | 'switch_not_taken', cause: unknown): DashcacheError {
  return new DashcacheError(code, {
    detail: 'Redis did not take it: it holds in this process, and is tried again until Redis has it.',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    cause,
  });
}
