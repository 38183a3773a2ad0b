import t from 'tap';
import { listeningApp } from './support/listening-app.js';
import { rawRequest } from './support/raw-request.js';
import { shopFolder } from './support/shop.js';

const SPOOFED = [
  'X-Forwarded-Host: attacker.example',
  'X-Forwarded-Proto: gopher',
  'X-Forwarded-Port: 1',
  'X-Forwarded-Prefix: /attacker',
  'X-Forwarded-For: 127.0.0.1, ::1',
  'X-Forwarded-Server: attacker.example',
  'X-Real-IP: 127.0.0.1',
  'X-Original-URL: /cache/events',
  'X-Rewrite-URL: /cache/events',
  'X-Host: attacker.example',
  'Forwarded: for=127.0.0.1;host=attacker.example;proto=https',
  'X-HTTP-Method-Override: PUT',
];

const PATHS = [
  '/dashboards',
  '/openapi.json',
  '/documentation',
  '/documentation/',
  '/health/ready',
  '/nowhere',
];

t.test('fields that say where a request came in: every answer and every link is the same', async (t) => {
  const { url } = await listeningApp(t, { folder: await shopFolder(t) });
  const asked = async (target: string, fields: readonly string[]) => {
    const { status, head, body } = await rawRequest(url, [`GET ${target} HTTP/1.1`, ...fields]);
    const location = /^location: .*$/im.exec(head)?.[0];
    return { status, location, body: body.replace(/"request_id":"[^"]*"/, '') };
  };
  for (const path of PATHS) {
    const plain = await asked(path, ['Host: localhost']);
    for (const field of SPOOFED)
      t.same(await asked(path, ['Host: localhost', field]), plain, `${path} with ${field}`);
    t.same(await asked(path, ['Host: attacker.example']), plain, `${path} of another host`);
    const absolute = await asked(`http://attacker.example${path}`, ['Host: localhost']);
    t.notMatch(JSON.stringify(absolute), /attacker\.example(?!\/)/, `${path} in absolute form`);
  }
});

/** What a browser may be made to send that looks up a name of somebody else's. */
const REBOUND = [
  'attacker.example',
  'localhost.attacker.example',
  '127.0.0.1.nip.io',
  'localhost.',
  '127.0.0.1.',
  'LOCALHOST.attacker.example:8000',
  'localhost:8000.attacker.example',
  'localhost@attacker.example',
  'attacker.example:8000@localhost',
  'attacker.example#localhost',
  'attacker.example/localhost',
  'localhost, attacker.example',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '017700000001',
  '0177.0.0.1',
  '127.1',
  '127.0.0.1.1',
  '127.0.0.256',
  '999.0.0.1',
  '0.0.0.0',
  '0',
  '::1',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:0:0:1]',
  '[::1%25lo]',
  '[::1].attacker.example',
  '[::1]attacker.example',
  'xn--lcalhost-l4a',
  'loc\xe5lhost',
  'localhost:',
  'localhost:port',
  'localhost:999999',
  ' ',
];

const OUR_OWN = [
  'localhost',
  'LocalHost:8000',
  '127.0.0.1',
  '127.0.0.1:8000',
  '127.9.9.9',
  '[::1]',
  '[::1]:8000',
];

const administration = ['/cache/events', '/cache/switch'];

t.test('names that somebody else may own: administration on loopback does not answer to them', async (t) => {
  const { url } = await listeningApp(t, { folder: await shopFolder(t) });
  for (const path of administration) {
    for (const host of REBOUND) {
      const { status } = await rawRequest(url, [`GET ${path} HTTP/1.1`, `Host: ${host}`]);
      t.ok([400, 403].includes(status), `${path}, Host: ${host}: ${status}`);
    }
    for (const host of OUR_OWN)
      t.equal(
        (await rawRequest(url, [`GET ${path} HTTP/1.1`, `Host: ${host}`])).status,
        200,
        `${path}, ${host}`,
      );
    for (const fields of [
      ['Host: localhost', 'Host: attacker.example'],
      ['Host: attacker.example', 'X-Forwarded-Host: localhost'],
      ['Host: attacker.example', 'Forwarded: host=localhost'],
      ['Host: localhost', 'Origin: http://attacker.example'],
      ['Host: localhost', 'Origin: null'],
      ['Host: localhost', 'Origin: http://localhost.attacker.example'],
    ]) {
      const { status } = await rawRequest(url, [`GET ${path} HTTP/1.1`, ...fields]);
      t.ok([400, 403].includes(status), `${path}, ${fields.join(', ')}: ${status}`);
    }
    const target = `http://attacker.example${path}`;
    const { status } = await rawRequest(url, [`GET ${target} HTTP/1.1`, 'Host: localhost']);
    t.ok([400, 403, 404].includes(status), `absolute form beside a Host of ours: ${status}`);
  }
});
