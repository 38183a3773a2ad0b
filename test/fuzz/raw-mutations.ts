import type { SeededRandom } from '../helpers/seeded-random.js';
import type { DescribedRequest } from './described-requests.js';

/** Bytes for a connection of their own. */
export interface RawRequest {
  readonly name: string;
  readonly bytes: Buffer;
  /** Whether a server has to wait for more: then our side ends at once. */
  readonly isCut: boolean;
}

type Mutation = (request: DescribedRequest, random: SeededRandom) => string;

const line = ({ method, target }: DescribedRequest): string => `${method} ${target} HTTP/1.1`;
const headOf = (request: DescribedRequest, ...more: readonly string[]): string =>
  `${[line(request), ...request.fields, ...more].join('\r\n')}\r\n\r\n`;
/** A second request, which must never be read out of the body of the first by who sees none there. */
const INNER = 'GET /cache/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

const cutAt = (text: string, random: SeededRandom): string =>
  text.slice(0, random.between(0, text.length - 1));

/** What clients send that are broken, or are up to something; the names are those of the report. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'bare LF': (request) => headOf(request).replaceAll('\r\n', '\n'),
  'bare CR': (request) => headOf(request).replaceAll('\r\n', '\r'),
  'folded field': (request) => headOf(request, 'X-Folded: one\r\n  two'),
  'NUL in a field': (request) => headOf(request, 'X-Nul: a\0b'),
  'NUL in the target': (request) => headOf({ ...request, target: `${request.target}\0` }),
  'space before the colon': (request) => headOf(request, 'X-Space : 1'),
  'no colon': (request) => headOf(request, 'Nothing'),
  'no Host': (request) => headOf({ ...request, fields: ['Connection: close'] }),
  'two Hosts': (request) => headOf(request, 'Host: attacker.example'),
  'two lengths': (request) => `${headOf(request, 'Content-Length: 5', 'Content-Length: 6')}hello`,
  'length list': (request) => `${headOf(request, 'Content-Length: 5, 5')}hello`,
  'negative length': (request) => headOf(request, 'Content-Length: -1'),
  'endless length': (request) => headOf(request, `Content-Length: ${'9'.repeat(30)}`),
  'length and chunks': (request) =>
    `${headOf(request, 'Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${INNER}`,
  'chunks and length': (request) =>
    `${headOf(request, 'Transfer-Encoding: chunked', `Content-Length: ${INNER.length}`)}${INNER}`,
  'hidden coding': (request) => `${headOf(request, 'Transfer-Encoding: xchunked')}0\r\n\r\n${INNER}`,
  'coding twice': (request) =>
    `${headOf(request, 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity')}0\r\n\r\n${INNER}`,
  'coding after a tab': (request) => `${headOf(request, 'Transfer-Encoding:\tchunked')}0\r\n\r\n`,
  'coding of another sort': (request) => `${headOf(request, 'Transfer-Encoding: gzip, chunked')}0\r\n\r\n`,
  'huge chunk': (request) =>
    `${headOf({ ...request, method: 'POST' }, 'Transfer-Encoding: chunked')}${'f'.repeat(16)}\r\nhello`,
  'broken chunk': (request) =>
    `${headOf({ ...request, method: 'POST' }, 'Transfer-Encoding: chunked')}zz\r\nhello\r\n0\r\n\r\n`,
  'chunk extensions': (request) =>
    `${headOf({ ...request, method: 'POST' }, 'Transfer-Encoding: chunked')}1;${'a'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`,
  trailers: (request) =>
    `${headOf(request, 'Transfer-Encoding: chunked')}0\r\nAuthorization: Bearer x\r\n\r\n`,
  pipelined: (request) =>
    `${`GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`.repeat(8)}${headOf(request)}${request.body}`,
  'absolute form': (request) => headOf({ ...request, target: `http://attacker.example${request.target}` }),
  'authority form': (request) => headOf({ ...request, method: 'CONNECT', target: '127.0.0.1:22' }),
  'asterisk form': (request) => headOf({ ...request, method: 'OPTIONS', target: '*' }),
  'broken escape': (request) => headOf({ ...request, target: request.target.replace(/[/=](?=\w)/, '$&%zz') }),
  'overlong UTF-8': (request) =>
    headOf({ ...request, target: request.target.replace(/[/=](?=\w)/, '$&%C0%AE') }),
  'raw UTF-8': (request) => headOf({ ...request, target: `${request.target}\xc3\xa4\xff` }),
  'escaped NUL': (request) =>
    headOf({ ...request, target: request.target.replace(/(\w)(?=\/|\?|$)/, '$1%00') }),
  'dots in the path': (request) => headOf({ ...request, target: `/..%2f../.${request.target}` }),
  'space in the target': (request) => headOf({ ...request, target: `${request.target} x` }),
  'long field': (request) => headOf(request, `X-Long: ${'a'.repeat(100_000)}`),
  'long target': (request) => headOf({ ...request, target: `${request.target}?${'a'.repeat(40_000)}` }),
  'many fields': (request) => headOf(request, ...Array.from({ length: 10_000 }, (_, i) => `X-${i}: 1`)),
  'many short fields': (request) => headOf(request, ...Array.from({ length: 900 }, (_, i) => `a${i}:`)),
  'HTTP/0.9': ({ target }) => `GET ${target}\r\n\r\n`,
  'HTTP/1.0': (request) => headOf(request).replace('HTTP/1.1', 'HTTP/1.0'),
  'HTTP/9.9': (request) => headOf(request).replace('HTTP/1.1', 'HTTP/9.9'),
  'HTTP/2': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
  TLS: () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(517, '\x5a'),
  'unknown method': (request) => headOf({ ...request, method: 'HACK' }),
  'lower-case method': (request) => headOf({ ...request, method: request.method.toLowerCase() }),
  upgrade: (request) =>
    headOf(request, 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: eA=='),
  'field names of control': (request) => headOf(request, '\x1b[31mX: \x1b]0;title\x07'),
  'any bytes': (_request, random) =>
    String.fromCharCode(...Array.from({ length: random.between(1, 400) }, () => random.between(0, 255))),
  'changed bytes': (request, random) => {
    const text = [...headOf(request)];
    for (let i = random.between(1, 4); i > 0; i--)
      text[random.between(0, text.length - 1)] = String.fromCharCode(random.between(0, 255));
    return text.join('');
  },
};

const CUTS: Readonly<Record<string, Mutation>> = {
  'cut head': (request, random) => cutAt(headOf(request), random),
  'cut body': (request, random) =>
    `${headOf(request, 'Content-Length: 100')}${cutAt('{"all":true}', random)}`,
  'cut chunk': (request) => `${headOf(request, 'Transfer-Encoding: chunked')}20\r\n{"all`,
  'long body': ({ target }) =>
    `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n${' '.repeat(90_000)}`,
};

export const MUTATION_NAMES: readonly string[] = [...Object.keys(MUTATIONS), ...Object.keys(CUTS)];

/** One request as it is, byte for byte. */
export function asBytes(request: DescribedRequest): Buffer {
  return Buffer.concat([Buffer.from(headOf(request), 'latin1'), Buffer.from(request.body)]);
}

/** A request with one of these done to it. */
export function mutated(request: DescribedRequest, random: SeededRandom): RawRequest {
  const name = random.pick(MUTATION_NAMES);
  const cut = CUTS[name];
  const text = (cut ?? MUTATIONS[name])?.(request, random) ?? '';
  return { name, bytes: Buffer.from(text, 'latin1'), isCut: cut !== undefined };
}
