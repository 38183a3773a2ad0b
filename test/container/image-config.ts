import { buildah } from '../../scripts/image/buildah.js';

/** How an image says it is to be run, as the Docker format names it. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Volumes: Readonly<Record<string, object>>;
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Healthcheck: { readonly Test: readonly string[]; readonly Timeout: number };
}

export interface InspectedImage {
  readonly config: ImageConfig;
  /** All that is recorded of it, as text: a secret that was given to a build must not be in it. */
  readonly text: string;
}

export function inspectImage(image: string): InspectedImage {
  const text = buildah('inspect', '--type', 'image', image);
  const inspected: { Docker: { config: ImageConfig } } = JSON.parse(text);
  return { config: inspected.Docker.config, text };
}
