import Table from 'cli-table3';
import { median } from '../median.js';
import type { Measured } from './measure.js';
import type { Check, Question } from './questions.js';

export interface CheckAnswered extends Omit<Check, 'by'> {
  readonly by: string;
  readonly ratio: number;
  /** Of each round the middle of its slices, each of which is held against the other side's next to it. */
  readonly least: number;
  readonly most: number;
  readonly isKept: boolean;
}

export interface Answered {
  readonly name: string;
  readonly sides: readonly Measured[];
  readonly checks: readonly CheckAnswered[];
}

/** What was measured, held against what was wanted. */
export function answeredOf(
  { name, checks }: Pick<Question, 'name' | 'checks'>,
  measured: ReadonlyMap<string, Measured>,
): Answered {
  const sideOf = (side: string): Measured => {
    const found = measured.get(side);
    if (!found) throw new Error(`${side} was not measured`);
    return found;
  };
  return {
    name,
    sides: [...measured.values()],
    checks: checks.map(({ of, by, goal, minimum }) => {
      const own = sideOf(of);
      const best = by.map(sideOf).reduce((a, b) => (b.perSecondCount > a.perSecondCount ? b : a));
      const ratios = own.rounds.map((slices, round) =>
        median(slices.map((pace, i) => pace / (best.rounds[round]?.[i] ?? Number.NaN))),
      );
      const ratio = median(ratios);
      return {
        of,
        by: best.name,
        goal,
        minimum,
        ratio,
        least: Math.min(...ratios),
        most: Math.max(...ratios),
        isKept: ratio >= minimum,
      };
    }),
  };
}

/** For people: the ratios first, then what each side did. */
export function ratioTable(answered: readonly Answered[]): string {
  const ratios = new Table({
    head: ['question', 'of', 'in times of', 'measured', 'rounds', 'goal', 'minimum', ''],
    style: PLAIN,
  });
  for (const { name, checks } of answered)
    for (const { of, by, ratio, least, most, goal, minimum, isKept } of checks)
      ratios.push([
        name,
        of,
        by,
        figure(ratio),
        `${figure(least)} to ${figure(most)}`,
        String(goal),
        String(minimum),
        ratio >= goal ? 'goal met' : isKept ? 'minimum met' : 'MISSED',
      ]);
  const sides = new Table({ head: ['question', 'side', 'answers/s', 'body'], style: PLAIN });
  for (const { name, sides: all } of answered)
    for (const side of all)
      sides.push([name, side.name, String(Math.round(side.perSecondCount)), String(side.bodyBytes)]);
  return `${ratios}\n${sides}\n`;
}

const PLAIN = { head: [], border: [] };

function figure(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0);
}
