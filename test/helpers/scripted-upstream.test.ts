import t from 'tap';
import { ask } from '../integration/support/ask.js';
import { Barrier } from './barrier.js';
import {
  answer,
  bombBytes,
  cut,
  hang,
  held,
  json,
  renewable,
  scriptedUpstream,
} from './scripted-upstream.js';

t.test('replies come one after the other, the last one stays, and every request is noted', async (t) => {
  const upstream = await scriptedUpstream(t);
  upstream.on('/x', json({ n: 1 }), answer({ status: 500 }), json({ n: 3 }));
  const answers = [];
  for (let i = 0; i < 4; i++) answers.push(await ask(`${upstream.url}/x?i=${i}`));
  t.same(
    answers.map(({ status }) => status),
    [200, 500, 200, 200],
  );
  t.same(answers[3]?.json(), { n: 3 });
  t.equal(upstream.callsOf('/x'), 4);
  t.match(upstream.asked[2], { method: 'GET', target: '/x?i=2' });
  t.equal((await ask(`${upstream.url}/y`)).status, 404);
  t.ok(await upstream.isIdle());
});

t.test('a tag is confirmed to whoever has it', async (t) => {
  const upstream = await scriptedUpstream(t);
  upstream.on('/x', renewable([1], '"a"'));
  t.equal((await ask(`${upstream.url}/x`)).status, 200);
  t.equal((await ask(`${upstream.url}/x`, { headers: { 'if-none-match': '"a"' } })).status, 304);
  t.equal((await ask(`${upstream.url}/x`, { headers: { 'if-none-match': '"b"' } })).status, 200);
});

t.test(
  'what is cut breaks off, what is held waits for the test, what hangs is open until it is hung up',
  async (t) => {
    const upstream = await scriptedUpstream(t);
    const barrier = new Barrier();
    upstream.on('/cut', cut('0123456789', 3));
    upstream.on('/held', held(barrier, json(1)));
    upstream.on('/hang', hang);
    await t.rejects(ask(`${upstream.url}/cut`));
    const waiting = ask(`${upstream.url}/held`);
    await barrier.arrived();
    t.equal(upstream.openCount, 1);
    barrier.open();
    t.equal((await waiting).text, '1');
    const hung = ask(`${upstream.url}/hang`);
    while (upstream.openCount === 0) await new Promise(setImmediate);
    await upstream.stop();
    await t.rejects(hung);
    await t.rejects(ask(upstream.url));
    t.ok(await upstream.isIdle());
  },
);

t.test('a bomb is small', async (t) => {
  t.ok((await bombBytes('br', 10_000_000)).length < 10_000);
});
