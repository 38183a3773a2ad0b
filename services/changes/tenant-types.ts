/** int8, int2, int4, text, varchar, uuid: their text is the canonical one of a parameter. Others would be compared in vain. */
export const TENANT_TYPE_IDS: ReadonlySet<number> = new Set([20, 21, 23, 25, 1043, 2950]);
