import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ROW = ['--conditions=@sluice/source', '--import', 'tsx', 'e2e/faults/main.ts', '23'];
const SEED = 20_261_125;

/** Row 23 of the fault matrix with that many dead letters: its oracle says what is lost and what doubled. */
export async function benchKilled(count: number): Promise<string> {
  const args = ['--deliveries', String(count), '--seed', String(SEED)];
  const row = spawn(process.execPath, [...ROW, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = await Promise.all([text(row.stdout), once(row, 'exit')]);
  const lines = output
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => line.trim());
  const again = `\`npm run faults -- 23 ${args.join(' ')}\` does only this.`;
  return [
    again,
    '',
    ...lines.map((line) => (line.includes(' | ') ? listOf(line, lines[0] ?? '') : line)),
  ].join('\n');
}

/** A row of the matrix is too wide to be read: one line for each of its cells. */
function listOf(line: string, titles: string): string {
  const [names, cells] = [titles, line].map((one) => one.split('|').map((cell) => cell.trim()));
  if (line === titles) return '| | |\n| --- | --- |';
  return (names ?? []).map((name, index) => `| ${name} | ${cells?.[index] ?? ''} |`).join('\n');
}
