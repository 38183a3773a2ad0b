import t from 'tap';
import type { OpenapiDocument } from '../../services/openapi/document.js';
import { type Answered, openapiValidator } from './openapi-validator.js';

const problem = {
  description: 'no',
  headers: { Allow: { description: 'methods', required: true, schema: { type: 'string' } } },
  content: { 'application/problem+json': { schema: { type: 'object', required: ['code'] } } },
};

const DOCUMENT: OpenapiDocument = {
  openapi: '3.1.0',
  info: { title: 'things', version: '1' },
  servers: [{ url: '/base' }],
  tags: [],
  paths: {
    '/things/{id}': {
      get: {
        operationId: 'a',
        summary: 'a',
        tags: [],
        security: [],
        parameters: [
          { name: 'n', in: 'query', required: true, schema: { type: 'integer', minimum: 1 } },
          { name: 'b', in: 'query', schema: { type: 'boolean' } },
        ],
        responses: {
          200: {
            description: 'yes',
            headers: {
              ETag: { description: 'tag', required: true, schema: { type: 'string', pattern: '^"' } },
              Age: { description: 'age', schema: { type: 'integer', minimum: 0 } },
            },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
          },
          304: { description: 'same' },
          405: problem,
        },
      },
      head: {
        operationId: 'b',
        summary: 'b',
        tags: [],
        security: [],
        responses: { 200: { $ref: '#/components/responses/Empty' } },
      },
    },
    '/things/one': {
      get: {
        operationId: 'c',
        summary: 'c',
        tags: [],
        security: [],
        responses: { 204: { description: 'none' } },
      },
    },
  },
  components: {
    schemas: {
      Thing: { type: 'object', properties: { at: { format: 'date-time' } }, additionalProperties: false },
    },
    responses: { Empty: { description: 'empty' } },
  },
};

const faults = openapiValidator(DOCUMENT);
const good: Answered = {
  status: 200,
  headers: { etag: '"x"', age: '3', 'content-type': 'application/json; charset=utf-8' },
  text: '{"at":"2026-01-01T00:00:00Z"}',
};

t.test('answers that are as described have no faults', async (t) => {
  t.same(faults('GET', '/base/things/7?n=1&b=true', good), []);
  t.same(faults('HEAD', '/base/things/7', { status: 200, headers: {}, text: '' }), []);
  t.same(faults('GET', '/base/things/7?n=1', { status: 304, headers: {}, text: '' }), []);
  t.same(
    faults('GET', '/base/things/one', { status: 204, headers: {}, text: '' }),
    [],
    'the plain path is meant',
  );
  const refused = { allow: 'GET', 'content-type': 'application/problem+json' };
  t.same(faults('POST', '/base/things/7', { status: 405, headers: refused, text: '{"code":"x"}' }), []);
});

const WRONG: readonly (readonly [string, string, string, Partial<Answered>, RegExp])[] = [
  ['an address that is not described', 'GET', '/base/nothing', {}, /not in the description/],
  ['an address outside of the base', 'GET', '/things/7?n=1', {}, /not in the description/],
  ['a method that is not described', 'POST', '/base/things/7', {}, /not in the description/],
  ['a status that is not described', 'GET', '/base/things/7?n=1', { status: 201 }, /201 of GET/],
  ['a parameter that is not described', 'GET', '/base/things/7?n=1&x=1', {}, /parameter x/],
  ['a parameter that should not be taken', 'GET', '/base/things/7?n=0', {}, /parameter n must be >= 1/],
  ['a flag that is none', 'GET', '/base/things/7?n=1&b=yes', {}, /parameter b must be boolean/],
  ['a required parameter that was left out', 'GET', '/base/things/7', {}, /without the parameter n/],
  [
    'a body that does not fit',
    'GET',
    '/base/things/7?n=1',
    { text: '{"at":"noon"}' },
    /at must match format/,
  ],
  [
    'a member that is not described',
    'GET',
    '/base/things/7?n=1',
    { text: '{"x":1}' },
    /additional properties/,
  ],
  ['a body that is cut short', 'GET', '/base/things/7?n=1', { text: '{' }, /no JSON/],
  ['a body where none is described', 'HEAD', '/base/things/7', { headers: {} }, /a body came/],
  [
    'another type of body',
    'GET',
    '/base/things/7?n=1',
    { headers: { ...good.headers, 'content-type': 'text/html' } },
    /of type text\/html/,
  ],
  [
    'a header of ours that is not described',
    'GET',
    '/base/things/7?n=1',
    { headers: { ...good.headers, vary: 'Origin' } },
    /vary is not described/,
  ],
  [
    'a header that does not fit',
    'GET',
    '/base/things/7?n=1',
    { headers: { ...good.headers, age: '-3' } },
    /age must be >= 0/,
  ],
  [
    'a required header that is not there',
    'GET',
    '/base/things/7?n=1',
    { headers: { 'content-type': 'application/json' } },
    /has no etag/,
  ],
];
for (const [what, method, url, change, fault] of WRONG)
  t.test(`${what} is found`, async (t) => {
    const found = faults(method, url, { ...good, ...change });
    t.equal(found.length, 1, found.join('\n'));
    t.match(found[0], fault);
  });
