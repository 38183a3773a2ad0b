import { isIP } from 'node:net';
import { isForbiddenAddress } from '../sources/http/forbidden-address.js';
import { parseBudget } from './budget.js';
import type { FaultList } from './fault-list.js';
import { rememberSpot } from './origins.js';
import type { DashcacheYaml, HttpSourceYaml } from './schema-dashcache.js';
import type { Partly, Shape } from './shape.js';
import type { HttpSourceDefinition } from './source-definitions.js';

export const DEFAULT_CONCURRENCY_COUNT = 4;

/** They say how a request is sent, which is the service's part, or would make one answer mean another. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

interface Context {
  readonly shape: Shape<DashcacheYaml>;
  readonly faults: FaultList;
}

/** One HTTP source of dashcache.yaml; with faults too, as far as it goes. No message holds a value: it may be a secret. */
export function buildHttpSource(
  name: string,
  yaml: Partly<HttpSourceYaml>,
  context: Context,
): HttpSourceDefinition {
  const { shape } = context;
  const source: HttpSourceDefinition = {
    type: 'http',
    name,
    url: yaml.url === undefined ? '' : readUrl(name, yaml.url, context),
    headers: readHeaders(name, yaml.headers ?? {}, context),
    concurrencyCount: yaml.concurrency ?? DEFAULT_CONCURRENCY_COUNT,
    budgetPerMinuteCount: parseBudget(yaml.budget ?? ''),
    place: shape.keySpot('sources', name).place,
  };
  rememberSpot(source, () => shape.keySpot('sources', name));
  return source;
}

function readUrl(name: string, text: string, { shape, faults }: Context): string {
  const fault = (message: string, hint?: string) =>
    faults.add(shape.valueSpot('sources', name, 'url'), message, hint);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    fault('this is no address of an HTTP source', 'write http://host:port/path or https://host/path');
    return '';
  }
  if (url.username !== '' || url.password !== '')
    // Without the line, as it holds the secret.
    faults.add(
      { place: shape.valueSpot('sources', name, 'url').place },
      'an address holds no credential: it would be shown where addresses are shown',
      'send it in `headers`, such as authorization: Bearer TOKEN',
    );
  if (/[?#]/.test(text))
    fault(
      'an address of a source has no query and no fragment',
      'write the query into the `path` of the panel',
    );
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isForbiddenAddress(host))
    fault(
      'at this address is no endpoint: it is link-local, of cloud metadata, or of no single host',
      'name the host that answers',
    );
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function readHeaders(
  source: string,
  yaml: Readonly<Record<string, string | undefined>>,
  { shape, faults }: Context,
): ReadonlyMap<string, string> {
  const at = ['sources', source, 'headers'];
  const headers = new Map<string, string>();
  for (const [written, value] of Object.entries(yaml)) {
    const name = written.toLowerCase();
    const spot = shape.keySpot(...at, written);
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name))
      faults.add(spot, `${JSON.stringify(written)} is not the name of a header`);
    else if (OWN_HEADERS.has(name))
      faults.add(spot, `the header "${name}" is written by the service itself`, 'leave it out');
    else if (headers.has(name))
      faults.add(spot, `the header "${name}" is written twice but for its capitals`);
    if (value !== undefined && !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      faults.add(
        { place: shape.valueSpot(...at, written).place },
        `the value of "${name}" holds a line break or another character that no header can hold`,
      );
    if (value !== undefined) headers.set(name, value.trim());
  }
  return headers;
}
