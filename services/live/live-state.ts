import type { DashcacheError } from '../../errors.js';
import type { CacheAnswer } from '../cache/answer.js';
import { contentDigest } from './live-position.js';

/** What is known of a panel: its content, or why there is none. */
export type LiveState =
  | {
      readonly is: 'content';
      readonly answer: CacheAnswer;
      readonly digest: Buffer;
      /** The body on one line, and the end of its event: the same bytes for every reader. */
      readonly ending: Buffer;
    }
  | { readonly is: 'problem'; readonly error: DashcacheError };

const END = Buffer.from('}\n\n');
const SPACE = 0x20;
const LINE_ENDS = [0x0a, 0x0d] as const;

/** `last`: its bytes are used again where the content is the same. */
export async function contentState(answer: CacheAnswer, last: LiveState | null): Promise<LiveState> {
  const { body, etag } = answer.entry;
  if (last?.is === 'content' && last.answer.entry.etag === etag) return { ...last, answer };
  const bytes = Buffer.concat([await body.bytes('identity'), END]);
  withoutLineEnds(bytes.subarray(0, bytes.length - END.length));
  return { is: 'content', answer, digest: contentDigest(etag), ending: bytes };
}

/** Outside of its strings, where none may stand, JSON takes a space as well; a line of its own would end the data. */
function withoutLineEnds(bytes: Buffer): void {
  for (const lineEnd of LINE_ENDS)
    for (let at = bytes.indexOf(lineEnd); at >= 0; at = bytes.indexOf(lineEnd, at + 1)) bytes[at] = SPACE;
}

/** What readers are told when `next` comes after `last`. */
export function newsOf(last: LiveState | null, next: LiveState): 'panel' | 'freshness' | null {
  if (last?.is === 'problem' && next.is === 'problem')
    return last.error.code === next.error.code && last.error.message === next.error.message ? null : 'panel';
  if (last?.is !== 'content' || next.is !== 'content') return 'panel';
  if (!last.digest.equals(next.digest)) return 'panel';
  const isRenewed = last.answer.entry.storedAtMs !== next.answer.entry.storedAtMs;
  return isRenewed || last.answer.staleAtMs !== next.answer.staleAtMs || standing(last) !== standing(next)
    ? 'freshness'
    : null;
}

/** Who has waited for a content, and who finds it then, have the same. */
function standing({ answer: { outcome } }: LiveState & { is: 'content' }): string {
  return outcome === 'miss' || outcome === 'collapsed' ? 'hit' : outcome;
}
