import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { KeySet } from '../../../services/identity/key-set.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';
import { keyMint } from '../../helpers/tokens.js';
import { until } from '../../integration/support/until.js';

const [one, two, rsa] = await Promise.all([
  keyMint('ES256', 'one'),
  keyMint('ES256', 'two'),
  keyMint('RS256', 'rsa'),
]);

async function provider(t: Test, handler: RequestListener) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/jwks`, asked: () => asked };
}

function keySet(t: Test, url: string, algorithm = 'ES256') {
  const clock = new ManualClock();
  const log = new RecordingLog();
  const set = new KeySet({ url, algorithm, clock, log });
  t.teardown(() => set.close());
  set.start();
  return { set, clock, log };
}

const has = (set: KeySet, kid?: string) =>
  set.keyOf({ alg: 'ES256', ...(kid !== undefined && { kid }) }).then(
    () => true,
    () => false,
  );

t.test('given a set, a key is found by its name in it, and never by a path', async (t) => {
  const { url, asked } = await provider(t, (_request, response) =>
    response.end(JSON.stringify({ keys: [one.publicJwk, two.publicJwk, rsa.publicJwk] })),
  );
  const { set } = keySet(t, url);
  t.equal(await has(set, 'one'), true);
  t.equal(await has(set, 'two'), true);
  t.equal(await has(set), false, 'without a name it could be either');
  t.equal(await has(set, 'rsa'), false, 'it is for another algorithm');
  for (const kid of ['../../etc/passwd', 'three', '', 'http://127.0.0.1/jwks', '__proto__'])
    t.equal(await has(set, kid), false);
  t.equal(asked(), 1, 'names that anybody can make up do not ask again at once');
});

t.test('given a key that is new, the set is asked again, once in half a minute', async (t) => {
  let keys = [one.publicJwk];
  const { url, asked } = await provider(t, (_request, response) => response.end(JSON.stringify({ keys })));
  const { set, clock } = keySet(t, url);
  t.equal(await has(set, 'one'), true);
  t.equal(await has(set), true, 'the only one');
  keys = [two.publicJwk];
  t.equal(await has(set, 'two'), false);
  clock.advance(30_000);
  t.same(await Promise.all([has(set, 'two'), has(set, 'two'), has(set, 'x')]), [true, true, false]);
  t.equal(asked(), 2, 'together');
  t.equal(await has(set, 'one'), false, 'it was withdrawn');
});

t.test('given a provider that is away, the last keys are taken for a day, and no longer', async (t) => {
  let isAway = false;
  const { url } = await provider(t, (_request, response) => {
    if (isAway) response.writeHead(503).end();
    else response.end(JSON.stringify({ keys: [one.publicJwk] }));
  });
  const { set, clock, log } = keySet(t, url);
  t.equal(await has(set, 'one'), true);
  isAway = true;
  clock.advance(30_000);
  await has(set, 'other');
  t.match(set.problem, /it answers 503/);
  t.equal(await has(set, 'one'), true);
  clock.advance(24 * 3_600_000);
  t.equal(await has(set, 'one'), false);
  isAway = false;
  await until(() => {
    // Less at once than it may take to answer.
    clock.advance(1000);
    return set.problem === null;
  });
  t.equal(await has(set, 'one'), true);
  t.equal(set.problem, null);
  t.ok(log.lines.length >= 2, 'both were told');
});

t.test(
  'given an answer that is no set, is large, late or leads elsewhere, there are no keys, and nobody else is asked',
  async (t) => {
    const elsewhere = await provider(t, (_request, response) =>
      response.end(JSON.stringify({ keys: [one.publicJwk] })),
    );
    const answers: Record<string, RequestListener> = {
      'no JSON': (_request, response) => response.end('<html>'),
      'no keys': (_request, response) => response.end('{"keys":{}}'),
      'another kind': (_request, response) => response.end(JSON.stringify({ keys: [rsa.publicJwk] })),
      'for encryption': (_request, response) =>
        response.end(JSON.stringify({ keys: [{ ...one.publicJwk, use: 'enc' }] })),
      'a private one': (_request, response) =>
        response.end(JSON.stringify({ keys: [{ ...one.publicJwk, d: 'x' }] })),
      'too long': (_request, response) => response.end(`{"keys":[${'"x",'.repeat(100_000)}"x"]}`),
      'another address': (_request, response) => response.writeHead(302, { location: elsewhere.url }).end(),
    };
    for (const [name, handler] of Object.entries(answers)) {
      const { url } = await provider(t, handler);
      const { set } = keySet(t, url);
      t.equal(await has(set, 'one'), false, name);
      t.match(set.problem, /JWT_JWKS_URL gives no keys/, name);
    }
    t.equal(elsewhere.asked(), 0);
  },
);

t.test(
  'given a provider that answers late, it is given up after three seconds, and asked again',
  async (t) => {
    let isLate = true;
    const { url, asked } = await provider(t, (_request, response) => {
      if (!isLate) response.end(JSON.stringify({ keys: [one.publicJwk] }));
    });
    const { set, clock } = keySet(t, url);
    const first = has(set, 'one');
    await until(() => asked() === 1);
    clock.advance(2999);
    t.equal(set.problem, null, 'it has time');
    clock.advance(1);
    t.equal(await first, false);
    t.match(set.problem, /it does not answer within 3000 ms/);
    isLate = false;
    await until(() => clock.pendingTimers === 1);
    clock.advance(1000);
    await until(() => set.problem === null);
    t.equal(await has(set, 'one'), true);
  },
);

t.test(
  'given a provider that is not there at the start, it is asked ever more rarely until it is',
  async (t) => {
    let isDown = true;
    const { url, asked } = await provider(t, (request, response) => {
      if (isDown) request.socket.destroy();
      else response.end(JSON.stringify({ keys: [one.publicJwk] }));
    });
    const { set, clock } = keySet(t, url);
    t.equal(await has(set, 'one'), false);
    for (const [index, waitMs] of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000].entries()) {
      await until(() => clock.pendingTimers === 1);
      clock.advance(waitMs - 1);
      t.equal(asked(), index + 1, `not before ${waitMs} ms`);
      if (index === 7) isDown = false;
      clock.advance(1);
      await until(() => asked() === index + 2);
    }
    await until(() => set.problem === null);
    t.equal(await has(set, 'one'), true, 'nobody had to ask for it');
    t.match(set.problem, null);
  },
);
