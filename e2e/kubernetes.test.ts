import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  parseConnections,
  readConsoleSettings,
  readIngestSettings,
  readWorkerSettings,
} from '@sluice/config';
import type { Container, EnvVar } from 'kubernetes-types/core/v1.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkTypes } from './kubernetes/check-types.ts';
import {
  FOLDER,
  filesOf,
  type Manifest,
  readKustomizations,
  readManifests,
  type Workload,
  workloadsOf,
} from './kubernetes/read-manifests.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(join(repository, file), 'utf8');

const manifests = readManifests();
const workloads = workloadsOf(manifests);
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<
    Record<string, { readonly image: string; readonly command: string[]; readonly environment: object }>
  >;
};

const named = (name: string) => {
  const found = workloads.find(
    ({ file, metadata }) => metadata?.name === name && !file.startsWith('overlays/'),
  );
  if (!found) throw new Error(`no workload ${name}`);
  return found;
};

function containerOf({ spec }: Workload): Container {
  const [container] = spec?.template.spec?.containers ?? [];
  if (!container) throw new Error('no container');
  return container;
}

const APPS = ['ingest', 'worker', 'console'] as const;

const READERS = { ingest: readIngestSettings, worker: readWorkerSettings, console: readConsoleSettings };

/** Values of secrets that the programs accept. */
const SECRETS: Readonly<Record<string, string>> = {
  'sluice-redis/url': 'redis://:password@sluice-redis:6379',
  'sluice-console/tokens': 'olga:operator:a-token-of-the-tests-only',
  'sluice-console/notify-url': 'https://hooks.example.com/services/secret',
};

/** Returns the environment of an app with its secrets. */
function environmentOf(app: string): Record<string, string> {
  const textOf = ({ value, valueFrom }: EnvVar) => {
    const { name, key } = valueFrom?.secretKeyRef ?? {};
    return value ?? SECRETS[`${name}/${key}`] ?? `no ${name}/${key}`;
  };
  const { env = [] } = containerOf(named(`sluice-${app}`));
  return Object.fromEntries(env.map((each) => [each.name, textOf(each)]));
}

const portsOf = (app: string) =>
  Object.fromEntries(
    (containerOf(named(`sluice-${app}`)).ports ?? []).map(({ name = '', containerPort }) => [
      name,
      containerPort,
    ]),
  );

describe('types of Kubernetes', () => {
  test('accept all manifests', () => {
    expect(checkTypes(manifests)).toEqual([]);
  });

  test('reject an unknown field, a field of another type and a missing field', () => {
    const change = (from: string, to: string) =>
      JSON.parse(
        JSON.stringify(manifests.filter(({ file }) => file.startsWith('base/'))).replace(from, to),
      ) as Manifest[];
    expect(checkTypes(change('"readinessProbe"', '"readynessProbe"'))).toEqual([
      expect.stringContaining(`'"readynessProbe"' does not exist`),
    ]);
    expect(checkTypes(change('"containerPort":3001', '"containerPort":"3001"'))).toEqual([
      expect.stringContaining("'string' is not assignable to type 'number'"),
    ]);
    expect(checkTypes(change('"maxReplicas":10,', ''))).toEqual([
      expect.stringContaining("Property 'maxReplicas' is missing"),
    ]);
  });
});

describe('kustomizations', () => {
  const kustomizations = readKustomizations();

  test('reference existing files, and all files', () => {
    const listed = kustomizations.flatMap(
      ({ folder, resources = [], components = [], patches = [], configMapGenerator = [] }) =>
        [
          ...resources,
          ...components,
          ...patches.flatMap(({ path }) => path ?? []),
          ...configMapGenerator.flatMap(({ files }) => files),
        ].map((path) => join(folder, path)),
    );
    expect(listed.filter((path) => !existsSync(join(FOLDER, path)))).toEqual([]);
    const files = filesOf('.yaml').filter((file) => !file.endsWith('kustomization.yaml'));
    expect(files.filter((file) => !listed.includes(file))).toEqual([]);
    const folders = kustomizations
      .map(({ folder }) => folder)
      .filter((folder) => !folder.startsWith('overlays/'));
    expect(folders.filter((folder) => !listed.includes(folder))).toEqual([]);
  });

  test('patch existing resources and images', () => {
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const targets = kustomizations.flatMap(({ patches = [] }) =>
      patches.flatMap(({ target }) => target ?? []),
    );
    expect(
      targets.map(({ kind, name }) => `${kind} ${name}`).filter((each) => !names.includes(each)),
    ).toEqual([]);
    const images = workloads.map((workload) => containerOf(workload).image);
    const replaced = kustomizations.flatMap((each) => each.images ?? []).map(({ name }) => `${name}:local`);
    expect(replaced).toEqual(['sluice:local']);
    expect(images).toContain('sluice:local');
  });

  test('generate valid example connections under the name that pods mount', () => {
    const text = read('deploy/kubernetes/overlays/example/connections.yaml');
    const env = Object.fromEntries(
      [...text.matchAll(/\$\{(ACME_\w+)\}/g)].map(([, name]) => [String(name), 'value']),
    );
    const connections = parseConnections(text, 'connections.yaml', { env });
    expect(connections.all().map(({ id }) => id)).toEqual(['acme-orders']);
    const generated = kustomizations.flatMap((each) => each.configMapGenerator ?? []).map(({ name }) => name);
    const mounted = APPS.flatMap((app) => named(`sluice-${app}`).spec?.template.spec?.volumes ?? []).flatMap(
      ({ configMap }) => configMap?.name ?? [],
    );
    expect(new Set(mounted)).toEqual(new Set(generated));
  });
});

describe.each(APPS)('%s', (app) => {
  const workload = named(`sluice-${app}`);
  const container = containerOf(workload);
  const environment = environmentOf(app);
  const settings = READERS[app](environment);

  test('starts an existing program', () => {
    const main = String(container.command?.[1]);
    expect(main).toBe(`apps/${app}/dist/main.js`);
    expect(existsSync(join(repository, dirname(main), '../src/main.ts'))).toBe(true);
  });

  test('has only documented variables, with the same values as in compose', () => {
    const known = read('docs/reference/configuration.md');
    for (const name of Object.keys(environment)) expect(known, name).toContain(`\`${name}\``);
    // Addresses and health checks differ from compose.
    const elsewhere = ['REDIS_URL', 'SLUICE_INGEST_URL', 'SLUICE_HEALTH_URL'];
    const composed = Object.entries(compose.services[app]?.environment ?? {}).filter(
      ([name]) => !elsewhere.includes(name),
    );
    expect(environment).toMatchObject(Object.fromEntries(composed));
  });

  test('has the ports on which its program listens for other pods', () => {
    const expected = {
      ingest: () => ({
        webhooks: readIngestSettings(environment).port,
        operations: readIngestSettings(environment).metricsPort,
      }),
      worker: () => ({ operations: readWorkerSettings(environment).metricsPort }),
      console: () => ({ console: readConsoleSettings(environment).port }),
    };
    expect(portsOf(app)).toEqual(expected[app]());
    const hosts = Object.entries(environment).filter(([name]) => name.endsWith('_HOST'));
    expect(hosts.map(([, value]) => value)).toEqual(hosts.map(() => '0.0.0.0'));
    expect(hosts).toHaveLength(app === 'ingest' ? 2 : 1);
  });

  test('has probes on its ports, and restarts only for failures that a restart fixes', () => {
    const { startupProbe, livenessProbe, readinessProbe } = container;
    const paths = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet?.path);
    expect(paths).toEqual(['/startedz', '/healthz', '/readyz']);
    for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
      expect(Object.keys(portsOf(app))).toContain(probe?.httpGet?.port);
    }
    const scraped = workload.spec?.template.metadata?.annotations?.['prometheus.io/port'];
    // The console's metrics require a token.
    if (app === 'console') expect(scraped).toBeUndefined();
    else expect(scraped).toBe(String(portsOf(app).operations));
  });

  test('has enough time to drain before it is killed', () => {
    const preStop = Number(container.lifecycle?.preStop?.exec?.command?.at(-1) ?? 0);
    const grace = Number(workload.spec?.template.spec?.terminationGracePeriodSeconds);
    expect(grace * 1000).toBeGreaterThan(settings.drainMs + preStop * 1000 + 5_000);
  });
});

describe('redis', () => {
  const { image, command = [] } = containerOf(named('sluice-redis'));

  test('has the same arguments as in compose', () => {
    const composed = compose.services.redis;
    expect(image).toBe(composed?.image);
    // Compose escapes a dollar by another.
    expect(command).toEqual(composed?.command.map((part) => part.replaceAll('$$', '$')));
  });
});

test.each(
  workloads.filter(({ file }) => !file.startsWith('overlays/')).map((each) => [each.file, each] as const),
)('%s has only the permissions that it needs', (_file, workload) => {
  const pod = workload.spec?.template.spec;
  expect(pod?.automountServiceAccountToken).toBe(false);
  expect(pod?.securityContext).toMatchObject({
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(pod?.containers.map(({ securityContext }) => securityContext)).toEqual([
    { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  ]);
  const [container] = pod?.containers ?? [];
  expect(container?.image).toMatch(/:(\d+\.\d+[\w.-]*|local)$/);
  expect(container?.resources?.limits).toHaveProperty('memory');
});

describe('references', () => {
  const labelsOf = ({ spec }: Workload) => spec?.template.metadata?.labels ?? {};
  const fits = (wanted: Readonly<Record<string, string>>) =>
    workloads.filter((workload) =>
      Object.entries(wanted).every(([name, value]) => labelsOf(workload)[name] === value),
    );
  const selectors = manifests.flatMap(({ file, kind, spec = {} }) => {
    const { selector, podSelector } = spec as { selector?: object; podSelector?: object };
    const wanted =
      kind === 'Service' ? selector : ((selector ?? podSelector) as { matchLabels?: object })?.matchLabels;
    return wanted ? [[file, wanted as Record<string, string>] as const] : [];
  });

  test.each(selectors)('%s selects existing pods', (_file, wanted) => {
    expect(fits(wanted)).not.toEqual([]);
  });

  test.each(
    manifests.filter(({ kind }) => kind === 'Service').map((service) => [service.file, service] as const),
  )('%s targets a port of its pods', (_file, { spec }) => {
    const { selector, ports } = spec as { selector: Record<string, string>; ports: { targetPort: string }[] };
    const [workload] = fits(selector);
    const names = workload ? containerOf(workload).ports?.map(({ name }) => name) : [];
    for (const { targetPort } of ports) expect(names).toContain(targetPort);
  });

  test('network policies name ports of the pods they select', () => {
    const named = JSON.stringify(manifests.filter(({ kind }) => kind === 'NetworkPolicy')).matchAll(
      /"port":"(\w+)"/g,
    );
    const names = workloads.flatMap((workload) => containerOf(workload).ports ?? []).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...named].map(([, name]) => name)));
  });

  test('autoscalers scale deployments without a fixed number of replicas', () => {
    const scalers = manifests.filter(
      ({ kind }) => kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject',
    );
    const targets = scalers.map(({ spec }) => (spec.scaleTargetRef as { name: string }).name);
    expect(targets.sort()).toEqual(['sluice-ingest', 'sluice-worker']);
    expect(named('sluice-ingest').spec).not.toHaveProperty('replicas');
    const keda = readKustomizations().find(({ folder }) => folder.endsWith('keda'));
    expect(keda?.patches).toEqual([
      {
        target: { kind: 'Deployment', name: 'sluice-worker' },
        patch: '- op: remove\n  path: /spec/replicas',
      },
    ]);
  });

  test('workers are scaled by a documented metric', () => {
    const scalers = manifests.filter(({ kind }) => kind === 'ScaledObject');
    const metrics = [...JSON.stringify(scalers).matchAll(/\bsluice_\w+/g)].map(([name]) => name);
    expect(metrics).toEqual(['sluice_oldest_waiting_seconds']);
    const documented = read('docs/reference/metrics.md');
    for (const name of metrics) expect(documented).toContain(`| \`${name}\` |`);
  });
});
