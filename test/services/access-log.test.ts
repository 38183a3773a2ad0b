import t from 'tap';
import { readAccessLog } from '../../services/access-log.js';

async function* lines(...texts: readonly string[]): AsyncIterable<string> {
  yield* texts;
}

const AT = '2026-11-25T09:00:00.000Z';

t.test('given any known format, each answered read has its instant, its address and its size', async (t) => {
  const at = (read: { atMs: number }) => ({ ...read, atMs: new Date(read.atMs).toISOString() });
  for (const [text, expected] of [
    [
      '203.0.113.7 - ann [25/Nov/2026:10:00:00 +0100] "GET /dashboards/a?b=%22c HTTP/1.1" 200 1234 "-" "Mozilla/5.0 (X11)"',
      { url: '/dashboards/a?b=%22c', bytes: 1234 },
    ],
    [
      '::1 - - [25/Nov/2026:09:00:00 +0000] "GET https://a.example/dashboards/a HTTP/2.0" 304 -',
      { url: 'https://a.example/dashboards/a', bytes: null },
    ],
    [
      `{"level":30,"time":${Date.parse(AT)},"req":{"method":"GET","url":"/dashboards/a"},"res":{"statusCode":200},"msg":"x"}`,
      { url: '/dashboards/a', bytes: null },
    ],
    [
      `{"time":"${AT}","req":{"method":"GET","url":"/dashboards/a"},"res":{"statusCode":200},"bytes":812}`,
      { url: '/dashboards/a', bytes: 812 },
    ],
    [
      '::1 - - [25/Nov/2026:09:00:00 +0000] "GET /dashboards/a HTTP/1.1" 304 0',
      { url: '/dashboards/a', bytes: null },
    ],
    [
      '::1 - - [25/Nov/2026:09:00:00 +0000] "HEAD /dashboards/a HTTP/1.1" 200 0',
      { url: '/dashboards/a', bytes: null },
    ],
    [`\uFEFF${AT} /dashboards/a`, { url: '/dashboards/a', bytes: null }],
    [`{"time":"${AT}","req":{"method":"HEAD","url":"/dashboards/a"}}`, { url: '/dashboards/a', bytes: null }],
    [`${AT} GET /dashboards/a`, { url: '/dashboards/a', bytes: null }],
    [`${AT} /dashboards/a`, { url: '/dashboards/a', bytes: null }],
  ] as const) {
    const { reads, skipped } = await readAccessLog(lines(text));
    t.same(reads.map(at), [{ atMs: AT, ...expected }], text);
    t.equal(skipped.size, 0);
  }
});

t.test(
  'given lines that tell of no read, they are counted by why, and the others are in order',
  async (t) => {
    const { reads, skipped } = await readAccessLog(
      lines(
        '2026-11-25T09:00:02Z /later',
        '2026-11-25T09:00:01Z /earlier',
        '2026-11-25T09:00:01Z POST /cache/invalidations',
        '',
        'rubbish',
        '{"level":30,"msg":"Cache Statistics"}',
        '{"level":',
        'null',
        '{"time":1e99,"req":{"url":"/never"}}',
        '{"time":null,"req":{"url":5}}',
        `\u0000\u001f${'x'.repeat(100_000)}`,
        '2026-99-25T09:00:01Z /never',
        '::1 - - [25/Nov/2026:09:00:00 +0000] "GET /x HTTP/1.1" 404 12',
        '::1 - - [25/Nix/2026:09:00:00 +0000] "GET /x HTTP/1.1" 200 12',
        '::1 - - [25/Nov/2026:09:00:00 +0000] "\\x16\\x03" 400 0',
      ),
    );
    t.same(
      reads.map(({ url }) => url),
      ['/earlier', '/later'],
    );
    t.same(Object.fromEntries(skipped), {
      'not a read': 1,
      'not a line of a log': 10,
      'answered without data': 1,
    });
  },
);
