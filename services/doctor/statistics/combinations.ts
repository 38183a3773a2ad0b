import type { Load } from './miss-causes.js';

/** What the loads of one panel tell of its parameters. */
export interface Combinations {
  readonly panel: string;
  readonly loadsCount: number;
  readonly distinctCount: number;
  /** The parameter with the most values. */
  readonly parameter: string;
  /** Hardly any combination came twice. */
  readonly isVaried: boolean;
  /** For people. */
  readonly text: string;
}

const MIN_LOADS_COUNT = 20;
const VARIED_SHARE = 0.9;
/** Those of tenants and their few periods are what a cache is for. */
const VARIED_MIN_COUNT = 20;

/** The combinations of parameters that were loaded, by panel; the most varied first. Panels without parameters are left out. */
export function combinationsOf(loads: readonly Load[]): Combinations[] {
  const byPanel = new Map<string, Load[]>();
  for (const load of loads) {
    const panel = `${load.dashboard}/${load.panel}`;
    byPanel.set(panel, [...(byPanel.get(panel) ?? []), load]);
  }
  return [...byPanel]
    .filter(([, [first]]) => first && Object.keys(first.params).length > 0)
    .map(([panel, ofPanel]) => combinations(panel, ofPanel))
    .toSorted((a, b) => b.distinctCount - a.distinctCount);
}

function combinations(panel: string, loads: readonly Load[]): Combinations {
  const distinctCount = new Set(loads.map(({ params }) => JSON.stringify(params))).size;
  const names = Object.keys(loads[0]?.params ?? {});
  const valuesCount = (name: string) => new Set(loads.map(({ params }) => JSON.stringify(params[name]))).size;
  const [parameter = ''] = names.toSorted((a, b) => valuesCount(b) - valuesCount(a));
  const isVaried =
    loads.length >= MIN_LOADS_COUNT &&
    distinctCount >= VARIED_MIN_COUNT &&
    distinctCount > VARIED_SHARE * loads.length;
  const text = `${panel}: ${distinctCount} combinations in ${loads.length} loads, ${valuesCount(parameter)} values of ${parameter}`;
  return { panel, loadsCount: loads.length, distinctCount, parameter, isVaried, text };
}
