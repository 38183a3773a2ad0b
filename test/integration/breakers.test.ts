import t from 'tap';
import { DashcacheError } from '../../errors.js';
import { BreakerSource } from '../../services/sources/breaker-source.js';
import { ManualClock } from '../helpers/manual-clock.js';
import { RecordingLog } from '../helpers/recording-log.js';
import { listeningApp } from './support/listening-app.js';
import { scriptSource } from './support/scripted-source.js';
import { GRACE_MS, shopFolder, TTL_MS } from './support/shop.js';

const SUMMARY = '/dashboards/shop/summary?site_id=';

t.test(
  'a source that does not answer: what is kept is served, the rest fails at once, and everybody is told',
  async (t) => {
    const clock = new ManualClock();
    const service = await listeningApp(t, { folder: await shopFolder(t), clock });
    const { app } = service;
    const real = app.sources.get('main');
    const scripted = scriptSource(app);
    const observer = app.observer;
    const guarded = new BreakerSource(scripted, { clock, log: new RecordingLog(), observer });
    const { get, all } = app.sources;
    app.sources.get = (name) => (name === 'main' ? guarded : get(name));
    app.sources.all = () => [...all()].map((source) => (source === real ? guarded : source));

    t.equal((await service.get(`${SUMMARY}1`)).status, 200);
    clock.advance(TTL_MS + GRACE_MS + 1);
    scripted.failWith = new DashcacheError('source_down', { retryAfterSeconds: 30 });
    const before = scripted.askedCount;
    for (let site = 2; site <= 6; site++) t.equal((await service.get(SUMMARY + site)).status, 503);
    t.equal(scripted.askedCount - before, 5);

    const refused = await service.get(`${SUMMARY}7`);
    t.equal(refused.status, 503);
    t.equal(refused.headers['retry-after'], '1');
    t.match(refused.json(), { code: 'source_down' });
    const kept = await service.get(`${SUMMARY}1`);
    t.equal(kept.status, 200);
    t.match(kept.cacheStatus, 'detail=stale-if-error');
    t.equal(scripted.askedCount - before, 5, 'nobody was asked for them');

    t.match((await service.get('/health/ready')).json(), { degraded: ['source:main'] });
    const scraped = (await service.get('/metrics')).text;
    t.match(scraped, 'dashcache_breaker_open{dependency="source:main"} 1');
    t.match(scraped, 'dashcache_breaker_open{dependency="source:files"} 0');
    t.match(scraped, 'dashcache_source_refusals_total{source="main"} 2');

    scripted.failWith = null;
    clock.advance(1000);
    t.equal((await service.get(`${SUMMARY}7`)).status, 200, 'the probe is answered');
    t.equal((await service.get(`${SUMMARY}8`)).status, 200);
    t.match((await service.get('/health/ready')).json(), { degraded: [] });
    t.match((await service.get('/metrics')).text, 'dashcache_breaker_open{dependency="source:main"} 0');
  },
);
