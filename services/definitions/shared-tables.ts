/** Names of tables as they are compared: SQL folds those that are not quoted. */
export function sharedTables(names: readonly (string | undefined)[] = []): ReadonlySet<string> {
  return new Set(names.flatMap((name) => name?.toLowerCase() ?? []));
}
