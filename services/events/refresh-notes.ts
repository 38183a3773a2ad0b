import { DashcacheError } from '../../errors.js';
import type { LoadCause } from '../cache/inspection.js';
import type { Clock } from '../clock.js';
import { type PanelRead, paramsOf } from '../panel-read.js';
import type { EventRecorder } from './event-trail.js';

/** Writes into the trail why a panel was loaded, how long that took and how it ended. */
export class RefreshNotes {
  readonly #trail: EventRecorder;
  readonly #clock: Clock;

  constructor(options: { trail: EventRecorder; clock: Clock }) {
    this.#trail = options.trail;
    this.#clock = options.clock;
  }

  /** Ends as the load does. */
  async note<T>(read: PanelRead, cause: Exclude<LoadCause, 'bypass'>, load: Promise<T>): Promise<T> {
    const startedMs = this.#clock.monotonicMs();
    const record = (outcome: 'loaded' | 'failed', code: string | null) =>
      this.#trail.record({
        kind: 'refresh',
        at: new Date(this.#clock.nowMs()).toISOString(),
        dashboard: read.panel.dashboardId,
        panel: read.panel.id,
        tenant: read.tenant.text,
        params: paramsOf(read),
        definition: read.panel.definitionHash,
        cause,
        outcome,
        code,
        duration_ms: this.#clock.monotonicMs() - startedMs,
      });
    try {
      const loaded = await load;
      record('loaded', null);
      return loaded;
    } catch (error) {
      record('failed', error instanceof DashcacheError ? error.code : 'internal');
      throw error;
    }
  }
}
