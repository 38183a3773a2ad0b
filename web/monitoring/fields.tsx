import { Field } from '../shared/field.js';
import type { Dashboards, Place } from './scope-words.js';

export interface DashboardFieldsProps {
  readonly place: Place;
  readonly dashboards: Dashboards;
  readonly onChange: (place: Place) => void;
}

/** One dashboard, and all or one of its panels. */
export function DashboardFields({ place, dashboards, onChange }: DashboardFieldsProps) {
  const panels = dashboards.find(({ dashboard }) => dashboard === place.dashboard)?.panels ?? [];
  return (
    <>
      <Field title="Dashboard">
        <select
          value={place.dashboard ?? ''}
          onChange={({ currentTarget }) => onChange({ dashboard: currentTarget.value, panel: null })}
        >
          {dashboards.map(({ dashboard }) => (
            <option key={dashboard} value={dashboard}>
              {dashboard}
            </option>
          ))}
        </select>
      </Field>
      <Field title="Panel">
        <select
          value={place.panel ?? ''}
          onChange={({ currentTarget }) => onChange({ ...place, panel: currentTarget.value || null })}
        >
          <option value="">all of them</option>
          {panels.map(({ panel }) => (
            <option key={panel} value={panel}>
              {panel}
            </option>
          ))}
        </select>
      </Field>
    </>
  );
}
