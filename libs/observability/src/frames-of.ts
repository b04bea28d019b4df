/** Enough to find the place, with what called it. */
const FRAMES = 12;

/**
 * Where an error happened: the frames of its stack, one a line. Without its message, which may quote anything, the body
 * of a webhook among it (`JSON.parse` does).
 *
 * @returns empty of what is no error
 */
export function stackFrames(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { stack = '', name, message } = error;
  const head = `${name}: ${message}`;
  const frames = (stack.startsWith(head) ? stack.slice(head.length) : stack)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  return frames
    .slice(0, FRAMES)
    .map((line) => line.trim())
    .join('\n');
}
