import type { Simulated, SimulatedPanel } from './simulate.js';

/** The same log with every ttl so many times as long as declared. */
export interface Rung {
  readonly factor: number;
  readonly simulated: Simulated;
}

export const FACTORS = [0.25, 0.5, 1, 2, 4, 8] as const;

export interface Proposal {
  readonly dashboard: string;
  readonly panel: string;
  readonly ttl_ms: number;
  /** Null: the ttl is not what is wrong. */
  readonly proposed_ttl_ms: number | null;
  readonly hit_rate: number;
  readonly proposed_hit_rate: number;
  readonly queries: number;
  readonly proposed_queries: number;
  readonly reason: string;
}

/** Fewer reads say nothing about a panel. */
const READS_MIN_COUNT = 20;
const GOOD_PERCENT = 80;
/** A longer ttl is worth it for so much. */
const GAIN_MIN_PERCENT = 5;
/** Rare: so many queries of its own ttl, and more, for each change of what it reads. */
const QUERIES_PER_RARE_CHANGE = 4;
/** A shorter one costs no more than that. */
const LOSS_MAX_PERCENT = 1;
/** So much of what the entries may take is nearly all. */
const FULL_SHARE = 0.9;

/**
 * What to try next, the panels that cost most queries first: a longer ttl where that gives more hits, or where changes are told and
 * rare; a shorter one where memory is short and nothing is lost by it; and panels that no ttl helps.
 */
export function propose(rungs: readonly Rung[], { maxBytes }: { maxBytes: number }): Proposal[] {
  const declared = rungs.find(({ factor }) => factor === 1)?.simulated;
  if (!declared) return [];
  const isFull = declared.max_bytes > maxBytes * FULL_SHARE;
  return declared.panels
    .filter(({ reads }) => reads >= READS_MIN_COUNT)
    .flatMap((panel) => proposalFor(panel, { rungs, isFull }) ?? [])
    .sort((a, b) => b.queries - b.proposed_queries - (a.queries - a.proposed_queries));
}

function proposalFor(
  panel: SimulatedPanel,
  { rungs, isFull }: { rungs: readonly Rung[]; isFull: boolean },
): Proposal | null {
  const at = (rung: Rung) => ({ factor: rung.factor, panel: sameIn(rung.simulated, panel) });
  const longer = rungs.filter(({ factor }) => factor > 1).map(at);
  const best = Math.max(panel.hit_rate, ...longer.map((rung) => rung.panel.hit_rate));
  if (panel.hit_rate < GOOD_PERCENT) {
    const wanted = Math.min(GOOD_PERCENT, best);
    const first = longer.find((rung) => rung.panel.hit_rate >= wanted);
    return first && first.panel.hit_rate >= panel.hit_rate + GAIN_MIN_PERCENT
      ? proposed(panel, first.panel, { reason: 'low hit rate: a longer ttl gives more hits', isTtl: true })
      : proposed(panel, panel, { reason: reasonOfNone(panel), isTtl: false });
  }
  const last = longer.at(-1);
  const isRare =
    panel.changes !== null && panel.queries > QUERIES_PER_RARE_CHANGE * (panel.changes + panel.keys);
  if (!isFull && isRare && last && last.panel.queries < panel.queries)
    return proposed(panel, last.panel, {
      reason: `its tables changed ${panel.changes} times: with a change feed a longer ttl shows nothing older`,
      isTtl: true,
    });
  const shorter = rungs
    .filter(({ factor }) => factor < 1)
    .map(at)
    .find((rung) => rung.panel.hit_rate >= panel.hit_rate - LOSS_MAX_PERCENT);
  if (isFull && shorter)
    return proposed(panel, shorter.panel, {
      reason: 'memory is full: a shorter ttl costs no hits',
      isTtl: true,
    });
  return null;
}

/** Hits need a second read of the same while it is kept. */
function reasonOfNone({ keys, reads }: SimulatedPanel): string {
  return keys * 2 > reads
    ? `no ttl helps: ${keys} different parameters in ${reads} reads; offer fewer, align periods, or warm the usual ones`
    : 'no ttl that was tried helps: it is read too seldom; warm it before it is read';
}

function sameIn({ panels }: Simulated, { dashboard, panel }: SimulatedPanel): SimulatedPanel {
  const same = panels.find((each) => each.dashboard === dashboard && each.panel === panel);
  if (!same) throw new Error(`${dashboard}/${panel} was not simulated`);
  return same;
}

function proposed(
  now: SimulatedPanel,
  then: SimulatedPanel,
  { reason, isTtl }: { reason: string; isTtl: boolean },
): Proposal {
  return {
    dashboard: now.dashboard,
    panel: now.panel,
    ttl_ms: now.ttl_ms,
    proposed_ttl_ms: isTtl ? then.ttl_ms : null,
    hit_rate: now.hit_rate,
    proposed_hit_rate: then.hit_rate,
    queries: now.queries,
    proposed_queries: then.queries,
    reason,
  };
}
