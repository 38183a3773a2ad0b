import { collectDefaultMetrics, Registry } from 'prom-client';

/** Figures of the process that `promtool check metrics` accepts; prom-client's own nodejs_active_* are not among them. */
const WANTED = new Set([
  'process_cpu_user_seconds_total',
  'process_cpu_system_seconds_total',
  'process_cpu_seconds_total',
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'process_virtual_memory_bytes',
  'process_heap_bytes',
  'process_open_fds',
  'process_max_fds',
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_p50_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_eventloop_lag_max_seconds',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_external_memory_bytes',
  'nodejs_gc_duration_seconds',
  'nodejs_version_info',
]);

let registry: Registry | null = null;

/** Memory, processor and event loop of this process as Prometheus text. One registry for the process, made when first asked for. */
export function processFigures(): Promise<string> {
  if (!registry) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
    for (const { name } of registry.getMetricsAsArray())
      if (!WANTED.has(name)) registry.removeSingleMetric(name);
  }
  return registry.metrics();
}
