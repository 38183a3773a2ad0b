/** An address worth opening. */
export interface Address {
  readonly label: string;
  readonly url: string;
}

/** What a worker tells the process that started it. */
export type FromWorker =
  | { readonly kind: 'ready'; readonly addresses: readonly Address[] }
  /** It is scraped, and wants to know what the others would say. */
  | { readonly kind: 'scraped'; readonly scrape: string }
  | { readonly kind: 'figures'; readonly scrape: string; readonly text: string };

/** What it is told. */
export type ToWorker =
  | { readonly kind: 'stop' }
  | { readonly kind: 'reload' }
  | { readonly kind: 'figures_wanted'; readonly scrape: string }
  | { readonly kind: 'joined'; readonly scrape: string; readonly texts: readonly WorkerText[] };

/** The figures of one worker as Prometheus reads them. */
export interface WorkerText {
  /** From 1 on; whoever takes the place of one that has ended has its number. */
  readonly worker: number;
  /** Null: of the one that is scraped, which has them. */
  readonly text: string | null;
}
