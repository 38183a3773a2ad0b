/** `npm run image`: builds the container image with Debian's buildah, without a Docker engine and without a registry of images. */
import { whyNoImages } from './image/buildah.js';
import { BASE, ensureImage, IMAGE } from './image/ensure-image.js';
import { imageSizeBytes } from './image/image-size.js';

const reason = whyNoImages(['buildah', 'debootstrap']);
if (reason !== null) {
  console.error(`The image cannot be built here: ${reason}`);
  console.error('With a Docker engine: docker build -t dashcache .');
  process.exitCode = 1;
} else {
  const { built } = await ensureImage({ progress: console.error, detail: console.error });
  if (!built) console.error('Nothing changed since the last build');
  const size = imageSizeBytes(IMAGE);
  console.log(`${IMAGE}: ${megabytes(size)}, ${megabytes(size - imageSizeBytes(BASE))} over its base`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
