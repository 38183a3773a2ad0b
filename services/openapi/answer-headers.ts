import type { AnswerKind, Header, Reference, Response } from './document.js';
import { ref } from './document.js';

const text = { type: 'string' } as const;

/** Every header of ours that an answer can have, by the name of its component. */
export const HEADERS = {
  CacheControl: {
    description:
      'What a client may reuse. Of data: set by `client` in the definition, `private` where a tenant decides what is seen. ' +
      'Else `no-cache`: ask again each time.',
    required: true,
    schema: text,
    example: 'private, max-age=0, stale-while-revalidate=5, stale-if-error=60',
  },
  NoStore: {
    description: 'Errors are kept by nobody.',
    required: true,
    schema: { type: 'string', const: 'no-store' },
    example: 'no-store',
  },
  ETag: {
    description: 'A strong tag of this content in this coding: `"x"` plain, `"x-br"`, `"x-gz"`.',
    required: true,
    schema: { type: 'string', pattern: '^"[^"]*"$' },
    example: '"-NufMB2ijhUrCOh6UwXp5A"',
  },
  ETagOfWhole: {
    description: 'A strong tag of this content in this coding; none when a panel failed.',
    schema: { type: 'string', pattern: '^"[^"]*"$' },
    example: '"-NufMB2ijhUrCOh6UwXp5A"',
  },
  Vary: {
    description: 'What else decides the answer.',
    required: true,
    schema: text,
    example: 'Accept-Encoding',
  },
  ContentEncoding: {
    description: 'The coding of a body over 1 KiB, as asked for in Accept-Encoding.',
    schema: { type: 'string', enum: ['br', 'gzip'] },
    example: 'br',
  },
  Age: {
    description:
      'Whole seconds since the data was last loaded from its source; of several panels that of the oldest.',
    required: true,
    schema: { type: 'integer', minimum: 0 },
    example: 12,
  },
  CacheStatus: {
    description:
      'How the cache answered (RFC 9211): `hit` with the seconds it is still fresh, or why it was loaded.',
    required: true,
    schema: { type: 'string', pattern: '^dashcache; (hit|fwd=)' },
    example: 'dashcache; hit; ttl=120; detail=l1',
  },
  DashcachePanels: {
    description: 'How each panel was answered, a structured list (RFC 9651).',
    required: true,
    schema: text,
    example: 'metrics;hit;age=12;layer=l1, charts/tasks;fwd=uri-miss;age=0;layer=source, summary;status=504',
  },
  RetryAfter: {
    description: 'In how many seconds a new try may succeed.',
    required: true,
    schema: { type: 'integer', minimum: 0 },
    example: 5,
  },
  Allow: { description: 'The methods of this address.', required: true, schema: text, example: 'GET, HEAD' },
  WwwAuthenticate: {
    description: 'What credential is wanted.',
    required: true,
    schema: text,
    example: 'Bearer',
  },
} as const satisfies Readonly<Record<string, Header>>;

type HeaderName = keyof typeof HEADERS;
export type HeaderReferences = Readonly<Record<string, Reference>>;

const KEPT = ['CacheControl', 'Vary', 'ContentEncoding'] as const;

const OF_ANSWERS: Readonly<Record<AnswerKind | 'other', readonly HeaderName[]>> = {
  panel: ['ETag', ...KEPT, 'Age', 'CacheStatus'],
  dashboard: ['ETagOfWhole', ...KEPT, 'Age', 'CacheStatus', 'DashcachePanels'],
  document: ['ETag', ...KEPT],
  other: ['CacheControl'],
};

const FIELD_NAMES: Partial<Record<HeaderName, string>> = { NoStore: 'Cache-Control', ETagOfWhole: 'ETag' };

/** The named headers, each by its field name and as a reference to its component. */
export function headers(names: readonly HeaderName[]): HeaderReferences {
  return Object.fromEntries(names.map((name) => [fieldName(name), ref('headers', name)]));
}

/** The same where an answer may also be without them. */
export function perhaps(names: readonly HeaderName[]): Readonly<Record<string, Header>> {
  return Object.fromEntries(names.map((name) => [fieldName(name), { ...HEADERS[name], required: false }]));
}

/** Adds the headers of a success: of what readers keep, also on its 304, where nothing is coded. */
export function withHeaders(response: Response, status: string, kind: AnswerKind | undefined): Response {
  const names = OF_ANSWERS[kind ?? 'other'];
  const sent = status === '304' ? names.filter((name) => name !== 'ContentEncoding') : names;
  return { ...response, headers: { ...headers(sent), ...response.headers } };
}

function fieldName(name: HeaderName): string {
  return FIELD_NAMES[name] ?? name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').replace('Www-', 'WWW-');
}
