import type { Breaker } from '../breaker.js';
import type { Clock } from '../clock.js';
import { controlNode } from './control-node.js';
import { readGeneration, readLog, readSwitches, tagsPurgedBy, writeTag } from './control-replies.js';
import { CONTROL_KEYS, INVALIDATE_SCRIPT, LOOK_SCRIPT } from './control-scripts.js';
import type {
  ControlSlot,
  Invalidation,
  KnownPosition,
  LookAnswer,
  Standing,
  SwitchChange,
  SwitchState,
  Taken,
} from './control-slot.js';
import { ACKNOWLEDGED_SCRIPT, CONFIRM_SCRIPT, LEAVE_SCRIPT } from './member-scripts.js';
import type { RootCause } from './observer.js';
import { RedisAsk } from './redis-ask.js';
import type { RedisClient } from './redis-client.js';
import { newHalf, newRoot } from './stamp.js';
import { RESTORE_SCRIPT, SWITCH_SCRIPT } from './switch-scripts.js';

/** W of PROTOCOL.md: how long memory may be used without asking. */
const TRUST_MS = 1000;

/** A look that takes longer is a look that failed; far below W, so that a lost answer costs no trust. */
const LOOK_DEADLINE_MS = 200;

/** How long a replica is waited for. Everything else on the connection waits as long. */
const REPLICA_WAIT_MS = 50;

/** Longer than entries usually live and renewed when asked for. One that runs out makes misses, never old data. */
const GENERATION_PX = 14 * 24 * 60 * 60 * 1000;

const LOG_LENGTH_COUNT = 4000;

const SCRIPTS = {
  dashcacheLook: LOOK_SCRIPT,
  dashcacheInvalidate: INVALIDATE_SCRIPT,
  dashcacheSwitch: SWITCH_SCRIPT,
  dashcacheRestore: RESTORE_SCRIPT,
  dashcacheConfirm: CONFIRM_SCRIPT,
  dashcacheAcknowledged: ACKNOWLEDGED_SCRIPT,
  dashcacheLeave: LEAVE_SCRIPT,
} as const;

type ScriptName = keyof typeof SCRIPTS;
type Scripts = Record<ScriptName, (keysCount: number, ...args: string[]) => Promise<unknown>>;

export interface RedisControlSlotOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly clock: Clock;
  /** Random, one for each life of a process: under it the process is a member. */
  readonly processId: string;
  /** Of layer two, which is told when Redis answers again: looks are what finds it. */
  readonly breaker?: Breaker | null;
}

/** The truth shared by all processes of one Redis (PROTOCOL.md, "Data" and "Scripts on the control slot"). */
export class RedisControlSlot implements ControlSlot {
  readonly trustMs = TRUST_MS;
  readonly #scripts: Scripts;
  readonly #ask: RedisAsk;
  readonly #slot: string;
  readonly #processId: string;
  readonly #breaker: Breaker | null;
  #isSilent = false;

  constructor({ redis, prefix, clock, processId, breaker }: RedisControlSlotOptions) {
    for (const [name, lua] of Object.entries(SCRIPTS)) redis.defineCommand(name, { lua });
    this.#scripts = redis as unknown as Scripts;
    this.#ask = new RedisAsk({ redis, clock, deadlineMs: LOOK_DEADLINE_MS });
    this.#slot = `${prefix}{g}:`;
    this.#processId = processId;
    this.#breaker = breaker ?? null;
  }

  async look(known: KnownPosition, tags: readonly string[]): Promise<LookAnswer> {
    const fresh = tags.flatMap(() => [newHalf(), newHalf()]);
    const args = [newRoot(), known.root, known.position, String(GENERATION_PX), this.#processId, ...fresh];
    const reply = await this.#heard(this.#run('dashcacheLook', tags, args));
    const [root, position, cause, list, generations, switches, kind, fields] = reply as [
      string,
      string,
      string,
      string,
      string[],
      string[],
      'changes' | 'root' | 'gap',
      string[] | undefined,
    ];
    const { changes, invalidations } = readLog(fields ?? []);
    const isGap = kind !== 'changes';
    return {
      root,
      position,
      newRoot: cause === '' ? null : known.root === '' ? 'first' : (cause as RootCause),
      list,
      changes: isGap ? 'gap' : changes,
      invalidations: isGap ? [] : invalidations,
      purgedTags: kind === 'gap' ? null : tagsPurgedBy(invalidations),
      generations: generations.map(readGeneration),
      switches: readSwitches(switches),
    };
  }

  invalidate({ tags, mode, cause, callId }: Invalidation): Promise<Taken> {
    const perTag = tags.flatMap((tag) => [writeTag(tag), newHalf(), newHalf()]);
    const why = callId === undefined ? cause : `${cause}:${callId}`;
    const fixed = [newRoot(), mode, why, String(GENERATION_PX), String(LOG_LENGTH_COUNT)];
    return this.#change('dashcacheInvalidate', tags, [...fixed, ...perTag]);
  }

  switch({ tag, enabled, id, knownNumber }: SwitchChange): Promise<Taken> {
    return this.#move('dashcacheSwitch', tag, { isOff: !enabled, number: knownNumber, id });
  }

  restore(tag: string, state: SwitchState): Promise<Taken> {
    return this.#move('dashcacheRestore', tag, state);
  }

  async confirm({ root, position }: KnownPosition): Promise<void> {
    await this.#run('dashcacheConfirm', [], [root, position, this.#processId]);
  }

  async acknowledged(position: string): Promise<Standing> {
    const reply = await this.#run('dashcacheAcknowledged', [], [newRoot(), position, this.#processId]);
    const [root, cause, list, othersCount, confirmedCount] = reply as [
      string,
      string,
      string,
      number,
      number,
    ];
    return { root, newRoot: readCause(cause), list, othersCount, confirmedCount };
  }

  async isReplicated(): Promise<boolean> {
    // On the connection that wrote: it waits for what was written there.
    return (await this.#ask.inTime(async (redis) => controlNode(redis)?.wait(1, REPLICA_WAIT_MS) ?? 0)) >= 1;
  }

  async leave(): Promise<void> {
    await this.#run('dashcacheLeave', [], [this.#processId]);
  }

  /** Only the first answer after a silence: a slot that answers says little of a store that does not. */
  async #heard<T>(look: Promise<T>): Promise<T> {
    try {
      const reply = await look;
      if (this.#isSilent) this.#breaker?.answered();
      this.#isSilent = false;
      return reply;
    } catch (error) {
      this.#isSilent = true;
      throw error;
    }
  }

  #move(name: ScriptName, tag: string, { isOff, number, id }: SwitchState): Promise<Taken> {
    const change = [isOff ? 'off' : 'on', String(number), id];
    const limits = [String(GENERATION_PX), String(LOG_LENGTH_COUNT)];
    return this.#change(name, [tag], [newRoot(), ...change, ...limits, writeTag(tag), newHalf(), newHalf()]);
  }

  async #change(name: ScriptName, tags: readonly string[], args: string[]): Promise<Taken> {
    const reply = await this.#run(name, tags, args);
    const [root, position, cause, replicasCount] = reply as [string, string, string, number];
    return { root, position, newRoot: readCause(cause), replicasCount };
  }

  #run(name: ScriptName, tags: readonly string[], args: string[]): Promise<unknown> {
    const keys = [...CONTROL_KEYS, ...tags.map((tag) => `t:${writeTag(tag)}`)];
    const named = keys.map((key) => this.#slot + key);
    return this.#ask.inTime(() => this.#scripts[name](named.length, ...named, ...args));
  }
}

function readCause(cause: string): RootCause | null {
  return cause === '' ? null : (cause as RootCause);
}
