/** What jemalloc and Redis' dictionaries take beside key and value: two dictionary entries (key, expiry), the object, two table slots. */
const KEY_OVERHEAD_BYTES = 32 + 32 + 16 + 24;

/** About how much memory a Redis string with an expiry takes: allocations are rounded up to jemalloc's size classes. */
export function redisStringBytes(keyBytes: number, valueBytes: number): number {
  return KEY_OVERHEAD_BYTES + allocatedBytes(sdsBytes(keyBytes)) + allocatedBytes(sdsBytes(valueBytes));
}

/** A Redis string's head grows with its length; one zero byte ends it. */
function sdsBytes(lengthBytes: number): number {
  const headBytes = lengthBytes < 32 ? 1 : lengthBytes < 256 ? 3 : lengthBytes < 65_536 ? 5 : 9;
  return lengthBytes + headBytes + 1;
}

/** Steps of 16 up to 128 bytes, then four classes for each doubling. */
function allocatedBytes(bytes: number): number {
  const stepBytes = bytes <= 128 ? 16 : 2 ** (Math.ceil(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / stepBytes) * stepBytes;
}
