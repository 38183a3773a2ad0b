/** What a read can do wrong, the worst first. */
export const VIOLATION_KINDS = [
  'wrong_tenant',
  'wrong_question',
  'purge_ignored',
  'expire_ignored',
  'too_old',
  'not_the_source',
  'unproven_too_long',
  'false_age',
  'unexplained',
  'etag_shared',
  'etags_differ',
  'keys_differ',
] as const;
export type ViolationKind = (typeof VIOLATION_KINDS)[number];

/** A promise that was not kept, in words. */
export interface Fault {
  readonly kind: ViolationKind;
  readonly promised: string;
  readonly seen: string;
}

/** identical: what the source says. older: what it said once, which the answer's own promise allows. */
export type Verdict =
  | { readonly is: 'identical' | 'older' }
  | { readonly is: 'violation'; readonly fault: Fault };
