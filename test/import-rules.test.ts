import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { type ImportedName, importsOf } from './helpers/imports-of.js';

interface Rule {
  /** The files it is about. */
  readonly room: RegExp;
  /** What they may import of the project. */
  readonly may: RegExp;
  /** What they may import besides, if only its types. */
  readonly mayTypes?: RegExp;
  /** Packages that they must not know. */
  readonly neverPackages?: RegExp;
}

const NEVER = /^(?!)/;
const SERVER_PACKAGES = /^(fastify|@fastify\/|fastify-plugin|close-with-grace|commander)/;
const HTTP_PACKAGES = /^(fastify|@fastify\/|fastify-plugin|undici|(node:)?https?2?$)/;
const SQL_PACKAGES = /^(@duckdb\/|pg$|pg-|libpg)/;

/** The rules of the rooms; the first whose room fits a file is its rule. */
const RULES: readonly Rule[] = [
  { room: /^errors\.ts$/, may: NEVER, neverPackages: /./ },
  { room: /^config(\.ts$|\/)/, may: /^config(\.ts$|\/)/, neverPackages: SERVER_PACKAGES },
  // Runs in browsers, too.
  { room: /^client\//, may: /^client\//, neverPackages: /./ },
  { room: /^server\.ts$/, may: /^(app\.ts$|config(\.ts$|\/))/ },
  { room: /^app\.ts$/, may: /^(plugins\/|routes\/|config\.ts$|errors\.ts$)/, mayTypes: /^services\// },
  { room: /^dashcache\.ts$/, may: /^(app\.ts$|config(\.ts$|\/))/ },
  { room: /^result-cache\.ts$/, may: /^(config(\.ts$|\/)|services\/)/, neverPackages: SERVER_PACKAGES },
  {
    room: /^index\.ts$/,
    may: /^(app|config|dashcache|errors|result-cache)\.ts$|^(config|plugins|services)\//,
  },
  { room: /^plugins\//, may: /^(plugins\/|services\/|config(\.ts$|\/)|errors\.ts$)/ },
  {
    room: /^routes\//,
    may: /^(routes\/|services\/.*-schema\.ts$|errors\.ts$)/,
    mayTypes: /^(services\/|plugins\/|config\.ts$)/,
  },
  {
    room: /^services\/cache\//,
    may: /^(services\/(cache\/|breaker\.ts$|clock\.ts$|log\.ts$)|errors\.ts$)/,
    neverPackages: new RegExp(`${HTTP_PACKAGES.source}|${SQL_PACKAGES.source}`),
  },
  {
    room: /^services\/sources\//,
    may: /^(services\/(sources\/|breaker\.ts$|definitions\/|content\/|clock\.ts$|log\.ts$)|errors\.ts$)/,
    neverPackages: /^(fastify|@fastify\/|fastify-plugin|ioredis|lru-cache)/,
  },
  {
    room: /^services\/content\//,
    may: /^(services\/(content\/|definitions\/|clock\.ts$|log\.ts$)|errors\.ts$)/,
    mayTypes: /^services\/sources\//,
    neverPackages: HTTP_PACKAGES,
  },
  {
    room: /^services\/http\//,
    may: /^(services\/(http\/|definitions\/suggest\.ts$|clock\.ts$|log\.ts$)|errors\.ts$)/,
    mayTypes: /^services\//,
    neverPackages: SERVER_PACKAGES,
  },
  { room: /^services\//, may: /^(services\/|errors\.ts$)/, neverPackages: SERVER_PACKAGES },
  // `npm run demo:real` and `demo:postgres`: the command `serve` with other data.
  { room: /^demo\/(real|postgres)\.ts$/, may: /^(cli\/|demo\/|config\.ts$)/ },
  { room: /^demo\//, may: /^(demo\/|services\/|errors\.ts$)/, neverPackages: SERVER_PACKAGES },
  {
    room: /^cli\/serve(-workers)?\.ts$/,
    may: /^(cli\/|demo\/|server\.ts$|services\/|config(\.ts$|\/)|errors\.ts$)/,
  },
  { room: /^cli\//, may: /^(cli\/|services\/|config(\.ts$|\/)|errors\.ts$)/ },
];

/** What a file does against the rules, as sentences. */
function violations(path: string, text: string): string[] {
  const rule = RULES.find(({ room }) => room.test(path));
  if (!rule) return [`${path} is in no room that the rules know`];
  const wrong = importsOf(path, text).filter((imported) => !allowed(rule, imported));
  const found = wrong.map(({ target, typeOnly }) => `${path} imports ${target}${typeOnly ? ' (types)' : ''}`);
  if (path !== 'config.ts' && /\bprocess\.env\b/.test(text)) found.push(`${path} reads process.env`);
  return found;
}

function allowed(rule: Rule, { target, isPackage, typeOnly }: ImportedName): boolean {
  if (isPackage) return !rule.neverPackages?.test(target);
  return rule.may.test(target) || (typeOnly && rule.mayTypes?.test(target) === true);
}

/** Our source: every TypeScript file that is neither a test nor a tool of development, committed or about to be. */
function sourceFiles(root: string): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((path) => path !== '' && !/^(test|scripts|bench|web)\//.test(path) && existsSync(root + path));
}

const ROOT = fileURLToPath(new URL('../', import.meta.url));

t.test('every file of the source keeps to the import rules', (t) => {
  const files = sourceFiles(ROOT);
  t.ok(files.includes('config.ts') && files.includes('services/clock.ts'), 'the source is found');
  t.same(
    files.flatMap((path) => violations(path, readFileSync(ROOT + path, 'utf8'))),
    [],
  );
  t.end();
});

const BREAKS: readonly (readonly [path: string, text: string])[] = [
  ['errors.ts', "import { x } from './services/log.js';"],
  ['errors.ts', "import fs from 'node:fs';"],
  ['config.ts', "import { x } from './services/log.js';"],
  ['config/settings.ts', "import type { FastifyInstance } from 'fastify';"],
  ['server.ts', "import { x } from './plugins/redis.js';"],
  ['server.ts', "import { x } from './services/log.js';"],
  ['app.ts', "import { x } from './services/cache/cache.js';"],
  ['app.ts', "import { x } from './cli/serve.js';"],
  ['index.ts', "import './server.js';"],
  ['dashcache.ts', "import { errorHandler } from './plugins/error-handler.js';"],
  ['result-cache.ts', "import { buildApp } from './app.js';"],
  ['plugins/redis.ts', "import x from '../routes/charts.js';"],
  ['plugins/redis.ts', "import { buildApp } from '../app.js';"],
  ['routes/charts.ts', "import { readPanel } from '../services/panel-read.js';"],
  ['routes/charts.ts', "import { type A, b } from '../services/cache/cache.js';"],
  ['routes/charts.ts', "import { redis } from '../plugins/redis.js';"],
  ['routes/charts.ts', "import { loadConfig } from '../config.js';"],
  ['services/log.ts', "import type { FastifyBaseLogger } from 'fastify';"],
  ['services/log.ts', "import cors from '@fastify/cors';"],
  ['services/log.ts', "import type { Config } from '../config.js';"],
  ['services/log.ts', "export { x } from '../plugins/redis.js';"],
  ['services/log.ts', "const x = await import('../routes/charts.js');"],
  ['services/log.ts', 'const url = process.env.REDIS_URL;'],
  ['services/cache/cache.ts', "import type { Panel } from '../definitions/model.js';"],
  ['services/cache/cache.ts', "import type { Source } from '../sources/source.js';"],
  ['services/cache/cache.ts', "import { etag } from '../http/etag.js';"],
  ['services/cache/cache.ts', "import http from 'node:http';"],
  ['services/cache/cache.ts', "import { DuckDBInstance } from '@duckdb/node-api';"],
  ['services/sources/duckdb-source.ts', "import type { Cache } from '../cache/cache.js';"],
  ['services/sources/duckdb-source.ts', "import { Redis } from 'ioredis';"],
  ['services/http/etag.ts', "import { cache } from '../cache/cache.js';"],
  ['services/http/etag.ts', "export type X = import('fastify').FastifyRequest;"],
  ['demo/prepare-demo.ts', "import { loadConfig } from '../config.js';"],
  ['cli/validate.ts', "import { startServer } from '../server.js';"],
  ['cli/validate.ts', "import x from '../plugins/redis.js';"],
  ['cli/serve.ts', "import { buildApp } from '../app.js';"],
  ['helpers/new.ts', ''],
];

t.test('a file that breaks a rule is caught', (t) => {
  for (const [path, text] of BREAKS) t.equal(violations(path, text).length, 1, `${path}: ${text}`);
  t.end();
});

const KEEPS: readonly (readonly [path: string, text: string])[] = [
  ['config.ts', 'const environment = process.env;'],
  ['routes/charts.ts', "import type { Panel } from '../services/definitions/model.js';"],
  ['routes/charts.ts', "import { type Panel, type Chart } from '../services/definitions/model.js';"],
  ['routes/charts.ts', "import { DashcacheError } from '../errors.js';"],
  ['services/http/etag.ts', "import type { CacheAnswer } from '../cache/answer.js';"],
  ['services/sources/open-sources.ts', "import type { Definitions } from '../definitions/model.js';"],
  ['cli/serve.ts', "import { startServer } from '../server.js';"],
  ['services/log.ts', "// a comment that names '../config.js' and fastify"],
];

t.test('a file that keeps to the rules is let through', (t) => {
  for (const [path, text] of KEEPS) t.same(violations(path, text), [], `${path}: ${text}`);
  t.end();
});
