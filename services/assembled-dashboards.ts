import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Body } from './cache/body.js';

/** One body for a whole dashboard, with the tag of its content. */
export interface AssembledDashboard {
  readonly etag: string;
  readonly body: Body;
}

/** What decides the content of a whole dashboard. */
export interface DashboardContent {
  readonly dashboardId: string;
  /** JSON text of its parameters, the tenant's included. */
  readonly paramsJson: string;
  /** ETags of its panels, by panel id in the order of the dashboard. */
  readonly panelEtags: readonly (readonly [panelId: string, etag: string])[];
}

/** Per body beside its bytes: the key, the objects. */
const OVERHEAD_BYTES = 1024;

/**
 * Keeps assembled dashboards and their codings, so that a warm dashboard is sent like a warm panel: no parsing, no joining, no
 * compression (invariant 7). A change of any panel changes its ETag, so nothing here can be out of date.
 */
export class AssembledDashboards {
  readonly #kept: LRUCache<string, AssembledDashboard>;

  constructor(options: { maxBytes: number }) {
    this.#kept = new LRUCache({
      maxSize: Math.max(1, Math.floor(options.maxBytes)),
      // Weighed with the codings that readers will have it make: br and gzip together are smaller than the identity bytes.
      sizeCalculation: ({ body }, key) => 2 * body.identityBytes + key.length + OVERHEAD_BYTES,
    });
  }

  /** Bytes that it may hold now. */
  get heldBytes(): number {
    return this.#kept.calculatedSize;
  }

  /** The kept body of this content, or the one made of the bytes that `assemble` gives, kept from now on. */
  async of(content: DashboardContent, assemble: () => Buffer | Promise<Buffer>): Promise<AssembledDashboard> {
    const key = JSON.stringify([content.dashboardId, content.paramsJson, content.panelEtags]);
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const bytes = await assemble();
    // Another reader may have been first: its body already has, or is making, the codings.
    const first = this.#kept.get(key);
    if (first) return first;
    const etag = createHash('sha256').update(key).digest('base64url').slice(0, 27);
    const assembled = { etag, body: Body.of(bytes) };
    this.#kept.set(key, assembled);
    return assembled;
  }
}
