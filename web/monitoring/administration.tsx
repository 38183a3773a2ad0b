import { useState } from 'preact/hooks';
import type { Api } from '../shared/api.js';
import { type Action, Confirmation } from './confirmation.js';
import { Invalidating } from './invalidating.js';
import { Switches } from './switches.js';
import type { Seen } from './use-monitor.js';
import { Warming } from './warming.js';

export interface AdministrationProps {
  readonly api: Api;
  readonly seen: Seen;
  readonly onSignIn: () => void;
  /** Something was done: what is shown may be old. */
  readonly onDone: () => Promise<void>;
}

/** What administrators may do, each after a confirmation. */
export function Administration({ api, seen, onSignIn, onDone }: AdministrationProps) {
  const [action, setAction] = useState<Action | null>(null);
  const { switches, catalogue } = seen;
  if (switches.problem)
    return (
      <section class="card" aria-labelledby="administration">
        <h2 id="administration">Administration</h2>
        <p class="empty">
          The kill switch, warming and invalidation are for administrators. {switches.problem.detail}
        </p>
        {switches.problem.code !== 'administration_closed' && (
          <button type="button" onClick={onSignIn}>
            Sign in as administrator
          </button>
        )}
      </section>
    );
  const { dashboards } = switches.value;
  const given = { api, dashboards, catalogue: catalogue.value, onAction: setAction };
  const refreshing = (one: Action): Action => ({
    ...one,
    run: async () => {
      const words = await one.run();
      void onDone();
      return words;
    },
  });
  return (
    <section aria-labelledby="administration">
      <h2 id="administration">Administration</h2>
      <div class="thirds">
        <Switches api={api} states={switches.value} onAction={setAction} />
        <Invalidating {...given} />
        <Warming {...given} />
      </div>
      {action && <Confirmation action={refreshing(action)} onClose={() => setAction(null)} />}
    </section>
  );
}
