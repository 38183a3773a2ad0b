import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { wrongAnswer } from './http-fault.js';
import { tooManyBytes } from './json-rows.js';

/** What is asked for, and so what may come. */
export const ACCEPTED_CODINGS = 'br, gzip, deflate';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  br: createBrotliDecompress,
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
};

/**
 * The text of a body, decoded. It is counted as it is decoded and given up at the first chunk beyond the limit: 304 bytes of
 * brotli can hold 200 MB. Rejects for a body that is cut short, of an unknown coding, or not UTF-8.
 */
export async function readBody(body: Readable, coding: string | null, maxBytes: number): Promise<string> {
  const stream = decoded(body, coding);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop destroys the stream, and with it what feeds it.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooManyBytes(maxBytes);
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks, bytes));
}

function decoded(body: Readable, coding: string | null): Readable {
  const name = (coding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '') return body;
  const decoder = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
  if (!decoder)
    throw wrongAnswer(
      'The data source answered in a coding that was not asked for.',
      new Error(`content-encoding ${name}`),
    );
  // The error of either end reaches the reader of the decoder.
  return pipeline(body, decoder(), () => {});
}
