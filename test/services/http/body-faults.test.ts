import { type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import t from 'tap';
import { bodyFaults } from '../../../services/http/body-faults.js';
import { InvalidationSchema } from '../../../services/invalidation/invalidation-schema.js';
import { SwitchSchema } from '../../../services/switches/switch-schema.js';
import { WarmingSchema } from '../../../services/warming/warming-schema.js';

/** Faults as `pointer: detail`, the whole body as `(all)`. */
function told(schema: TSchema, value: unknown): string[] {
  return bodyFaults(Value.Errors(schema, value)).map(
    ({ pointer, detail }) => `${pointer === '' ? '(all)' : pointer}: ${detail}`,
  );
}

type Case = readonly [schema: TSchema, value: unknown, told: readonly string[]];

const CASES: Readonly<Record<string, Case>> = {
  'null, as when there is no body': [InvalidationSchema, null, ['(all): must be a JSON object']],
  'a list instead of an object': [InvalidationSchema, [], ['(all): must be a JSON object']],
  'a list of what would fit': [InvalidationSchema, [{ all: true }], ['(all): must be a JSON object']],
  'a number': [SwitchSchema, 7, ['(all): must be a JSON object']],
  text: [WarmingSchema, '{"dashboard":"work"}', ['(all): must be a JSON object']],
  true: [WarmingSchema, true, ['(all): must be a JSON object']],
  'an empty object where something is required': [SwitchSchema, {}, ['/enabled: is required']],
  'a missing member among others': [WarmingSchema, { panel: 'metrics' }, ['/dashboard: is required']],
  'a misspelt member': [
    InvalidationSchema,
    { dashbord: 'work' },
    ['/dashbord: is not known here: did you mean dashboard?'],
  ],
  'a member in another habit of spelling': [
    InvalidationSchema,
    { Tags: ['a'] },
    ['/Tags: is not known here: did you mean tags?'],
  ],
  'a member that is near nothing': [SwitchSchema, { enabled: true, force: 1 }, ['/force: is not known here']],
  'a member whose name needs escapes': [
    SwitchSchema,
    { enabled: true, 'a/b~c': 1 },
    ['/a~1b~0c: is not known here'],
  ],
  'a misspelt member whose name needs escapes': [
    SwitchSchema,
    { enabled: true, 'pan/el': 1 },
    ['/pan~1el: is not known here: did you mean panel?'],
  ],
  'a member without a name': [SwitchSchema, { enabled: true, '': 1 }, ['/: is not known here']],
  'what is missing and what was written instead': [
    SwitchSchema,
    { enable: true },
    ['/enabled: is required', '/enable: is not known here: did you mean enabled?'],
  ],
  'a number where text is wanted': [InvalidationSchema, { tenant: 7 }, ['/tenant: must be text']],
  'null where text is wanted': [InvalidationSchema, { dashboard: null }, ['/dashboard: must be text']],
  'text where a truth is wanted': [SwitchSchema, { enabled: 'true' }, ['/enabled: must be true or false']],
  'a number where a truth is wanted': [InvalidationSchema, { wait: 0 }, ['/wait: must be true or false']],
  'the one value, turned': [InvalidationSchema, { all: false }, ['/all: must be true']],
  'text where a list is wanted': [InvalidationSchema, { tags: 'a' }, ['/tags: must be a list']],
  'an object where a list is wanted': [
    InvalidationSchema,
    { tags: { 0: 'a', length: 1 } },
    ['/tags: must be a list'],
  ],
  'an empty list': [InvalidationSchema, { tags: [] }, ['/tags: must not be empty']],
  'too many items': [
    InvalidationSchema,
    { tags: Array.from({ length: 101 }, (_, index) => `t${index}`) },
    ['/tags: must have at most 100 items'],
  ],
  'items of which two are wrong': [
    InvalidationSchema,
    { tags: ['a', '', 'b', ['c'], 'x'.repeat(128), 'x'.repeat(129)] },
    ['/tags/1: must not be empty', '/tags/3: must be text', '/tags/5: must have at most 128 characters'],
  ],
  'no choice of the offered': [
    InvalidationSchema,
    { mode: 'flush' },
    ['/mode: must be one of "purge", "expire"'],
  ],
  'a choice of another type': [
    InvalidationSchema,
    { mode: ['purge'] },
    ['/mode: must be one of "purge", "expire"'],
  ],
  'empty text': [WarmingSchema, { dashboard: '' }, ['/dashboard: must not be empty']],
  'text that is too long': [
    WarmingSchema,
    { dashboard: 'x'.repeat(257) },
    ['/dashboard: must have at most 256 characters'],
  ],
  'a list where an object is wanted': [
    WarmingSchema,
    { dashboard: 'work', params: [1] },
    ['/params: must be an object'],
  ],
  'several faults at once': [
    InvalidationSchema,
    { mode: 1, wait: 'no', tagz: 1 },
    [
      '/tagz: is not known here: did you mean tags?',
      '/mode: must be one of "purge", "expire"',
      '/wait: must be true or false',
    ],
  ],
};

for (const [name, [schema, value, expected]] of Object.entries(CASES)) {
  t.test(`${name}: the fault says where and what`, (t) => {
    t.same(told(schema, value), expected);
    t.end();
  });
}

t.test('what fits has no fault, however deep the free part of it is', (t) => {
  t.same(told(InvalidationSchema, { dashboard: 'work', tags: ['a'], mode: 'expire' }), []);
  t.same(told(SwitchSchema, { enabled: false }), []);
  let deep: unknown = 1;
  for (let depth = 0; depth < 5000; depth++) deep = [deep];
  t.same(told(WarmingSchema, { dashboard: 'work', params: { site_id: deep } }), []);
  t.same(told(InvalidationSchema, { dashboard: deep }), ['/dashboard: must be text']);
  t.end();
});

t.test('more than twenty faults: the first twenty are told', (t) => {
  const body = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`unknown_${index}`, index]));
  const faults = bodyFaults(Value.Errors(InvalidationSchema, body));
  t.equal(faults.length, 20);
  t.same(faults.at(-1), { pointer: '/unknown_19', detail: 'is not known here' });
  t.end();
});

t.test('names that every object has are members like any other', (t) => {
  const body = JSON.parse('{"enabled":true,"__proto__":1,"constructor":2,"toString":3}');
  t.same(told(SwitchSchema, body), [
    '/__proto__: is not known here',
    '/constructor: is not known here',
    '/toString: is not known here',
  ]);
  t.end();
});

const OTHERS: Readonly<Record<string, Case>> = {
  'counts of members': [
    Type.Object({
      few: Type.Record(Type.String(), Type.Number(), { maxProperties: 1 }),
      some: Type.Record(Type.String(), Type.Number(), { minProperties: 2 }),
    }),
    { few: { a: 1, b: 2 }, some: { a: 1 } },
    ['/few: must have at most 1 member', '/some: must have 2 members or more'],
  ],
  numbers: [
    Type.Object({
      low: Type.Number({ minimum: 2 }),
      high: Type.Number({ maximum: 2 }),
      whole: Type.Integer({ minimum: 0 }),
      count: Type.Integer({ minimum: 0 }),
      share: Type.Integer({ maximum: 1 }),
      other: Type.Number(),
    }),
    { low: 1, high: 3, whole: 1.5, count: -1, share: 2, other: '7' },
    [
      '/low: must be 2 or more',
      '/high: must be 2 or less',
      '/whole: must be a whole number',
      '/count: must be 0 or more',
      '/share: must be 1 or less',
      '/other: must be a number',
    ],
  ],
  'text of a shape': [
    Type.Object({ a: Type.String({ pattern: '^x$' }), b: Type.String({ minLength: 3 }) }),
    { a: 'y', b: 'y' },
    ['/a: must match ^x$', '/b: must have 3 characters or more'],
  ],
  'a union of types': [
    Type.Object({ a: Type.Union([Type.String(), Type.Number()]), b: Type.Null(), c: Type.Never() }),
    { a: true, b: 1, c: 1 },
    ['/a: is of no kind that is accepted here', '/b: must be null', '/c: is not valid'],
  ],
  'one item twice': [
    Type.Array(Type.Number(), { uniqueItems: true }),
    [1, 1],
    ['(all): must not hold an item twice'],
  ],
};

for (const [name, [schema, value, expected]] of Object.entries(OTHERS)) {
  t.test(`${name}: schemas to come are told of in words too`, (t) => {
    t.same(told(schema, value), expected);
    t.end();
  });
}
