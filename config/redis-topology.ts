interface Node {
  readonly host: string;
  readonly port: number;
}

interface Login {
  readonly username: string | null;
  readonly password: string | null;
}

interface Sentinels {
  readonly kind: 'sentinel';
  readonly sentinels: readonly Node[];
  readonly name: string;
  readonly database: number;
  readonly login: Login;
  readonly sentinelLogin: Login;
  readonly isTls: boolean;
}

interface ClusterNodes {
  readonly kind: 'cluster';
  readonly nodes: readonly Node[];
  readonly login: Login;
  readonly isTls: boolean;
}

/** What several hosts, with commas between, have in common with the address of one. */
interface Addresses {
  readonly nodes: readonly Node[];
  readonly login: Login;
  readonly isTls: boolean;
  readonly path: string;
  readonly query: URLSearchParams;
}

const SENTINEL_PORT = 26_379;
const REDIS_PORT = 6379;
const NO_LOGIN: Login = { username: null, password: null };
const SENTINEL_QUERY: ReadonlySet<string> = new Set(['name', 'db', 'sentinel_username', 'sentinel_password']);

/** The Redis of the settings; null: memory only. At most one of the three is set. */
export function redisTopologyOf(settings: {
  readonly redisUrl: string | null;
  readonly redisSentinels: string | null;
  readonly redisCluster: string | null;
}): { readonly kind: 'single'; readonly url: string } | Sentinels | ClusterNodes | null {
  const { redisUrl, redisSentinels, redisCluster } = settings;
  if (redisSentinels !== null) return sentinelsOf(redisSentinels);
  if (redisCluster !== null) return clusterOf(redisCluster);
  return redisUrl === null ? null : { kind: 'single', url: redisUrl };
}

/** `[rediss://][user:password@]host[:port],host.../name`; null when it cannot be read as that. */
export function sentinelsOf(text: string): Sentinels | null {
  const addresses = addressesOf(text, SENTINEL_PORT);
  if (!addresses) return null;
  const { nodes, login, isTls, path, query } = addresses;
  if ([...query.keys()].some((key) => !SENTINEL_QUERY.has(key) || query.getAll(key).length > 1)) return null;
  const [name, ...others] = [path, query.get('name')].filter(Boolean);
  const database = query.get('db') ?? '0';
  if (!name || !/^[\w.-]{1,128}$/.test(name) || others.length > 0 || !/^\d{1,4}$/.test(database)) return null;
  const sentinelLogin = {
    username: query.get('sentinel_username'),
    password: query.get('sentinel_password'),
  };
  return {
    kind: 'sentinel',
    sentinels: nodes,
    name,
    database: Number(database),
    login,
    sentinelLogin,
    isTls,
  };
}

/** `[rediss://][user:password@]host[:port],host...`; null when it cannot be read as that. A Cluster has no databases. */
export function clusterOf(text: string): ClusterNodes | null {
  const addresses = addressesOf(text, REDIS_PORT);
  if (addresses?.path !== '' || addresses.query.size > 0) return null;
  const { nodes, login, isTls } = addresses;
  return { kind: 'cluster', nodes, login, isTls };
}

function addressesOf(text: string, defaultPort: number): Addresses | null {
  const match = /^(?:(rediss?):\/\/)?(?:([^@/?]*)@)?([^@/?#]+)(?:\/([^/?#]*))?(?:\?([^#]*))?$/.exec(text);
  if (!match) return null;
  const [, scheme, credentials, hosts = '', path = '', query = ''] = match;
  const login = credentials === undefined ? NO_LOGIN : loginOf(credentials);
  const nodes = hosts.split(',').map((host) => nodeOf(host.trim(), defaultPort));
  if (!login || !isWhole(nodes)) return null;
  return { nodes, login, isTls: scheme === 'rediss', path, query: new URLSearchParams(query) };
}

function isWhole(nodes: readonly (Node | null)[]): nodes is readonly Node[] {
  return nodes.every((node) => node !== null);
}

function nodeOf(text: string, defaultPort: number): Node | null {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(text);
  if (!match) return null;
  const port = match[2] === undefined ? defaultPort : Number(match[2]);
  const host = (match[1] ?? '').replace(/^\[|\]$/g, '');
  return port >= 1 && port <= 65_535 ? { host, port } : null;
}

/** `user:password` or `:password`, percent-encoded where they have signs of an address. */
function loginOf(text: string): Login | null {
  const colon = text.indexOf(':');
  if (colon < 0) return null;
  try {
    const username = decodeURIComponent(text.slice(0, colon)) || null;
    return { username, password: decodeURIComponent(text.slice(colon + 1)) || null };
  } catch {
    return null;
  }
}
