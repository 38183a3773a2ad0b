import t from 'tap';
import { isSchemaChanged, schemaSignatures } from '../../../services/definitions/schema-signatures.js';
import { SchemaWatch } from '../../../services/definitions/schema-watch.js';
import type { Source } from '../../../services/sources/source.js';
import { CachedSource, rowOf } from '../../helpers/cache-panels.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function watched() {
  const clock = new ManualClock();
  const looks: number[] = [];
  let release = () => {};
  let isHeld = false;
  const look = async () => {
    looks.push(clock.monotonicMs());
    if (isHeld)
      await new Promise<void>((resolve) => {
        release = resolve;
      });
  };
  const watch = new SchemaWatch({ clock, look });
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settled();
  };
  return {
    watch,
    looks,
    pass,
    hold: () => {
      isHeld = true;
    },
    release: () => release(),
  };
}

t.test('with no sign of a change it looks every 30 s', async (t) => {
  const { looks, pass, watch } = watched();
  await pass(29_999);
  t.same(looks, []);
  await pass(1);
  await pass(30_000);
  t.same(looks, [30_000, 60_000]);
  watch.close();
  await pass(60_000);
  t.same(looks.length, 2);
});

t.test('after a sign it looks 1 s later, once for many', async (t) => {
  const { looks, pass, watch } = watched();
  for (let i = 0; i < 100; i++) watch.lookSoon();
  await pass(500);
  watch.lookSoon();
  await pass(500);
  t.same(looks, [1000]);
  await pass(29_999);
  t.same(looks, [1000]);
  await pass(1);
  t.same(looks, [1000, 31_000]);
});

t.test('during a slow look there is no second one', async (t) => {
  const { looks, pass, watch, hold, release } = watched();
  hold();
  await pass(30_000);
  watch.lookSoon();
  await pass(60_000);
  t.same(looks, [30_000]);
  release();
  await settled();
  watch.lookSoon();
  await pass(1000);
  t.same(looks, [30_000, 91_000]);
});

t.test('a signature that is new is a change; a source that says nothing is none', async (t) => {
  const source = (schemaSignature?: () => Promise<string | null>): Source =>
    Object.assign(new CachedSource(() => rowOf({ n: 1 })), schemaSignature && { schemaSignature });
  const said = await schemaSignatures(
    new Map([
      ['a', source(async () => 'one')],
      ['away', source(() => Promise.reject(new Error('down')))],
      ['http', source()],
    ]),
  );
  t.same(
    [...said],
    [
      ['a', 'one'],
      ['away', null],
      ['http', null],
    ],
  );
  const now = (a: string | null, away: string | null) =>
    new Map([
      ['a', a],
      ['away', away],
    ]);
  t.notOk(isSchemaChanged(said, now('one', null)));
  t.notOk(isSchemaChanged(said, now(null, null)));
  t.ok(isSchemaChanged(said, now('two', null)));
  t.ok(isSchemaChanged(said, now('one', 'back')));
});
