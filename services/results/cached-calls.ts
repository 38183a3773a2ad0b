import type { CacheAnswer } from '../cache/answer.js';
import { hashParts, type KeyPart, makeKey } from '../cache/key.js';
import type { CacheRequest } from '../cache/request.js';
import type { ReadCounts } from '../statistics/read-counts.js';
import type { ReadOutcome } from '../statistics/recorder.js';
import type { ResultSettings } from './cache-result-options.js';
import { decodeResult, encodeResult, RESULT_FORMAT } from './result-codec.js';
import { argumentsKey, checkedKey, keptArguments } from './result-key.js';
import type { ResultLayers } from './result-layers.js';

export interface CachedCallsParts<Args extends unknown[]> {
  readonly fn: (...args: Args) => unknown;
  readonly settings: ResultSettings<Args>;
  readonly layers: Pick<ResultLayers, 'isClosed' | 'read' | 'bypass' | 'purge'>;
  readonly counts: ReadCounts;
}

/** The calls of one wrapped function: each is a read of the cache, whose load runs the function. */
export class CachedCalls<Args extends unknown[]> {
  readonly #parts: CachedCallsParts<Args>;
  readonly #tag: string;

  constructor(parts: CachedCallsParts<Args>) {
    this.#parts = parts;
    this.#tag = `result:${parts.settings.keyPrefix}`;
  }

  /** A copy of the result that is the caller's own. Rejects with the function's own error. */
  async call(args: Args): Promise<unknown> {
    const { fn, layers } = this.#parts;
    // A closed cache keeps nothing, and its last callers still get their answers.
    if (this.#goesPast(args) || layers.isClosed)
      return this.#counted(async () => ({ value: await fn(...args), outcome: 'bypass', layer: 'source' }));
    // Made before anything is awaited: the arguments count as they are at the call.
    const request = this.#requestOf(args);
    return this.#counted(() => this.#read(request));
  }

  /** Purges what is cached of this call, in every process. */
  async invalidate(args: Args): Promise<void> {
    await this.#parts.layers.purge(this.#callTag(this.#partsOf(args)));
  }

  /** Purges what is cached of every call, in every process. */
  async invalidateAll(): Promise<void> {
    await this.#parts.layers.purge(this.#tag);
  }

  async #counted(call: () => Promise<Outcome>): Promise<unknown> {
    const { counts } = this.#parts;
    try {
      const { value, outcome, layer } = await call();
      counts.add(outcome, layer);
      return value;
    } catch (error) {
      counts.add('error', 'source');
      throw error;
    }
  }

  async #read({ request, callTag }: CallRequest): Promise<Outcome> {
    const { layers } = this.#parts;
    const answer = await layers.read(request);
    try {
      return { value: await resultOf(answer), outcome: answer.outcome, layer: answer.layer };
    } catch {
      // Written by a Node that knows more types than this one: a miss. Who asks next finds it gone, and loads it anew.
      await layers.purge(callTag).catch(() => {});
      return { value: await resultOf(await layers.bypass(request)), outcome: 'miss', layer: 'source' };
    }
  }

  #requestOf(args: Args): CallRequest {
    const { fn, settings } = this.#parts;
    const { keyPrefix, policy, key } = settings;
    const parts = this.#partsOf(args);
    const kept = key ? args : keptArguments(args);
    const callTag = this.#callTag(parts);
    const request: CacheRequest = {
      key: makeKey(null, ['result', RESULT_FORMAT, keyPrefix, parts]),
      tags: [this.#tag, callTag],
      policy,
      load: async () => encodeResult(await fn(...kept), keyPrefix),
      render: (content) => content,
    };
    return { request, callTag };
  }

  #goesPast(args: Args): boolean {
    const { unless, keyPrefix } = this.#parts.settings;
    const answer: unknown = unless?.(...args) ?? false;
    // A Promise would count as true, and nothing would ever be cached.
    if (typeof answer !== 'boolean')
      throw new TypeError(`"unless" of ${keyPrefix} must give true or false, at once`);
    return answer;
  }

  #partsOf(args: Args): KeyPart {
    const { key, keyPrefix } = this.#parts.settings;
    return key
      ? ['key', checkedKey(key(...args), keyPrefix)]
      : ['arguments', ...argumentsKey(args, keyPrefix)];
  }

  /** Without the format: a call is invalidated in processes of every Node. */
  #callTag(parts: KeyPart): string {
    return `call:${hashParts([this.#parts.settings.keyPrefix, parts])}`;
  }
}

interface CallRequest {
  readonly request: CacheRequest;
  readonly callTag: string;
}

interface Outcome {
  readonly value: unknown;
  readonly outcome: ReadOutcome;
  readonly layer: CacheAnswer['layer'];
}

async function resultOf({ entry }: CacheAnswer): Promise<unknown> {
  return decodeResult(await entry.body.bytes('identity'));
}
