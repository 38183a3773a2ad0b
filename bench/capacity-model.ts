/** What was measured with so many processes, by the name of the figure. */
export interface Measured {
  readonly processesCount: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** A figure as a straight line over the number of processes, or as a constant, and how far it is off where it was not fitted. */
export interface Line {
  readonly name: string;
  readonly atZero: number;
  readonly perProcess: number;
  readonly heldOut: { readonly measured: number; readonly predicted: number; readonly errorShare: number };
}

/**
 * Lines by least squares through all measurements but the last, which says how wrong they are. What does not depend on the number
 * of processes is their mean: a slope would only be noise. `growing`: what does, and from how many processes on.
 */
export function fitLines(
  measured: readonly Measured[],
  growing: Readonly<Record<string, number>>,
): readonly Line[] {
  const heldOut = measured.at(-1);
  const fitted = measured.slice(0, -1);
  if (!heldOut || fitted.length < 2) throw new Error('A line takes two measurements, and one to hold it to');
  return Object.entries(heldOut.figures).map(([name, figure]) => {
    const points = fitted.map(({ processesCount, figures }) => ({
      x: processesCount,
      y: figures[name] ?? Number.NaN,
    }));
    const from = growing[name];
    const { atZero, perProcess } =
      from === undefined ? constant(points) : leastSquares(points.filter(({ x }) => x >= from));
    const predicted = atZero + perProcess * heldOut.processesCount;
    const errorShare = Math.abs(predicted - figure) / Math.abs(figure);
    return { name, atZero, perProcess, heldOut: { measured: figure, predicted, errorShare } };
  });
}

type Point = { readonly x: number; readonly y: number };
type Fit = { readonly atZero: number; readonly perProcess: number };

function constant(points: readonly Point[]): Fit {
  return { atZero: mean(points.map(({ y }) => y)), perProcess: 0 };
}

function leastSquares(points: readonly Point[]): Fit {
  const x = mean(points.map((point) => point.x));
  const y = mean(points.map((point) => point.y));
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  const perProcess = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread;
  return { atZero: y - perProcess * x, perProcess };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
