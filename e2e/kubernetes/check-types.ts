import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest } from './read-manifests.ts';

const TESTS = fileURLToPath(new URL('..', import.meta.url));
const TSC = join(TESTS, '../node_modules/.bin/tsc');

/** Where Kubernetes' types of a kind are. */
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

/** KEDA has its own; of them what we use. */
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
 * Checks manifests against Kubernetes' own description of its objects, as TypeScript's types: unlike its JSON Schemas
 * they refuse fields that do not exist, which is how most mistakes look.
 *
 * @returns what is wrong, each with the line that is
 */
export function checkTypes(manifests: readonly Manifest[]): string[] {
  const kinds = [...new Set(manifests.map(({ kind }) => kind))].filter((kind) => kind !== 'ScaledObject');
  const source = [
    ...kinds.map((kind) => `import type { ${kind} } from 'kubernetes-types/${TYPES[kind]}';`),
    KEDA,
    'type Patch<T> = T extends object ? { [K in keyof T]?: Patch<T[K]> } : T;',
    ...manifests.map(({ file, ...manifest }, index) => {
      // An overlay has deployments only to change those of the base, and says a part of them.
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
      // Else, where colours are asked for, as by nx, what is wrong is output over several lines.
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
