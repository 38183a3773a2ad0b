import { appendFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { CHECKS } from '../../../../services/doctor/checks.js';
import { lookAtHost } from '../../../../services/doctor/process/host-seen.js';
import { runChecks } from '../../../../services/doctor/run-checks.js';
import { but, goodFacts } from '../support/good-facts.js';

const HERE = 'http://127.0.0.1:8000';
const INFO = '{"level":30,"msg":"request completed"}\n';
const ERROR = '{"level":50,"msg":"request errored"}\n';

t.test('a log file that is written and has no errors is fine; with errors they are counted', async (t) => {
  const logFile = join(t.testdir({ 'cache.log': `half a line"}\n${INFO}` }), 'cache.log');
  const look = async () => {
    const host = await lookAtHost({ address: HERE, logFile });
    return runChecks(
      CHECKS.filter(({ id }) => id.startsWith('log-')),
      but(await goodFacts(t), { host: { ...host, log: host.log && { ...host.log, freeBytes: 1e10 } } }),
    ).findings;
  };
  t.same(await look(), []);
  appendFileSync(logFile, ERROR + ERROR);
  t.match(await look(), [{ check: 'log-errors', evidence: /^2 errors at the end of .*: request errored$/ }]);
});

t.test('one that is not there is an error, and leaves nothing behind', async (t) => {
  const folder = t.testdir({});
  const { log } = await lookAtHost({ address: HERE, logFile: join(folder, 'cache.log') });
  t.match(log, { problem: 'ENOENT' });
  t.same(readdirSync(folder), []);
  t.ok(statSync(folder).isDirectory());
});

t.test(
  'a service elsewhere has another log and another memory: neither is judged by what is here',
  async (t) => {
    const host = await lookAtHost({ address: 'http://10.0.0.7:8000', logFile: '/no/such.log' });
    t.notOk(host.isOfService);
    t.ok(host.memoryLimitBytes > 0);
    const { findings, not_checked } = runChecks(
      CHECKS.filter(({ id }) => ['log-file', 'log-errors', 'memory-limit'].includes(id)),
      but(await goodFacts(t), { host }),
    );
    t.same(findings, []);
    t.equal(not_checked.length, 3);
  },
);
