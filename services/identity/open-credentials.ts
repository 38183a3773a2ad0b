import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Credentials } from './credentials.js';

export interface IdentitySettings {
  readonly adminToken: string | null;
}

export async function openCredentials(
  _settings: IdentitySettings,
  _parts: { readonly clock: Clock; readonly log: Log },
): Promise<Credentials | null> {
  return null;
}
