import { useEffect, useRef, useState } from 'preact/hooks';
import { Field } from './field.js';

/** What somebody is known by. */
export interface Credential {
  readonly kind: 'token' | 'key';
  readonly text: string;
}

export interface SignInProps {
  /** Why a credential is wanted. */
  readonly problem: { readonly detail: string } | null;
  readonly onSignIn: (credential: Credential) => void;
  /** Back to what is seen without one; null where nothing is. */
  readonly onCancel: (() => void) | null;
}

/** Takes a token or a key; it is kept in the memory of this page alone. */
export function SignIn({ problem, onSignIn, onCancel }: SignInProps) {
  const [kind, setKind] = useState<Credential['kind']>('token');
  const [text, setText] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    onSignIn({ kind, text: text.trim() });
  };
  return (
    <form class="card sign-in" aria-labelledby="sign-in" onSubmit={submit}>
      <h2 id="sign-in">Sign in</h2>
      {problem && <p role="alert">{problem.detail}</p>}
      <Field title="Credential">
        <select
          value={kind}
          onChange={({ currentTarget }) => setKind(currentTarget.value as Credential['kind'])}
        >
          <option value="token">Token (ADMIN_TOKEN or a JWT)</option>
          <option value="key">API key</option>
        </select>
      </Field>
      <Field title={kind === 'token' ? 'Token' : 'API key'}>
        <input
          ref={field}
          type="password"
          required
          autoComplete="off"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </Field>
      <p class="note">Kept in the memory of this page alone: a reload forgets it.</p>
      <div class="buttons">
        {onCancel && (
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        )}
        <button type="submit" class="main">
          Sign in
        </button>
      </div>
    </form>
  );
}
