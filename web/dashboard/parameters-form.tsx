import { useEffect, useId, useState } from 'preact/hooks';
import type { AnyDashboards, CatalogueEntry, Choice, DashcacheClient } from '../../client/index.js';
import { type ParameterSchema, parametersOf } from './model.js';

export interface FormProps {
  readonly client: DashcacheClient<AnyDashboards>;
  readonly entry: CatalogueEntry;
  readonly params: Readonly<Record<string, string>>;
  readonly onChange: (params: Readonly<Record<string, string>>) => void;
}

/** A field for each parameter of a dashboard, as the catalogue describes it. */
export function ParametersForm({ client, entry, params, onChange }: FormProps) {
  const set = (name: string, value: string) => onChange({ ...params, [name]: value });
  return (
    <form class="parameters" aria-label="Choices" onSubmit={(event) => event.preventDefault()}>
      {parametersOf(entry).map(([name, schema]) => (
        <Parameter
          key={`${entry.id} ${name}`}
          {...{ client, entry, name, schema, params }}
          value={params[name] ?? ''}
          onValue={(value) => set(name, value)}
        />
      ))}
    </form>
  );
}

interface ParameterProps extends Omit<FormProps, 'onChange'> {
  readonly name: string;
  readonly schema: ParameterSchema;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

function Parameter(props: ParameterProps) {
  const id = useId();
  const { schema, name } = props;
  return (
    <div class="parameter">
      <label for={id}>{schema.title ?? name}</label>
      {schema['x-options'] ? (
        <ChoiceField {...props} id={id} />
      ) : schema['x-period'] ? (
        <PeriodField {...props} id={id} />
      ) : (
        <PlainField {...props} id={id} />
      )}
    </div>
  );
}

type FieldProps = ParameterProps & { readonly id: string };

function ChoiceField({ client, entry, name, schema, params, value, onValue, id }: FieldProps) {
  const [choices, setChoices] = useState<readonly Choice[] | null>(null);
  const tenant = entry.tenant === null || schema['x-tenant'] ? '' : (params[entry.tenant] ?? '');
  useEffect(() => {
    const end = new AbortController();
    const of = entry.tenant !== null && tenant !== '' ? { [entry.tenant]: tenant } : {};
    client.options(entry.id, name, of, { signal: end.signal }).then(
      ({ body }) => {
        setChoices(body.options);
        const [first] = body.options;
        // Where there is but one, or one has to be chosen, something is shown at once.
        if (value === '' && first && schema['x-tenant']) onValue(String(first.value));
      },
      () => {
        if (!end.signal.aborted) setChoices([]);
      },
    );
    return () => end.abort();
  }, [client, entry, name, tenant]);
  const isListed = value === '' || choices?.some((choice) => String(choice.value) === value);
  return (
    <select id={id} value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
      {!schema['x-tenant'] && <option value="">Any</option>}
      {!isListed && <option value={value}>{value}</option>}
      {choices?.map((choice) => (
        <option key={String(choice.value)} value={String(choice.value)}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}

const PERIODS: readonly (readonly [value: string, title: string])[] = [
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
  ['90d', 'Last 90 days'],
  ['12mo', 'Last 12 months'],
];

function PeriodField({ schema, value, onValue, id }: FieldProps) {
  const usual = String(schema.default ?? '');
  const shown = value === '' ? usual : value;
  const isRange = shown.includes('/');
  const [from = '', to = ''] = isRange ? shown.split('/') : ['', ''];
  const [open, setOpen] = useState(isRange);
  const all =
    PERIODS.some(([each]) => each === shown) || isRange || shown === ''
      ? PERIODS
      : [[shown, shown] as const, ...PERIODS];
  const range = (start: string, end: string) =>
    start !== '' && end !== '' && start < end && onValue(`${start}/${end}`);
  return (
    <>
      <select
        id={id}
        value={open ? 'range' : shown}
        onChange={({ currentTarget }) => {
          setOpen(currentTarget.value === 'range');
          if (currentTarget.value !== 'range') onValue(currentTarget.value);
        }}
      >
        {all.map(([each, title]) => (
          <option key={each} value={each}>
            {title}
          </option>
        ))}
        <option value="range">From … to …</option>
      </select>
      {open && (
        <span class="range">
          <input
            type="date"
            aria-label="From"
            value={from.slice(0, 10)}
            onChange={({ currentTarget }) => range(currentTarget.value, to.slice(0, 10) || today())}
          />
          <input
            type="date"
            aria-label="Until before"
            value={to.slice(0, 10)}
            onChange={({ currentTarget }) => range(from.slice(0, 10), currentTarget.value)}
          />
        </span>
      )}
    </>
  );
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function PlainField({ schema, value, onValue, id }: FieldProps) {
  const change = ({ currentTarget }: { currentTarget: HTMLInputElement | HTMLSelectElement }) =>
    onValue(currentTarget.value);
  const choices = schema.type === 'boolean' ? ['true', 'false'] : schema.enum;
  const shown = value === '' ? String(schema.default ?? '') : value;
  if (choices)
    return (
      <select id={id} value={shown} onChange={change}>
        {schema.default === undefined && <option value="">Any</option>}
        {choices.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    );
  const field = { id, value: shown, onChange: change };
  if (schema.type === 'integer' || schema.type === 'number')
    return (
      <input
        {...field}
        type="number"
        step={schema.type === 'integer' ? '1' : 'any'}
        min={schema.minimum}
        max={schema.maximum}
      />
    );
  if (schema.format === 'date') return <input {...field} type="date" />;
  return <input {...field} type="text" maxLength={schema.maxLength} />;
}
