import { deflateSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { PROBLEM_TYPE } from '../../services/http/problem.js';
import { listeningApp } from './support/listening-app.js';
import { rawRequest } from './support/raw-request.js';
import { shopFolder } from './support/shop.js';

const JSON_TYPE = 'Content-Type: application/json';
const VALID = '{"dashboard":"shop"}';
const utf16 = Buffer.from(`\ufeff${VALID}`, 'utf16le');
const multipart = `--x\r\nContent-Disposition: form-data; name="all"\r\n\r\ntrue\r\n--x--\r\n`;

interface Case {
  readonly what: string;
  readonly fields: readonly string[];
  readonly body: string | Buffer;
  readonly status: number;
}

const json = (what: string, body: string | Buffer, status = 400): Case => ({
  what,
  fields: [JSON_TYPE],
  body,
  status,
});

const CASES: readonly Case[] = [
  json('as it should be (control)', VALID, 200),
  { what: 'with a charset', fields: [`${JSON_TYPE}; charset=utf-8`], body: VALID, status: 200 },
  { what: 'UTF-16', fields: [`${JSON_TYPE}; charset=utf-16`], body: utf16, status: 400 },
  json('UTF-16 that is called JSON', utf16),
  {
    what: 'multipart',
    fields: ['Content-Type: multipart/form-data; boundary=x'],
    body: multipart,
    status: 415,
  },
  { what: 'JSON as text', fields: ['Content-Type: text/plain'], body: VALID, status: 415 },
  {
    what: 'a form',
    fields: ['Content-Type: application/x-www-form-urlencoded'],
    body: 'dashboard=shop',
    status: 415,
  },
  { what: 'of no type', fields: [], body: VALID, status: 415 },
  { what: 'of a type that is none', fields: ['Content-Type: ;;;'], body: VALID, status: 415 },
  { what: 'a like type', fields: ['Content-Type: application/jsonp'], body: VALID, status: 415 },
  {
    what: 'text first, JSON second',
    fields: ['Content-Type: text/plain', JSON_TYPE],
    body: VALID,
    status: 415,
  },
  { what: 'gzip', fields: [JSON_TYPE, 'Content-Encoding: gzip'], body: gzipSync(VALID), status: 415 },
  {
    what: 'deflate',
    fields: [JSON_TYPE, 'Content-Encoding: deflate'],
    body: deflateSync(VALID),
    status: 415,
  },
  {
    what: 'a coding that is not there',
    fields: [JSON_TYPE, 'Content-Encoding: gzip'],
    body: VALID,
    status: 415,
  },
  json('30,000 lists deep', '['.repeat(30_000) + ']'.repeat(30_000)),
  json('100,000 lists deep', '['.repeat(100_000), 413),
  json('33 levels', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`),
  json('__proto__', '{"dashboard":"shop","__proto__":{"all":true}}'),
  json('constructor', '{"dashboard":"shop","constructor":{"prototype":{"all":true}}}'),
  json('1e400', '{"all":1e400}'),
  json('a huge number', `{"all":${'9'.repeat(10_000)}}`),
  json('a huge number as the tenant', `{"dashboard":"shop","tenant":${'9'.repeat(400)}}`),
  json('a BOM, which RFC 8259 lets a reader ignore', `\ufeff${VALID}`, 200),
  json('two documents', `${VALID}${VALID}`),
  json('no JSON', "{'all':true}"),
  json('a comment', `/**/${VALID}`),
  json('NaN', '{"all":NaN}'),
  json('empty', ''),
  json('null', 'null'),
  json(
    'a byte that is no UTF-8',
    Buffer.concat([Buffer.from('{"dashboard":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    404,
  ),
  json('65 kB', `{"dashboard":"${'x'.repeat(65_000)}"}`, 400),
  json('66 kB', `{"dashboard":"${'x'.repeat(66_000)}"}`, 413),
];

t.test('bodies that are something else than they say: refused, each by what is wrong with it', async (t) => {
  const { url } = await listeningApp(t, { folder: await shopFolder(t) });
  for (const { what, fields, body, status } of CASES) {
    const lines = ['POST /cache/invalidations HTTP/1.1', 'Host: localhost', ...fields];
    const answer = await rawRequest(url, [...lines, `Content-Length: ${Buffer.byteLength(body)}`], body);
    t.equal(answer.status, status, `${what}: ${answer.body.slice(0, 200)}`);
    if (status !== 200) t.equal(answer.mediaType, PROBLEM_TYPE, what);
  }
  t.notOk('all' in {}, 'no prototype has grown a member');
});

t.test('a member that stands twice: the last one counts, as JSON.parse has it', async (t) => {
  const { url } = await listeningApp(t, { folder: await shopFolder(t) });
  const body = '{"dashboard":"shop","dashboard":"unheard"}';
  const answer = await rawRequest(
    url,
    ['POST /cache/invalidations HTTP/1.1', 'Host: localhost', JSON_TYPE, `Content-Length: ${body.length}`],
    body,
  );
  t.equal(answer.status, 404);
});
