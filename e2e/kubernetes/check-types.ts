import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest } from './read-manifests.ts';

const TESTS = fileURLToPath(new URL('..', import.meta.url));
const TSC = join(TESTS, '../node_modules/.bin/tsc');

/** Modules of the Kubernetes types, by kind. */
const TYPES: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  Namespace: 'core/v1',
  Service: 'core/v1',
  Ingress: 'networking/v1',
  NetworkPolicy: 'networking/v1',
  PodDisruptionBudget: 'policy/v1',
};

/** The used part of KEDA's types. */
const KEDA = `
import type { ObjectMeta } from 'kubernetes-types/meta/v1';
import type { HorizontalPodAutoscalerBehavior } from 'kubernetes-types/autoscaling/v2';
interface ScaledObject {
  apiVersion: 'keda.sh/v1alpha1';
  kind: 'ScaledObject';
  metadata: ObjectMeta;
  spec: {
    scaleTargetRef: { name: string };
    minReplicaCount: number;
    maxReplicaCount: number;
    triggers: {
      type: 'prometheus';
      metricType: 'Value' | 'AverageValue';
      metadata: { serverAddress: string; query: string; threshold: string };
    }[];
    advanced?: { horizontalPodAutoscalerConfig?: { behavior?: HorizontalPodAutoscalerBehavior } };
  };
}`;

/**
 * Checks manifests against the TypeScript types of Kubernetes. Unlike its JSON Schemas, they reject unknown fields,
 * which are the most common mistake.
 *
 * @returns the mistakes, each with its line
 */
export function checkTypes(manifests: readonly Manifest[]): string[] {
  const kinds = [...new Set(manifests.map(({ kind }) => kind))].filter((kind) => kind !== 'ScaledObject');
  const source = [
    ...kinds.map((kind) => `import type { ${kind} } from 'kubernetes-types/${TYPES[kind]}';`),
    KEDA,
    'type Patch<T> = T extends object ? { [K in keyof T]?: Patch<T[K]> } : T;',
    ...manifests.map(({ file, ...manifest }, index) => {
      // Deployments in an overlay are patches of those in the base.
      const isPatch = file.startsWith('overlays/') && manifest.kind === 'Deployment';
      const type = isPatch ? `Patch<${manifest.kind}>` : manifest.kind;
      return `// ${file}\nexport const m${index}: ${type} = ${JSON.stringify(manifest, null, 1)};`;
    }),
  ].join('\n');
  mkdirSync(join(TESTS, '.reports'), { recursive: true });
  const folder = mkdtempSync(join(TESTS, '.reports/kubernetes-'));
  try {
    writeFileSync(join(folder, 'manifests.ts'), source);
    const flags = [
      ...['--ignoreConfig', '--noEmit', '--strict', '--types', ''],
      ...['--module', 'esnext', '--moduleResolution', 'bundler'],
      // With colors, which nx enables, tsc prints errors over several lines.
      ...['--pretty', 'false'],
    ];
    const { status, stdout, stderr } = spawnSync(TSC, [...flags, join(folder, 'manifests.ts')], {
      encoding: 'utf8',
    });
    const output = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
    const lines = source.split('\n');
    const mistakes = output.map((line) => {
      const number = Number(/\((\d+),\d+\)/.exec(line)?.[1]);
      return `${line.replace(/^.*?: /, '')}  in  ${lines[number - 1]?.trim()}`;
    });
    return status === 0 || mistakes.length > 0 ? mistakes : [`tsc ended with ${status}`];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
