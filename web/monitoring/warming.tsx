import { useState } from 'preact/hooks';
import { Field } from '../shared/field.js';
import type { Warmed } from './answers.js';
import type { Action } from './confirmation.js';
import { DashboardFields } from './fields.js';
import { length } from './format.js';
import type { FormProps } from './invalidating.js';
import { type Place, placeInWords, tenantInWords } from './scope-words.js';

/** Loads now what readers would load later. */
export function Warming(props: FormProps) {
  const { dashboards, onAction } = props;
  const [place, setPlace] = useState<Place>({ dashboard: dashboards[0]?.dashboard ?? null, panel: null });
  const [tenant, setTenant] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    onAction(warming(props, place, tenant));
  };
  return (
    <form class="card" aria-labelledby="warming" onSubmit={submit}>
      <h3 id="warming">Warm</h3>
      <p class="note">Loads now what readers would load later, with the defaults of the parameters.</p>
      <DashboardFields place={place} dashboards={dashboards} onChange={setPlace} />
      <Field title="Tenant" hint="empty: all in the options">
        <input value={tenant} onInput={({ currentTarget }) => setTenant(currentTarget.value.trim())} />
      </Field>
      <button type="submit">Warm…</button>
    </form>
  );
}

function warming({ api, dashboards, catalogue }: FormProps, place: Place, tenant: string): Action {
  const parameter = catalogue?.dashboards.find(({ id }) => id === place.dashboard)?.tenant;
  const every = parameter
    ? ` for every ${parameter.replace(/_id$/, '').replaceAll('_', ' ')} in the options`
    : '';
  const whom = tenantInWords(tenant, place.dashboard, catalogue) || every;
  return {
    title: 'Warm this?',
    words: [
      `${placeInWords(place, dashboards)} ${place.panel === null ? 'are' : 'is'} loaded now${whom}, unless fresh already.`,
      'The database is asked beside the readers, within its budget. Closing this page ends it.',
    ],
    verb: 'Warm',
    run: async () => {
      const body = {
        dashboard: place.dashboard,
        ...(place.panel !== null && { panel: place.panel }),
        ...(tenant && { tenant }),
      };
      return doneInWords(await api.send<Warmed>('POST', 'cache/warmings', body));
    },
  };
}

function doneInWords({
  panels,
  loaded,
  fresh,
  failed,
  switched_off,
  hits,
  duration_ms,
  problems,
}: Warmed): string {
  const off = switched_off > 0 ? `, ${switched_off} switched off` : '';
  const [first] = problems;
  const why = first ? ` First failure, ${first.panel}: ${first.detail}` : '';
  return `${loaded} loaded, ${fresh} fresh already, ${failed} failed${off}, in ${length(duration_ms)}. A read now hits ${hits} of ${panels}.${why}`;
}
