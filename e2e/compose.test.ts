import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { promtool } from './prometheus/promtool.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(join(repository, file), 'utf8');

interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly expose?: readonly string[];
  readonly container_name?: string;
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck: { readonly test: readonly string[] };
  readonly stop_grace_period: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
}

type Name = 'redis' | 'ingest' | 'worker' | 'console' | 'prometheus' | 'grafana' | 'redis-exporter';

const compose: { services: Record<Name, Service>; volumes: object } = parse(read('docker-compose.yml'), {
  merge: true,
});
const { redis, ingest, worker, console, prometheus, grafana } = compose.services;
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

  test('redis keeps its data in a volume and is not reachable from outside', () => {
    expect(redis.volumes).toEqual(['redis-data:/data']);
    expect(compose.volumes).toHaveProperty('redis-data');
    expect(redis.ports).toBeUndefined();
  });

  test('ports are published to this machine only; the worker has no name or port, so that it scales', () => {
    const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
    expect(published).toEqual([
      ['ingest', expect.stringContaining(':-127.0.0.1:3000}:3000')],
      ['console', expect.stringContaining(':-127.0.0.1:3001}:3001')],
      ['prometheus', expect.stringContaining(':-127.0.0.1:9090}:9090')],
      ['grafana', expect.stringContaining(':-127.0.0.1:3005}:3000')],
    ]);
    expect(worker.container_name).toBeUndefined();
  });

  test('the console, which requires tokens, and monitoring start only with their profiles', () => {
    expect(services.flatMap(([name, { profiles }]) => (profiles ? [[name, ...profiles]] : []))).toEqual([
      ['console', 'console'],
      ['prometheus', 'observability'],
      ['grafana', 'observability'],
      ['redis-exporter', 'observability'],
    ]);
  });

  test.each(services)(
    '%s is pinned, has only the permissions that it needs, and has a health check',
    (_name, service) => {
      expect(service.image).toMatch(/:(v?\d+\.\d+[\w.-]*|local)$/);
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
  ])('%s waits for redis, and has enough time to drain', (_name, app) => {
    expect(app.depends_on).toEqual({ redis: { condition: 'service_healthy' } });
    expect(Number.parseInt(app.stop_grace_period, 10) * 1000).toBeGreaterThan(
      Number(app.environment.SLUICE_DRAIN_MS) + 5_000,
    );
  });

  test('every mounted path of the repository exists and is mounted read-only', () => {
    const mounts = services
      .flatMap(([, { volumes = [] }]) => volumes)
      .filter((mount) => mount.startsWith('.'));
    expect(mounts).not.toEqual([]);
    for (const mount of mounts) {
      const [path = '', , mode] = mount.split(':');
      expect(existsSync(join(repository, path)), mount).toBe(true);
      expect(mode, mount).toBe('ro');
    }
  });

  test('exactly the used volumes are defined', () => {
    const mounts = services
      .flatMap(([, { volumes = [] }]) => volumes)
      .filter((mount) => !mount.startsWith('.'));
    expect(mounts.map((mount) => mount.split(':')[0]).sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  test('every variable is documented in .env.example', () => {
    const taken = [...read('docker-compose.yml').matchAll(/\$\{(\w+)/g)].map(([, name]) => String(name));
    const explained = [...read('.env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => String(name));
    // The path of this file, and the placeholder ${NAME} of a comment.
    const elsewhere = ['SLUICE_ENV_FILE', 'NAME'];
    expect(explained).toEqual(expect.arrayContaining(taken.filter((name) => !elsewhere.includes(name))));
  });

  test('every started app has a main module and is part of the image', () => {
    for (const { command } of [ingest, worker, console]) {
      const room = String(command[1]).replace('/dist/main.js', '');
      expect(existsSync(join(repository, room, 'src/main.ts')), room).toBe(true);
      expect(read('deploy/Dockerfile')).toContain(`${room}/tsconfig.build.json`);
    }
  });

  test('the image has the Lua scripts, which the compiler does not copy', () => {
    expect(read('deploy/Dockerfile')).toMatch(/tsc -b [^&]*&& npm run build:lua -w libs\/queue/);
    expect(read('libs/queue/package.json')).toContain('"build:lua"');
  });
});

describe('monitoring', () => {
  const scraped = parse(read('deploy/prometheus/prometheus.yml')) as {
    rule_files: string[];
    scrape_configs: { job_name: string; dns_sd_configs?: { names: Name[]; port: number }[] }[];
  };

  test('the Prometheus configuration and its rules are valid', async () => {
    const output = await promtool('check', 'config', join(repository, 'deploy/prometheus/prometheus.yml'));
    expect(output).toContain('is valid prometheus config file syntax');
    expect(scraped.rule_files).toEqual(['recording.yml', 'alerts.yml']);
    expect(prometheus.volumes).toContain('./deploy/prometheus:/etc/prometheus:ro');
  });

  test('Prometheus scrapes the metrics ports of ingest and worker', () => {
    const ports = scraped.scrape_configs.flatMap(({ dns_sd_configs: found = [] }) => found);
    expect(ports.map(({ names, port }) => [...names, port])).toEqual([
      ['ingest', 3004],
      ['worker', 3003],
    ]);
    for (const { names, port } of ports) {
      for (const name of names) expect(compose.services[name].expose).toContain(String(port));
    }
  });

  test('Grafana loads the mounted dashboards and their data source', () => {
    const folder = 'deploy/grafana/provisioning';
    const [provider] = parse(read(`${folder}/dashboards/sluice.yml`)).providers;
    expect(grafana.volumes).toContain(`./deploy/grafana/dashboards:${provider.options.path}:ro`);
    const [source] = parse(read(`${folder}/datasources/prometheus.yml`)).datasources;
    expect(new URL(source.url).hostname in compose.services).toBe(true);
    const home = grafana.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH ?? '';
    const files = readdirSync(join(repository, 'deploy/grafana/dashboards'));
    expect(files).toHaveLength(5);
    expect(files).toContain(basename(home));
    for (const file of files) expect(read(`deploy/grafana/dashboards/${file}`)).toContain(`"${source.uid}"`);
  });
});

describe('deploy/Dockerfile', () => {
  const dockerfile = read('deploy/Dockerfile');

  test('has pinned base images, runs without root, and installs no development dependencies', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => String(base));
    expect(bases.filter((base) => base.includes(':'))).toEqual(['node:24-bookworm-slim']);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toContain('npm ci --omit=dev');
  });

  test('excludes secrets and tests from the image', () => {
    const ignored = read('.dockerignore').split('\n');
    expect(ignored).toEqual(
      expect.arrayContaining(['.env', '.env.*', 'config', '**/*.test.ts', '**/node_modules']),
    );
  });
});
