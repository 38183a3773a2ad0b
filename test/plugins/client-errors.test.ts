import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import t, { type Test } from 'tap';
import { loadConfig } from '../../config.js';
import clientErrors from '../../plugins/client-errors.js';
import errorHandler from '../../plugins/error-handler.js';
import { serverOptions } from '../../plugins/server-options.js';
import { exchange } from '../fuzz/exchange.js';
import { readAnswers } from '../fuzz/read-answers.js';
import { Barrier } from '../helpers/barrier.js';

/** Gives what comes back for these bytes; answers to `/held` wait until so many requests for it have arrived. */
async function answersTo(
  t: Test,
  { text, arrivedCount = 0, isOurs = true }: { text: string; arrivedCount?: number; isOurs?: boolean },
) {
  const app = fastify(serverOptions(loadConfig({}), false));
  if (isOurs) app.register(clientErrors);
  app.register(errorHandler);
  const barrier = new Barrier();
  void barrier.arrived(arrivedCount).then(() => setImmediate(() => barrier.open()));
  app.get('/held', async () => {
    await barrier.pass();
    return Buffer.from('held');
  });
  app.post('/taken', async () => Buffer.from('taken'));
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  const { received } = await exchange({
    port,
    bytes: Buffer.from(text, 'latin1'),
    endsAtOnce: false,
    waitsForAnswer: true,
    boundMs: 5000,
  });
  return readAnswers(received);
}

const HELD = 'GET /held HTTP/1.1\r\nHost: a\r\n\r\n';
const NINE = { text: `${HELD.repeat(9)}no request\r\n\r\n`, arrivedCount: 9 };

t.test('nine requests at once, then none: its refusal comes after the nine answers', async (t) => {
  const answers = await answersTo(t, NINE);
  t.same(
    answers?.map(({ status }) => status),
    [...Array(9).fill(200), 400],
  );
  t.match(JSON.parse(answers?.at(-1)?.body ?? ''), { code: 'request_malformed' });
});

t.test(
  'given nothing that knows what is under way, the refusal is in the place of the first (control)',
  async (t) => {
    const answers = await answersTo(t, { ...NINE, isOurs: false });
    t.equal(answers?.[0]?.status, 400);
  },
);

t.test('a body that breaks off behind others: the refusal is the answer to its request', async (t) => {
  const broken =
    'POST /taken HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n';
  const answers = await answersTo(t, { text: HELD.repeat(2) + broken, arrivedCount: 2 });
  t.same(
    answers?.map(({ status }) => status),
    [200, 200, 400],
  );
});

const EXPECTING = 'GET /held HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n';

t.test('a request behind another expects 100: it gets its answer, and nothing within it', async (t) => {
  const answers = await answersTo(t, { text: HELD + EXPECTING, arrivedCount: 2 });
  t.same(
    answers?.map(({ status, body }) => [status, body]),
    [
      [200, 'held'],
      [200, 'held'],
    ],
  );
});

t.test('a request of its own expects 100: it is told to continue', async (t) => {
  const answers = await answersTo(t, { text: EXPECTING, arrivedCount: 1 });
  t.same(
    answers?.map(({ status }) => status),
    [100, 200],
  );
});

t.test("given Node's own way, the 100 is within the answer (control)", async (t) => {
  const answers = await answersTo(t, { text: HELD + EXPECTING, arrivedCount: 2, isOurs: false });
  t.not(answers?.[1]?.body, 'held');
});

t.test('something else is expected: a problem', async (t) => {
  const answers = await answersTo(t, { text: EXPECTING.replace('100-continue', '200-ok') });
  t.equal(answers?.[0]?.status, 400);
  t.match(JSON.parse(answers?.[0]?.body ?? ''), { code: 'request_malformed', detail: /100-continue/ });
});
