import t from 'tap';
import { loadOptions } from '../../config/load-options.js';
import { loadConfig } from '../../config.js';

t.test('each kind of panel has the ttl of its setting, and whether somebody set it', (t) => {
  const { ttls, environment } = loadOptions(loadConfig({ CHART_DATA_TIMEOUT: '600', SUMMARY_TIMEOUT: '' }));
  t.same(ttls, {
    metrics: { ms: 300_000, setting: 'METRICS_TIMEOUT', explicit: false },
    chart: { ms: 600_000, setting: 'CHART_DATA_TIMEOUT', explicit: true },
    summary: { ms: 900_000, setting: 'SUMMARY_TIMEOUT', explicit: false },
  });
  t.equal(environment['SUMMARY_TIMEOUT'], '900');
  t.end();
});
