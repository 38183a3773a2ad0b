import type { SuccessReport } from './success-report.js';

/** done: seen; missed: seen that it is not so; open: not yet, or nothing to see it by; person: no machine can tell. */
export type BoxState = 'done' | 'missed' | 'open' | 'person';

/** One box of the checklist. */
export interface Box {
  readonly line: string;
  /** What does it, or shows it; null where it is a decision. */
  readonly command: string | null;
  readonly state: BoxState;
  /** What was seen; null where nothing was. */
  readonly evidence: string | null;
}

export interface Section {
  readonly title: string;
  readonly boxes: readonly Box[];
}

/** What was seen of the service and its definitions. Null: it could not be looked at. */
export interface Seen {
  readonly report: SuccessReport;
  /** Of `dashcache validate`. */
  readonly definitions: {
    readonly dashboardsCount: number;
    readonly panelsCount: number;
    readonly faultsCount: number;
    readonly absentSources: readonly string[];
  } | null;
  readonly degraded: readonly string[];
  /** null: there is no Redis, or it does not answer. */
  readonly redis: { readonly entries: number; readonly bytes: number } | null;
  readonly hits: number;
  readonly requests: number;
  /** Panels that do not use the cache; null: no administrator asks. */
  readonly switchedOff: readonly string[] | null;
  /** What administrators did that the answering process remembers; null: no administrator asks. */
  readonly rehearsed: { readonly switches: number; readonly flushes: number } | null;
}

/** A box that is ticked by what was seen: undefined leaves it open. */
export function seenBox(
  line: string,
  command: string | null,
  { isSo, evidence }: { isSo: boolean | null; evidence: string | null },
): Box {
  const state = isSo === null ? 'open' : isSo ? 'done' : 'missed';
  return { line, command, state, evidence };
}

/** A box for a person. */
export function personBox(line: string, command: string | null = null): Box {
  return { line, command, state: 'person', evidence: null };
}
