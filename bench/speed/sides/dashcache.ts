import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Lifetime } from '../../../test/helpers/lifetime.js';
import { type Service, startService } from '../../../test/helpers/start-service.js';
import { tempFolder } from '../../../test/helpers/temp-folder.js';
import { AUDIENCE, ISSUER, SECRET, secretMint } from '../../../test/helpers/tokens.js';
import { builtCommand, type SourceEdit } from '../../../test/integration/support/built-service.js';
import { onServerCore } from '../measure.js';
import { type HeadKind, requestText, type Served, type Side } from '../side.js';

const SOURCES = `
sources: { main: { type: duckdb, files: { sites: sites.csv } } }
defaults: { ttl: 1h, grace: 1h, max_rows: 100000 }
`;
/** Numbers that hardly repeat, as of real sums: JSON of them halves when it is coded. */
const DASHBOARD = `
id: sizes
source: main
params:
  site_id: { type: integer, minimum: 1, tenant: true }
  rows: { type: integer, minimum: 1, maximum: 100000 }
charts:
  line:
    type: line
    labels: i
    query: |
      SELECT i, hash(i) % 1000000 / 1000.0 AS value FROM sites, range(:rows) AS t(i) WHERE sites.site_id = :site_id ORDER BY i
`;
export const ORIGIN = 'https://dashboards.example';
export const PATH = '/dashboards/sizes/charts/line?site_id=7&rows=';

/** Everything that a service in production has on. */
const EVERYTHING = {
  JWT_SECRET: SECRET,
  JWT_ALGORITHM: 'HS256',
  JWT_ISSUER: ISSUER,
  JWT_AUDIENCE: AUDIENCE,
  CORS_ORIGINS: ORIGIN,
  // Never reached.
  RATE_LIMIT: '100000000/s',
};

export interface DashcacheOptions {
  readonly name: string;
  readonly kib: number;
  /** Whether that is what is sent, or what it would be without a coding. Default: sent. */
  readonly sizedAs?: 'sent' | 'identity';
  readonly head: HeadKind;
  /** Not the whole body, but that it is still the same. */
  readonly isUnchanged?: boolean;
  /** So many, each with a token of his own, in turn. */
  readonly askersCount?: number;
  /** Without identity, CORS and a limit of rates. */
  readonly isOpen?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly edit?: SourceEdit;
  /** Header lines beside those of the head. */
  readonly lines?: readonly string[];
}

/** What is sent for a body of so many KiB, as a service sends it. */
export interface Answer {
  readonly path: string;
  readonly body: Buffer;
  readonly headers: Headers;
}

export function dashcacheSide(options: DashcacheOptions): Side {
  return { name: options.name, start: (life) => serveDashcache(life, options) };
}

export async function serveDashcache(life: Lifetime, options: DashcacheOptions): Promise<Served> {
  const service = await startedService(life, options);
  const lines = await linesOf(options);
  const answer = await answerOfSize(service, options, lines);
  const tag = options.isUnchanged ? [`if-none-match: ${answer.headers.get('etag')}`] : [];
  return {
    port: service.port,
    requests: await requestsOf(options, answer.path, [...lines, ...tag]),
    status: options.isUnchanged ? 304 : 200,
    stop: () => service.stop(),
  };
}

async function requestsOf(
  { askersCount }: DashcacheOptions,
  path: string,
  lines: readonly string[],
): Promise<string[]> {
  if (askersCount === undefined) return [requestText(path, 'short', lines)];
  const others = lines.filter((line) => !line.startsWith('authorization'));
  const tokens = Array.from({ length: askersCount }, (_, i) => tokenOf(`reader ${i}`));
  return (await Promise.all(tokens)).map((token) => requestText(path, 'short', [...others, token]));
}

async function tokenOf(sub: string): Promise<string> {
  return `authorization: Bearer ${await secretMint().token({ claims: { tenant: 7, sub } })}`;
}

/** What dashcache sends, for the sides that send the same by other means. */
export async function sentByDashcache(life: Lifetime, options: DashcacheOptions): Promise<Answer> {
  const service = await startedService(life, options);
  const lines = await linesOf(options);
  const answer = await answerOfSize(service, options, lines);
  await service.stop();
  return answer;
}

/** Definitions of one chart with as many rows as it is asked for. */
export function sizesFolder(life: Lifetime): string {
  const folder = tempFolder(life);
  writeFileSync(join(folder, 'dashcache.yaml'), SOURCES);
  writeFileSync(join(folder, 'sizes.yaml'), DASHBOARD);
  writeFileSync(join(folder, 'sites.csv'), 'site_id\n7\n8\n');
  return folder;
}

export async function startedService(life: Lifetime, options: DashcacheOptions): Promise<Service> {
  const folder = sizesFolder(life);
  const service = await startService({
    command: onServerCore(builtCommand('cli/dashcache.js', options.edit)),
    environment: {
      NODE_OPTIONS: '',
      LOG_LEVEL: 'warn',
      DASHCACHE_CONFIG: folder,
      ...(!options.isOpen && EVERYTHING),
      ...options.environment,
    },
  });
  life.teardown(() => service.stop());
  return service;
}

/** Of the head, the credential and the origin of a page. */
export async function linesOf({ isOpen, head, lines = [] }: DashcacheOptions): Promise<string[]> {
  const ofHead = requestText('/', head).split('\r\n').slice(2, -2);
  return [...ofHead, ...(isOpen ? [] : [await tokenOf('somebody'), `origin: ${ORIGIN}`]), ...lines];
}

/** Asks for more or fewer rows until what is sent has the size. */
async function answerOfSize(
  service: Service,
  { kib, sizedAs = 'sent' }: DashcacheOptions,
  lines: readonly string[],
): Promise<Answer> {
  const wanted = kib * 1024;
  const measured = sizedAs === 'sent' ? lines : lines.filter((line) => !line.startsWith('accept-encoding'));
  let rows = Math.max(1, Math.round(wanted / 17));
  for (let attempt = 0; ; attempt++) {
    const { body } = await textOf(service, PATH + rows, measured);
    if (Math.abs(body.length - wanted) < wanted * 0.03 || attempt === 8)
      return textOf(service, PATH + rows, lines);
    rows = Math.max(1, Math.round(rows + ((wanted - body.length) / body.length) * rows));
  }
}

/** The bytes as they are sent: fetch would read them. */
export async function textOf({ port }: Service, path: string, lines: readonly string[]): Promise<Answer> {
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  return new Promise((resolve, reject) => {
    request({ port, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode} ${body}`));
        const pairs = Object.entries(response.headers).map(([name, value]): [string, string] => [
          name,
          String(value),
        ]);
        resolve({ path, body, headers: new Headers(pairs) });
      });
    })
      .on('error', reject)
      .end();
  });
}
