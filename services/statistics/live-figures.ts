import type { Figure } from './prometheus.js';

/** Who looks on live in this process. */
export function liveFigures({ readersCount }: { readonly readersCount: number }): readonly Figure[] {
  return [
    {
      name: 'dashcache_live_readers',
      help: 'Readers that are connected to live streams of this process',
      type: 'gauge',
      value: readersCount,
    },
  ];
}
