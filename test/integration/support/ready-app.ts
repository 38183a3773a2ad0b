import type { Test } from 'tap';
import type { ReadyAnswers } from '../../../services/http/ready-answers.js';
import type { Answer, AskOptions } from './ask.js';
import { HeldClock } from './held-clock.js';
import { type ListeningApp, type ListeningOptions, listeningApp } from './listening-app.js';
import { shopFolder } from './shop.js';

export interface ReadyApp extends ListeningApp {
  /** How many requests were answered with what was ready. */
  readyCount(): number;
  /** How many were read for before the router, and how many of those were answered the way of every request. */
  readCount(): number;
  handedOverCount(): number;
}

export function readyOf({ app: { readyAnswers } }: Pick<ListeningApp, 'app'>): ReadyAnswers {
  if (!readyAnswers) throw new Error('Nothing is ready on a server of somebody else');
  return readyAnswers;
}

/** Counts who answers; nothing else tells these answers from the others. */
export function counted<Service extends ListeningApp>(service: Service): Service & ReadyApp {
  const ready = readyOf(service);
  const answer = ready.answer.bind(ready);
  const counts = { ready: 0, read: 0, handedOver: 0 };
  ready.answer = (exchange, handOver) => {
    const noted: typeof handOver =
      handOver &&
      ((raw, response) => {
        counts.handedOver++;
        handOver(raw, response);
      });
    const head = answer(exchange, noted);
    if (head === 'later') counts.read++;
    else if (head !== null) counts.ready++;
    return head;
  };
  return {
    ...service,
    readyCount: () => counts.ready,
    readCount: () => counts.read,
    handedOverCount: () => counts.handedOver,
  };
}

/** The shop by default, and a clock that stands. */
export async function readyApp(t: Test, options: Partial<ListeningOptions> = {}): Promise<ReadyApp> {
  const folder = options.folder ?? (await shopFolder(t));
  return counted(await listeningApp(t, { clock: new HeldClock(), ...options, folder }));
}

/** A hit the way of every request, and the same as it is ready; how many each time were ready. */
export async function asked(service: ReadyApp, path: string, options: AskOptions = {}) {
  // A miss, and then all codings are at hand.
  await service.get(path, options);
  await service.get(path, options);
  readyOf(service).forget();
  const before = service.readyCount();
  const hit = await service.get(path, options);
  const untilHere = service.readyCount() - before;
  const ready = await service.get(path, options);
  return { hit, ready, byReadyCount: [untilHere, service.readyCount() - before] };
}

export function comparable({ status, headers, bytes }: Answer) {
  // By the second.
  const { date, ...others } = headers;
  return {
    status,
    headers: { ...others, hasDate: typeof date === 'string' },
    bytes: bytes.toString('base64'),
  };
}
