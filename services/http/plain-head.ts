import type { IncomingMessage } from 'node:http';
import { asksForReload } from './asks-for-reload.js';

/** What of a plain head decides how an answer looks, and what the reader has of it. */
export interface PlainHead {
  /** Equal for those whose answers look alike: accepted codings and origin. */
  readonly variant: string;
  readonly ifNoneMatch: string | undefined;
}

/** The fields that are looked at here. */
const FIELDS = ['host', 'expect', 'origin', 'accept-encoding', 'cache-control', 'if-none-match'] as const;
type Field = (typeof FIELDS)[number];

const FIELD_OF: ReadonlyMap<string, Field> = new Map(FIELDS.map((name) => [name, name]));
/** A name of another length is none of them. */
const LENGTHS: readonly boolean[] = Array.from({ length: 20 }, (_, length) =>
  FIELDS.some((name) => name.length === length),
);

/** Null for a head that wants or says more than what is kept, or names one of these twice, and so has to be looked into. */
export function plainHead({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): PlainHead | null {
  const values: { [name in Field]?: string } = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const field = LENGTHS[name.length] ? FIELD_OF.get(name.toLowerCase()) : undefined;
    if (field === undefined) continue;
    // Node keeps the first of several hosts, and whoever stands in front of this service may have looked at another one.
    if (values[field] !== undefined) return null;
    values[field] = rawHeaders[i + 1] ?? '';
  }
  if (values.host === undefined || values.expect !== undefined || asksForReload(values)) return null;
  // No field has a line break.
  const variant = `${values['accept-encoding'] ?? ''}\n${values.origin ?? ''}`;
  return { variant, ifNoneMatch: values['if-none-match'] };
}
