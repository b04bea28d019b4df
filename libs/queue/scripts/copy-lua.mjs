// Copies the .lua files of src/ to dist/, which `tsc -b` leaves out. Writes only what differs, and by renaming: a
// process that starts from dist/ at the same time never reads half a file.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [from, to] = ['../src', '../dist'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

for (const path of readdirSync(from, { recursive: true })) {
  if (!path.endsWith('.lua')) continue;
  const [source, target] = [join(from, path), join(to, path)];
  const lua = readFileSync(source, 'utf8');
  if (read(target) === lua) continue;
  mkdirSync(dirname(target), { recursive: true });
  const part = `${target}.${process.pid}`;
  writeFileSync(part, lua);
  renameSync(part, target);
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
