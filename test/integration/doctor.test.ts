import t, { type Test } from 'tap';
import { runAgainst } from '../cli/support/run-against.js';
import { startRedis } from '../helpers/redis-server.js';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { shopFolder } from './support/shop.js';

interface Finding {
  readonly check: string;
  readonly severity: string;
  readonly evidence: string;
  readonly fix: string;
}

async function service(t: Test): Promise<ListeningApp> {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  return listeningApp(t, { folder, environment: { REDIS_URL: redis.url } });
}

async function found(actor: ListeningApp, check: string): Promise<Finding[]> {
  const { exitCode, terminal } = await runAgainst(actor, ['doctor', '--json']);
  const { findings }: { findings: Finding[] } = JSON.parse(terminal.outText);
  const ofCheck = findings.filter((finding) => finding.check === check);
  if (ofCheck.some(({ severity }) => severity === 'error')) t.equal(exitCode, 1);
  return ofCheck;
}

const read = async ({ get }: ListeningApp, sitesCount: number, timesCount: number) => {
  for (let i = 0; i < timesCount; i++)
    for (let site = 1; site <= sitesCount; site++) await get(`/dashboards/shop/metrics?site_id=${site}`);
};

t.test(
  'given a hit rate of 0 % because it is switched off, that is said, and what it says to run mends it',
  async (t) => {
    const actor = await service(t);
    t.equal((await runAgainst(actor, ['switch', 'off'])).exitCode, 0);
    await read(actor, 5, 30);
    const [finding] = await found(actor, 'hit-rate-zero');
    t.match(finding, {
      severity: 'error',
      evidence: /kill switch is off.*150 of 150 reads/,
      fix: /`dashcache switch on`/,
    });
    const [, words = ''] = /`dashcache ([^`]+)`/.exec(finding?.fix ?? '') ?? [];
    t.equal((await runAgainst(actor, words.split(' '))).exitCode, 0);
    await read(actor, 5, 2);
    t.same(await found(actor, 'hit-rate-zero'), []);
  },
);

t.test(
  'given a low hit rate because parameters hardly ever come twice, the parameter is named',
  async (t) => {
    const actor = await service(t);
    for (let day = 1; day <= 28; day++)
      for (let hour = 1; hour <= 5; hour++)
        await actor.get(
          `/dashboards/shop/metrics?site_id=7&period=2026-0${hour}-01/2026-06-${String(day).padStart(2, '0')}`,
        );
    const [finding] = await found(actor, 'hit-rate-zero');
    t.match(finding, { evidence: /hardly any combination.*period/, fix: /period.*align/ });
  },
);

t.test('given a good hit rate, nothing is said of it', async (t) => {
  const actor = await service(t);
  await read(actor, 5, 30);
  t.same([...(await found(actor, 'hit-rate-zero')), ...(await found(actor, 'hit-rate-low'))], []);
});
