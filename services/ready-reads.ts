import type { CacheRequest } from './cache/request.js';
import type { PanelRequest } from './dashboard-cache-service.js';
import type { Panel, ResolvedParameters } from './definitions/model.js';
import type { PanelRead } from './panel-read.js';

/** What stays the same for all who read the same. */
export interface ReadyRead {
  readonly read: PanelRead;
  readonly tables: readonly string[];
  readonly plain: CacheRequest;
  /** For where loads are limited. */
  readonly limited: CacheRequest;
}

/** Made once for parameters that are resolved once, and kept as long as those: the key costs more than all else of a hit. */
export class ReadyReads {
  readonly #ofParameters = new WeakMap<ResolvedParameters, WeakMap<Panel, ReadyRead>>();

  /** Another tenant, or tables of which is known by now, are other tags and so another key. */
  of(
    { panel, parameters, tenant }: PanelRequest,
    tables: readonly string[],
    make: () => ReadyRead,
  ): ReadyRead {
    const ofPanels = this.#ofParameters.get(parameters) ?? new WeakMap<Panel, ReadyRead>();
    const known = ofPanels.get(panel);
    if (known?.tables === tables && known.read.tenant.text === tenant.text) return known;
    const ready = make();
    this.#ofParameters.set(parameters, ofPanels.set(panel, ready));
    return ready;
  }
}
