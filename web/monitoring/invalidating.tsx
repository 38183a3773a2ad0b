import { useState } from 'preact/hooks';
import type { Api } from '../shared/api.js';
import { Field } from '../shared/field.js';
import type { Catalogue, Invalidated } from './answers.js';
import type { Action } from './confirmation.js';
import { DashboardFields } from './fields.js';
import { type Dashboards, type Place, placeInWords, reachInWords, tenantInWords } from './scope-words.js';

export interface FormProps {
  readonly api: Api;
  readonly dashboards: Dashboards;
  readonly catalogue: Catalogue | null;
  readonly onAction: (action: Action) => void;
}

interface Wish {
  readonly by: 'dashboard' | 'table' | 'tags' | 'all';
  readonly place: Place;
  /** A table, or tags by comma. */
  readonly names: string;
  readonly tenant: string;
  readonly mode: 'purge' | 'expire';
  readonly warm: boolean;
}

/** Purges or expires a dashboard, a panel, what reads a table, what has tags, or everything. */
export function Invalidating({ api, dashboards, catalogue, onAction }: FormProps) {
  const [wish, setWish] = useState<Wish>({
    by: 'dashboard',
    place: { dashboard: dashboards[0]?.dashboard ?? null, panel: null },
    names: '',
    tenant: '',
    mode: 'purge',
    warm: false,
  });
  const change = (part: Partial<Wish>) => setWish({ ...wish, ...part });
  const submit = (event: Event) => {
    event.preventDefault();
    onAction(invalidation(api, { wish, dashboards, catalogue }));
  };
  return (
    <form class="card" aria-labelledby="invalidating" onSubmit={submit}>
      <h3 id="invalidating">Invalidate</h3>
      <Field title="What">
        <select
          value={wish.by}
          onChange={({ currentTarget }) => change({ by: currentTarget.value as Wish['by'], names: '' })}
        >
          <option value="dashboard">a dashboard</option>
          <option value="table">what reads a table</option>
          <option value="tags">what has tags</option>
          <option value="all">everything</option>
        </select>
      </Field>
      {wish.by === 'dashboard' && (
        <DashboardFields place={wish.place} dashboards={dashboards} onChange={(place) => change({ place })} />
      )}
      {(wish.by === 'table' || wish.by === 'tags') && (
        <Field
          title={wish.by === 'table' ? 'Table' : 'Tags'}
          hint={wish.by === 'table' ? 'tasks or schema.tasks' : 'by comma'}
        >
          <input
            required
            value={wish.names}
            onInput={({ currentTarget }) => change({ names: currentTarget.value })}
          />
        </Field>
      )}
      <Field title="Tenant" hint="empty: all of them">
        <input
          value={wish.tenant}
          onInput={({ currentTarget }) => change({ tenant: currentTarget.value.trim() })}
        />
      </Field>
      <Field title="How">
        <select
          value={wish.mode}
          onChange={({ currentTarget }) => change({ mode: currentTarget.value as Wish['mode'] })}
        >
          <option value="purge">purge: nobody sees the old data</option>
          <option value="expire">expire: served once more while it is refreshed</option>
        </select>
      </Field>
      <label class="check">
        <input
          type="checkbox"
          checked={wish.warm}
          onChange={({ currentTarget }) => change({ warm: currentTarget.checked })}
        />{' '}
        and load it anew in the background
      </label>
      <button type="submit">Invalidate…</button>
    </form>
  );
}

interface Given {
  readonly wish: Wish;
  readonly dashboards: Dashboards;
  readonly catalogue: Catalogue | null;
}

function invalidation(api: Api, { wish, dashboards, catalogue }: Given): Action {
  const { mode, warm, tenant, by } = wish;
  const isPurge = mode === 'purge';
  const what = `${whatInWords(wish, dashboards)}${tenantInWords(tenant, by === 'dashboard' ? wish.place.dashboard : null, catalogue)}`;
  const isOne = by === 'dashboard' && wish.place.panel !== null;
  const then = isPurge
    ? `${isOne ? 'is' : 'are'} purged in every process; the next reader waits for the database.`
    : `${isOne ? 'is' : 'are'} expired in every process; the next reader may be given the old data once more while the database is asked.`;
  return {
    title: `${isPurge ? 'Purge' : 'Expire'} this?`,
    words: [
      `${what} ${then}`,
      ...(warm
        ? ['What it touches is loaded anew in the background, so that most readers wait for nothing.']
        : []),
      'It cannot be taken back.',
    ],
    verb: isPurge ? 'Purge' : 'Expire',
    run: async () => {
      const body = { mode, ...selectionOf(wish), ...(tenant && { tenant }), ...(warm && { warm }) };
      const done = await api.send<Invalidated>('POST', 'cache/invalidations', body);
      const warming = done.warming?.length ? ` Loaded anew now: ${done.warming.join(', ')}.` : '';
      return `${isPurge ? 'Purged' : 'Expired'}. ${reachInWords(done)}${warming}`;
    },
  };
}

function selectionOf({ by, place, names }: Wish): Record<string, unknown> {
  if (by === 'all') return { all: true };
  if (by === 'table') return { table: names.trim() };
  if (by === 'tags')
    return {
      tags: names
        .split(',')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
    };
  return { dashboard: place.dashboard, ...(place.panel !== null && { panel: place.panel }) };
}

function whatInWords({ by, place, names }: Wish, dashboards: Dashboards): string {
  if (by === 'table') return `All panels that read the table ${names}, and all choices of parameters,`;
  if (by === 'tags') return `All panels with any of the tags ${names}`;
  return placeInWords(by === 'all' ? { dashboard: null, panel: null } : place, dashboards);
}
