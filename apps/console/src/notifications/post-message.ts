/** Milliseconds. */
const TIMEOUT = 5_000;

/**
 * Posts a message. Redirects are not followed: they would lead it to an address that nobody has checked.
 *
 * @returns what went wrong, if it did, without the address, which is a secret
 */
export async function postMessage(url: string, message: object): Promise<string | undefined> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'sluice' },
      body: JSON.stringify(message),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT),
    });
    await answer.body?.cancel();
    return answer.ok ? undefined : `answered with ${answer.status}`;
  } catch (error) {
    return whyOf(error);
  }
}

/** Messages of fetch may name the address; codes and names do not. */
function whyOf(error: unknown): string {
  const { name, cause } = error as { readonly name?: string; readonly cause?: { readonly code?: string } };
  if (name === 'TimeoutError') return `no answer within ${TIMEOUT} ms`;
  return cause?.code ?? name ?? 'unknown';
}
