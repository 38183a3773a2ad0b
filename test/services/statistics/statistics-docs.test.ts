import { readFileSync } from 'node:fs';
import t from 'tap';
import {
  COUNTERS,
  READ_COUNTER_NAMES,
  READ_LAYERS,
  READ_OUTCOMES,
} from '../../../services/statistics/counters.js';
import { liveFigures } from '../../../services/statistics/live-figures.js';
import { Prometheus } from '../../../services/statistics/prometheus.js';
import { Statistics } from '../../../services/statistics/statistics.js';
import { trustFigures } from '../../../services/statistics/trust-figures.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';

const page = readFileSync(new URL('../../../docs/statistics.md', import.meta.url), 'utf8');

/** Tables are padded by the formatter: only the cells count. */
const row = (line: string) =>
  line
    .split('|')
    .map((cell) => cell.trim())
    .join('|');

const rowsUnder = (heading: string) =>
  (page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map(row);

t.test('the page: has exactly the counters of the table', async (t) => {
  const wanted = Object.entries(COUNTERS).flatMap(([group, counters]) =>
    Object.entries(counters).map(([name, { help, inside }]) =>
      row(`| ${group} | \`${name}\` | ${help} | ${inside ?? ''} |`),
    ),
  );
  t.same(rowsUnder('Every counter'), wanted);
});

t.test('the page: has exactly the names that are scraped, with their types and labels', async (t) => {
  const statistics = new Statistics({
    clock: new ManualClock(),
    log: new RecordingLog(),
    logIntervalCount: 1000,
    slowOperationMs: 50,
    gauges: { l1Entries: () => 0, l1Bytes: () => 0, l1MaxBytes: 0 },
    panels: () => [{ dashboardId: 'operations', panelId: 'metrics', title: 'Metrics' }],
  });
  statistics.sourceQuery('main', 1, false);
  const zero = {
    totalBytes: 0,
    valuesBytes: 0,
    ownBytes: 0,
    otherBytes: 0,
    entriesCount: 0,
    maxBytes: 0,
  };
  const breakers = () => new Map([['source:main', false]]);
  const figures = () => [
    ...trustFigures({ trustMs: 1000, unconfirmedForMs: 0 }),
    ...liveFigures({ readersCount: 1 }),
  ];
  const feeds = () => [{ source: 'main', isOk: true, changesCount: 0, gapsCount: 0, incompleteForMs: 0 }];
  const ledger = { usage: () => zero };
  const text = await new Prometheus({ statistics, ledger, breakers, figures, feeds }).text();
  const scraped = [...text.matchAll(/^# TYPE (dashcache_\w+) (\w+)\n\w+(?:\{(.*)\})?/gm)].map(
    ([, name, type, labels = '']) => {
      const names = [...labels.matchAll(/(\w+)="/g)]
        .map((match) => match[1])
        .filter((label) => label !== 'le');
      return row(`| \`${name}\` | ${type} | ${names.join(', ')} |`);
    },
  );
  t.same(rowsUnder('Prometheus').toSorted(), scraped.toSorted());
});

t.test('the page: says which outcomes each counter sums', async (t) => {
  for (const name of READ_COUNTER_NAMES) {
    const sum = COUNTERS.reads[name].outcomes.map((outcome) => `\`${outcome}\``).join(' + ');
    t.ok(page.includes(`- \`${name}\` = ${sum}\n`), name);
  }
});

t.test('the layers and outcomes sent between processes: keep their order', async (t) => {
  t.same(READ_LAYERS, ['l1', 'l2', 'source']);
  t.same(READ_OUTCOMES, [
    'hit',
    'stale_hit',
    'error_hit',
    'unproven_hit',
    'miss',
    'collapsed',
    'bypass',
    'error',
  ]);
});
