import type { Clock } from '../clock.js';
import { nextCronMs } from '../definitions/cron.js';
import type { Dashboard } from '../definitions/model.js';

/** The wall clock may be set, and a host may sleep: the present is looked at so often. */
const LOOKED_EVERY_MS = 30_000;

export interface WarmingSchedulesParts {
  readonly clock: Clock;
  /** The moment (wall clock, ms) that the schedule of a dashboard names has come. */
  readonly due: (dashboardId: string, atMs: number) => void;
}

interface Scheduled {
  readonly schedule: string;
  readonly timezone: string;
  nextAtMs: number | null;
}

/** Knows when the schedules of dashboards come. A moment that passed while nobody could look comes late, and once. */
export class WarmingSchedules {
  readonly #parts: WarmingSchedulesParts;
  readonly #scheduled = new Map<string, Scheduled>();
  #cancel = (): void => {};

  constructor(parts: WarmingSchedulesParts) {
    this.#parts = parts;
  }

  /** From now on these hold, and no others. */
  declare(dashboards: Iterable<Dashboard>): void {
    const before = new Map(this.#scheduled);
    this.#scheduled.clear();
    for (const { id, warming } of dashboards) {
      if (!warming?.schedule) continue;
      const { schedule, timezone } = warming;
      const known = before.get(id);
      const isSame = known?.schedule === schedule && known.timezone === timezone;
      const nextAtMs = isSame
        ? known.nextAtMs
        : this.#after({ schedule, timezone }, this.#parts.clock.nowMs());
      this.#scheduled.set(id, { schedule, timezone, nextAtMs });
    }
    this.#wait();
  }

  /** Null: at no fixed time. */
  nextAtMs(dashboardId: string): number | null {
    return this.#scheduled.get(dashboardId)?.nextAtMs ?? null;
  }

  close(): void {
    this.#cancel();
    this.#scheduled.clear();
  }

  #wait(): void {
    this.#cancel();
    const nowMs = this.#parts.clock.nowMs();
    const waits = [...this.#scheduled.values()].flatMap(({ nextAtMs }) =>
      nextAtMs === null ? [] : [nextAtMs - nowMs],
    );
    if (waits.length === 0) return;
    const waitMs = Math.min(LOOKED_EVERY_MS, Math.max(0, Math.min(...waits)));
    this.#cancel = this.#parts.clock.after(waitMs, () => this.#look());
  }

  #look(): void {
    const { clock, due } = this.#parts;
    const nowMs = clock.nowMs();
    for (const [dashboardId, scheduled] of this.#scheduled) {
      const { nextAtMs } = scheduled;
      if (nextAtMs === null || nowMs < nextAtMs) continue;
      scheduled.nextAtMs = this.#after(scheduled, nowMs);
      due(dashboardId, nextAtMs);
    }
    this.#wait();
  }

  #after(scheduled: Pick<Scheduled, 'schedule' | 'timezone'>, afterMs: number): number | null {
    return nextCronMs(scheduled, afterMs);
  }
}
