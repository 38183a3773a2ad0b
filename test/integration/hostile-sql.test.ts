import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import t, { type Test } from 'tap';
import { startPostgres } from '../helpers/postgres-server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { listeningApp } from './support/listening-app.js';

const SQLMAP = process.env['SQLMAP'] ?? 'sqlmap';
const WITHIN_MS = 240_000;

/** What sqlmap says of an address, asked without a network of its own and without a memory. */
async function sqlmap(t: Test, address: string, words: readonly string[]): Promise<string> {
  const child = spawn(
    SQLMAP,
    [
      ...['-u', address, '--batch', '--disable-coloring', '--flush-session', '-v', '1'],
      ...['--output-dir', tempFolder(t), '--threads', '4', '--timeout', '10', '--retries', '0', ...words],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], HOME: tempFolder(t) } },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += String(chunk);
    });
  const end = setTimeout(() => child.kill('SIGKILL'), WITHIN_MS);
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  clearTimeout(end);
  return said;
}

const FOUND = /is vulnerable|identified the following injection point/;
const WORDS = ['--technique', 'BEU', '--level', '2', '--risk', '2', '--dbms', 'PostgreSQL'];

/** A dashboard with a parameter of every type, each bound where a text would do harm. */
const EVERY_TYPE = `id: shop
source: main
params:
  site_id: { type: integer, tenant: true }
  least: { type: number, default: 1.5 }
  only_open: { type: boolean, default: false }
  kind: { type: string, default: small }
  size: { type: string, enum: [s, m, l], default: s }
  code: { type: string, pattern: "[a-z0-9' -]{1,40}", default: a }
  day: { type: date, default: 2026-01-01 }
  since: { type: timestamp, default: "2026-01-01T00:00:00Z" }
  period: { type: period, default: 30d, maximum: 366d }
metrics:
  query: |
    SELECT count(*) AS total FROM sales WHERE site_id = :site_id AND amount > :least
    AND (NOT :only_open OR is_open) AND kind <> :kind AND kind <> :size AND kind <> :code AND sold_at::date >= :day
    AND sold_at >= :since AND sold_at >= :period_start AND sold_at < :period_end
`;
const ASKED = {
  site_id: '7',
  least: '1.5',
  only_open: 'true',
  kind: 'small',
  size: 'm',
  code: 'a1',
  day: '2026-01-01',
  since: '2026-01-01T00:00:00Z',
  period: '30d',
};

t.test('every type of parameter, on PostgreSQL: sqlmap finds nothing', async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  await server.query(
    'CREATE TABLE sales AS SELECT i % 9 AS site_id, i AS amount, true AS is_open, $1 AS kind, now()::timestamp AS sold_at FROM generate_series(1, 200) AS i',
    ['large'],
  );
  const folder = tempFolder(t);
  writeFileSync(
    join(folder, 'dashcache.yaml'),
    `sources:\n  main: { type: postgres, url: "${server.url}" }\n`,
  );
  writeFileSync(join(folder, 'shop.yaml'), EVERY_TYPE);
  const { url, get } = await listeningApp(t, { folder });
  const address = `/dashboards/shop/metrics?${new URLSearchParams(ASKED)}`;
  t.equal((await get(address)).status, 200, 'the address that it begins with is a good one');
  const names = Object.keys(ASKED);
  const said = await sqlmap(t, url + address, [...WORDS, '-p', names.join(), '--ignore-code', '400']);
  t.notMatch(said, FOUND);
  for (const name of names)
    t.match(
      said,
      new RegExp(`parameter '${name}' (?:does not seem to be injectable|does not appear to be)`),
      `it has tried ${name}`,
    );
});

t.test('a service that puts its SQL together of text: sqlmap finds it (control)', async (t) => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("CREATE TABLE notes AS SELECT range AS id, 'note ' || range AS note FROM range(40)");
  const server = createServer(async (request, response) => {
    const id = new URL(request.url ?? '/', 'http://a').searchParams.get('id') ?? '';
    try {
      const rows = await connection.runAndReadAll(`SELECT note FROM notes WHERE id = ${id}`);
      response.end(JSON.stringify(rows.getRows()));
    } catch {
      response.writeHead(400).end('{}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
    connection.closeSync();
    instance.closeSync();
  });
  const { port } = server.address() as AddressInfo;
  const said = await sqlmap(t, `http://127.0.0.1:${port}/?id=7`, [
    ...WORDS,
    '-p',
    'id',
    '--ignore-code',
    '400',
  ]);
  t.match(said, FOUND, 'it is found');
});
