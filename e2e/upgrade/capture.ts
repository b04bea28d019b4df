import { writeFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { captureFixture } from './fixture.ts';
import { FOLDER } from './stage.ts';

const [url, commit] = process.argv.slice(2);
if (url === undefined || commit === undefined) {
  process.stderr.write('Usage: npm run e2e -- capture-upgrade <redis url> <commit>\n');
  process.exitCode = 2;
} else {
  const redis = new Redis(url);
  const path = `${FOLDER}from-${commit}.ndjson`;
  await writeFile(path, await captureFixture(redis, commit));
  redis.disconnect();
  process.stdout.write(`${path}\n`);
}
