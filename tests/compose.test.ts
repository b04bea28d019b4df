import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const repository = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(join(repository, file), 'utf8');

interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly ports?: readonly string[];
  readonly container_name?: string;
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck: { readonly test: readonly string[] };
  readonly stop_grace_period: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
}

const compose: { services: Record<'redis' | 'ingest' | 'worker' | 'console', Service>; volumes: object } =
  parse(read('docker-compose.yml'), { merge: true });
const { redis, ingest, worker, console } = compose.services;
const services = Object.entries(compose.services);

describe('docker-compose.yml', () => {
  test.each([
    '--appendonly yes',
    '--appendfsync always',
    '--maxmemory-policy noeviction',
    '--maxmemory "$$MAXMEMORY"',
    '--requirepass "$$REDISCLI_AUTH"',
  ])('redis runs with %s', (flag) => {
    expect(redis.command.at(-1)).toContain(flag);
  });

  test('redis keeps its data in a volume and is reached from outside by nobody', () => {
    expect(redis.volumes).toEqual(['redis-data:/data']);
    expect(compose.volumes).toHaveProperty('redis-data');
    expect(redis.ports).toBeUndefined();
  });

  test('ingest and console are published, to this machine; the worker has neither name nor port, so it scales', () => {
    const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
    expect(published).toEqual([
      ['ingest', expect.stringContaining(':-127.0.0.1:3000}:3000')],
      ['console', expect.stringContaining(':-127.0.0.1:3001}:3001')],
    ]);
    expect(worker.container_name).toBeUndefined();
  });

  test('the console, which needs tokens here, is not started unless it is asked for', () => {
    expect(services.filter(([, { profiles }]) => profiles).map(([name]) => name)).toEqual(['console']);
  });

  test.each(services)(
    '%s is pinned, without rights it does not need, and says how it is',
    (_name, service) => {
      expect(service.image).toMatch(/:(\d+\.\d+[\w.-]*|local)$/);
      expect(service.read_only).toBe(true);
      expect(service.cap_drop).toEqual(['ALL']);
      expect(service.security_opt).toEqual(['no-new-privileges:true']);
      expect(service.healthcheck.test).not.toEqual([]);
    },
  );

  test.each([
    ['ingest', ingest],
    ['worker', worker],
    ['console', console],
  ])('%s waits for redis, and may drain to the end', (_name, app) => {
    expect(app.depends_on).toEqual({ redis: { condition: 'service_healthy' } });
    expect(Number.parseInt(app.stop_grace_period, 10) * 1000).toBeGreaterThan(
      Number(app.environment.SLUICE_DRAIN_MS) + 5_000,
    );
  });

  test('every mounted path of the repository exists and is mounted read-only', () => {
    const mounts = services.flatMap(([, { volumes }]) => volumes).filter((mount) => mount.startsWith('.'));
    expect(mounts).not.toEqual([]);
    for (const mount of mounts) {
      const [path = '', , mode] = mount.split(':');
      expect(existsSync(join(repository, path)), mount).toBe(true);
      expect(mode, mount).toBe('ro');
    }
  });

  test('every variable it takes is explained in .env.example', () => {
    const taken = [...read('docker-compose.yml').matchAll(/\$\{(\w+)/g)].map(([, name]) => String(name));
    const explained = [...read('.env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => String(name));
    // Names the file itself; and what the comment on connections calls ${NAME}.
    const elsewhere = ['SLUICE_ENV_FILE', 'NAME'];
    expect(explained).toEqual(expect.arrayContaining(taken.filter((name) => !elsewhere.includes(name))));
  });

  test('every app that it starts has a main, and is built into the image', () => {
    for (const { command } of [ingest, worker, console]) {
      const room = String(command[1]).replace('/dist/main.js', '');
      expect(existsSync(join(repository, room, 'src/main.ts')), room).toBe(true);
      expect(read('deploy/Dockerfile')).toContain(`${room}/tsconfig.build.json`);
    }
  });
});

describe('deploy/Dockerfile', () => {
  const dockerfile = read('deploy/Dockerfile');

  test('has pinned bases, ends as a user other than root, and installs nothing for development', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => String(base));
    expect(bases.filter((base) => base.includes(':'))).toEqual(['node:24-bookworm-slim']);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toContain('npm ci --omit=dev');
  });

  test('no secret and no test can get into the image', () => {
    const ignored = read('.dockerignore').split('\n');
    expect(ignored).toEqual(
      expect.arrayContaining(['.env', '.env.*', 'config', '**/*.test.ts', '**/node_modules']),
    );
  });
});
