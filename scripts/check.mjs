// `npm test`: runs every check and continues after a failed step, so that one run reports all failures.
// The last line is `N passed, N failed`: passed tests; failed tests and other failed steps.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clearReports, readReports } from './test-reports.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const env = {
  ...process.env,
  PATH: `${root}node_modules/.bin${delimiter}${process.env.PATH}`,
  NX_DAEMON: 'false',
  NX_TUI: 'false',
  // Required by the compose file.
  SLUICE_ENV_FILE: '.env.example',
  SLUICE_REDIS_PASSWORD: 'not-used',
};

const steps = [
  { name: 'format, lint, boundaries', command: 'biome ci --error-on-warnings .' },
  { name: 'dead code and dependencies', command: 'knip --no-progress --no-config-hints' },
  { name: 'types and build', command: 'nx run-many -t typecheck build --outputStyle=static' },
  { name: 'integrations: install', command: installIntegrations(), otherwise: 'is installed' },
  { name: 'integrations: types', command: 'npm run typecheck --prefix integration --silent' },
  {
    name: 'tests',
    command:
      'nx run-many -t test --outputStyle=static; a=$?; npm test --prefix integration --silent && exit $a',
    reports: true,
  },
  { name: 'compose file', command: composeCommand(), otherwise: 'needs docker-compose' },
];

/** The Botpress integrations are installed separately: only they need the SDK, which has 100 MB. */
function installIntegrations() {
  const lock = `${root}integration/package-lock.json`;
  const installed = `${root}integration/node_modules/.package-lock.json`;
  const isFresh = existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
  return isFresh ? undefined : 'npm ci --prefix integration';
}

/** Debian's docker-compose, or Docker's own plugin; neither needs a running engine for `config`. */
function composeCommand() {
  const compose = ['docker-compose', 'docker compose'].find((name) => succeeds(`${name} version`));
  return compose && `${compose} --env-file .env.example -f docker-compose.yml config -q`;
}

function succeeds(command) {
  return spawnSync(command, { shell: true, stdio: 'ignore', env }).status === 0;
}

/** Runs a step with inherited output. The child shares this terminal, so Ctrl-C ends both. */
function run({ name, command, otherwise }) {
  console.log(`\n▶ ${name}${command ? `: ${command}` : ''}`);
  if (!command) return { name, outcome: `skipped: ${otherwise}`, seconds: 0 };
  const start = performance.now();
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit', cwd: root, env });
  return { name, outcome: status === 0 ? 'ok' : 'FAILED', seconds: (performance.now() - start) / 1000 };
}

clearReports(root);
let passed = 0;
let failed = 0;
const results = [];
for (const step of steps) {
  const result = run(step);
  results.push(result);
  const tests = step.reports ? readReports(root) : { passed: 0, failures: [] };
  for (const failure of tests.failures) console.log(`✗ ${failure}`);
  passed += tests.passed;
  // A test step that fails without a failed test (a crash, an unhandled rejection) counts as one failure.
  failed += tests.failures.length || (result.outcome === 'FAILED' ? 1 : 0);
}

console.log('');
for (const { name, outcome, seconds } of results) {
  console.log(`${name.padEnd(28)}${seconds.toFixed(1).padStart(7)} s  ${outcome}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
