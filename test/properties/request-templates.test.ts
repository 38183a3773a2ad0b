import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Binds, BindValue } from '../../services/definitions/model.js';
import { parseRequestTemplate } from '../../services/definitions/request-template.js';
import { StatementFault } from '../../services/definitions/statement-tokens.js';
import { requestTarget } from '../../services/sources/http/request-target.js';

const ANSWER = { pointer: [], gives: 'rows' } as const;
const RUNS = { numRuns: 500 };

/** Any text that a parameter may have: well-formed, and for a segment neither empty nor a step. */
const value = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.string({ unit: fc.constantFrom(...'./\\%?#&=+ ;:@\'"<>{}|^`~éΩ😀\n\t\r\u0001'), minLength: 1 }),
    fc.constantFrom(
      '...',
      '.%2e',
      '%2e%2e',
      '../..',
      '..\\..',
      '//x',
      'a/../../b',
      ':name',
      `\${X}`,
      ' ',
      '%',
      '%zz',
    ),
  )
  .filter((text) => !/\p{Surrogate}/u.test(text));
const segmentValue = value.filter((text) => text !== '.' && text !== '..');

const literal = fc.stringMatching(/^[A-Za-z0-9\-_~]{1,8}$/);

/** What the parser of addresses, which every HTTP client has, makes of a target. */
function understood(target: string): { segments: string[]; pairs: [string, string][] } {
  const url = new URL(`http://host.example/base${target}`);
  const [, base, ...segments] = url.pathname.split('/').map((segment) => decodeURIComponent(segment));
  if (base !== 'base') throw new Error(`It climbed to ${url.pathname}`);
  if (url.host !== 'host.example' || url.hash !== '') throw new Error(`It left for ${url.href}`);
  // Not searchParams: it takes a + for a space, and we never send a bare one.
  const pairs = url.search === '' ? [] : url.search.slice(1).split('&');
  return {
    segments,
    pairs: pairs.map((pair) => {
      const [name = '', text = ''] = pair.split('=');
      return [decodeURIComponent(name), decodeURIComponent(text)];
    }),
  };
}

function bindsOf(values: readonly (string | null)[], prefix: string): [string, BindValue][] {
  return values.map((text, index) => [`${prefix}${index}`, { type: 'string', value: text }]);
}

t.test(
  'values in segments and in the query: an address parser gives the same values back, in place',
  async () => {
    const segments = fc.array(
      fc.oneof(
        literal,
        segmentValue.map((text) => ({ text })),
      ),
      { minLength: 1, maxLength: 5 },
    );
    const pairs = fc.array(fc.tuple(literal, fc.option(fc.oneof(value, fc.constant('')))), { maxLength: 5 });
    fc.assert(
      fc.property(segments, pairs, (segments, pairs) => {
        const path = segments.map((one, index) => (typeof one === 'string' ? one : `:s${index}`)).join('/');
        const query = pairs.map(([name], index) => `${name}=:q${index}`).join('&');
        const statement = parseRequestTemplate(`/${path}${query === '' ? '' : `?${query}`}`, ANSWER);
        const binds: Binds = new Map([
          ...bindsOf(
            segments.map((one) => (typeof one === 'string' ? null : one.text)),
            's',
          ),
          ...bindsOf(
            pairs.map(([, text]) => text),
            'q',
          ),
        ]);
        if (!statement.request) throw new Error('A template has a request');
        assert.deepEqual(understood(requestTarget(statement.request, binds)), {
          segments: segments.map((one) => (typeof one === 'string' ? one : one.text)),
          pairs: pairs.filter(([, text]) => text !== null),
        });
      }),
      RUNS,
    );
  },
);

t.test('a target holds nothing but what RFC 3986 lets stand there', async () => {
  fc.assert(
    fc.property(segmentValue, value, (segment, text) => {
      const { request } = parseRequestTemplate('/a/:s?b=:q', ANSWER);
      const binds = new Map([
        ...bindsOf([segment], 's').map(([, bind]) => ['s', bind] as const),
        ['q', { type: 'string', value: text } as const] as const,
      ]);
      return (
        request !== undefined &&
        /^\/a\/(?:[\w.~-]|%[0-9A-F]{2})+\?b=(?:[\w.~-]|%[0-9A-F]{2})*$/.test(requestTarget(request, binds))
      );
    }),
    RUNS,
  );
});

t.test(
  'any text as a template is either cut into what it is made of, or refused with a place inside it',
  async () => {
    const pieces = fc.constantFrom(
      '/',
      '/',
      ':a',
      ':b_1',
      '?',
      '&',
      '=',
      'x',
      '%41',
      '%',
      '..',
      '.',
      '#',
      ' ',
      'é',
      '$',
      `\${A}`,
      ':9',
      ';',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        try {
          const { segments, names } = parseRequestTemplate(text, ANSWER);
          const joined = segments.map(
            (segment, index) => segment + (names[index] === undefined ? '' : `:${names[index]}`),
          );
          return joined.join('') === text && segments.length === names.length + 1;
        } catch (error) {
          return error instanceof StatementFault && error.offset >= 0 && error.offset <= text.length;
        }
      }),
      { numRuns: 2000 },
    );
  },
);

t.test('the oracle sees it when a value is not encoded', async (t) => {
  t.throws(() => understood('/../../x'), /climbed/);
  t.not(JSON.stringify(understood('/a/b').segments), JSON.stringify(['a/b']));
});
