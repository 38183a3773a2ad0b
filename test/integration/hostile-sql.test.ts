import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DuckDBInstance } from '@duckdb/node-api';
import t, { type Test } from 'tap';
import { tempFolder } from '../helpers/temp-folder.js';
import { listeningApp } from './support/listening-app.js';
import { shopFolder } from './support/shop.js';

const SQLMAP = process.env['SQLMAP'] ?? 'sqlmap';
const WITHIN_MS = 60_000;

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
const WORDS = ['--technique', 'B', '--level', '2', '--risk', '2', '--dbms', 'PostgreSQL'];

t.test('two parameters of a dashboard: sqlmap finds nothing', async (t) => {
  const { url } = await listeningApp(t, { folder: await shopFolder(t) });
  const address = `${url}/dashboards/shop/metrics?site_id=7&period=30d`;

  const said = await sqlmap(t, address, [...WORDS, '-p', 'site_id,period', '--ignore-code', '400']);
  t.notMatch(said, FOUND);
  t.match(
    said,
    /do not appear to be injectable|not injectable|no parameter\(s\) found|skipping/i,
    'it has tried',
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
