export interface Step<State> {
  readonly name: string;
  readonly next: State;
  /** What this step does that must never happen. */
  readonly wrong: string | null;
}

export interface Exploration {
  readonly statesCount: number;
  /** Every state that can be reached was met; otherwise only those nearest to the first, up to the limit. */
  readonly isExhausted: boolean;
  /** The shortest way to something wrong, its last line says to what; null when none was met. */
  readonly trace: readonly string[] | null;
}

/** Breadth first through all that can happen. States with the same key are one. */
export function explore<State>(options: {
  first: State;
  stepsFrom: (state: State) => Iterable<Step<State>>;
  keyOf: (state: State) => string;
  statesMaxCount: number;
}): Exploration {
  const { first, stepsFrom, keyOf, statesMaxCount } = options;
  const met = new Set([keyOf(first)]);
  const cameFrom: { readonly parent: number; readonly name: string }[] = [{ parent: -1, name: '' }];
  let layer = [{ state: first, number: 0 }];
  while (layer.length > 0) {
    const nextLayer: typeof layer = [];
    for (const { state, number } of layer) {
      for (const { name, next, wrong } of stepsFrom(state)) {
        if (wrong !== null) {
          const trace = [...wayTo(number, cameFrom), name, `wrong: ${wrong}`];
          return { statesCount: met.size, isExhausted: false, trace };
        }
        const key = keyOf(next);
        if (met.has(key)) continue;
        met.add(key);
        nextLayer.push({ state: next, number: cameFrom.length });
        cameFrom.push({ parent: number, name });
      }
      if (met.size > statesMaxCount) return { statesCount: met.size, isExhausted: false, trace: null };
    }
    layer = nextLayer;
  }
  return { statesCount: met.size, isExhausted: true, trace: null };
}

function wayTo(number: number, cameFrom: readonly { parent: number; name: string }[]): string[] {
  const names: string[] = [];
  for (let at = cameFrom[number]; at && at.parent >= 0; at = cameFrom[at.parent]) names.unshift(at.name);
  return names;
}
