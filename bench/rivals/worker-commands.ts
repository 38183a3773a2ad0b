/** What the bench tells a process to do; the answer comes with the same id. */
export type Command =
  | {
      readonly do: 'open';
      readonly libraryUrl: string;
      readonly redisUrl: string;
      readonly ttlMs: number;
      /** null: values are made in the process (made-value.ts). */
      readonly sourceUrl: string | null;
    }
  | {
      readonly do: 'read';
      readonly ttlMs: number;
      readonly keys: readonly string[];
      /** How many read each key at the same moment. */
      readonly readersCount: number;
      /** The moment, by the wall clock. */
      readonly atMs: number;
    }
  | { readonly do: 'invalidate'; readonly ttlMs: number; readonly keys: readonly string[] }
  | { readonly do: 'invalidateTag'; readonly ttlMs: number }
  | {
      readonly do: 'memoryHits';
      readonly ttlMs: number;
      readonly key: string;
      readonly sliceMs: number;
    }
  | {
      readonly do: 'redisHits';
      readonly ttlMs: number;
      readonly keys: readonly string[];
      /** As many plain keys in Redis, of the same length. */
      readonly plainKeys: readonly string[];
      readonly redisUrl: string;
    }
  | { readonly do: 'close' };

export interface ReadAnswer {
  /** null: the value was none of the source's. */
  readonly version: number | null;
  readonly elapsedMs: number;
  readonly error: string | null;
}

/** How long the library took, and how long the plain thing took for as many. */
export interface Pace {
  readonly library: number;
  readonly plain: number;
}

export interface Asked {
  readonly id: number;
  readonly command: Command;
}

export interface Answered {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}
