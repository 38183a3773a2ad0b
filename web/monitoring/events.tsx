import { useState } from 'preact/hooks';
import type { Result } from '../shared/api.js';
import type { CacheEvent, Events as EventsBody } from './answers.js';
import { eventInWords, KINDS } from './event-words.js';
import { dayAndTime, timeOfDay } from './format.js';
import { PlainTable } from './plain-table.js';

const SHOWN_COUNT = 60;

type Choice = 'all' | CacheEvent['kind'];

/** What happened of late, and why. */
export function Events({ events }: { events: Result<EventsBody> }) {
  const [kind, setKind] = useState<Choice>('all');
  const chosen = (events.value?.events ?? []).filter((event) => kind === 'all' || event.kind === kind);
  return (
    <section class="card" aria-labelledby="events">
      <div class="title">
        <h2 id="events">Recent events</h2>
        {events.value && (
          <label class="inline">
            Show{' '}
            <select value={kind} onChange={({ currentTarget }) => setKind(currentTarget.value as Choice)}>
              <option value="all">everything</option>
              {Object.entries(KINDS).map(([value, title]) => (
                <option key={value} value={value}>
                  {title}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {events.problem ? (
        <p class="empty">Told to administrators. {events.problem.detail}</p>
      ) : chosen.length === 0 ? (
        <p class="empty">
          The process that answers remembers none. Loads, invalidations and switches show here.
        </p>
      ) : (
        <PlainTable label="The events" heads={['At', 'What', 'Why']} isLong>
          {chosen.slice(0, SHOWN_COUNT).map((event, at) => (
            <tr key={`${event.at} ${chosen.length - at}`}>
              <td>
                <time dateTime={event.at} title={dayAndTime(event.at)}>
                  {timeOfDay(event.at)}
                </time>
              </td>
              <td>
                <span class={`tag ${isBad(event) ? 'bad' : ''}`}>{KINDS[event.kind]}</span>
              </td>
              <td class="words">{eventInWords(event)}</td>
            </tr>
          ))}
        </PlainTable>
      )}
      {chosen.length > SHOWN_COUNT && (
        <p class="note">
          The newest {SHOWN_COUNT} of {chosen.length} that the process remembers: GET /cache/events has them
          all.
        </p>
      )}
    </section>
  );
}

function isBad(event: CacheEvent): boolean {
  if (event.kind === 'refresh') return event.outcome === 'failed';
  if (event.kind === 'reload') return event.outcome === 'refused';
  return event.kind === 'invalidation' && !event.taken;
}
