import type { Library } from '../../../bench/rivals/rival.js';

interface Held {
  readonly value: unknown;
  readonly untilMs: number;
}

/** Memory of one process alone: joins no loads and tells nobody. */
export const library: Library = {
  name: 'careless',
  settings: 'none',
  hasMemory: true,
  isMarker: () => false,
  async open({ ttlMs, load }) {
    const held = new Map<string, Held>();
    return {
      async read(key) {
        const known = held.get(key);
        if (known && known.untilMs > performance.now()) return known.value;
        const value = await load(key);
        held.set(key, { value, untilMs: performance.now() + ttlMs });
        return value;
      },
      invalidate: async (key) => void held.delete(key),
      invalidateTag: async () => held.clear(),
      close: async () => {},
    };
  },
};
