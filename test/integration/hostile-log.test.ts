import t from 'tap';
import { loggedApp } from './support/logged-app.js';
import { rawRequest } from './support/raw-request.js';
import { shopFolder } from './support/shop.js';

const FIELDS = [
  'Host',
  'User-Agent',
  'Accept-Encoding',
  'If-None-Match',
  'Referer',
  'X-Request-Id',
  'X-Forwarded-For',
];
const FORGED = '{"level":30,"msg":"forged"}';
const PAYLOADS: readonly (readonly [what: string, text: string])[] = [
  ['ANSI colours', '\x1b[31mred\x1b[0m'],
  ['a title of the terminal', '\x1b]0;owned\x07'],
  ['C1 controls', '\x9b2J\x85'],
  ['a carriage return', `a\r${FORGED}`],
  ['a line feed', `a\n${FORGED}`],
  ['a new field', 'a\r\nX-More: 1'],
  ['DEL and BEL', '\x7f\x07'],
  ['line separators of Unicode', '\xe2\x80\xa8\xe2\x80\xa9'],
];
const TARGETS: readonly string[] = [
  '/dashboards/shop%0d%0a/metrics',
  '/dashboards/shop/metrics?site_id=%1b%5b31m',
  '/dashboards/%1b%5d0;owned%07',
  '/x%0a%7b%22level%22:30%7d',
  '/x\x1b[2J',
  '/x\x9b2J',
  '/x%zz%1b',
  `/dashboards/${'x'.repeat(200)}`,
  '/x%E2%80%A8',
  '/\xe2\x80\xae',
];
/** Whoever read the request: a route, the router or the parser. */
const REFUSED = /refused/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;

t.test('control characters in every field and in the address: the log stays a line an event', async (t) => {
  const app = await loggedApp(t, { folder: await shopFolder(t) });
  const asked: (readonly string[])[] = FIELDS.flatMap((field) =>
    PAYLOADS.map(([, text]) => [
      'GET /dashboards/shop/metrics?site_id=1 HTTP/1.1',
      ...(field === 'Host' ? [] : ['Host: a']),
      `${field}: ${text}`,
    ]),
  );
  for (const target of TARGETS) asked.push([`GET ${target} HTTP/1.1`, 'Host: a']);
  for (const lines of asked) {
    const before = app.logText().length;
    const { status, head } = await rawRequest(app.url, lines);
    t.ok([200, 400, 404].includes(status), `${JSON.stringify(lines)}: ${status}`);
    t.notMatch(head.replace(/\r\n/g, ''), CONTROLS, 'no control comes back in a field');
    t.notMatch(head, /x-more/i);
    const written = app.logText().slice(before).trimEnd().split('\n');
    const events = written.map((line) => JSON.parse(line));
    t.notOk(
      events.some(({ msg }) => msg === 'forged'),
      'none is forged',
    );
    t.equal(events.length, 1, `a line for ${JSON.stringify(lines)}`);
    if (status >= 400) t.match(JSON.stringify(events[0]), REFUSED, 'which says why');
    t.notMatch(written.join('\n'), CONTROLS, `a control in the log for ${JSON.stringify(lines)}`);
  }
});

t.test('floods of fields: one line each, and no more than a page of the log', async (t) => {
  const app = await loggedApp(t, { folder: await shopFolder(t) });
  for (const fields of [
    Array.from({ length: 10_000 }, (_, index) => `X-${index}: 1`),
    [`X-Long: ${'a'.repeat(100_000)}`],
    Array.from({ length: 1500 }, () => 'Host: a'),
    Array.from({ length: 1500 }, () => 'Cookie: a=b'),
  ]) {
    const before = app.logText().length;
    const { status } = await rawRequest(app.url, ['GET /health/live HTTP/1.1', 'Host: a', ...fields]);
    t.ok([200, 400, 431].includes(status), String(status));
    const written = app.logText().slice(before);
    t.equal(written.trimEnd().split('\n').length, 1);
    t.ok(written.length < 4096, `${written.length} bytes`);
  }
});
