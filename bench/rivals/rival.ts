/** What the bench asks of every library alike. All keys of one rival carry the same tag. */
export interface Rival {
  /** Answers from the cache, or runs the load and keeps what it gives. */
  read(key: string): Promise<unknown>;
  invalidate(key: string): Promise<void>;
  /** By the tag, not by emptying the cache. */
  invalidateTag(): Promise<void>;
  close(): Promise<void>;
}

export interface RivalOptions {
  readonly redisUrl: string;
  /** A whole number of seconds: not every library knows parts of them. */
  readonly ttlMs: number;
  readonly load: (key: string) => Promise<unknown>;
}

/** An adapter exports one as `library`. */
export interface Library {
  readonly name: string;
  /** Which settings, and why these. */
  readonly settings: string;
  /** Whether a process keeps values in its own memory. */
  readonly hasMemory: boolean;
  /** Whether a key in Redis is what invalidation by tag relies on, and no value. */
  isMarker(redisKey: string): boolean;
  open(options: RivalOptions): Promise<Rival>;
}

/** A library as the other processes load it. */
export interface LibraryFile {
  readonly url: string;
  readonly library: Library;
}

export async function libraryFile(url: string): Promise<LibraryFile> {
  const { library } = (await import(url)) as { library: Library };
  return { url, library };
}
