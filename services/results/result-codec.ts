import { DefaultDeserializer, serialize } from 'node:v8';
import { lostInClone } from './result-fidelity.js';

/** Of what this Node writes: an older one cannot read what a newer one wrote, so it is part of every key. */
export const RESULT_FORMAT = String(serialize(null)[1]);

/**
 * A result as the text that the cache keeps. As latin1 ASCII stays as long as it is and compresses, which base64 does
 * not. Throws a TypeError for what would come back as something else.
 */
export function encodeResult(value: unknown, functionName: string): string {
  const lost = lostInClone(value);
  if (lost !== null)
    throw new TypeError(
      `The result of ${functionName} cannot be cached: ${lost} and would come back as something else. Return ` +
        'plain objects, arrays, primitives, Date, Map, Set, Buffer and typed arrays only',
    );
  return serialize(value).toString('latin1');
}

/** A copy of the result that is the caller's own. Throws when this Node cannot read it. */
export function decodeResult(identity: Buffer): unknown {
  const reader = new ResultReader(Buffer.from(identity.toString('utf8'), 'latin1'));
  reader.readHeader();
  return reader.readValue();
}

/** Gives views bytes of their own: the default's lie amid all that was read, which `view.buffer` would show. */
class ResultReader extends DefaultDeserializer {
  _readHostObject(): unknown {
    const view = readView.call(this);
    if (!ArrayBuffer.isView(view)) return view;
    const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
    const own = new Uint8Array(bytes).buffer;
    if (Buffer.isBuffer(view)) return Buffer.from(own);
    return Reflect.construct(view.constructor, [own]);
  }
}

/** Documented, but missing in the types of Node. */
const readView: () => unknown = Reflect.get(DefaultDeserializer.prototype, '_readHostObject');
