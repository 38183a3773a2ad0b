import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { cacheRedis, until } from './cache-redis.js';
import { type FaultProxy, startFaultProxy } from './fault-proxy.js';
import { startRedis } from './redis-server.js';

/** A server that says everything again, and a proxy before it. */
async function echoBehindProxy(t: Test): Promise<{ proxy: FaultProxy; heard: () => string }> {
  let heard = '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard += bytes;
      socket.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startFaultProxy({ targetPort: (server.address() as AddressInfo).port });
  t.teardown(async () => {
    await proxy.stop();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { proxy, heard: () => heard };
}

class Client {
  text = '';
  over: string | null = null;
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (bytes) => {
      this.text += bytes;
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.over = error.code ?? error.message;
    });
    this.socket.on('end', () => {
      this.over ??= 'end';
    });
  }

  say(text: string): void {
    this.socket.write(text);
  }

  hears(text: string): Promise<void> {
    return until(() => this.text === text, `the answer ${text.slice(0, 20)}, instead of ${this.text}`);
  }

  ends(how: string): Promise<void> {
    return until(() => this.over === how, `the end by ${how}`);
  }
}

async function connected(t: Test, proxy: FaultProxy): Promise<Client> {
  const client = new Client(proxy.port);
  t.teardown(() => client.socket.destroy());
  await once(client.socket, 'connect');
  return client;
}

t.test('without faults bytes and ends pass, and open connections are counted', async (t) => {
  const { proxy } = await echoBehindProxy(t);
  const client = await connected(t, proxy);
  client.say('one');
  await client.hears('one');
  t.equal(proxy.connectionsCount, 1);
  client.socket.end();
  await client.ends('end');
  await until(() => proxy.connectionsCount === 0);
  t.equal(proxy.acceptedCount, 1);
});

t.test(
  'given a delay in one direction, answers come late and in order, the other is not touched',
  async (t) => {
    const { proxy, heard } = await echoBehindProxy(t);
    proxy.delay(150, 'down');
    const client = await connected(t, proxy);
    const startMs = performance.now();
    client.say('one');
    await until(() => heard() === 'one');
    t.equal(client.text, '', 'the server has it, the client not yet');
    client.say('two');
    await client.hears('onetwo');
    t.ok(performance.now() - startMs >= 150);
    await proxy.heal();
    client.say('!');
    await client.hears('onetwo!');
  },
);

t.test('cut resets what is open, and new connections are served', async (t) => {
  const { proxy } = await echoBehindProxy(t);
  const client = await connected(t, proxy);
  client.say('one');
  await client.hears('one');
  proxy.cut();
  await client.ends('ECONNRESET');
  const next = await connected(t, proxy);
  next.say('two');
  await next.hears('two');
});

t.test('a black hole accepts and says nothing; what was sent arrives late when it is healed', async (t) => {
  const { proxy, heard } = await echoBehindProxy(t);
  const before = await connected(t, proxy);
  proxy.blackhole();
  const after = await connected(t, proxy);
  before.say('a');
  after.say('b');
  await sleep(100);
  t.same([before.text, after.text, before.over, after.over, heard()], ['', '', null, null, '']);
  after.socket.destroy();
  await proxy.heal();
  await before.hears('a');
  await until(() => heard().includes('b'), 'what a client sent before it gave up');
});

t.test('a half-open line passes one direction alone', async (t) => {
  const { proxy, heard } = await echoBehindProxy(t);
  const client = await connected(t, proxy);
  proxy.halfOpen('up');
  client.say('heard');
  await until(() => heard() === 'heard');
  await sleep(50);
  t.equal(client.text, '');
  proxy.halfOpen('down');
  client.say(' lost');
  await client.hears('heard');
  await sleep(50);
  t.equal(heard(), 'heard');
  await proxy.heal();
  await client.hears('heard lost');
});

t.test('a throttled line needs its time for many bytes', async (t) => {
  const { proxy } = await echoBehindProxy(t);
  proxy.throttle(20_000, 'down');
  const client = await connected(t, proxy);
  const startMs = performance.now();
  client.say('x'.repeat(5000));
  await client.hears('x'.repeat(5000));
  const tookMs = performance.now() - startMs;
  t.ok(tookMs >= 200, `5000 bytes at 20,000 a second: ${tookMs} ms`);
});

t.test('a truncated answer ends in the middle, once', async (t) => {
  const { proxy, heard } = await echoBehindProxy(t);
  const client = await connected(t, proxy);
  proxy.truncateAfter(4);
  client.say('123456');
  // Node tells a reset that comes together with bytes as an end.
  await until(() => client.over !== null, 'the end in the middle');
  t.equal(client.text, '1234');
  t.equal(heard(), '123456');
  const next = await connected(t, proxy);
  next.say('123456');
  await next.hears('123456');
});

t.test('refused connections are refused, open ones stay, and heal opens the same port', async (t) => {
  const { proxy } = await echoBehindProxy(t);
  const open = await connected(t, proxy);
  proxy.refuse();
  await new Client(proxy.port).ends('ECONNREFUSED');
  open.say('one');
  await open.hears('one');
  const { port } = proxy;
  await proxy.heal();
  const next = await connected(t, proxy);
  next.say('two');
  await next.hears('two');
  t.equal(proxy.port, port);
});

t.test('without a server behind it connections are reset, until it is pointed to another', async (t) => {
  const { proxy } = await echoBehindProxy(t);
  const nowhere = await startFaultProxy({ targetPort: await portOf(proxy) });
  t.teardown(() => nowhere.stop());
  await new Client(nowhere.port).ends('ECONNRESET');
  const another = await echoBehindProxy(t);
  nowhere.retarget(another.proxy.port);
  const client = await connected(t, nowhere);
  client.say('one');
  await client.hears('one');
});

/** The port of a proxy that has been stopped. */
async function portOf(proxy: FaultProxy): Promise<number> {
  await proxy.stop();
  return proxy.port;
}

t.test(
  'with faults for some connections only, those that have said it suffer, and the others pass',
  async (t) => {
    const server = await startRedis();
    t.teardown(() => server.stop());
    const proxy = await startFaultProxy({ targetPort: server.port, only: /subscribe/i });
    t.teardown(() => proxy.stop());
    const [commands, subscriber] = [await cacheRedis(t, proxy.url), await cacheRedis(t, proxy.url)];
    let heardCount = 0;
    subscriber.on('message', () => heardCount++);
    await subscriber.subscribe('news');
    await commands.publish('news', 'one');
    await until(() => heardCount === 1);
    proxy.blackhole();
    t.equal(
      await commands.publish('news', 'two'),
      1,
      'commands pass, and the server takes the subscriber for there',
    );
    t.equal(heardCount, 1);
    await proxy.heal();
    await until(() => heardCount === 2);
    proxy.cut();
    await until(() => subscriber.status !== 'ready');
    t.equal(await commands.ping(), 'PONG');
  },
);

t.test('a client of Redis loses an answer, and what it asked for has been done all the same', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const proxy = await startFaultProxy({ targetPort: server.port });
  t.teardown(() => proxy.stop());
  t.equal(
    proxy.through('redis://dashcache:secret@127.0.0.1:1/2'),
    `redis://dashcache:secret@127.0.0.1:${proxy.port}/2`,
  );
  const redis = await cacheRedis(t, proxy.url);
  const direct = await cacheRedis(t, server.url);
  proxy.halfOpen('up');
  await t.rejects(redis.incr('n'));
  t.equal(await direct.get('n'), '1');
  await proxy.heal();
  await until(() => redis.status === 'ready');
  t.equal(await redis.incr('n'), 2);
});
