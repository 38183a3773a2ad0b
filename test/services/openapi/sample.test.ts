import t from 'tap';
import { sampleOf } from '../../../services/openapi/sample.js';

const SCHEMAS = { Thing: { type: 'object', properties: { n: { type: 'integer', minimum: 9 } } } };

const SAMPLES: readonly (readonly [string, object, unknown])[] = [
  ['its own example', { type: 'string', examples: ['x'], default: 'y' }, 'x'],
  ['its default', { type: 'boolean', default: false }, false],
  ['its constant', { const: null }, null],
  ['a choice', { enum: ['a', 'b'] }, 'a'],
  ['a schema that it names', { $ref: '#/components/schemas/Thing' }, { n: 9 }],
  ['nothing known', { $ref: '#/components/schemas/None' }, {}],
  ['no null where there is more', { anyOf: [{ type: 'null' }, { type: 'integer' }] }, 7],
  [
    'the alternative that shows most',
    { anyOf: [{ type: 'object' }, { type: 'object', properties: { a: { type: 'null' } } }] },
    { a: null },
  ],
  ['a type of several', { type: ['number', 'string', 'null'], maximum: 2 }, 2],
  ['flags', { type: 'boolean' }, true],
  ['a list', { type: 'array', items: { type: 'integer' } }, [7]],
  ['a list of nothing', { type: 'array' }, []],
  ['a list by places', { type: 'array', prefixItems: [{ const: 1 }, { const: 2 }] }, [1, 2]],
  ['a date', { type: 'string', format: 'date' }, '2026-01-31'],
  ['a text that matches', { type: 'string', pattern: '^[A-Z]{3}$' }, 'EUR'],
  ['a text that is short', { type: 'string', maxLength: 1 }, 'a'],
  ['no text that matches', { type: 'string', pattern: '^[0-9]{40}$' }, undefined],
  [
    'members, but those without a sample',
    { type: 'object', properties: { a: { type: 'string', pattern: '^§$' } } },
    {},
  ],
];
for (const [what, schema, sample] of SAMPLES)
  t.test(`a sample is ${what}`, async (t) => {
    t.same(sampleOf({ ...schema }, SCHEMAS), sample);
  });
