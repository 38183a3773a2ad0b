import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fastify } from 'fastify';
import t from 'tap';
import { loggerOptions } from '../../services/logger-options.js';
import { tempFolder } from '../helpers/temp-folder.js';

t.test('LOG_FILE gets the lines too, in a folder that is made, without secrets', async (t) => {
  const logFile = join(tempFolder(t), 'logs', 'deep', 'cache.log');
  const app = fastify({ logger: loggerOptions({ logLevel: 'info', logFile }) });
  t.teardown(() => app.close());
  const headers = { authorization: 'Bearer hush', 'x-api-key': 'hush', cookie: 'hush', accept: 'kept' };
  app.log.info({ headers, req: { headers } }, 'a line');
  app.log.debug('not this');
  const lines = readFileSync(logFile, 'utf8').trim().split('\n');
  t.equal(lines.length, 1);
  t.match(lines[0], '"a line"');
  t.match(lines[0], 'kept');
  t.notMatch(lines[0], 'hush');
});

t.test('a file that cannot be written refuses the start by name', async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const logFile = join(folder, 'file', 'cache.log');
  t.throws(() => loggerOptions({ logLevel: 'info', logFile }), /^LOG_FILE names .*cannot be written \(E/);
});

t.test('without a file, or with a silent log, nothing is opened', async (t) => {
  t.notOk('stream' in Object(loggerOptions({ logLevel: 'info', logFile: null })));
  t.notOk('stream' in Object(loggerOptions({ logLevel: 'silent', logFile: '/dev/null/never' })));
});
