import type { Clock } from '../clock.js';
import { Cells, PURGED, type Verdict } from './cells.js';
import type { InvalidationMode, KnownPosition, LookAnswer, TagChange } from './control-slot.js';
import { type Loss, Losses } from './losses.js';
import { type Generation, newRoot, type Stamp } from './stamp.js';

/** What an answered look brought. */
export interface News {
  /** Something that others may wait for. */
  readonly is: boolean;
  /** The log of the known root no longer reached back. */
  readonly isGap: boolean;
  /** What was believed can no longer be proven. */
  readonly isLoss: boolean;
}

/**
 * What this process knows of the truth in the control slot: its root, the position up to which its log is applied, and the
 * generations of the tags in use. How long it may be believed is not decided here.
 */
export class KnownTruth {
  readonly #clock: Clock;
  readonly #losses = new Losses();
  readonly #cells: Cells;
  /** Made up until the first answer, so that a process that never met Redis works on its own. */
  #root = newRoot();
  #position = '';
  #hasMet = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#cells = new Cells(clock);
  }

  /** Whether the slot has ever answered. */
  get hasMet(): boolean {
    return this.#hasMet;
  }

  /** What to tell the slot of. */
  get known(): KnownPosition {
    return { root: this.#hasMet ? this.#root : '', position: this.#position };
  }

  /** In which log, and how far in it: another one after news. */
  get place(): string {
    return `${this.#root} ${this.#position}`;
  }

  compare({ root, generations }: Stamp, tags: readonly string[]): Verdict {
    if (root !== this.#root || generations.length !== tags.length) return PURGED;
    return this.#cells.compare(generations, tags);
  }

  /** For a stamp that is not current: the loss that took its proof, unless it is known to be purged. */
  lossOf(stamp: Stamp, tags: readonly string[]): Loss | null {
    const isOfNow = stamp.root === this.#root;
    return this.#losses.of(stamp, tags, (tag, was) => isOfNow && this.#cells.hasPurgeHalf(tag, was));
  }

  /** Null unless the generations of all tags are known. */
  stampOf(tags: readonly string[]): Stamp | null {
    const generations = this.#cells.generationsOf(tags);
    return generations && { root: this.#root, generations };
  }

  /** The same, with what is not known made up. */
  inventedStampOf(tags: readonly string[]): Stamp {
    return { root: this.#root, generations: this.#cells.inventedOf(tags) };
  }

  isAnyMadeUp(tags: readonly string[]): boolean {
    return this.#cells.isAnyMadeUp(tags);
  }

  /** While the slot does not take it. */
  renewHere(tags: readonly string[], mode: InvalidationMode): void {
    this.#cells.renewHere(tags, mode);
    if (mode === 'purge') this.#losses.purged(tags);
  }

  /** `afterSilence`: the look before this one was not answered. */
  learn(answer: LookAnswer, tags: readonly string[], { afterSilence }: { afterSilence: boolean }): News {
    const { root, position, changes, purgedTags, generations } = answer;
    const isOtherRoot = root !== this.#root;
    const isGap = !isOtherRoot && changes === 'gap';
    const is = isOtherRoot || position !== this.#position;
    const lost = isOtherRoot || isGap ? this.#cells.takeAll() : this.#cells.takeMadeUp();
    // The log tells every purge: a generation that is another without one has been evicted or deleted.
    const purged = new Set(purgedTags);
    const expired = changes === 'gap' ? [] : changes.filter(({ tag }) => !purged.has(tag));
    lost.push(...this.#cells.contradicted(expired));
    if (changes !== 'gap') this.#cells.follow(changes);
    lost.push(...this.#cells.contradicted(told(tags, generations)));
    if (lost.length > 0) this.#losses.add(this.#root, lost, this.#lossOfNow(afterSilence));
    if (purgedTags) this.#losses.purged(purgedTags);
    else this.#losses.clear();
    for (const { tag, generation } of told(tags, generations)) this.#cells.learn(tag, generation);
    this.#hasMet = true;
    this.#root = root;
    this.#position = position;
    return { is, isGap, isLoss: lost.length > 0 };
  }

  #lossOfNow(afterSilence: boolean): Loss {
    return { lostAtMs: this.#clock.nowMs(), lostAtMonotonicMs: this.#clock.monotonicMs(), afterSilence };
  }
}

/** The generations that a look gives for the tags that it asked for. */
function told(tags: readonly string[], generations: readonly Generation[]): TagChange[] {
  return generations.flatMap((generation, i) => {
    const tag = tags[i];
    return tag === undefined ? [] : [{ tag, generation }];
  });
}
