import type { Api } from '../shared/api.js';
import type { Switched, SwitchStates } from './answers.js';
import type { Action } from './confirmation.js';
import { placeOf } from './event-words.js';
import { type Place, placeInWords, reachInWords } from './scope-words.js';

export interface SwitchesProps {
  readonly api: Api;
  readonly states: SwitchStates;
  readonly onAction: (action: Action) => void;
}

type State = Pick<SwitchStates, 'enabled' | 'off_by'>;

/** The kill switch: everything, each dashboard and each panel. */
export function Switches({ api, states, onAction }: SwitchesProps) {
  const row = (place: Place, title: string, state: State) => (
    <div class="switch" data-switch={placeOf(place.dashboard, place.panel)}>
      <span class="switch-name">{title}</span>
      <span class={state.enabled ? 'good' : 'bad'}>
        {state.enabled ? '✓ On' : `✕ Off${state.off_by === null ? '' : `, by ${WIDTHS[state.off_by]}`}`}
      </span>
      {canTurn(place, state) && (
        <button
          type="button"
          onClick={() => onAction(turning(api, { place, states, enabled: !state.enabled }))}
        >
          Switch {state.enabled ? 'off' : 'on'}…
          <span class="unseen"> for {placeOf(place.dashboard, place.panel)}</span>
        </button>
      )}
    </div>
  );
  return (
    <section class="card" aria-labelledby="switches">
      <h3 id="switches">Cache switch</h3>
      <p class="unseen" aria-live="polite">
        {summary(states)}
      </p>
      {row({ dashboard: null, panel: null }, 'Everything', states)}
      {states.dashboards.map(({ dashboard, panels, ...state }) => (
        <details key={dashboard}>
          <summary>
            {dashboard}{' '}
            <span class="quiet">
              {state.enabled && panels.some(({ enabled }) => !enabled)
                ? `${panels.filter(({ enabled }) => !enabled).length} of ${panels.length} panels off`
                : state.enabled
                  ? 'on'
                  : 'off'}
            </span>
          </summary>
          {row({ dashboard, panel: null }, 'The whole dashboard', state)}
          {panels.map(({ panel, ...ofPanel }) => row({ dashboard, panel }, panel, ofPanel))}
        </details>
      ))}
    </section>
  );
}

const WIDTHS: Readonly<Record<Exclude<State['off_by'], null>, string>> = {
  CACHE_ENABLED: 'the setting CACHE_ENABLED, which needs a restart',
  all: 'the switch of everything',
  dashboard: 'the switch of the dashboard',
  panel: 'its own switch',
};

/** A wider switch that is off wins, so turning this one would change nothing yet. */
function canTurn({ dashboard, panel }: Place, { off_by }: State): boolean {
  const own = panel !== null ? 'panel' : dashboard !== null ? 'dashboard' : 'all';
  return off_by === null || off_by === own;
}

function summary({ enabled, off_by, dashboards }: SwitchStates): string {
  if (!enabled) return `The cache is off for everything, by ${WIDTHS[off_by ?? 'all']}.`;
  const off = dashboards.flatMap(({ dashboard, enabled: isOn, panels }) =>
    isOn
      ? panels.filter((one) => !one.enabled).map(({ panel }) => `${dashboard}/${panel}`)
      : [`all of ${dashboard}`],
  );
  return off.length === 0 ? 'The cache is on for everything.' : `The cache is off for ${off.join(', ')}.`;
}

interface Turn {
  readonly place: Place;
  readonly states: SwitchStates;
  readonly enabled: boolean;
}

function turning(api: Api, { place, states, enabled }: Turn): Action {
  const which = placeOf(place.dashboard, place.panel);
  const what = placeInWords(place, states.dashboards);
  const isOne = place.panel !== null;
  const word = enabled ? 'on' : 'off';
  return {
    title: `Switch the cache ${word} for ${which}?`,
    words: enabled
      ? [
          `${what} ${isOne ? 'uses' : 'use'} the cache again, in every process within a second.`,
          'What was stored before is purged in the same step: the first reader of each panel waits for the database.',
        ]
      : [
          `${what} ${isOne ? 'is' : 'are'} read past the cache, in every process within a second: each read asks the database until the cache is switched on again.`,
          'Readers of one panel at the same moment still share one load in each process.',
        ],
    verb: `Switch ${word}`,
    run: async () => {
      const { dashboard, panel } = place;
      const body = { enabled, ...(dashboard !== null && { dashboard }), ...(panel !== null && { panel }) };
      const switched = await api.send<Switched>('PUT', 'cache/switch', body);
      return `The cache is ${word} for ${which}. ${reachInWords(switched)}`;
    },
  };
}
