import { useId, useState } from 'preact/hooks';
import type { DashcacheProblem } from '../../client/index.js';

export interface SignInProps {
  readonly problem: DashcacheProblem;
  /** A token was given already, and is not taken. */
  readonly isAgain: boolean;
  readonly onSignIn: (token: string) => void;
}

/** Takes a token; it is kept in the memory of this page alone. */
export function SignIn({ problem, isAgain, onSignIn }: SignInProps) {
  const id = useId();
  const [text, setText] = useState('');
  return (
    <form
      class="card sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        onSignIn(text.trim());
      }}
    >
      <h1>Sign in</h1>
      <p role="alert">{isAgain ? problem.message : 'These dashboards want to know who you are.'}</p>
      <div class="field">
        <label for={id}>Token</label>
        <input
          id={id}
          type="password"
          required
          autoComplete="off"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </div>
      <p class="note">Kept in the memory of this page alone: a reload forgets it.</p>
      <button type="submit" class="main">
        Sign in
      </button>
    </form>
  );
}
