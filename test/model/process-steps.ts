import type { Step } from './explore.js';
import { afterLook, takeLease } from './lease-steps.js';
import { type Has, TRUST_TICKS } from './protocol-guards.js';
import {
  answered,
  control,
  createMissing,
  end,
  fill,
  isSame,
  judgedStep,
  stampOf,
  step,
} from './protocol-scripts.js';
import {
  ANY,
  type Entry,
  type Look,
  NO_STAMP,
  newProcess,
  newReader,
  type Process,
  type Reader,
  type Stamp,
  type State,
} from './protocol-state.js';

type Steps = Generator<Step<State>>;

/** What one process may do next. */
export class ProcessSteps {
  readonly #state: State;
  readonly #index: number;
  readonly #has: Has;
  readonly #process: Process;

  constructor(state: State, index: number, has: Has) {
    this.#state = state;
    this.#index = index;
    this.#has = has;
    this.#process = processAt(state, index);
  }

  *all(): Steps {
    const { reader, memory } = this.#process;
    if (this.#usesMemory && memory) yield* this.#answersFromMemory(memory);
    else if (!reader) yield this.#begins();
    yield* this.#looks();
    for (const look of this.#process.looks) yield* this.#hears(look);
    if (reader) yield* this.#reads(reader);
    yield* this.#accidents();
  }

  get #isTrusting(): boolean {
    const { trustTicks, root, a, b } = this.#process;
    return trustTicks > 0 && root !== 0 && a !== 0 && b !== 0;
  }

  get #usesMemory(): boolean {
    return this.#isTrusting && matches(this.#process.memory, this.#process);
  }

  /** Changes nothing, so it is a step only when it is wrong. */
  *#answersFromMemory(memory: Entry): Steps {
    const wrong = answered(memory.version, this.#state.acknowledged);
    if (wrong) yield this.#judged('answers from memory', () => wrong);
  }

  #begins(): Step<State> {
    return this.#step('begins to read', (next, process) => {
      process.reader = this.#proves(newReader(next.acknowledged));
    });
  }

  /** With what it knows while it trusts that, else it has to look. */
  #proves(reader: Reader): Reader {
    return this.#isTrusting
      ? { ...reader, phase: 'asks', proof: stampOf(this.#process) }
      : { ...reader, phase: 'looks', proof: NO_STAMP };
  }

  *#looks(): Steps {
    const { looks, root, reader } = this.#process;
    if (looks.length >= (this.#has('oneLookAtATime') ? 1 : 2)) return;
    if (root !== 0 && !this.#isPollUseless) yield this.#looksFor(false);
    if (reader?.phase === 'looks' && !looks.some(({ isForTags }) => isForTags)) yield this.#looksFor(true);
  }

  /** It would find everything as this process knows it: left out, to have fewer states. */
  get #isPollUseless(): boolean {
    const { redis } = this.#state;
    const { root, position, trustTicks } = this.#process;
    const isUpToDate = root === redis.root && position === redis.log.length && trustTicks === TRUST_TICKS;
    const isSettled = !redis.isForeign && !redis.isLogDeleted && redis.members[this.#index] === position;
    return isUpToDate && isSettled && this.#has('trustFromSending') && this.#has('oneLookAtATime');
  }

  #looksFor(isForTags: boolean): Step<State> {
    return this.#step(isForTags ? 'looks' : 'polls', (next, process) => {
      control(next, this.#has);
      if (isForTags && this.#has('missingIsNoMatch')) createMissing(next);
      const { redis } = next;
      const isSameRoot = process.root === redis.root;
      const { log, trimmedTo } = redis;
      const brought = isSameRoot ? process.position : 0;
      const confirmed = this.#has('confirmWhatIsApplied') ? brought : log.length;
      redis.members = redis.members.map((known, index) => (index === this.#index ? confirmed : known));
      const look: Look = {
        root: redis.root,
        a: isForTags ? redis.a || ANY : 0,
        b: isForTags ? redis.b || ANY : 0,
        isForTags,
        position: log.length,
        isGap: isSameRoot && (process.position < trimmedTo || process.position > log.length),
        changes: isSameRoot ? log.slice(Math.max(process.position, trimmedTo)) : [],
        ageTicks: 0,
      };
      process.looks = [...process.looks, look];
    });
  }

  *#hears(look: Look): Steps {
    const name = look.isForTags ? 'look' : 'poll';
    const forget = (process: Process) => {
      process.looks = process.looks.filter((one) => one !== look);
    };
    yield this.#step(`loses the answer to its ${name}`, (_, process) => forget(process));
    yield this.#step(`hears the answer to its ${name}`, (_, process) => {
      forget(process);
      this.#apply(look, process);
    });
  }

  #apply(look: Look, process: Process): void {
    const isNewTerm = process.root !== look.root || (look.isGap && this.#has('gapForgets'));
    if (isNewTerm) Object.assign(process, { a: 0, b: 0 });
    process.root = look.root;
    process.position = look.position;
    for (const { tag, generation } of look.changes) if (process[tag] !== 0) process[tag] = generation;
    if (look.isForTags) Object.assign(process, { a: look.a, b: look.b });
    const trustTicks = TRUST_TICKS - (this.#has('trustFromSending') ? look.ageTicks : 0);
    process.trustTicks = this.#has('oneLookAtATime') ? trustTicks : Math.max(trustTicks, process.trustTicks);
    const { reader } = process;
    if (look.isForTags && reader?.phase === 'looks') {
      process.reader = afterLook(reader, stampOf(look), this.#has);
    }
  }

  *#reads(reader: Reader): Steps {
    if (reader.phase === 'asks') yield this.#asks(reader);
    if (reader.phase === 'leases') yield this.#leases(reader);
    if (reader.phase === 'queries') {
      yield this.#step('queries the source', (next, process) => {
        const phase = this.#has('stampBeforeQuery') ? 'fills' : 'stamps';
        process.reader = { ...reader, phase, version: next.version };
      });
    }
    if (reader.phase === 'stamps') {
      yield this.#step('reads generations after its query', (next, process) => {
        control(next, this.#has);
        createMissing(next);
        process.reader = { ...reader, phase: 'fills', proof: stampOf(next.redis) };
      });
    }
    if (reader.phase === 'fills') yield* this.#fills(reader);
    if (reader.phase === 'queries' || reader.phase === 'fills') yield* this.#isJoined(reader);
  }

  #asks(reader: Reader): Step<State> {
    return this.#judged('asks Redis for the value, or else for the lease', (next, process) => {
      const { value } = next.redis;
      const isCompared = this.#has('compareAtRead');
      if (value && (!isCompared || matches(value, reader.proof))) {
        process.memory = isCompared ? value : { version: value.version, ...reader.proof };
        process.reader = null;
        return answered(value.version, reader.floor);
      }
      if (this.#has('oneScriptToLease')) return this.#takesLease(next, process, reader).wrong;
      process.reader = { ...reader, phase: 'leases' };
      return null;
    });
  }

  #leases(reader: Reader): Step<State> {
    return this.#judged('asks for the lease', (next, process) => {
      const { isLeased, wrong } = this.#takesLease(next, process, reader);
      const isUseless = isLeased && matches(next.redis.value, reader.proof);
      return isUseless ? 'queries the source although Redis has what it needs' : wrong;
    });
  }

  #takesLease(next: State, process: Process, reader: Reader): { isLeased: boolean; wrong: string | null } {
    const proves = (one: Reader) => this.#proves(one);
    return takeLease(next, { process, reader, proves }, this.#has);
  }

  *#fills(reader: Reader): Steps {
    const { token, proof, version, floor } = reader;
    const entry = { version, ...proof };
    if (token === 0) return yield this.#fillsMemory(reader, entry);
    yield this.#judged(`fills version ${version} and answers it`, (next, process) => {
      const { isTaken, wrong } = fill(next, { token, entry }, this.#has);
      if (isTaken) process.memory = entry;
      process.reader = null;
      return wrong ?? answered(version, floor);
    });
    if (this.#process.lateFill || this.#state.left.runOut === 0) return;
    yield this.#judged(`answers version ${version}, its fill still under way`, (next, process) => {
      next.left.runOut--;
      process.reader = null;
      process.lateFill = { token, entry };
      // Nobody else can have loaded while the lease cannot have run out.
      if (!reader.isLeaseLost) process.memory = entry;
      return answered(version, floor);
    });
  }

  /** Whoever loads alone keeps it for himself, unless it was purged meanwhile. */
  #fillsMemory({ version, floor }: Reader, entry: Entry): Step<State> {
    return this.#judged(`answers version ${version}, loaded alone`, (_, process) => {
      if (isSame(entry, process)) process.memory = entry;
      process.reader = null;
      return answered(version, floor);
    });
  }

  *#isJoined(reader: Reader): Steps {
    const { acknowledged } = this.#state;
    if (acknowledged <= reader.floor) return;
    const isCurrent = this.#isTrusting && isSame(reader.proof, this.#process);
    if (this.#has('joinCompares') && !isCurrent) return;
    yield this.#step('has another reader join its load', (_, process) => {
      process.reader = { ...reader, floor: acknowledged };
    });
  }

  *#accidents(): Steps {
    const { lateFill, memory, reader, trustTicks } = this.#process;
    const { left } = this.#state;
    if (reader?.phase === 'queries' && left.fail > 0) {
      yield this.#step('has its load fail', (next, process) => {
        next.left.fail--;
        process.reader = null;
        if (reader.token !== 0) end(next, reader.token, this.#has);
      });
    }
    if (lateFill) {
      yield this.#judged('has its late fill arrive', (next, process) => {
        process.lateFill = null;
        return fill(next, lateFill, this.#has).wrong;
      });
    }
    if (memory && left.runOut > 0) {
      yield this.#step('drops the entry from memory', (next, process) => {
        next.left.runOut--;
        process.memory = null;
      });
    }
    if (left.crash > 0 && (reader || memory || trustTicks > 0)) {
      yield this.#step('is killed and begins anew', (next) => {
        next.left.crash--;
        next.processes[this.#index] = { ...newProcess(), lateFill };
      });
    }
  }

  #step(name: string, change: (next: State, process: Process) => void): Step<State> {
    return step(this.#state, this.#named(name), (next) => change(next, processAt(next, this.#index)));
  }

  #judged(name: string, change: (next: State, process: Process) => string | null): Step<State> {
    return judgedStep(this.#state, this.#named(name), (next) => change(next, processAt(next, this.#index)));
  }

  #named(name: string): string {
    return `process ${this.#index + 1} ${name}`;
  }
}

function processAt(state: State, index: number): Process {
  const process = state.processes[index];
  if (!process) throw new Error(`There is no process ${index}`);
  return process;
}

function matches(entry: Entry | null, proof: Stamp): boolean {
  if (entry?.root !== proof.root) return false;
  return (proof.a === ANY || entry.a === proof.a) && (proof.b === ANY || entry.b === proof.b);
}
