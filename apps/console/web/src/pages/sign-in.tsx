import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { ME_KEY } from '../api/queries.ts';
import { ApiProblem, request } from '../api/request.ts';
import { ErrorMessage } from '../ui/elements.tsx';

/** Exchanges a token for a session. The token is not stored; scripts cannot read the session cookie. */
export function SignInPage() {
  const client = useQueryClient();
  const [token, setToken] = useState('');
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const field = useId();
  const signIn = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await request('/session', { method: 'POST', body: { token: token.trim() } });
      setToken('');
      await client.invalidateQueries({ queryKey: ME_KEY });
    } catch (error) {
      setError(error instanceof ApiProblem && error.status === 401 ? new Error('Invalid token.') : error);
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
        <ErrorMessage error={error} />
        <button type="submit" className="primary" disabled={isBusy || token.trim() === ''}>
          Sign in
        </button>
      </form>
    </main>
  );
}
