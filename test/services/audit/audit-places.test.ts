import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import { auditPlaces } from '../../../services/audit/audit-places.js';
import { auditSample } from '../../../services/audit/audit-sample.js';
import { definitionsOf } from '../definitions/some-definitions.js';

const NOW_MS = Date.parse('2026-11-25T08:10:00Z');
const SHOP = `
id: shop
source: main
params:
  site: { type: string, max_length: 9, tenant: true, options: SELECT id FROM sites }
  kind: { type: string, enum: [new, used] }
  paid: { type: boolean }
  note: { type: string, max_length: 9, optional: true }
  period: { type: period, default: 1d, align: 1d }
metrics: { query: "SELECT 1 AS one WHERE :site = '' AND :kind = :note AND :paid" }
summary: { query: "SELECT 1 AS one WHERE :site = '' AND :period_start < :period_end" }
`;
const ALONE = `
id: alone
source: main
params:
  region: { type: string, max_length: 9 }
metrics: { query: SELECT 1 AS one }
summary: { query: "SELECT :region AS region" }
`;

const shop = () => definitionsOf({ 'shop.yaml': SHOP });

t.test('every panel with every tenant, and the first choice of what else has to be given', async (t) => {
  const { places, skipped } = await auditPlaces(await shop(), async () => ['a&b', 'ü']);
  t.same(skipped, []);
  t.same(
    places.map((place) => auditSample(place, NOW_MS).address),
    [
      '/dashboards/shop/metrics?site=a%26b&kind=new&paid=true',
      '/dashboards/shop/metrics?site=%C3%BC&kind=new&paid=true',
      '/dashboards/shop/summary?site=a%26b&period=2026-11-25T00%3A00%3A00Z%2F2026-11-26T00%3A00%3A00Z',
      '/dashboards/shop/summary?site=%C3%BC&period=2026-11-25T00%3A00%3A00Z%2F2026-11-26T00%3A00%3A00Z',
    ],
  );
});

t.test('a panel whose values nobody tells is left out, and named', async (t) => {
  const definitions = await definitionsOf({ 'alone.yaml': ALONE });
  const { places, skipped } = await auditPlaces(definitions, async () => []);
  t.same(
    places.map((place) => auditSample(place, NOW_MS).address),
    ['/dashboards/alone/metrics'],
  );
  t.same(skipped, ['summary of alone: nobody tells the values of region']);
});

t.test(
  'without a tenant, or where the query of the tenants has no answer, there is nobody to ask for',
  async (t) => {
    t.equal((await auditPlaces(await shop(), async () => [])).places.length, 0);
    const faulty = async () => Promise.reject(new DashcacheError('source_wrong_answer'));
    t.equal((await auditPlaces(await shop(), faulty)).skipped.length, 2);
  },
);

t.test('a source that is away ends it', async (t) => {
  const away = async () => Promise.reject(new DashcacheError('source_down'));
  await t.rejects(auditPlaces(await shop(), away), { code: 'source_down' });
});
