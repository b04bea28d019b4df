import {
  createSourceRegistry,
  type EventDefinition,
  type SourceDefinition,
  type SourceRegistry,
} from '@sluice/events';
import { nearest } from '../nearest.ts';
import type { SourceModule } from './check-module.ts';
import type { ModuleProblem } from './import-module.ts';

export interface Extension {
  readonly registry: SourceRegistry;
  /** By the module's index. */
  readonly problems: readonly (ModuleProblem & { readonly module: number })[];
}

/** Adds the sources of all modules to those of Sluice, then their events, where names and topics are free. */
export function extendRegistry(modules: readonly (SourceModule | undefined)[]): Extension {
  const sources = new Map(createSourceRegistry());
  const problems: (ModuleProblem & { module: number })[] = [];
  for (const [module, found] of modules.entries()) {
    for (const source of found?.sources ?? []) {
      const clashes = findClashes([], source.events);
      problems.push(...clashes.map((message) => ({ module, message: `source ${source.name}: ${message}` })));
      if (sources.has(source.name)) problems.push({ module, ...takenName(source.name) });
      else sources.set(source.name, source);
    }
  }
  for (const [module, found] of modules.entries()) {
    for (const [name, events] of Object.entries(found?.events ?? {})) {
      const source = sources.get(name);
      if (!source) {
        problems.push({ module, ...unknownName(name, [...sources.keys()]) });
        continue;
      }
      const clashes = findClashes(source.events, events);
      problems.push(...clashes.map((message) => ({ module, message: `events.${name}: ${message}` })));
      sources.set(name, { ...source, events: [...source.events, ...events] });
    }
  }
  return { registry: sources, problems };
}

/** Tells each new event whose name or topic another event of the source has. */
function findClashes(present: readonly EventDefinition[], added: readonly EventDefinition[]): string[] {
  const topics = new Map(present.flatMap((event) => topicsOf(event).map((topic) => [topic, event.name])));
  const names = new Set(present.map(({ name }) => name));
  const clashes: string[] = [];
  for (const event of added) {
    if (names.has(event.name)) clashes.push(`two events are called ${event.name}`);
    names.add(event.name);
    for (const topic of topicsOf(event)) {
      const earlier = topics.get(topic);
      if (earlier !== undefined) clashes.push(`the topic ${topic} of ${event.name} is ${earlier} already`);
      topics.set(topic, event.name);
    }
  }
  return clashes;
}

const topicsOf = ({ topic }: EventDefinition): string[] => [topic].flat();

function takenName(name: SourceDefinition['name']): ModuleProblem {
  return {
    message: `the source name ${name} is taken`,
    hint: `choose another; to add events to it, export events: { ${JSON.stringify(name)}: [ … ] }`,
  };
}

function unknownName(name: string, known: readonly string[]): ModuleProblem {
  const meant = nearest(name, known);
  const list = `known: ${known.join(', ')}`;
  return {
    message: `events are for a source "${name}" that is not there`,
    hint: meant ? `did you mean "${meant}"? ${list}` : list,
  };
}
