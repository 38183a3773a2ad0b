import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { Barrier } from '../../helpers/barrier.js';
import type { Answer } from './ask.js';
import type { ListeningApp } from './listening-app.js';
import type { ScriptedSource } from './scripted-source.js';

/** Requests that are all under way before the source answers any: the first leads, the others find its load. */
export async function together(
  service: ListeningApp & { readonly source: ScriptedSource },
  asks: readonly (() => Promise<Answer>)[],
): Promise<Answer[]> {
  const barrier = new Barrier();
  service.source.barrier = barrier;
  let arrivedCount = 0;
  const arrived = () => arrivedCount++;
  service.app.server.on('request', arrived);
  const answers = asks.map((ask) => ask());
  while (arrivedCount < asks.length) await sleep(5);
  service.app.server.off('request', arrived);
  // Who has arrived must also have found the running load; nothing on that way waits for more than its turn.
  for (let i = 0; i < 50; i++) await turn();
  await sleep(50);
  service.source.barrier = null;
  barrier.open();
  return Promise.all(answers);
}
