import { useState } from 'preact/hooks';
import { type Api, type Result, resultOf } from '../shared/api.js';

/** Of the body of GET /cache/why. */
interface Why {
  readonly panels: readonly {
    readonly reason: string;
    readonly because: string;
    readonly refresh: { readonly reason: string };
    readonly story: readonly { readonly at: string; readonly text: string }[];
  }[];
}

const STORY_COUNT = 8;

/** Why a panel is as it is, once somebody asks. */
export function WhyPanel({ api, address }: { api: Api; address: string }) {
  const [told, setTold] = useState<Result<Why> | null>(null);
  const ask = async () =>
    setTold(await resultOf(api.get<Why>(`cache/why?url=${encodeURIComponent(address)}`)));
  return (
    <details class="why" onToggle={({ currentTarget }) => (currentTarget.open ? void ask() : setTold(null))}>
      <summary>Why</summary>
      {told === null ? null : told.problem ? (
        <p class="note">{inWords(told.problem)}</p>
      ) : (
        told.value.panels.map(({ reason, because, refresh, story }) => (
          <div key={reason}>
            <dl>
              <dt>A read</dt>
              <dd>{reason}</dd>
              <dt>Because</dt>
              <dd>{because}</dd>
              <dt>Refresh</dt>
              <dd>{refresh.reason}</dd>
            </dl>
            {story.length > 0 && (
              <ol>
                {story.slice(-STORY_COUNT).map(({ at, text }) => (
                  <li key={at + text}>
                    <time dateTime={at}>{new Date(at).toLocaleTimeString('en-GB')}</time> {text}
                  </li>
                ))}
              </ol>
            )}
          </div>
        ))
      )}
    </details>
  );
}

function inWords({ status, detail }: { readonly status: number; readonly detail: string }): string {
  return status === 401 || status === 403 ? 'Why is told to administrators alone.' : detail;
}
