import { ENTRY_HEAD } from './control-scripts.js';
import type { Invalidation, SwitchState, TagChange } from './control-slot.js';
import type { Generation } from './stamp.js';

/**
 * A tag as Redis holds it. UTF-8 would merge all lone surrogates into one character: a change would then be told under a tag
 * that nobody follows.
 */
export function writeTag(tag: string): string {
  return JSON.stringify(tag).slice(1, -1);
}

function readTag(text: string): string {
  return String(JSON.parse(`"${text}"`));
}

/** Fields of the log, several entries in a row: what changed, and what made it change. */
export function readLog(fields: readonly string[]): {
  changes: TagChange[];
  invalidations: Invalidation[];
} {
  const changes: TagChange[] = [];
  const invalidations: (Invalidation & { readonly tags: string[] })[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [name = '', value = ''] = fields.slice(i, i + 2);
    if (name === ENTRY_HEAD) {
      const [mode, cause = '', ...rest] = value.split(':');
      const call = rest.length > 0 ? { callId: rest.join(':') } : {};
      // A switch that went off changes no generation.
      if (mode === 'purge' || mode === 'expire') invalidations.push({ mode, cause, ...call, tags: [] });
      continue;
    }
    const tag = readTag(name);
    changes.push({ tag, generation: readGeneration(value) });
    invalidations.at(-1)?.tags.push(tag);
  }
  return { changes, invalidations };
}

export function tagsPurgedBy(invalidations: readonly Invalidation[]): string[] {
  return invalidations.flatMap(({ mode, tags }) => (mode === 'purge' ? tags : []));
}

export function readGeneration(text: string): Generation {
  const [purge, expire] = text.split(':');
  if (!purge || !expire)
    throw new Error(`A generation in Redis is not of the form purge:expire: ${text.slice(0, 40)}`);
  return { purge, expire };
}

/** Fields of the hash of switches. What is no state is left out: whoever knows better writes it back. */
export function readSwitches(fields: readonly string[]): Map<string, SwitchState> {
  const switches = new Map<string, SwitchState>();
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [, state, number, id = ''] = /^(on|off):(\d+):(.*)$/.exec(fields[i + 1] ?? '') ?? [];
    if (state) switches.set(readTag(fields[i] ?? ''), { isOff: state === 'off', number: Number(number), id });
  }
  return switches;
}
