/** What a replayed hour, or a part of it, was like. */
export interface Figures {
  readonly visitsCount: number;
  readonly panelReadsCount: number;
  readonly hitRatePercent: number;
  readonly loadP50Ms: number;
  readonly loadP95Ms: number;
  readonly sourceQueriesPerMinute: number;
  readonly busiestMinuteQueriesCount: number;
  /** null without Redis. */
  readonly redisBytes: number | null;
  readonly layerTwoFailuresCount: number;
}

const MAXIMUM_REDIS_BYTES = 100_000_000;

type Row = readonly [name: string, cached: string, uncached: string, target: string, met: boolean | null];

/** The figures with and without the cache beside the targets, as text; `met` says whether all targets are. */
export function figuresTable(cached: Figures, uncached: Figures): { text: string; met: boolean } {
  const load = (f: Figures): string => `${f.loadP50Ms.toFixed(1)} / ${f.loadP95Ms.toFixed(1)} ms`;
  const rows: Row[] = [
    ['dashboards opened', `${cached.visitsCount}`, `${uncached.visitsCount}`, '', null],
    ['panel reads', `${cached.panelReadsCount}`, `${uncached.panelReadsCount}`, '', null],
    [
      'hit rate',
      `${cached.hitRatePercent.toFixed(1)} %`,
      `${uncached.hitRatePercent.toFixed(1)} %`,
      '>= 60 %',
      cached.hitRatePercent >= 60,
    ],
    ['dashboard load, p50 / p95', load(cached), load(uncached), '< 500 ms', cached.loadP95Ms < 500],
    [
      'source queries a minute',
      cached.sourceQueriesPerMinute.toFixed(0),
      uncached.sourceQueriesPerMinute.toFixed(0),
      '< 400',
      cached.sourceQueriesPerMinute < 400,
    ],
    [
      'busiest minute',
      `${cached.busiestMinuteQueriesCount}`,
      `${uncached.busiestMinuteQueriesCount}`,
      '',
      null,
    ],
    [
      'Redis memory',
      cached.redisBytes === null ? '-' : `${(cached.redisBytes / 1e6).toFixed(1)} MB`,
      '-',
      '< 100 MB',
      cached.redisBytes === null || cached.redisBytes < MAXIMUM_REDIS_BYTES,
    ],
  ];
  const lines = rows.map(([name, a, b, target, met]) =>
    line(name, a, b, `${target}${met === null ? '' : met ? '  met' : '  MISSED'}`),
  );
  if (cached.layerTwoFailuresCount > 0)
    rows.push(['failed Redis operations', `${cached.layerTwoFailuresCount}`, '-', '', null]);
  return {
    text: `${[line('', 'with dashcache', 'without', 'target'), ...lines].join('\n')}\n`,
    met: rows.every(([, , , , met]) => met !== false),
  };
}

function line(name: string, cached: string, uncached: string, target: string): string {
  return `${name.padEnd(27)}${cached.padStart(18)}${uncached.padStart(20)}   ${target}`.trimEnd();
}
