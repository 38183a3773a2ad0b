import type { Relation } from '../../../../services/changes/logical/pgoutput.js';

/** As rows are sent: null for NULL, undefined for what has not changed. */
export type SentRow = readonly (string | null | undefined)[];

/** Messages of pgoutput as the server writes them. */
export const pgoutput = {
  begin: (xid: number) => Buffer.concat([Buffer.from('B'), Buffer.alloc(16), uint32(xid)]),
  commit: () => Buffer.concat([Buffer.from('C'), Buffer.alloc(25)]),
  relation: ({ id, schema, name, columns }: Relation) =>
    Buffer.concat([
      Buffer.from('R'),
      uint32(id),
      Buffer.from(`${schema}\0${name}\0d`),
      uint16(columns.length),
      ...columns.flatMap((column) => [
        Buffer.from([column.isIdentity ? 1 : 0]),
        Buffer.from(`${column.name}\0`),
        uint32(column.typeId),
        uint32(0xffff_ffff),
      ]),
    ]),
  insert: (id: number, row: SentRow) => Buffer.concat([Buffer.from('I'), uint32(id), sentRow('N', row)]),
  /** `old`: K for its identity alone, O for all of it. */
  update: (id: number, row: SentRow, old?: { mark: 'K' | 'O'; row: SentRow }) =>
    Buffer.concat([
      Buffer.from('U'),
      uint32(id),
      ...(old ? [sentRow(old.mark, old.row)] : []),
      sentRow('N', row),
    ]),
  delete: (id: number, old: { mark: 'K' | 'O'; row: SentRow }) =>
    Buffer.concat([Buffer.from('D'), uint32(id), sentRow(old.mark, old.row)]),
};

function sentRow(mark: string, row: SentRow): Buffer {
  return Buffer.concat([Buffer.from(mark), uint16(row.length), ...row.map(sentValue)]);
}

function sentValue(value: string | null | undefined): Buffer {
  if (value === null) return Buffer.from('n');
  if (value === undefined) return Buffer.from('u');
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from('t'), uint32(bytes.length), bytes]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
