import type { ExplainedCopy } from '../explain/entries-schema.js';
import type { Explanation, ReadAnswer } from './evidence.js';
import { opaque } from './stored-between.js';
import type { Fault } from './verdict.js';

/** What one replica said of an address at one time; `answer` is null where it failed. */
export interface ReplicaSaid {
  readonly replica: string;
  readonly answer: Pick<ReadAnswer, 'etag' | 'text'> | null;
  readonly looks: readonly Explanation[];
}

/** A fault of the second of two replicas, seen beside the first. */
export interface Difference {
  readonly replica: string;
  readonly fault: Fault;
}

/** What replicas of one cache must agree on, whenever each was asked: keys, and what an ETag names. */
export function compareReplicas(said: readonly ReplicaSaid[]): Difference[] {
  return said.flatMap((each, index) => {
    const fault =
      keysDiffer(said[0], each) ??
      etagsDiffer(said.slice(0, index + 1), each) ??
      etagShared(said.slice(0, index), each);
    return fault ? [{ replica: each.replica, fault }] : [];
  });
}

function keysDiffer(first: ReplicaSaid | undefined, second: ReplicaSaid): Fault | null {
  const [one] = keysOf(first);
  const other = keysOf(second).find((hash) => hash !== one);
  if (first === undefined || one === undefined || other === undefined) return null;
  return {
    kind: 'keys_differ',
    promised: `the key ${one}, as at ${first.replica}`,
    seen: `the key ${other}`,
  };
}

/** One load has one content: copies of one instant that are not alike are of two. */
function etagsDiffer(others: readonly ReplicaSaid[], second: ReplicaSaid): Fault | null {
  // Without Redis each process has loads of its own, and two may end at one instant.
  if (second.looks.some(({ entry }) => entry.key.redis_key === null)) return null;
  const known = others.flatMap((said) => copiesOf(said).map((copy) => ({ replica: said.replica, copy })));
  for (const copy of copiesOf(second)) {
    const other = known.find(({ copy: { stored_at, etag } }) => {
      return stored_at === copy.stored_at && etag !== copy.etag;
    });
    if (!other) continue;
    return {
      kind: 'etags_differ',
      promised: `of the load of ${copy.stored_at}, ETag ${opaque(other.copy.etag)}, as at ${other.replica}`,
      seen: `ETag ${opaque(copy.etag)}`,
    };
  }
  return null;
}

/** A strong ETag names bytes (RFC 9110 section 8.8.1). */
function etagShared(others: readonly ReplicaSaid[], { answer }: ReplicaSaid): Fault | null {
  if (answer === null) return null;
  const other = others.find((said) => said.answer?.etag === answer.etag && said.answer.text !== answer.text);
  if (!other) return null;
  return {
    kind: 'etag_shared',
    promised: `under ETag ${answer.etag} the bytes that ${other.replica} has under it`,
    seen: 'other bytes',
  };
}

function keysOf(said: ReplicaSaid | undefined): string[] {
  return said?.looks.map(({ entry }) => entry.key.hash) ?? [];
}

function copiesOf({ looks }: ReplicaSaid): ExplainedCopy[] {
  return looks.flatMap(({ entry }) => [entry.l1, entry.l2].filter((copy) => copy !== null));
}
