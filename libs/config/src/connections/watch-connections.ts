import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { ConfigError } from '../config-error.ts';
import type { Connections } from './connection.ts';
import { type LoadOptions, parseConnections, readConnectionsFile } from './load-connections.ts';

export interface WatchOptions extends LoadOptions {
  /** Called after `current` has changed to the new connections. */
  readonly onReloaded?: (connections: Connections) => void;
  /** Called when the changed file is invalid; `current` stays the same. */
  readonly onRejected?: (error: ConfigError) => void;
  /** Calls `check` repeatedly until the returned function is called; by default every second. */
  readonly schedule?: (check: () => void) => () => void;
}

export interface WatchedConnections {
  /** The latest valid connections. */
  readonly current: Connections;
  close(): void;
}

/**
 * Loads the connections file and reloads it when its content changes. It polls the path, following links, because
 * file events are lost when an editor replaces the file, when Kubernetes swaps a link above it, and on network drives.
 *
 * @throws ConfigError if the first load fails
 */
export function watchConnections(path: string, options: WatchOptions = {}): WatchedConnections {
  let seen = stateOf(path);
  let isStable = true;
  let loaded = load(path, options);

  const reload = (): void => {
    try {
      const next = load(path, options, loaded.digest);
      if (!next) return;
      loaded = next;
    } catch (error) {
      // Forgets the digest, so that a revert to the previous content is reported as a reload.
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
    // Only after a check without a change: half a file may be valid, with half of the connections.
    if (!changed && !isStable) reload();
    isStable = !changed;
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
  /** Of the text, so that a file with a new time but the same content is not reloaded. */
  readonly digest: string;
}

function load(path: string, options: LoadOptions): Loaded;
function load(path: string, options: LoadOptions, known: string): Loaded | undefined;
function load(path: string, options: LoadOptions, known?: string): Loaded | undefined {
  const text = readConnectionsFile(path);
  const digest = createHash('sha256').update(text).digest('base64');
  return digest === known ? undefined : { connections: parseConnections(text, path, options), digest };
}

/** Returns a text that changes with the content, the file at the path, or the target of a link. */
function stateOf(path: string): string {
  try {
    const stats = statSync(path, { bigint: true });
    return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
  } catch {
    return 'missing';
  }
}

/** The settings schema of a user may throw, which must not end a running process. */
function toConfigError(path: string, error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  const kind = error instanceof Error ? error.name : typeof error;
  return new ConfigError('', [`${path}: the check failed (${kind}). Fix the settings schema that throws.`]);
}

function everySecond(check: () => void): () => void {
  // Does not keep the process alive.
  const timer = setInterval(check, 1_000).unref();
  return () => clearInterval(timer);
}
