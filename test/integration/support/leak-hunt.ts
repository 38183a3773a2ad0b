import type { SeededRandom } from '../../helpers/seeded-random.js';
import { ask } from './ask.js';
import { ADMIN_TOKEN, canaryOf, keyOf, TENANTS_COUNT, tenantsOf } from './leak-world.js';

export interface LeakFigures {
  readonly requestsCount: number;
  /** Answers by status. */
  readonly statuses: Map<number, number>;
  /** Each with what was asked and what came. */
  readonly leaks: string[];
}

export interface HuntOptions {
  /** The processes, and proxies in front of them. */
  readonly targets: readonly string[];
  /** Where administration is asked. */
  readonly service: string;
  readonly requestsCount: number;
  readonly random: SeededRandom;
  readonly connectionsCount?: number;
}

/** How a tenant may be written by somebody who wants another's. */
const SPELLINGS: readonly ((tenant: number) => string)[] = [
  (tenant) => `tenant_id=${tenant}`,
  (tenant) => `tenant_id=0${tenant}`,
  (tenant) => `tenant_id=${tenant}.0`,
  (tenant) => `tenant_id=%3${String(tenant)[0]}${String(tenant).slice(1)}`,
  (tenant) => `tenant_id=+${tenant}`,
  (tenant) => `tenant_id=%20${tenant}`,
  (tenant) =>
    `tenant_id=${encodeURIComponent([...String(tenant)].map((digit) => String.fromCharCode(0xff10 + Number(digit))).join(''))}`,
  (tenant) => `tenant_id[]=${tenant}`,
  (tenant) => `TENANT_ID=${tenant}`,
  (tenant) => `tenant_id=${tenant}%00`,
  (tenant) => `tenant_id=${tenant}%20OR%201=1`,
  (tenant) => `tenant_id=1&tenant_id=${tenant}`,
  (tenant) => `tenant_id=${tenant}&tenant_id=1`,
  (tenant) => `tenant%5Fid=${tenant}`,
  (tenant) => `word=x&tenant_id=${tenant}`,
  (tenant) => `word=%27%20OR%20tenant_id%3D${tenant}%20--%20`,
  (tenant) => `word=${encodeURIComponent(canaryOf(tenant))}`.slice(0, 60),
  () => '',
];
const PATHS = ['', '/metrics', '/charts/list', '/summary', '/options/tenant_id', '/options/word'] as const;

/** Sends a bounded number of requests of all tenants, and looks in every byte that comes back for what is another's. */
export async function huntLeaks(options: HuntOptions): Promise<LeakFigures> {
  const { requestsCount, random, connectionsCount = 16 } = options;
  const figures: LeakFigures = { requestsCount, statuses: new Map(), leaks: [] };
  const etags: Known[] = [];
  let sentCount = 0;
  const worker = async () => {
    while (sentCount++ < requestsCount) {
      if (random.between(0, 399) === 0) await disturb(options);
      await one(options, { figures, etags });
    }
  };
  await Promise.all(Array.from({ length: connectionsCount }, worker));
  return figures;
}

interface Question {
  readonly tenant: number;
  readonly query: string;
  readonly path: string;
  readonly method: 'GET' | 'HEAD';
  /** Of a content that was given to the tenant of that number. */
  readonly known: Known | null;
}

interface Known {
  readonly etag: string;
  readonly tenant: number;
}

async function one(options: HuntOptions, found: { figures: LeakFigures; etags: Known[] }): Promise<void> {
  const { random } = options;
  const { etags } = found;
  const tenant = random.between(1, TENANTS_COUNT);
  const wanted = random.chance(0.5) ? tenant : random.between(1, TENANTS_COUNT);
  const query = random.pick(SPELLINGS)(wanted);
  const question: Question = {
    tenant,
    query,
    path: `/dashboards/notes${random.pick(PATHS)}${query === '' ? '' : `?${query}`}`,
    method: random.chance(0.1) ? 'HEAD' : 'GET',
    known: etags.length > 0 && random.chance(0.25) ? random.pick(etags) : null,
  };
  const known = await put(question, options, found.figures);
  if (!known) return;
  etags.push(known);
  if (etags.length > 2000) etags.splice(0, 1000);
  if (!random.chance(0.3)) return;
  // The same again by whom it was for, and by somebody else who has got hold of the ETag.
  await put({ ...question, known }, options, found.figures);
  await put({ ...question, tenant: random.between(1, TENANTS_COUNT), known }, options, found.figures);
}

/** Asks, and looks at what came. Gives the ETag of a content that is of one tenant. */
async function put(
  { tenant, query, path, method, known }: Question,
  { targets, random }: HuntOptions,
  { statuses, leaks }: LeakFigures,
): Promise<Known | null> {
  const answer = await ask(random.pick(targets) + path, {
    method,
    headers: {
      'x-api-key': keyOf(tenant),
      'accept-encoding': random.pick(['br', 'gzip', 'identity']),
      ...(known && { 'if-none-match': known.etag }),
    },
  });
  statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  const own = tenantsOf(tenant);
  const what = `${method} ${path} by tenant ${tenant}: ${answer.status}`;
  // A proxy may name a coding on a 304, which has no body.
  const body = answer.bytes.length === 0 ? '' : answer.text;
  const text = body + JSON.stringify(answer.headers);
  // What he wrote himself may come back in a problem.
  const told = decodeURIComponent(query);
  for (let other = 1; other <= TENANTS_COUNT; other++)
    if (
      !own.includes(other) &&
      text.includes(canaryOf(other)) &&
      !told.includes(canaryOf(other).slice(0, 40))
    )
      leaks.push(`${what} has ${canaryOf(other)}`);
  if (answer.status === 304 && known && !own.includes(known.tenant))
    leaks.push(`${what} for the ETag of ${known.tenant}`);
  const { etag } = answer.headers;
  const of = /"tenant_id":(\d+)/.exec(body)?.[1];
  return answer.status === 200 && etag && of !== undefined ? { etag, tenant: Number(of) } : null;
}

/** What administrators do meanwhile. */
async function disturb({ service, random }: HuntOptions): Promise<void> {
  const tenant = String(random.between(1, TENANTS_COUNT));
  const [path, method, body] = random.pick([
    ['/cache/invalidations', 'POST', { dashboard: 'notes', tenant }],
    ['/cache/invalidations', 'POST', { all: true, mode: 'expire' }],
    ['/cache/warmings', 'POST', { dashboard: 'notes', tenant }],
    ['/cache/switch', 'PUT', { enabled: false, dashboard: 'notes' }],
    ['/cache/switch', 'PUT', { enabled: true, dashboard: 'notes' }],
  ] as const);
  await ask(service + path, { method, body, headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
}
