import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { request } from 'undici';
import { buildApp } from '../../app.js';
import { smallConfig, smallFolder } from '../plugins/fixtures/small-service.js';

/** A real server, and one raw exchange with it. */
async function listen(t: Test) {
  const app = await buildApp(smallConfig(smallFolder(t)));
  t.teardown(() => app.close());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const raw = async (text: string) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.setEncoding('latin1').write(text, 'latin1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    await once(socket, 'close');
    return answer;
  };
  return { url, raw };
}

t.test('over real sockets', async (t) => {
  const { url, raw } = await listen(t);

  t.test('a 304 has no body, no length and keeps the connection usable', async (t) => {
    const first = await request(`${url}/dashboards/work/charts/tasks?site_id=7`);
    const { etag } = first.headers;
    await first.body.dump();
    const answer = await raw(
      `GET /dashboards/work/charts/tasks?site_id=7 HTTP/1.1\r\nHost: x\r\nIf-None-Match: ${etag}\r\n\r\n` +
        'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    const [notModified = '', live = ''] = answer.split(/(?<=\r\n\r\n)(?=HTTP)/);
    t.match(notModified, /^HTTP\/1\.1 304 Not Modified\r\n/);
    t.notMatch(notModified, /content-length|transfer-encoding/i);
    t.match(live, /^HTTP\/1\.1 200 OK\r\n/);
    t.match(live, '{"status":"live"}');
  });

  t.test('HEAD has the length of the body that it does not send', async (t) => {
    const get = await request(`${url}/dashboards/open`, { headers: { 'accept-encoding': 'gzip' } });
    const bytes = await get.body.arrayBuffer();
    t.equal(get.headers['content-length'], String(bytes.byteLength));
    t.equal(get.headers['transfer-encoding'], undefined, 'not chunked');
    const answer = await raw('HEAD /dashboards/open HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    t.match(answer, `content-length: ${bytes.byteLength}`);
    t.ok(answer.endsWith('\r\n\r\n'));
    t.match(
      await raw('HEAD /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
      /404[\s\S]*\r\n\r\n$/,
    );
  });

  t.test('the body of a GET is ignored, whatever it is', async (t) => {
    const answer = await raw(
      'GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{broken' +
        'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    t.equal(answer.match(/200 OK/g)?.length, 2);
  });

  const BROKEN: readonly [what: string, text: string, status: number][] = [
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['a length that is no number', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n', 400],
    [
      'two lengths',
      'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
    ['no host', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['endless headers', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['an endless address', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  ];
  for (const [what, text, status] of BROKEN) {
    t.test(`${what} is answered with a problem of status ${status}`, async (t) => {
      const answer = await raw(text);
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      t.match(head, `HTTP/1.1 ${status} `);
      t.match(head, /Content-Type: application\/problem\+json/i);
      t.match(head, /Cache-Control: no-store/i);
      t.match(head.toLowerCase(), `content-length: ${Buffer.byteLength(body)}`);
      t.match(JSON.parse(body), { status, code: 'request_malformed', request_id: /^[\w-]+$/ });
    });
  }
});
