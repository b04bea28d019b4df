/** A program of this folder. Each starts real processes, and sets the exit code 1 if a check fails. */
interface Program {
  /** Starts the program, which reads its arguments from `process.argv`. */
  readonly start: () => Promise<unknown>;
  readonly usage: string;
  readonly description: string;
}

const programs: Readonly<Record<string, Program>> = {
  faults: {
    start: () => import('./faults/main.ts'),
    usage: '[row | mutants | ambiguity]… [--seed n] [--deliveries n]',
    description: 'Run the fault matrix, or some of its rows (20 minutes)',
  },
  soak: {
    start: () => import('./soak/main.ts'),
    usage: '[--minutes 30] [--seed n] [--round seconds] [--faults random|none] [--rate 40]',
    description: 'Run one pipeline under load and random faults, and compare it with a model',
  },
  modes: {
    start: () => import('./modes/main.ts'),
    usage: '[--events 2000] [--modes name,name] [--parallel 1]',
    description: 'Lose answers of createEvent in every mode of the sandbox (20 minutes)',
  },
  abuse: {
    start: () => import('./abuse/main.ts'),
    usage: '[row]…',
    description: 'Send hostile requests to ingest and the console (1 minute)',
  },
  'page-pictures': {
    start: () => import('./page/pictures.ts'),
    usage: '',
    description: 'Take the screenshots in docs/console',
  },
  'page-speed': {
    start: () => import('./page/speed.ts'),
    usage: '',
    description: 'Measure page load times of the console with 100,000 dead letters',
  },
  dashboards: {
    start: () => import('./dashboards/main.ts'),
    usage: '[seconds]',
    description: 'Run every query of the Grafana dashboards against a real Prometheus',
  },
  alerts: {
    start: () => import('./dashboards/alerts.ts'),
    usage: '[file]',
    description: 'Cause five faults, and print when their alerts fire and clear (15 minutes)',
  },
  'capture-upgrade': {
    start: () => import('./upgrade/capture.ts'),
    usage: '<redis url> <commit>',
    description: 'Write the data that a build left in Redis as a fixture of the upgrade test',
  },
  'replay-story': {
    start: () => import('./story/main.ts'),
    usage: '[--write]',
    description:
      'Run the commands of docs/tutorial/replay-an-incident.md, or regenerate the page with --write',
  },
};

function help(): string {
  const width = Math.max(...Object.keys(programs).map((name) => name.length)) + 2;
  const lines = Object.entries(programs).map(([name, { usage, description }]) => {
    const first = `  ${name.padEnd(width)}${description}`;
    return usage ? `${first}\n  ${' '.repeat(width)}${usage}` : first;
  });
  return ['Usage: npm run e2e -- <name> [argument]…', '', ...lines, ''].join('\n');
}

const [name = '', ...args] = process.argv.slice(2);
const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
if (name === '' || [name, ...args].some((arg) => ['-h', '--help', 'help'].includes(arg))) {
  process.stdout.write(help());
} else if (program) {
  process.argv.splice(2, 1);
  await program.start();
} else {
  process.stderr.write(`Unknown program "${name}". Run \`npm run e2e -- --help\` to list all programs.\n`);
  process.exitCode = 2;
}
