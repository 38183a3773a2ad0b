import { type HeldDatabase, NEW_VERSION, OLD_VERSION } from './held-database.js';

/** What a purge names: the tag of a panel, the panel itself, or the tenant whose data it is. */
export const SELECTIONS = ['tag', 'panel', 'tenant'] as const;
export type Selection = (typeof SELECTIONS)[number];

/** Where the purge is asked for: in the process that loads, or in another. */
export const PLACES = ['same', 'other'] as const;
export type Place = (typeof PLACES)[number];

/** A key that is read for the first time. Each lane has a panel, a tag and a tenant of its own: a purge touches no other. */
export interface Trial {
  readonly lane: number;
  readonly key: number;
}

export interface Reading {
  /** Null: not answered. */
  readonly version: number | null;
  /** Said to be so, while Redis did not answer: promised to nobody. */
  readonly isUnproven: boolean;
  /** What else is known of how it was answered, for whoever looks for the reason of an old one. */
  readonly how: string;
}

/** One process that is read from and purged in. */
export interface Replica {
  read(trial: Trial): Promise<Reading>;
  /** Whether it was acknowledged. */
  purge(trial: Trial, by: Selection): Promise<boolean>;
}

export interface Trials {
  readonly replicas: readonly Replica[];
  readonly database: HeldDatabase;
  readonly by: Selection;
  readonly at: Place;
  /** How many must count. */
  readonly trialsCount: number;
  /** How many run at a time. */
  readonly lanesCount: number;
}

export interface TrialFigures {
  readonly begunCount: number;
  /** The window was open, and every later read was answered and proven. */
  readonly countedCount: number;
  readonly readsCount: number;
  /** Proven answers with what was read before the purge, to reads that began after it was acknowledged. */
  readonly oldCount: number;
  /** How the old ones were answered, and how many each. */
  readonly oldAnswers: ReadonlyMap<string, number>;
}

/** Also few trials outlast a moment in which a starved Redis acknowledges nothing: then they end at once. */
const SPARE_COUNT = 200;

/** The database's name of what a trial reads. */
export function nameOf({ lane, key }: Trial): string {
  return `/${lane}/${key}`;
}

/**
 * Loads that have read old data are held at the database; the data change, a purge is acknowledged, and only then do they end and
 * want to fill. Runs until enough trials count, or more than twice as many have begun.
 */
export async function staleFillTrials(trials: Trials): Promise<TrialFigures> {
  const { trialsCount, lanesCount } = trials;
  let [begunCount, lostCount, readsCount] = [0, 0, 0];
  const oldAnswers = new Map<string, number>();
  const runLane = async (lane: number): Promise<void> => {
    while (begunCount - lostCount < trialsCount && begunCount < 2 * trialsCount + SPARE_COUNT) {
      const later = await laterReadings(trials, {
        trial: { lane, key: trials.database.newKey() },
        number: begunCount++,
      });
      const answered = later.readings.filter(({ version, isUnproven }) => version !== null && !isUnproven);
      readsCount += answered.length;
      for (const { how } of answered.filter(({ version }) => version !== NEW_VERSION))
        oldAnswers.set(how, (oldAnswers.get(how) ?? 0) + 1);
      if (!later.wasOpen || answered.length < later.readings.length) lostCount++;
    }
  };
  await Promise.all(Array.from({ length: lanesCount }, (_, lane) => runLane(lane)));
  const oldCount = [...oldAnswers.values()].reduce((sum, count) => sum + count, 0);
  return { begunCount, countedCount: begunCount - lostCount, readsCount, oldCount, oldAnswers };
}

interface Later {
  /** Whether the load was held from before the change until after the acknowledgement. */
  readonly wasOpen: boolean;
  /** Of reads that began after the acknowledgement; none without one. */
  readonly readings: readonly Reading[];
}

async function laterReadings(
  { replicas, database, by, at }: Trials,
  { trial, number }: { trial: Trial; number: number },
): Promise<Later> {
  const [loading, other] = [replicas[number % replicas.length], replicas[(number + 1) % replicas.length]];
  if (!loading || !other) throw new Error('Trials need two processes at least');
  const name = nameOf(trial);
  database.hold(name);
  const load = loading.read(trial);
  await Promise.race([database.arrived(name), load]);
  database.change(name);
  const isAcknowledged = await (at === 'same' ? loading : other).purge(trial, by);
  const readAll = () => replicas.map((replica) => replica.read(trial));
  // In every second trial others read at the moment at which the load ends, and may load and fill before it does.
  const meanwhile = isAcknowledged && Math.floor(number / replicas.length) % 2 === 1 ? readAll() : [];
  database.letGo(name);
  const held = await load;
  const readings = isAcknowledged
    ? [...(await Promise.all(meanwhile)), ...(await Promise.all(readAll()))]
    : [];
  // It was let go after the acknowledgement, so who was given the old value was held until then.
  return { wasOpen: isAcknowledged && held.version === OLD_VERSION, readings };
}
