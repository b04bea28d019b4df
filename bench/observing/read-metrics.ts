/** @param url of the app's metrics server */
export async function readMetrics(url: string): Promise<string> {
  const answer = await fetch(`${url}/metrics`);
  return answer.text();
}

/** The sum of a counter over its labels. */
export function sumOf(metrics: string, name: string): number {
  const found = metrics.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, 'gm'));
  return [...found].reduce((sum, [, value]) => sum + Number(value), 0);
}
