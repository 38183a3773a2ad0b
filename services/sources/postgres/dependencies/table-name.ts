/** How a table is named in tags and feeds: `table`, or `schema.table` outside the schema public. */
export function tableName({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return schema === 'public' ? name : `${schema}.${name}`;
}
