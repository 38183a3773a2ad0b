import type { Place, Selection, TrialFigures } from '../test/helpers/stale-fill-trials.js';

/** What the trials of one kind were like. */
export interface StaleFillRow extends TrialFigures {
  readonly where: string;
  readonly by: Selection;
  readonly at: Place;
  /** Without the comparison of generations. */
  readonly isControl: boolean;
  /** Trials that had to count. */
  readonly wantedCount: number;
  readonly tookMs: number;
}

/** Old answers: none, and with the comparison turned off some, or the trials would not have seen any. */
export function isMet({ isControl, countedCount, wantedCount, oldCount }: StaleFillRow): boolean {
  return countedCount >= wantedCount && (isControl ? oldCount > 0 : oldCount === 0);
}

const COLUMNS: readonly (readonly [title: string, width: number, cell: (row: StaleFillRow) => string])[] = [
  ['', 20, ({ where }) => where],
  ['comparison', 12, ({ isControl }) => (isControl ? 'off' : 'on')],
  ['purge by', 10, ({ by }) => by],
  ['in process', 12, ({ at }) => at],
  ['trials', 9, ({ begunCount }) => String(begunCount)],
  ['windows', 9, ({ countedCount }) => String(countedCount)],
  ['reads', 9, ({ readsCount }) => String(readsCount)],
  ['old', 8, ({ oldCount }) => String(oldCount)],
  ['seconds', 9, ({ tookMs }) => (tookMs / 1000).toFixed(1)],
  ['', 8, (row) => (isMet(row) ? 'met' : 'MISSED')],
];

export const staleFillHead = `${COLUMNS.map(([title, width]) => title.padEnd(width)).join('')}\n`;

/** Below a line that is missed: how its old answers were given. */
export function staleFillLine(row: StaleFillRow): string {
  const line = COLUMNS.map(([, width, cell]) => cell(row).padEnd(width)).join('');
  const reasons = isMet(row) ? [] : [...row.oldAnswers].map(([how, count]) => `  ${count} old: ${how}`);
  return `${[line.trimEnd(), ...reasons].join('\n')}\n`;
}
