import { readFileSync } from 'node:fs';
import t from 'tap';
import { DashcacheError, ERRORS, type ErrorCode } from '../errors.js';

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');

/** Code -> title, from the rows of the table in docs/errors.md. */
function documented(text: string): Map<string, string> {
  const rows = text.matchAll(/^\| `([a-z_]+)` \| \d{3} \| (.+?) \| .+ \|$/gm);
  return new Map([...rows].map(([, code = '', title = '']) => [code, title]));
}

t.test('every error of the table is documented with its title, and no other', (t) => {
  t.same(Object.fromEntries(documented(page)), ERRORS);
  t.end();
});

t.test('a page that lacks an error or has one too many is told apart', (t) => {
  t.notSame(Object.fromEntries(documented(page.replace(/^\| `internal`.*$/m, ''))), ERRORS);
  t.notSame(Object.fromEntries(documented(`${page}| \`gone\` | 410 | It is gone | Nothing |\n`)), ERRORS);
  t.end();
});

t.test('an error without a detail says its title, and keeps what it was given', (t) => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    t.match(new DashcacheError(code), {
      message: ERRORS[code],
      code,
      errors: [],
      retryAfterSeconds: undefined,
    });
  }
  const cause = new Error('connection refused');
  const error = new DashcacheError('source_down', {
    detail: 'The source is away',
    retryAfterSeconds: 5,
    cause,
  });
  t.match(error, { message: 'The source is away', retryAfterSeconds: 5, cause });
  t.end();
});
