import type { Static, TObject } from '@sinclair/typebox';
import type { acknowledgement } from '../services/invalidation/invalidation-schema.js';
import { counted } from './readable-figures.js';

type Acknowledgement = Static<TObject<typeof acknowledgement>>;

const REACHES = {
  replicated: 'replicated',
  primary: 'primary: Redis has it',
  memory: 'memory: there is no Redis',
} as const satisfies Record<Acknowledgement['reach'], string>;

/**
 * Where a change is in force, as the end of a sentence. `waited`: the service answered only once every process had
 * applied it or had lost its trust (invariant 2).
 */
export function acknowledged(
  { reach, processes, confirmed }: Acknowledgement,
  { waited }: { readonly waited: boolean },
): string {
  const said = `in force in ${confirmed} of ${counted(processes, 'process', 'processes')}`;
  const where = `(${REACHES[reach]})`;
  const silent = processes - confirmed;
  if (silent <= 0) return `${said} ${where}`;
  if (!waited) return `${said} ${where}, in the others within 1 s`;
  const who = silent === 1 ? 'it has lost its trust' : 'they have lost their trust';
  return `${said} ${where}; ${counted(silent, 'process', 'processes')} did not answer: ${who}, so it holds there too`;
}
