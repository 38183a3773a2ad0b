import { buildah } from './buildah.js';

const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 };

/** What an image takes unpacked, all its layers together, in bytes; to three digits, as buildah tells it. */
export function imageSizeBytes(image: string): number {
  const told = buildah('images', '--format', '{{.Size}}', image);
  const [, number, unit] = /^([\d.]+) ?([kKMG]?B)$/.exec(told) ?? [];
  const factor = UNIT_BYTES[unit ?? ''];
  if (number === undefined || factor === undefined)
    throw new Error(`buildah tells no size of ${image}: ${told}`);
  return Number(number) * factor;
}
