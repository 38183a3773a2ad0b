import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { askRedis } from './ask-redis.js';
import { cacheRedis } from './cache-redis.js';
import { startReplica } from './redis-replica.js';
import { LIMITED_USER, startRedis } from './redis-server.js';
import { tempFolder } from './temp-folder.js';
import { makeTestCertificates } from './test-certificates.js';
import { within } from './within.js';

function secureClient(t: Test, url: string, trusted: { ca?: Buffer }): Redis {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, tls: trusted });
  client.on('error', () => {});
  t.teardown(() => client.disconnect());
  return client;
}

t.test(
  'given the limited user, its prefix and INFO are allowed and everything else is refused',
  async (t) => {
    const server = await startRedis({ user: LIMITED_USER });
    t.teardown(() => server.stop());
    const limited = await cacheRedis(t, server.url);
    t.equal(await limited.set('dc:a', '1'), 'OK');
    t.match(await limited.info('server'), 'run_id:');
    await t.rejects(limited.set('other', '1'), /NOPERM/);
    await t.rejects(limited.keys('*'), /NOPERM/);
    await t.rejects(limited.flushall(), /NOPERM/);
    await t.rejects(limited.subscribe('other'), /NOPERM/);
  },
);

t.test('given a password, the URL carries it and nobody is heard without', async (t) => {
  const server = await startRedis({ password: 'pass/word@1' });
  t.teardown(() => server.stop());
  t.equal(await (await cacheRedis(t, server.url)).ping(), 'PONG');
  await t.rejects(askRedis(server.port, 'GET', 'dc:a'), /NOAUTH/);
});

t.test('given TLS, a client that trusts the authority is served, one that does not refuses', async (t) => {
  const tls = makeTestCertificates(tempFolder(t));
  if (!tls) {
    t.pass('skipped: there is no openssl to make certificates with', { skip: true });
    return;
  }
  const server = await startRedis({ tls, password: 'secret' });
  t.teardown(() => server.stop());
  t.match(server.url, /^rediss:/);
  const trusting = secureClient(t, server.url, { ca: readFileSync(tls.caFile) });
  t.equal(await trusting.set('dc:a', '1'), 'OK');
  await t.rejects(secureClient(t, server.url, {}).connect());
});

t.test('a replica is in step when it has started', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  await askRedis(server.port, 'SET', 'dc:a', '1');
  const replica = await startReplica(server);
  t.teardown(() => replica.stop());
  t.equal(await askRedis(replica.port, 'GET', 'dc:a'), '1');
  await t.rejects(askRedis(replica.port, 'SET', 'dc:a', '2'), /READONLY/);
});

t.test('given a test process that is killed, its servers end', async (t) => {
  const module = fileURLToPath(new URL('redis-server.ts', import.meta.url));
  const code = `const { startRedis } = await import(${JSON.stringify(module)});
    console.log((await startRedis()).pid); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const pid = Number(line);
  t.ok(isRunning(pid));
  child.kill('SIGKILL');
  await within(5000, () => !isRunning(pid), 'the end of the server');
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
