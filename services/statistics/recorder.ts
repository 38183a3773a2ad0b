/** How one panel read ended. Stale, stale-if-error and unproven hits are parts of the hits, none inside another. */
export type ReadOutcome =
  | 'hit'
  | 'stale_hit'
  | 'error_hit'
  | 'unproven_hit'
  | 'miss'
  | 'collapsed'
  | 'bypass'
  | 'error';

/** What answered: l1 memory, l2 Redis, or the source (a miss, a bypass or an error). */
export type ReadLayer = 'l1' | 'l2' | 'source';

/** Told once of every panel read, and of every whole dashboard. Never throws. */
export interface ReadRecorder {
  read(
    dashboardId: string,
    panelId: string,
    read: { outcome: ReadOutcome; layer: ReadLayer; latencyMs: number },
  ): void;
  /** A whole dashboard was answered, its panels told of apart: what somebody who opens it waits for. */
  dashboardLoad(latencyMs: number): void;
}
