import { Generations, type Proof } from '../../services/cache/generations.js';
import { CountingObserver } from './cache-room.js';
import { ManualClock } from './manual-clock.js';
import { ScriptedSlot } from './scripted-slot.js';
import { SlotTruth } from './slot-truth.js';

/** Remembers what it was told. */
export class TellingLog {
  readonly told: string[] = [];
  debug(): void {}
  info(_details: object, message: string): void {
    this.told.push(`info: ${message}`);
  }
  warn(_details: object, message: string): void {
    this.told.push(`warn: ${message}`);
  }
  error(_details: object, message: string): void {
    this.told.push(`error: ${message}`);
  }
}

export interface GenerationsProcess {
  readonly slot: ScriptedSlot;
  readonly clock: ManualClock;
  readonly observer: CountingObserver;
  readonly log: TellingLog;
  readonly generations: Generations;
}

/** A process that has not looked yet, on a slot whose answers the test releases. */
export function processOn(slot = new ScriptedSlot(), clock = new ManualClock()): GenerationsProcess {
  const observer = new CountingObserver();
  const log = new TellingLog();
  return { slot, clock, observer, log, generations: new Generations({ slot, clock, log, observer }) };
}

/** A process that has looked once for these tags, a moment ago. */
export async function met(tags: readonly string[]): Promise<GenerationsProcess & { proof: Proof }> {
  const process = processOn();
  const proof = process.generations.prove(tags);
  (await process.slot.next()).answer();
  return { ...process, proof: await proof };
}

/** Two processes on one truth and one clock that know its root for long and these tags since now. Neither polls. */
export async function pairOn(
  tags: readonly string[],
): Promise<{ one: GenerationsProcess; two: GenerationsProcess; truth: SlotTruth; clock: ManualClock }> {
  const [truth, clock] = [new SlotTruth(), new ManualClock()];
  const one = processOn(new ScriptedSlot(truth), clock);
  const two = processOn(new ScriptedSlot(truth), clock);
  for (const { slot, generations } of [one, two]) {
    slot.auto = 'answer';
    await generations.prove(tags);
  }
  clock.advance(one.slot.trustMs);
  for (const { generations } of [one, two]) await generations.prove(tags);
  return { one, two, truth, clock };
}

/** Lets the process look once, answered at once. */
export async function look({ slot, generations }: GenerationsProcess): Promise<void> {
  slot.auto = 'answer';
  await generations.prove([`asked only to look ${Math.random()}`]);
  slot.auto = null;
}

/** The process finds that its slot is silent, with its trust gone. */
export async function isolate({ slot, clock, generations }: GenerationsProcess): Promise<void> {
  slot.auto = 'silent';
  clock.advance(slot.trustMs);
  await generations.prove(['x']);
  if (!generations.isIsolated) throw new Error('The process is not isolated');
}
