import type { FigureName, FigureUnit } from './success-report.js';

/** How each figure is called for people. */
export const FIGURE_TITLES: Readonly<Record<FigureName, string>> = {
  hit_rate: 'Hit rate',
  load_time: 'Load time (p95)',
  source_queries: 'Source queries',
  redis_memory: 'Redis memory',
};

const UNITS: Readonly<Record<FigureUnit, (figure: number) => string>> = {
  percent: (figure) => `${rounded(figure, 2)} %`,
  ms: (figure) => `${rounded(figure, figure < 10 ? 2 : 0)} ms`,
  per_minute: (figure) => `${rounded(figure, figure < 10 ? 2 : 0)}/min`,
  bytes: (figure) => `${rounded(figure / 1_000_000, 1)} MB`,
};

/** A figure with its unit, the same in every row of a column; what is null was not measured. */
export function figureText(unit: FigureUnit, figure: number | null): string {
  return figure === null ? 'not measured' : UNITS[unit](figure);
}

/** `at least 60 %`. */
export function targetText({
  unit,
  wanted,
  target,
}: {
  readonly unit: FigureUnit;
  readonly wanted: 'at_least' | 'at_most';
  readonly target: number;
}): string {
  return `${wanted === 'at_least' ? 'at least' : 'at most'} ${figureText(unit, target)}`;
}

function rounded(figure: number, digits: number): string {
  return String(Number(figure.toFixed(digits)));
}
