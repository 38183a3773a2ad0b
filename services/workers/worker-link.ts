import { randomUUID } from 'node:crypto';
import { joinedFigures } from './joined-figures.js';
import type { Address, FromWorker, ToWorker, WorkerText } from './messages.js';

/** Whoever scrapes waits no longer than this for the other workers. */
const JOINED_WITHIN_MS = 1500;

/** How a worker talks with the process that started it. */
export interface Channel {
  send(message: FromWorker): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

export interface Told {
  readonly stop: () => void;
  readonly reload: () => void;
}

/** A worker's side: it is ready, it stops and reloads when it is told, and its figures are those of all workers. */
export class WorkerLink {
  readonly #channel: Channel;
  readonly #waiting = new Map<string, (texts: readonly WorkerText[]) => void>();
  #ownText: () => Promise<string> = async () => '';

  constructor(channel: Channel, told: Told) {
    this.#channel = channel;
    channel.onMessage((message) => {
      if (message.kind === 'stop') told.stop();
      else if (message.kind === 'reload') told.reload();
      else if (message.kind === 'joined') this.#waiting.get(message.scrape)?.(message.texts);
      else if (message.kind === 'figures_wanted') void this.#tell(message.scrape);
    });
  }

  ready(addresses: readonly Address[]): void {
    this.#channel.send({ kind: 'ready', addresses });
  }

  /** What the others are told when one of them is scraped. */
  figuresBy(ownText: () => Promise<string>): void {
    this.#ownText = ownText;
  }

  /** The figures of all workers; of this one alone when the others are not heard of in time. */
  async joined(): Promise<string> {
    const scrape = randomUUID();
    const asked = new Promise<readonly WorkerText[]>((resolve) => {
      const timer = setTimeout(() => resolve([]), JOINED_WITHIN_MS);
      this.#waiting.set(scrape, (texts) => {
        clearTimeout(timer);
        resolve(texts);
      });
    });
    this.#channel.send({ kind: 'scraped', scrape });
    const [own, texts] = await Promise.all([this.#ownText(), asked]);
    this.#waiting.delete(scrape);
    if (texts.length === 0) return own;
    return joinedFigures(texts.map(({ worker, text }) => ({ worker, text: text ?? own })));
  }

  /** What cannot be told is left out, and must not end a worker that serves. */
  async #tell(scrape: string): Promise<void> {
    const text = await this.#ownText().catch(() => null);
    if (text !== null) this.#channel.send({ kind: 'figures', scrape, text });
  }
}
