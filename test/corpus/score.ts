import type { CheckedStatement } from '../../services/sources/source.js';
import type { CorpusQuery } from './read-corpus.js';

export type Told = Pick<CheckedStatement, 'tables' | 'verdict'>;

export interface Score {
  /** Tables that change an answer, over all queries; and those of them that were told, or whose query was said to be unknown. */
  readonly trueCount: number;
  readonly heardCount: number;
  /** Tables named under the verdict exact, and those of them that really change the answer. */
  readonly namedCount: number;
  readonly rightCount: number;
  readonly verdicts: Readonly<Record<Told['verdict'], number>>;
  /** As sentences. */
  readonly missed: readonly string[];
  readonly needless: readonly string[];
}

/** Holds what was told of each query against the truth. Only tables that can be touched count: a view has no rows of its own. */
export function score(
  told: ReadonlyMap<CorpusQuery, Told>,
  truth: ReadonlyMap<CorpusQuery, ReadonlySet<string>>,
  touchable: ReadonlySet<string>,
): Score {
  const missed: string[] = [];
  const needless: string[] = [];
  const verdicts = { exact: 0, over: 0, unknown: 0 };
  let trueCount = 0;
  let namedCount = 0;
  for (const [query, { tables, verdict }] of told) {
    const real = truth.get(query) ?? new Set();
    verdicts[verdict]++;
    trueCount += real.size;
    if (verdict !== 'unknown')
      for (const table of real) if (!tables.includes(table)) missed.push(`${table} of ${query.sql}`);
    if (verdict !== 'exact') continue;
    for (const table of tables.filter((each) => touchable.has(each))) {
      namedCount++;
      if (!real.has(table)) needless.push(`${table} of ${query.sql}`);
    }
  }
  return {
    trueCount,
    heardCount: trueCount - missed.length,
    namedCount,
    rightCount: namedCount - needless.length,
    verdicts,
    missed,
    needless,
  };
}

/** `185 queries: 160 exact, 12 over, 13 unknown; recall 412 of 412; precision 250 of 254 (98.4 %)`. */
export function scoreLine({ verdicts, ...counts }: Score): string {
  const { exact, over, unknown } = verdicts;
  const percent = (part: number, whole: number) =>
    `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %)`;
  return [
    `${exact + over + unknown} queries: ${exact} exact, ${over} over, ${unknown} unknown`,
    `recall ${percent(counts.heardCount, counts.trueCount)}`,
    `precision ${percent(counts.rightCount, counts.namedCount)}`,
  ].join('; ');
}
