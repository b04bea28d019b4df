import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { ME } from '../api/queries.ts';
import { ask } from '../api/request.ts';
import { Trouble } from '../ui/elements.tsx';

/** Takes a token for a session. The token is kept nowhere: the session is in a cookie that no script can read. */
export function SignIn() {
  const client = useQueryClient();
  const [token, setToken] = useState('');
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const field = useId();
  const signIn = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await ask('/session', { method: 'POST', body: { token: token.trim() } });
      setToken('');
      await client.invalidateQueries({ queryKey: ME });
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <main className="sign-in">
      <h1>Sluice</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <label htmlFor={field}>Token</label>
        <input
          id={field}
          type="password"
          autoComplete="current-password"
          value={token}
          onChange={(event) => setToken(event.target.value)}
          required
        />
        <Trouble error={error} />
        <button type="submit" className="primary" disabled={isBusy || token.trim() === ''}>
          Sign in
        </button>
      </form>
    </main>
  );
}
