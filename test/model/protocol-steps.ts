import type { Step } from './explore.js';
import { ProcessSteps } from './process-steps.js';
import { type Has, TRUST_TICKS } from './protocol-guards.js';
import { control, loseLease, step } from './protocol-scripts.js';
import { NO_STAMP, type State, TAGS } from './protocol-state.js';

type Steps = Generator<Step<State>>;

/** Everything that may happen next. */
export function* stepsFrom(state: State, has: Has): Steps {
  for (const index of state.processes.keys()) yield* new ProcessSteps(state, index, has).all();
  yield* purges(state, has);
  if (state.left.silentWrite > 0) {
    yield step(state, 'the source changes, nobody is told', (next) => {
      next.left.silentWrite--;
      next.version++;
    });
  }
  yield* runOuts(state);
  if (state.left.evict > 0) yield* evictions(state);
  if (state.left.lose > 0) yield* losses(state);
  if (state.left.jump > 0) yield removal(state, has);
  yield* time(state, has);
}

function* purges(state: State, has: Has): Steps {
  const { purge, redis, left, version } = state;
  if (purge) {
    const isOver = purge.ticks >= TRUST_TICKS;
    if (!isOver && has('purgeWaits') && !isConfirmed(state, has)) return;
    const how = isOver ? 'after all trust has run out' : 'when all members have confirmed';
    yield step(state, `the purge to version ${purge.version} is acknowledged ${how}`, (next) => {
      next.acknowledged = Math.max(next.acknowledged, purge.version);
      next.purge = null;
    });
  } else if (left.purge > 0) {
    // The tags are alike until one has been purged.
    for (const tag of redis.log.length === 0 && version === 0 ? (['a'] as const) : TAGS) {
      yield step(state, `the source changes to version ${version + 1}, Redis purges ${tag}`, (next) => {
        control(next, has);
        next.left.purge--;
        next.version++;
        const generation = next.nextValue++;
        next.redis[tag] = generation;
        next.redis.log = [...next.redis.log, { tag, generation }];
        const { root, log } = next.redis;
        next.purge = { version: next.version, root, position: log.length, ticks: 0 };
      });
    }
  }
}

/** What the script says that the purging process asks meanwhile. */
function isConfirmed({ redis, purge }: State, has: Has): boolean {
  const isSuspect =
    (redis.isForeign && has('foreignIsLoss')) || (redis.isLogDeleted && has('deletedLogIsLoss'));
  if (!purge || redis.root !== purge.root || isSuspect) return false;
  if (redis.listAgeTicks < TRUST_TICKS && has('youngRootWaits')) return false;
  return redis.members.every((position) => position === -1 || position >= purge.position);
}

function* runOuts(state: State): Steps {
  const { redis, left } = state;
  if (left.runOut === 0) return;
  if (redis.value) {
    yield step(state, 'the value in Redis runs out', (next) => {
      next.left.runOut--;
      next.redis.value = null;
    });
  }
  if (redis.lease) {
    yield step(state, 'the lease runs out', (next) => {
      next.left.runOut--;
      loseLease(next);
    });
  }
}

function* evictions(state: State): Steps {
  const { redis } = state;
  const evicts = (name: string, changed: Partial<State['redis']>) =>
    step(state, name, (next) => {
      next.left.evict--;
      Object.assign(next.redis, changed);
    });
  for (const tag of TAGS)
    if (redis[tag] !== 0) yield evicts(`the generation of ${tag} is evicted`, { [tag]: 0 });
  const { length } = redis.log;
  if (length > redis.trimmedTo) yield evicts('the log is trimmed', { trimmedTo: length });
  if (length > 0) yield evicts('the log is deleted', { log: [], trimmedTo: 0, isLogDeleted: true });
}

function* losses(state: State): Steps {
  const { redis, copy } = state;
  const members = redis.members.map(() => -1);
  const marks = { trimmedTo: 0, isForeign: false, isLogDeleted: false };
  yield step(state, 'all data of Redis is lost', (next) => {
    next.left.lose--;
    loseLease(next);
    Object.assign(next.redis, {
      ...NO_STAMP,
      ...marks,
      log: [],
      members,
      listAgeTicks: 0,
      value: null,
    });
  });
  if (!copy) {
    yield step(state, 'a copy of the data is made', (next) => {
      // When it is used it will be older than any trust.
      next.copy = { ...redis, listAgeTicks: TRUST_TICKS };
    });
  } else {
    yield step(state, 'the copy takes the place of the data', (next) => {
      next.left.lose--;
      loseLease(next);
      next.redis = { ...copy, isForeign: true };
      next.copy = null;
    });
  }
}

/** By whoever looks next: to it all others have been silent for long. */
function removal(state: State, has: Has): Step<State> {
  return step(state, 'the clock of Redis jumps, and all members are removed as silent', (next) => {
    next.left.jump--;
    next.redis.members = next.redis.members.map(() => -1);
    if (has('removalIsNews')) next.redis.listAgeTicks = 0;
  });
}

/** A tick of all clocks, left out where nothing would age. */
function* time(state: State, has: Has): Steps {
  const { purge, redis, processes } = state;
  const isAging =
    (purge !== null && purge.ticks < TRUST_TICKS) ||
    redis.listAgeTicks < TRUST_TICKS ||
    processes.some((one) => one.trustTicks > 0 || one.looks.some((look) => look.ageTicks < TRUST_TICKS));
  if (!isAging) return;
  yield step(state, 'time passes', (next) => {
    const older = (ticks: number) => Math.min(TRUST_TICKS, ticks + 1);
    if (next.purge) next.purge.ticks = older(next.purge.ticks);
    next.redis.listAgeTicks = older(next.redis.listAgeTicks);
    for (const process of next.processes) {
      if (has('trustRunsOut')) process.trustTicks = Math.max(0, process.trustTicks - 1);
      process.looks = process.looks.map((look) => ({ ...look, ageTicks: older(look.ageTicks) }));
    }
  });
}
