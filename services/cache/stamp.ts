/** The random version of a tag: a purge replaces both halves, an expire the second alone. */
export interface Generation {
  readonly purge: string;
  readonly expire: string;
}

/** What an entry was loaded under: the root, and the generation of each of its tags in the order of the key's tag list. */
export interface Stamp {
  readonly root: string;
  readonly generations: readonly Generation[];
}
