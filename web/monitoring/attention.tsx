import type { CacheEvent, PanelFigures } from './answers.js';
import { count, counted, milliseconds, percent } from './format.js';
import { rateOf } from './tables.js';

const SHOWN_COUNT = 3;
const GOOD_HIT_RATE_PERCENT = 60;

/** Where to look first: the least hit and the slowest panels. */
export function Attention({
  panels,
  events,
}: {
  panels: readonly PanelFigures[];
  events: readonly CacheEvent[] | null;
}) {
  const least = panels
    .filter((panel) => rateOf(panel) !== null && panel.hit_rate < GOOD_HIT_RATE_PERCENT)
    .sort((a, b) => a.hit_rate - b.hit_rate || b.misses - a.misses)
    .slice(0, SHOWN_COUNT);
  const slow = slowest(events ?? []).slice(0, SHOWN_COUNT);
  return (
    <div class="halves">
      <section class="card" aria-labelledby="least-hit">
        <h3 id="least-hit">Least hit</h3>
        {least.length === 0 ? (
          <p class="empty">
            {panels.some((panel) => rateOf(panel) !== null)
              ? `✓ Every panel that was read hits at least ${GOOD_HIT_RATE_PERCENT} %.`
              : 'No panel was read yet.'}
          </p>
        ) : (
          <ol class="ranks">
            {least.map((panel) => (
              <li key={`${panel.dashboard}/${panel.panel}`}>
                <strong>{panel.title ?? panel.panel}</strong>{' '}
                <span class="figure-inline">{percent(panel.hit_rate)}</span>
                <span class="under">
                  {panel.dashboard}/{panel.panel}, {counted(panel.misses, 'miss', 'misses')}:{' '}
                  {panel.recommendation}
                </span>
              </li>
            ))}
          </ol>
        )}
      </section>
      <section class="card" aria-labelledby="slowest">
        <h3 id="slowest">Slowest to load</h3>
        {slow.length === 0 ? (
          <p class="empty">
            {events
              ? 'The process that answers remembers no load yet.'
              : 'Told to administrators: it comes from the events.'}
          </p>
        ) : (
          <ol class="ranks">
            {slow.map(({ name, medianMs, mostMs, loadsCount, failedCount }) => (
              <li key={name}>
                <strong>{titleOf(panels, name)}</strong>{' '}
                <span class="figure-inline">{milliseconds(medianMs)}</span>
                <span class="under">
                  {name}, median of {counted(loadsCount, 'load')}, longest {milliseconds(mostMs)}
                  {failedCount > 0 && `, ${count(failedCount)} failed`}
                </span>
              </li>
            ))}
          </ol>
        )}
      </section>
    </div>
  );
}

function titleOf(panels: readonly PanelFigures[], name: string): string {
  return panels.find(({ dashboard, panel }) => `${dashboard}/${panel}` === name)?.title ?? name;
}

interface Loads {
  readonly name: string;
  readonly medianMs: number;
  readonly mostMs: number;
  readonly loadsCount: number;
  readonly failedCount: number;
}

/** Panels by the median of the loads that the process remembers, the slowest first. */
function slowest(events: readonly CacheEvent[]): Loads[] {
  const durations = new Map<string, { times: number[]; failedCount: number }>();
  for (const event of events) {
    if (event.kind !== 'refresh') continue;
    const name = `${event.dashboard}/${event.panel}`;
    const known = durations.get(name) ?? { times: [], failedCount: 0 };
    known.times.push(event.duration_ms);
    if (event.outcome === 'failed') known.failedCount++;
    durations.set(name, known);
  }
  return [...durations]
    .map(([name, { times, failedCount }]) => {
      const inOrder = times.sort((a, b) => a - b);
      const medianMs = inOrder[Math.floor(inOrder.length / 2)] ?? 0;
      return { name, medianMs, mostMs: inOrder.at(-1) ?? 0, loadsCount: times.length, failedCount };
    })
    .sort((a, b) => b.medianMs - a.medianMs);
}
