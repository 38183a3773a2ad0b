import t from 'tap';
import { scriptedService } from '../helpers/scripted-service.js';
import { runAgainst } from './support/run-against.js';

const EVERYWHERE = { reach: 'memory', processes: 1, confirmed: 1 };

t.test('everything gets a new generation, without a question', async (t) => {
  const service = await scriptedService(t, { 'POST /cache/invalidations': EVERYWHERE });
  const { exitCode, terminal } = await runAgainst(service, ['flush']);
  t.equal(exitCode, 0);
  t.same(
    service.requests.map(({ body }) => body),
    [{ all: true }],
  );
  t.equal(terminal.outText, 'Purged: in force in 1 of 1 process (memory: there is no Redis)');
  t.equal(terminal.errText, '');
});

t.test('with --json it prints what the service answers', async (t) => {
  const service = await scriptedService(t, { 'POST /cache/invalidations': EVERYWHERE });
  const { terminal } = await runAgainst(service, ['flush', '--json']);
  t.same(JSON.parse(terminal.outText), EVERYWHERE);
});

t.test('an answer of another form is refused: exit code 3', async (t) => {
  const service = await scriptedService(t, { 'POST /cache/invalidations': { reach: 'moon' } });
  const { exitCode, terminal } = await runAgainst(service, ['flush']);
  t.equal(exitCode, 3);
  t.equal(terminal.outText, '');
});
