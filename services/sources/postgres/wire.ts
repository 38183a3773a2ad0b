import type { Duplex } from 'node:stream';
import type { Client, Connection } from 'pg';

/** What pg's connection can send and is not typed to: messages of the extended query protocol (protocol 3.0, 53.2.3). */
export interface Wire {
  /** Encrypted or not. */
  readonly stream: Duplex;
  parse(message: { readonly text: string }): void;
  bind(message: { readonly values: readonly (string | null)[] }): void;
  describe(message: { readonly type: 'P' | 'S' }): void;
  execute(message: { readonly rows: 0 }): void;
  sync(): void;
}

export function wireOf(connection: Connection): Wire {
  return connection as unknown as Wire;
}

export interface FieldMessage {
  readonly name: string;
  readonly dataTypeID: number;
}

export interface RowMessage {
  /** Of the whole message: its length field, the count, and a length before each field. */
  readonly length: number;
  readonly fields: readonly (string | null)[];
}

/** What a client calls with the answers to what was submitted. */
export interface Answers {
  handleRowDescription(message: { readonly fields: readonly FieldMessage[] }): void;
  handleDataRow(message: RowMessage): void;
  handleCommandComplete(): void;
  handleEmptyQuery(): void;
  handleReadyForQuery(): void;
  handleError(error: Error): void;
}

/** Submits messages in one write, and settles with what `answers` makes of the answers. */
export function submit<T>(
  client: Client,
  send: (wire: Wire) => void,
  answersOf: (settle: { resolve: (value: T) => void; reject: (error: unknown) => void }) => Answers,
): Promise<T> {
  return new Promise((resolve, reject) => {
    client.query({
      submit(connection: Connection) {
        const wire = wireOf(connection);
        wire.stream.cork();
        try {
          send(wire);
        } finally {
          wire.stream.uncork();
        }
      },
      ...answersOf({ resolve, reject }),
    });
  });
}
