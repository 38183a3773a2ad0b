/** The tags of the one key that the model has. */
export const TAGS = ['a', 'b'] as const;
export type Tag = (typeof TAGS)[number];

/** A missing generation that counts as a match: only where that guard is removed. */
export const ANY = -1;

/** Random values are small numbers, given out once each; 0: none. */
export interface Stamp {
  readonly root: number;
  readonly a: number;
  readonly b: number;
}

export interface Entry extends Stamp {
  readonly version: number;
}

export interface Change {
  readonly tag: Tag;
  readonly generation: number;
}

/** A look that Redis has carried out and whose answer is under way. */
export interface Look extends Stamp {
  readonly isForTags: boolean;
  readonly position: number;
  readonly isGap: boolean;
  readonly changes: readonly Change[];
  readonly ageTicks: number;
}

/** What its key holds: whose it is, and under which generations he loads. */
export interface Lease extends Stamp {
  readonly token: number;
}

/** looks -> asks -> (leases ->) queries -> (stamps ->) fills. In brackets: only where a guard is removed. */
export interface Reader {
  readonly phase: 'looks' | 'asks' | 'leases' | 'queries' | 'stamps' | 'fills';
  /** What was acknowledged before this read, or that of the last who joined it, began. */
  readonly floor: number;
  readonly proof: Stamp;
  readonly version: number;
  /** Of the lease that it holds; 0: none. */
  readonly token: number;
  /** That lease ran out, or was lost with the data: one more load is allowed. */
  readonly isLeaseLost: boolean;
  /** A lease of other generations that it met: it looks before it takes that one over. */
  readonly met: Lease | null;
  /** How often it met one: whoever has twice loads alone at the third. */
  readonly metCount: number;
  /** The token of the lease that it may take over; 0: none. */
  readonly overtake: number;
}

export interface Process {
  root: number;
  a: number;
  b: number;
  position: number;
  trustTicks: number;
  memory: Entry | null;
  looks: readonly Look[];
  reader: Reader | null;
  /** A fill that its process has given up and that may still reach Redis. */
  lateFill: { readonly token: number; readonly entry: Entry } | null;
}

export interface Redis {
  root: number;
  a: number;
  b: number;
  log: readonly Change[];
  trimmedTo: number;
  /** By process: the position that it brought with its last look; -1: no member. */
  members: readonly number[];
  /** How long the list of members is known: since the root was made, or since somebody was removed from it. */
  listAgeTicks: number;
  /** The data comes from another run of a server. */
  isForeign: boolean;
  isLogDeleted: boolean;
  value: Entry | null;
  /** Null: free. */
  lease: Lease | null;
}

/** How often each accident may still happen. */
export interface Accidents {
  purge: number;
  /** The source changes and nobody is told. */
  silentWrite: number;
  /** A value or lease runs out, memory drops the entry, a process gives up waiting for its fill. */
  runOut: number;
  /** A generation is evicted, the log is trimmed or deleted. */
  evict: number;
  /** FLUSHDB, or an old copy in place of the data. */
  lose: number;
  /** The clock of Redis jumps, and whoever looks removes all others as silent. */
  jump: number;
  /** A load fails. */
  fail: number;
  crash: number;
}

/** Objects one level down are copied with the state; those below are never changed in place. */
export interface State {
  /** What the source holds. */
  version: number;
  /** The newest version whose purge has been acknowledged. */
  acknowledged: number;
  purge: { version: number; root: number; position: number; ticks: number } | null;
  redis: Redis;
  copy: Redis | null;
  processes: Process[];
  left: Accidents;
  nextValue: number;
}

export const NO_STAMP: Stamp = { root: 0, a: 0, b: 0 };

/** A read that begins, after so much was acknowledged. */
export function newReader(floor: number): Reader {
  const nothing = { version: 0, token: 0, isLeaseLost: false, met: null, metCount: 0, overtake: 0 };
  return { phase: 'looks', proof: NO_STAMP, floor, ...nothing };
}

export function newProcess(): Process {
  const nothing = { memory: null, looks: [], reader: null, lateFill: null };
  return { ...NO_STAMP, ...nothing, position: 0, trustTicks: 0 };
}

export function firstState(options: {
  processesCount: 1 | 2;
  accidents: Partial<Accidents>;
  trustTicks: number;
}): State {
  const { processesCount, accidents, trustTicks } = options;
  return {
    version: 0,
    acknowledged: 0,
    purge: null,
    redis: {
      root: 1,
      a: 2,
      b: 3,
      log: [],
      trimmedTo: 0,
      members: Array.from({ length: processesCount }, () => -1),
      listAgeTicks: trustTicks,
      isForeign: false,
      isLogDeleted: false,
      value: null,
      lease: null,
    },
    copy: null,
    processes: Array.from({ length: processesCount }, newProcess),
    left: {
      purge: 0,
      silentWrite: 0,
      runOut: 0,
      evict: 0,
      lose: 0,
      jump: 0,
      fail: 0,
      crash: 0,
      ...accidents,
    },
    nextValue: 4,
  };
}

export function copyOf(state: State): State {
  return {
    ...state,
    purge: state.purge && { ...state.purge },
    redis: { ...state.redis },
    processes: state.processes.map((process) => ({ ...process })),
    left: { ...state.left },
  };
}
