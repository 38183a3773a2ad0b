import { tagsPurgedBy } from '../../services/cache/control-replies.js';
import type {
  Invalidation,
  KnownPosition,
  LookAnswer,
  Standing,
  SwitchChange,
  SwitchState,
  TagChange,
  Taken,
} from '../../services/cache/control-slot.js';
import type { RootCause } from '../../services/cache/observer.js';
import { type Generation, newRoot } from '../../services/cache/stamp.js';

interface LogEntry {
  readonly position: string;
  readonly changes: readonly TagChange[];
  /** Null for the first entry, and for a switch that went off. */
  readonly made: Invalidation | null;
}

/** What Redis would hold, with the accidents that happen to it. */
export class SlotTruth {
  replicasCount = 0;
  /** As a broken slot would: nobody is told that somebody was removed. */
  removesInSilence = false;
  /** As a broken slot would: members count as far as the answer that is still under way to them. */
  recordsWhatItAnswers = false;
  /** As a broken slot would: switching on leaves what was stored before. */
  switchesWithoutPurge = false;
  readonly members = new Map<string, string>();
  readonly switches = new Map<string, SwitchState>();
  #root = newRoot();
  #list = this.#root;
  #cause: RootCause | null = 'first';
  #written = 0;
  #madeCount = 0;
  #log: LogEntry[] = [{ position: '0', changes: [], made: null }];
  readonly #generations = new Map<string, Generation>();

  /** Counted, not random: tests make very many. */
  #newGeneration(): Generation {
    this.#madeCount++;
    const half = this.#madeCount.toString(16).padStart(15, '0');
    return { purge: `a${half}`, expire: `b${half}` };
  }

  get root(): string {
    return this.#root;
  }

  get position(): string {
    return String(this.#written);
  }

  generationOf(tag: string): Generation {
    const known = this.#generations.get(tag) ?? this.#newGeneration();
    this.#generations.set(tag, known);
    return known;
  }

  invalidate({ cause = 'request', tags, mode }: Omit<Invalidation, 'cause'> & { cause?: string }): Taken {
    const changes = tags.map((tag) => {
      const fresh = this.#newGeneration();
      const known = this.generationOf(tag);
      const generation = mode === 'purge' ? fresh : { purge: known.purge, expire: fresh.expire };
      this.#generations.set(tag, generation);
      return { tag, generation };
    });
    return this.#write(changes, { tags, mode, cause });
  }

  switch({ tag, enabled, id, knownNumber }: SwitchChange): Taken {
    const known = this.switches.get(tag);
    if (known?.id === id) return this.#taken();
    const number = Math.max(known?.number ?? 0, knownNumber) + 1;
    return this.#move(tag, { isOff: !enabled, number, id });
  }

  restore(tag: string, state: SwitchState): Taken {
    const known = this.switches.get(tag);
    const isTie = known?.number === state.number && state.isOff && !known.isOff;
    return state.number > (known?.number ?? 0) || isTie ? this.#move(tag, state) : this.#taken();
  }

  look(known: KnownPosition, tags: readonly string[], id: string): LookAnswer {
    const brought = known.root === this.#root ? known.position : '-1';
    this.members.set(id, this.recordsWhatItAnswers ? this.position : brought);
    const at = this.#log.findIndex((entry) => entry.position === known.position);
    const reaches = known.root === this.#root && at !== -1;
    const since = reaches ? this.#log.slice(at + 1) : [];
    const newRootCause = this.#cause;
    this.#cause = null;
    return {
      root: this.#root,
      position: this.position,
      newRoot: newRootCause,
      list: this.#list,
      changes: reaches ? since.flatMap(({ changes }) => changes) : 'gap',
      invalidations: since.flatMap(({ made }) => (made ? [made] : [])),
      purgedTags: this.#purgedSince(known.root === this.#root ? known.position : '0'),
      generations: tags.map((tag) => this.generationOf(tag)),
      switches: new Map(this.switches),
    };
  }

  /** The first entry of a root stands at 0. */
  #purgedSince(position: string): string[] | null {
    const at = this.#log.findIndex((entry) => entry.position === position);
    const since = this.#log.slice(at + 1).flatMap(({ made }) => (made ? [made] : []));
    return at === -1 ? null : tagsPurgedBy(since);
  }

  acknowledged(position: string, id: string): Standing {
    const others = [...this.members].filter(([member]) => member !== id);
    const confirmed = others.filter(([, applied]) => Number(applied) >= Number(position));
    return {
      root: this.#root,
      newRoot: null,
      list: this.#list,
      othersCount: others.length,
      confirmedCount: confirmed.length,
    };
  }

  /** The log no longer reaches back before its newest line. */
  trim(): void {
    this.#log = this.#log.slice(-1);
  }

  evict(tag: string): void {
    this.#generations.delete(tag);
  }

  /** The clock of Redis has jumped: to whoever looks next all the others are silent. */
  removeOthers(id: string): void {
    for (const member of this.members.keys()) if (member !== id) this.members.delete(member);
    if (!this.removesInSilence) this.#list = newRoot();
  }

  /** All is lost, and the next look makes a new root. */
  lose(cause: RootCause = 'lost'): void {
    this.#root = newRoot();
    this.#list = this.#root;
    this.#cause = cause;
    this.#generations.clear();
    this.members.clear();
    this.switches.clear();
    this.#written = 0;
    this.#log = [{ position: '0', changes: [], made: null }];
  }

  #move(tag: string, state: SwitchState): Taken {
    this.switches.set(tag, state);
    if (state.isOff || this.switchesWithoutPurge) return this.#write([], null);
    return this.invalidate({ tags: [tag], mode: 'purge', cause: 'switch' });
  }

  #write(changes: readonly TagChange[], made: Invalidation | null): Taken {
    this.#written++;
    this.#log.push({ position: this.position, changes, made });
    return this.#taken();
  }

  #taken(): Taken {
    return {
      root: this.#root,
      position: this.position,
      newRoot: null,
      replicasCount: this.replicasCount,
    };
  }
}
