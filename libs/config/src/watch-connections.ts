import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { ConfigError } from './config-error.ts';
import type { Connections } from './connection.ts';
import { type LoadOptions, parseConnections, readConnectionsFile } from './load-connections.ts';

export interface WatchOptions extends LoadOptions {
  /** Called after `current` has become the new connections. */
  readonly onReloaded?: (connections: Connections) => void;
  /** Called when the file changed into one that cannot be used; `current` stays as it was. */
  readonly onRejected?: (error: ConfigError) => void;
  /** Calls `check` again and again until the returned function is called; every second unless given. */
  readonly schedule?: (check: () => void) => () => void;
}

export interface WatchedConnections {
  /** The newest usable connections. */
  readonly current: Connections;
  close(): void;
}

/**
 * Loads the connections file and loads it again whenever its content changes. It polls the path, links
 * followed, since file events get lost when editors replace the file, when Kubernetes swaps a link above
 * it, and on network drives.
 *
 * @throws ConfigError when the first load fails
 */
export function watchConnections(path: string, options: WatchOptions = {}): WatchedConnections {
  let seen = stateOf(path);
  let settled = true;
  let loaded = load(path, options);

  const reload = (): void => {
    try {
      const next = load(path, options, loaded.digest);
      if (!next) return;
      loaded = next;
    } catch (error) {
      // Forgotten, so that the file as it was before counts as new, and its return is told.
      loaded = { ...loaded, digest: '' };
      options.onRejected?.(toConfigError(path, error));
      return;
    }
    options.onReloaded?.(loaded.connections);
  };

  const check = (): void => {
    const state = stateOf(path);
    const changed = state !== seen;
    seen = state;
    // Only once it has kept still from one look to the next: half a file may be valid, with half the connections.
    if (!changed && !settled) reload();
    settled = !changed;
  };

  const stop = (options.schedule ?? everySecond)(check);
  return {
    get current() {
      return loaded.connections;
    },
    close: stop,
  };
}

interface Loaded {
  readonly connections: Connections;
  /** Of the text, so that a file that was only touched is not loaded again. */
  readonly digest: string;
}

function load(path: string, options: LoadOptions): Loaded;
function load(path: string, options: LoadOptions, known: string): Loaded | undefined;
function load(path: string, options: LoadOptions, known?: string): Loaded | undefined {
  const text = readConnectionsFile(path);
  const digest = createHash('sha256').update(text).digest('base64');
  return digest === known ? undefined : { connections: parseConnections(text, path, options), digest };
}

/** What changes when the file does: contents in place, another file in its place, another target of a link. */
function stateOf(path: string): string {
  try {
    const stats = statSync(path, { bigint: true });
    return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
  } catch {
    return 'missing';
  }
}

/** A settings schema of a user's may throw; that must not end the process that is serving. */
function toConfigError(path: string, error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  const kind = error instanceof Error ? error.name : typeof error;
  return new ConfigError('', [
    `${path}: checking it failed (${kind})  — is it a settings schema that throws?`,
  ]);
}

function everySecond(check: () => void): () => void {
  // Watching alone must not keep a process alive.
  const timer = setInterval(check, 1_000).unref();
  return () => clearInterval(timer);
}
