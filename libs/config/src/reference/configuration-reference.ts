import { allConsoleVariables } from '../environment/console-settings.ts';
import { demoVariables } from '../environment/demo-settings.ts';
import { ingestVariables } from '../environment/ingest-settings.ts';
import {
  botpressVariables,
  connectionsVariables,
  logVariables,
  redisVariables,
  telegramVariables,
  tracingVariables,
  workspaceVariables,
} from '../environment/shared-settings.ts';
import type { Variable, Variables } from '../environment/variables.ts';
import { workerVariables } from '../environment/worker-settings.ts';

interface Section {
  readonly title: string;
  readonly text: string;
  readonly variables: Variables;
}

/** Environment variables by app, in the order of the reference. */
export const CONFIGURATION: readonly Section[] = [
  {
    title: 'All apps',
    text: 'Ingest, worker, console and the command line read these variables.',
    variables: { ...redisVariables, ...connectionsVariables, ...logVariables },
  },
  {
    title: 'Tracing',
    text: 'Ingest and worker send traces; see [Enable tracing](../how-to/enable-tracing.md).',
    variables: tracingVariables,
  },
  {
    title: 'Ingest',
    text: 'A request that exceeds a limit gets a 503 with Retry-After; see [HTTP responses](http-responses.md).',
    variables: ingestVariables,
  },
  {
    title: 'Worker',
    text: 'The command line and the console read `BOTPRESS_API_URL` as well.',
    variables: { ...workerVariables, ...botpressVariables, ...workspaceVariables },
  },
  {
    title: 'Console',
    text: 'Notifications are sent when a threshold is reached, a connection is suspended, a replay pauses itself, Redis is unavailable or no worker is running.',
    variables: allConsoleVariables,
  },
  {
    title: 'Command line',
    text: 'The command line reads these in addition to the variables of all apps.',
    variables: telegramVariables,
  },
  {
    title: 'Demo',
    text: '`npm start` reads these in addition to the variables of its apps.',
    variables: demoVariables,
  },
];

const INTRODUCTION = `# Configuration

<!-- Generated from libs/config/src/environment. Run: npm run docs -w libs/config -->

Sluice is configured by environment variables and a [connections file](connections-file.md). An empty variable counts
as unset. Times are whole milliseconds unless stated otherwise. An app with invalid variables prints all problems and
exits with code 1.

[.env.example](../../.env.example) lists the variables of docker-compose.yml. The sandbox has
[its own variables](../../apps/sandbox/README.md).`;

/** Renders docs/reference/configuration.md. */
export function renderConfigurationReference(): string {
  const sections = CONFIGURATION.map(({ title, text, variables }) =>
    [
      `## ${title}`,
      '',
      text,
      '',
      '| Variable | Default | Values | Description |',
      '|---|---|---|---|',
      ...Object.values(variables).map(renderRow),
    ].join('\n'),
  );
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}

function renderRow({ name, default: fallback, accepts, description }: Variable<unknown>): string {
  const values = accepts.replace(/^(?:a whole number from|one of|an?) /, '');
  return `| \`${name}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${values} | ${description} |`;
}
