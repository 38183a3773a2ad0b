import t from 'tap';
import { DashcacheError } from '../../errors.js';
import type { Definitions, ResolvedParameters } from '../../services/definitions/model.js';
import { resolveParameters } from '../../services/definitions/resolve-parameters.js';
import { noTenant, tenantFromParameter } from '../../services/definitions/tenant.js';
import { keyOf, type PanelRead, panelRead } from '../../services/panel-read.js';
import { tagsOfPanel } from '../../services/panel-tags.js';
import { replayOf, SeededRandom, testSeed } from '../helpers/seeded-random.js';
import { definitionsOf } from '../services/definitions/some-definitions.js';
import { NOW_MS, NOW_SPAN_MS, SEPARATORS } from './support/meanings.js';
import { declaredFiles, type MeantRead, meaningOf, queryOf, somePair } from './support/meant-reads.js';

/** The whole count is a matter of a minute or two: DASHCACHE_TEST_PAIRS=1000000. */
const PAIRS_COUNT = Number(process.env['DASHCACHE_TEST_PAIRS'] ?? 100_000);
const CONTROL_PAIRS_COUNT = 5000;
const SHOWN_COUNT = 3;

type KeyOf = (read: PanelRead) => string;

const ours: KeyOf = (read) => keyOf(read, tagsOfPanel(read.panel, ['tasks'], read.tenant)).hash;

/** A key as it is often made: texts with something between them. */
const joinedWith =
  (separator: string): KeyOf =>
  ({ panel, tenant, bound }) =>
    [panel.dashboardId, panel.id, tenant.text ?? '', ...bound.map(({ canonical }) => canonical ?? '')].join(
      separator,
    );

/** The read of a query string, as a request comes to it. */
function readOf(
  { dashboardId, panelId, rawQuery }: { dashboardId: string; panelId: string; rawQuery: string },
  given: { definitions: Definitions; nowMs: number },
): PanelRead {
  const dashboard = given.definitions.dashboards.get(dashboardId);
  const panel = dashboard?.panels.get(panelId);
  if (!dashboard || !panel) throw new Error(`There is no ${dashboardId}/${panelId}`);
  const parameters: ResolvedParameters = resolveParameters({
    dashboard,
    panels: [panel],
    nowMs: given.nowMs,
    rawQuery,
  });
  const whose = parameters.get(dashboard.tenantParameter ?? '')?.canonical ?? null;
  return panelRead(panel, parameters, whose === null ? noTenant : tenantFromParameter(whose));
}

interface Tally {
  equal: number;
  different: number;
  /** Pairs of which the key says something else than their meaning. */
  readonly wrong: string[];
}

/** Makes pairs, and holds their keys against their meaning. */
function tallyOf(
  pairsCount: number,
  key: KeyOf,
  { definitions, seed }: { definitions: Definitions; seed: number },
): Tally {
  const random = new SeededRandom(seed);
  const tally: Tally = { equal: 0, different: 0, wrong: [] };
  const keyed = (meant: MeantRead) => {
    const rawQuery = queryOf(meant, random);
    const nowMs = NOW_MS + random.between(0, NOW_SPAN_MS - 1);
    return { rawQuery, key: key(readOf({ ...meant, rawQuery }, { definitions, nowMs })) };
  };
  for (let pair = 0; pair < pairsCount; pair++) {
    const [one, other] = somePair(random);
    const alike = meaningOf(one) === meaningOf(other);
    tally[alike ? 'equal' : 'different']++;
    const [a, b] = [keyed(one), keyed(other)];
    if ((a.key === b.key) !== alike)
      tally.wrong.push(
        `${meaningOf(one)} as ${a.rawQuery} ${alike ? 'is' : 'is not'} ${meaningOf(other)} as ${b.rawQuery}`,
      );
  }
  return tally;
}

t.test('given pairs of requests, their keys are equal exactly when they mean the same', async (t) => {
  const definitions = await definitionsOf(declaredFiles());
  const seed = testSeed();
  const { equal, different, wrong } = tallyOf(PAIRS_COUNT, ours, { definitions, seed });
  t.comment(`${replayOf(seed)}: ${equal} pairs of equal meaning, ${different} of different`);
  t.same(wrong.slice(0, SHOWN_COUNT), [], `${wrong.length} of ${PAIRS_COUNT}`);
  t.ok(equal > PAIRS_COUNT / 5 && different > PAIRS_COUNT / 5, 'both were met often');
});

t.test('control: keys that are texts joined with a separator are caught', async (t) => {
  const definitions = await definitionsOf(declaredFiles());
  for (const separator of SEPARATORS) {
    const { wrong } = tallyOf(CONTROL_PAIRS_COUNT, joinedWith(separator), { definitions, seed: testSeed() });
    t.ok(wrong.length > 0, `${separator}: ${wrong.length} of ${CONTROL_PAIRS_COUNT}`);
  }
});

t.test('a value that is empty is no value and not NULL: there is no key for it', async (t) => {
  const definitions = await definitionsOf(declaredFiles());
  const read = (rawQuery: string) =>
    readOf({ dashboardId: 'texts', panelId: 'summary', rawQuery }, { definitions, nowMs: NOW_MS });
  for (const rawQuery of [
    'whose=7&name=',
    'whose=7&name',
    'whose=',
    'whose=7&name=%00',
    'whose=7&whose=7',
    'whose=%ff',
    'whose=%ED%A0%80',
  ])
    t.throws(() => read(rawQuery), DashcacheError, rawQuery);
  t.not(ours(read('whose=7')), ours(read('whose=7&name=null')), 'left out is NULL, and no text');
});
