/**
 * What `app.register(dashcache, options)` takes, beside Fastify's own `prefix`, `logLevel` and `logSerializers`. Each is one
 * of the settings of the process (docs/settings.md); what belongs to the host (port, CORS, log, proxies) is none of them.
 */
export interface DashcacheOptions {
  /** Folder of the definitions: dashcache.yaml and one file per dashboard. */
  readonly definitions: string;
  /**
   * What ${NAME} may name in the definitions. Nothing is taken from the environment of the process: what of it a library may
   * see is the host's to say. DATA_DIR, if given, is made absolute.
   */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** The second cache layer, shared by all processes; left out: memory only. */
  readonly redisUrl?: string | undefined;
  /** In place of `redisUrl`: sentinels and the name of their master, as REDIS_SENTINELS. */
  readonly redisSentinels?: string | undefined;
  /** In place of `redisUrl`: some nodes of a Redis Cluster, as REDIS_CLUSTER. */
  readonly redisCluster?: string | undefined;
  /**
   * What the names of all keys in Redis begin with. Instances with equal ones are one cache: with one switch, one sum of
   * statistics and one limit of bytes. Default: `dc:`, and below a prefix such as /sales `dc/sales:`.
   */
  readonly redisPrefix?: string | undefined;
  /** Credential of administrators; left out: administration is closed. */
  readonly adminToken?: string | undefined;
  /** How long metrics stay fresh unless a definition says otherwise; default 5 minutes. */
  readonly metricsTtlMs?: number | undefined;
  /** How long charts stay fresh unless a definition says otherwise; default 10 minutes. */
  readonly chartTtlMs?: number | undefined;
  /** How long summaries stay fresh unless a definition says otherwise; default 15 minutes. */
  readonly summaryTtlMs?: number | undefined;
  /** false: every read asks its source. Default true. */
  readonly cacheEnabled?: boolean | undefined;
  /** false: reads are neither timed nor counted. Default true. */
  readonly cacheMonitoring?: boolean | undefined;
  /** What the entries of this instance may take in memory; default 256 MiB. */
  readonly memoryMaxBytes?: number | undefined;
  /** What `redisPrefix` may take in Redis; default 100 MB. */
  readonly redisMaxBytes?: number | undefined;
  /** Panel reads between two lines of cache statistics in the log; default 100. */
  readonly logIntervalCount?: number | undefined;
  /** A cache operation that takes longer is warned of; default 50. */
  readonly slowCacheThresholdMs?: number | undefined;
}
