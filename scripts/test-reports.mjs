import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Rooms with tests and the path of each Vitest JSON report, which nx restores on a cache hit. */
function rooms(root) {
  const folders = ['apps', 'libs'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(root, parent, name)),
  );
  return [...folders, join(root, 'e2e'), join(root, 'integration')]
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({
      name: relative(root, folder),
      folder: join(folder, '.reports'),
      file: join(folder, '.reports', 'test.json'),
      hasTests: readdirSync(folder, { recursive: true }).some(isTest),
    }));
}

function isTest(path) {
  return path.endsWith('.test.ts') && !/(^|[\\/])(node_modules|dist)[\\/]/.test(path);
}

/** Deletes the reports of earlier runs. */
export function clearReports(root) {
  for (const { folder } of rooms(root)) rmSync(folder, { recursive: true, force: true });
}

/** Sums up the reports. A test file that did not load and a room without a report count as failures. */
export function readReports(root) {
  const failures = [];
  let passed = 0;
  for (const { name, file, hasTests } of rooms(root)) {
    if (existsSync(file)) {
      const report = JSON.parse(readFileSync(file, 'utf8'));
      passed += report.numPassedTests;
      failures.push(...failuresOf(report, root));
    } else if (hasTests) failures.push(`${name}: no report, its tests did not finish`);
  }
  return { passed, failures };
}

function failuresOf(report, root) {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (status === 'failed' && failed.length === 0) return [`${file}: ${message}`];
    return failed.map((test) => `${file}: ${test.fullName}`);
  });
}
