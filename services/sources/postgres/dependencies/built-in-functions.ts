/**
 * Functions of PostgreSQL itself whose answer depends on more than their arguments, the clock, chance, and the session: they
 * run a text as a query, read files, sequences, statistics or the catalogue, or change how names are looked up.
 */
const READS_ELSEWHERE =
  /^(pg_|has_|lo_|txid_|binary_upgrade|brin_|gin_clean|(table|query|schema|database|cursor)_to_xml|ts_stat$|ts_rewrite$|(curr|next|last|set)val$|set_config$|(col|obj|shobj)_description$|row_security_active$|currtid2$|loread$)/;

const HARMLESS = new Set([
  'pg_typeof',
  'pg_sleep',
  'pg_sleep_for',
  'pg_sleep_until',
  'pg_column_size',
  'pg_backend_pid',
  'pg_client_encoding',
  'pg_collation_for',
  'pg_input_is_valid',
  'pg_input_error_info',
  'pg_timezone_names',
  'pg_timezone_abbrevs',
]);

/** Of well-known extensions: not declared immutable, and yet no table is read by them. */
const HARMLESS_OF_EXTENSIONS = new Set([
  'unaccent',
  'uuid_generate_v1',
  'uuid_generate_v1mc',
  'uuid_generate_v4',
  'gen_random_bytes',
  'gen_salt',
  'show_limit',
  'word_similarity_op',
  'similarity_op',
]);

/** Whether a function that is not written in SQL or plpgsql may read something that its call does not name. */
export function mayReadElsewhere(routine: {
  readonly name: string;
  readonly isBuiltIn: boolean;
  readonly language: string;
  readonly isImmutable: boolean;
}): boolean {
  const { name, isBuiltIn, language, isImmutable } = routine;
  if (isBuiltIn) return !isImmutable && READS_ELSEWHERE.test(name) && !HARMLESS.has(name);
  // An aggregate is stated as internal; what it is made of is looked at apart.
  if (language === 'internal') return false;
  return language !== 'c' || !(isImmutable || HARMLESS_OF_EXTENSIONS.has(name));
}
