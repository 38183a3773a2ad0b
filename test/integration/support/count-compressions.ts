import zlib from 'node:zlib';

/**
 * Counts the compressions and decompressions of this process. Must be imported before the service, which takes the functions
 * as it finds them: a test shows that they are counted by counting those of a first read.
 */
export const compressions = { count: 0 };

const COUNTED = ['brotliCompress', 'gzip', 'brotliDecompress', 'deflate', 'gunzip'] as const;
const SYNC = ['brotliCompressSync', 'gzipSync', 'createBrotliCompress', 'createGzip'] as const;

for (const name of [...COUNTED, ...SYNC]) {
  const real = zlib[name] as (...args: unknown[]) => unknown;
  const counting = (...args: unknown[]): unknown => {
    compressions.count++;
    return real(...args);
  };
  Object.defineProperty(zlib, name, { value: counting });
}
