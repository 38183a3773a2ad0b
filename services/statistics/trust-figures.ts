import type { Figure } from './prometheus.js';

export interface Trust {
  /** W: Infinity where nobody else can change what this process knows. */
  readonly trustMs: number;
  /** Age of the last answered look; Infinity before the first. */
  readonly unconfirmedForMs: number;
}

/** The bounds of trust as figures. Without Redis there are none: the word of the process itself never ages. */
export function trustFigures({ trustMs, unconfirmedForMs }: Trust): readonly Figure[] {
  if (!Number.isFinite(trustMs)) return [];
  return [
    {
      name: 'dashcache_trust_seconds',
      help: 'How long memory may be used after a question to Redis for current generations was sent and then answered',
      type: 'gauge',
      value: trustMs / 1000,
    },
    {
      name: 'dashcache_unconfirmed_seconds',
      help: 'Age of the last such question; beyond dashcache_trust_seconds memory is used as unproven only',
      type: 'gauge',
      value: unconfirmedForMs / 1000,
    },
  ];
}
