import { readFileSync } from 'node:fs';
import t from 'tap';
import { DashcacheError, ERRORS, type ErrorCode } from '../errors.js';
import { statusOf } from '../services/http/status-of.js';

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');

/** Code -> status and title, from the rows of the table in docs/errors.md. */
function documented(text: string): Record<string, string> {
  const rows = text.matchAll(/^\| `([a-z_]+)` \| (\d{3}) \| (.+?) \| .+ \|$/gm);
  return Object.fromEntries([...rows].map(([, code, status, title]) => [code, `${status} ${title}`]));
}

const inForce = Object.fromEntries(
  (Object.keys(ERRORS) as ErrorCode[]).map((code) => [code, `${statusOf(code)} ${ERRORS[code]}`]),
);

t.test('every error of the table is documented with its status and title, and no other', (t) => {
  t.same(documented(page), inForce);
  t.end();
});

t.test('a page that lacks an error or has one too many is told apart', (t) => {
  t.notSame(documented(page.replace(/^\| `internal`.*$/m, '')), inForce);
  t.notSame(documented(page.replace('| `internal` | 500 |', '| `internal` | 501 |')), inForce);
  t.notSame(documented(`${page}| \`gone\` | 410 | It is gone | Nothing |\n`), inForce);
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
