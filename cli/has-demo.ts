import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.js';

/** Whether this installation has the demo; the container image has not. */
export function hasDemo(): boolean {
  return existsSync(join(packageRoot(), 'dashboards/dashcache.yaml'));
}
