import { useEffect, useRef, useState } from 'preact/hooks';
import { RequestFailed } from '../shared/api.js';

/** Something that an administrator is about to do. */
export interface Action {
  readonly title: string;
  /** What will happen. */
  readonly words: readonly string[];
  /** On the button that does it. */
  readonly verb: string;
  /** Resolves to what happened, in words. */
  readonly run: () => Promise<string>;
}

type State =
  | { readonly phase: 'asked' | 'running' }
  | { readonly phase: 'done' | 'failed'; readonly text: string };

/** Says what will happen, does it when it is confirmed, and says what happened. */
export function Confirmation({ action, onClose }: { action: Action; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const cancel = useRef<HTMLButtonElement>(null);
  const [state, setState] = useState<State>({ phase: 'asked' });
  useEffect(() => {
    dialog.current?.showModal();
    cancel.current?.focus();
  }, []);
  const isOver = state.phase === 'done' || state.phase === 'failed';
  const confirm = async () => {
    setState({ phase: 'running' });
    // What is pressed is gone soon, and the focus must not go with it.
    cancel.current?.focus();
    try {
      setState({ phase: 'done', text: await action.run() });
    } catch (error) {
      const text =
        error instanceof RequestFailed ? `${error.problem.title}. ${error.problem.detail}` : String(error);
      setState({ phase: 'failed', text });
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby="action-title" aria-describedby="action-words" onClose={onClose}>
      <h2 id="action-title">{action.title}</h2>
      <div id="action-words">
        {action.words.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      <div role="status" class="result">
        {state.phase === 'running' && <p>Working…</p>}
        {state.phase === 'done' && <p class="good">✓ {state.text}</p>}
        {state.phase === 'failed' && <p class="bad">✕ {state.text}</p>}
      </div>
      <div class="buttons">
        <button type="button" ref={cancel} onClick={() => dialog.current?.close()}>
          {isOver || state.phase === 'running' ? 'Close' : 'Cancel'}
        </button>
        {!isOver && (
          <button type="button" class="main" disabled={state.phase === 'running'} onClick={confirm}>
            {action.verb}
          </button>
        )}
      </div>
    </dialog>
  );
}
