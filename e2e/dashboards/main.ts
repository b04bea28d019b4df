import { checkPanels, type PanelCheck } from './panels.ts';
import { openStage } from './stage.ts';
import { sendTraffic } from './traffic.ts';

// `npm run e2e dashboards [seconds]` sends traffic for that long and prints the series count of each panel's query.
const print = (line: string) => void process.stdout.write(`${line}\n`);

function format({ dashboard, panel, expr, series, emptyWhen }: PanelCheck): string {
  const empty = series === 0 ? (emptyWhen ?? 'NO DATA') : '';
  return `${String(series).padStart(4)}  ${dashboard.replace('Sluice: ', '').padEnd(26)}${panel}\n${' '.repeat(6)}${expr}${empty && `\n      — ${empty}`}`;
}

const seconds = Number(process.argv[2] ?? 30);
const stage = await openStage();
print(`Prometheus at ${stage.prometheus.url} scrapes the pipeline; traffic for ${seconds} s …`);
await sendTraffic(stage, seconds);
const checked = await checkPanels(stage.prometheus, { connection: 'acme' });
await stage.stop();
for (const one of checked) print(format(one));
const empty = checked.filter(({ series, emptyWhen }) => series === 0 && emptyWhen === undefined);
print(
  `${checked.length} expressions, ${checked.length - empty.length} with the expected data, ${empty.length} without data`,
);
process.exitCode = empty.length === 0 ? 0 : 1;
