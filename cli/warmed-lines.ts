import { counted, readableCount } from './readable-figures.js';
import type { Terminal } from './terminal.js';
import { isWarm, type WarmedAll } from './warmed.js';

/** More are no help: they mostly have one reason. */
const SHOWN_PROBLEMS_COUNT = 20;

/** What a warming did, the failures first and the sum last. */
export function warmedLines(warmed: WarmedAll, colors: Terminal['colors']): string[] {
  const sum = `${sumText(warmed)}; ${hitsText(warmed)}`;
  return [...problemLines(warmed, colors), isWarm(warmed) ? colors.green(sum) : colors.yellow(sum)];
}

function problemLines({ dashboards, failed }: WarmedAll, colors: Terminal['colors']): string[] {
  const problems = dashboards.flatMap(({ dashboard, problems }) =>
    problems.map(({ panel, tenant, code, detail }) => {
      const whose = tenant === null ? dashboard : `${dashboard}, tenant ${tenant}`;
      return `${colors.red('failed:')} ${panel} of ${whose}: ${detail} (${code})`;
    }),
  );
  const shown = problems.slice(0, SHOWN_PROBLEMS_COUNT);
  const rest = failed - shown.length;
  return rest > 0 ? [...shown, `and ${readableCount(rest)} more that failed`] : shown;
}

function sumText({ panels, loaded, fresh, failed, switched_off }: WarmedAll): string {
  const parts = [
    `${readableCount(loaded)} loaded`,
    `${readableCount(fresh)} fresh already`,
    ...(failed > 0 ? [`${readableCount(failed)} failed`] : []),
    ...(switched_off > 0
      ? [`${readableCount(switched_off)} not loaded, for the cache is switched off for them`]
      : []),
  ];
  return `${counted(panels, 'panel')}: ${parts.join(', ')}`;
}

function hitsText({ panels, hits }: WarmedAll): string {
  if (panels === 0) return 'there was nothing to warm';
  return `a read now hits for ${hits >= panels ? 'all' : `${readableCount(hits)}`} of them`;
}
