import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Deployment, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import { parse } from 'yaml';

export const FOLDER = fileURLToPath(new URL('../../deploy/kubernetes/', import.meta.url));

/** A manifest of `deploy/kubernetes`. */
export interface Manifest {
  /** Path relative to that folder. */
  readonly file: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: ObjectMeta;
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface Kustomization {
  readonly folder: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly patches?: readonly { readonly path?: string; readonly target?: { kind: string; name: string } }[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[];
  readonly images?: readonly { readonly name: string }[];
}

const read = (file: string): unknown => parse(readFileSync(join(FOLDER, file), 'utf8'));

const isKustomization = (file: string) => file.endsWith('kustomization.yaml');

/** Returns the files of `deploy/kubernetes`, relative to that folder. */
export function filesOf(extension: string): string[] {
  const entries = readdirSync(FOLDER, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => join(entry.parentPath, entry.name).slice(FOLDER.length))
    .sort();
}

export function readKustomizations(): Kustomization[] {
  return filesOf('.yaml')
    .filter(isKustomization)
    .map((file) => ({
      ...(read(file) as Omit<Kustomization, 'folder'>),
      folder: file.slice(0, -'/kustomization.yaml'.length),
    }));
}

/** Returns all resources and patches, without the files that kustomizations read otherwise. */
export function readManifests(): Manifest[] {
  return filesOf('.yaml')
    .filter((file) => !isKustomization(file))
    .map((file) => ({ file, ...(read(file) as Omit<Manifest, 'file'>) }))
    .filter(({ kind }) => kind !== undefined);
}

export type Workload = (Deployment | StatefulSet) & { readonly file: string };

/** Returns the manifests that run pods. */
export function workloadsOf(manifests: readonly Manifest[]): Workload[] {
  return manifests.filter(
    ({ kind }) => kind === 'Deployment' || kind === 'StatefulSet',
  ) as unknown as Workload[];
}
