import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Body } from '../cache/body.js';
import type { Entry } from '../cache/entry.js';
import type { Parameter } from '../definitions/model.js';
import { parameterValue } from '../definitions/parameter-value.js';

const KEPT_MAX_BYTES = 4 * 1024 * 1024;
const ETAG_CHARS_COUNT = 22;

interface Options {
  readonly options: readonly { readonly value: unknown; readonly label: string }[];
}

/** What is sent in place of an entry. */
type Content = Pick<Entry, 'body' | 'etag'>;

/** The choices of a tenant parameter for those who hold some of the tenants: read once for all, and picked from for each set of them. */
export class HeldOptions {
  readonly #kept = new LRUCache<string, Content>({
    maxSize: KEPT_MAX_BYTES,
    sizeCalculation: ({ body }, key) => body.fullBytes + 2 * key.length,
  });

  /** `held`: canonical spellings. */
  async of(
    entry: Content,
    { parameter, held }: { parameter: Parameter; held: readonly string[] },
  ): Promise<Content> {
    const key = JSON.stringify([entry.etag, parameter.name, held.toSorted()]);
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const { options }: Options = JSON.parse((await entry.body.bytes('identity')).toString());
    const own = options.filter(({ value }) => held.includes(canonicalOf(parameter, value) ?? ''));
    const content = {
      body: Body.of(Buffer.from(JSON.stringify({ options: own }))),
      // Of the whole list and of whose it is: another's is another content.
      etag: createHash('sha256').update(key).digest('base64url').slice(0, ETAG_CHARS_COUNT),
    };
    this.#kept.set(key, content);
    return content;
  }
}

function canonicalOf(parameter: Parameter, value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null;
  const read = parameterValue(parameter, String(value), 0);
  return 'fault' in read ? null : read.canonical;
}
