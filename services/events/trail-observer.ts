import type { CacheObserver } from '../cache/observer.js';
import type { Clock } from '../clock.js';
import { readTag } from '../panel-tags.js';
import type { EventRecorder } from './event-trail.js';
import type { CacheEvent } from './events-schema.js';

type InvalidationEvent = Extract<CacheEvent, { kind: 'invalidation' }>;

/** An event names so many scopes at the most; a load job may invalidate hundreds of tables. */
const SCOPES_MAX_COUNT = 100;

/** The observer that statistics are, which also writes what changed for the cache into the trail. */
export function trailObserver(
  observer: CacheObserver,
  { trail, clock }: { trail: EventRecorder; clock: Clock },
): CacheObserver {
  const at = () => new Date(clock.nowMs()).toISOString();
  return {
    operation: (operation, durationMs) => observer.operation(operation, durationMs),
    event: (event) => observer.event(event),
    frameRejected: (fault) => observer.frameRejected(fault),
    newRoot(cause) {
      observer.newRoot(cause);
      trail.record({ kind: 'new_root', at: at(), cause });
    },
    invalidated(invalidation) {
      observer.invalidated(invalidation);
      const { mode, cause, callId, tags, taken } = invalidation;
      const scopes = tags.slice(0, SCOPES_MAX_COUNT).flatMap(scopeOf);
      const call = callId === undefined ? {} : { call: callId };
      trail.record({ kind: 'invalidation', at: at(), mode, cause: causeOf(cause), ...call, taken, scopes });
    },
    switched(change) {
      observer.switched(change);
      const switched = readTag(change.tag)?.scope;
      if (!switched) return;
      const { dashboard, panel } = placeOf(switched.kind === 'all' ? '' : switched.name);
      trail.record({ kind: 'switch', at: at(), enabled: change.enabled, dashboard, panel });
    },
  };
}

function scopeOf(tag: string): InvalidationEvent['scopes'] {
  const read = readTag(tag);
  if (!read) return [];
  const { scope, tenant } = read;
  return [{ scope: scope.kind, name: scope.kind === 'all' ? null : scope.name, tenant }];
}

/** What another version wrote is told as well, without its word. */
function causeOf(text: string): InvalidationEvent['cause'] {
  return text === 'request' || text === 'table' || text === 'switch' ? text : 'unknown';
}

/** `operations/charts/tasks` is a panel of operations: names of dashboards have no slash. */
function placeOf(name: string): { dashboard: string | null; panel: string | null } {
  const slash = name.indexOf('/');
  if (slash < 0) return { dashboard: name === '' ? null : name, panel: null };
  return { dashboard: name.slice(0, slash), panel: name.slice(slash + 1) };
}
