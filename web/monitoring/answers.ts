import type { CacheEvent, Events } from '../../services/events/events-schema.js';
import type { Invalidated } from '../../services/invalidation/invalidation-schema.js';
import type { MinuteSum } from '../../services/statistics/minute-record.js';
import type {
  EnabledStatisticsBody,
  HistoryBody,
  PeriodsBody,
  StatisticsBody,
} from '../../services/statistics/report-schema.js';
import type { Switched, SwitchStates } from '../../services/switches/switch-schema.js';
import type { Warmed } from '../../services/warming/warming-schema.js';

export type {
  CacheEvent,
  EnabledStatisticsBody,
  Events,
  HistoryBody,
  Invalidated,
  MinuteSum,
  PeriodsBody,
  StatisticsBody,
  Switched,
  SwitchStates,
  Warmed,
};

export type PanelFigures = EnabledStatisticsBody['panels'][number];
export type SourceFigures = EnabledStatisticsBody['sources'][number];
export type ProcessFigures = EnabledStatisticsBody['processes'][number];
export type Target = EnabledStatisticsBody['targets'][number];

/** Body of GET /health/ready. */
export interface Ready {
  readonly status: 'ready';
  readonly degraded: readonly string[];
}

/** What this page needs of GET /dashboards. */
export interface Catalogue {
  readonly dashboards: readonly {
    readonly id: string;
    readonly title: string;
    /** The parameter that names the tenant; null where all see the same. */
    readonly tenant: string | null;
    readonly panels: readonly { readonly id: string; readonly title: string }[];
  }[];
}
