import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';
import t from 'tap';
import { configFromOptions, optionNames } from '../../config/config-from-options.js';
import { dashcache } from '../../index.js';
import { smallFolder } from '../plugins/fixtures/small-service.js';

const page = readFileSync(new URL('../../docs/embedding.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `(\w+)` \| (.*?) \| /gm)].map(([, name = '', text = '']) => ({
  name,
  text,
}));

t.test('the page lists every option and no other', (t) => {
  t.same(rows.map(({ name }) => name).sort(), [...optionNames()].sort());
  t.end();
});

t.test('the defaults on the page are those of the code', (t) => {
  const config: Readonly<Record<string, unknown>> = { ...configFromOptions({ definitions: 'x' }, '/sales') };
  const told = rows.filter(({ text }) => /^`?(?:\d+|true|false)`?$/.test(text));
  t.equal(told.length, 9);
  for (const { name, text } of told) t.equal(String(config[name]), text.replaceAll('`', ''), name);
  t.match(rows.find(({ name }) => name === 'redisPrefix')?.text, `\`${config['redisPrefix']}\``);
  t.end();
});

t.test('the names that the page says are taken are: a host that has them is refused', async (t) => {
  const sentence = /name of one of ours \(([^)]*)\)/.exec(page)?.[1] ?? '';
  const taken = [...sentence.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
  t.equal(taken.length, 4);
  for (const name of taken) {
    const host = fastify();
    t.teardown(() => host.close());
    host.decorateRequest(name, null);
    host.register(dashcache, { prefix: '/sales', definitions: smallFolder(t) });
    await t.rejects(async () => host.ready(), {
      code: 'FST_ERR_DEC_ALREADY_PRESENT',
      message: new RegExp(name),
    });
  }
});
