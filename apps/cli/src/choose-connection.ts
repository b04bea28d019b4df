import type { Connection, Connections } from '@sluice/config';
import type { SourceDefinition, SourceRegistry, SourceSamples } from '@sluice/events';
import { UsageError } from './usage-error.ts';

/** Finds the samples of a source that can compose the topic. Throws UsageError with what there is. */
export function chooseSamples(registry: SourceRegistry, sourceName: string, topic: string): SourceSamples {
  const source = registry.get(sourceName);
  if (!source) {
    const known = [...registry.values()].filter(({ samples }) => samples).map(topicsOf);
    throw new UsageError(`there is no source "${sourceName}"; there are:\n${known.join('\n')}`);
  }
  if (!source.samples) throw new UsageError(`the source ${source.name} has no samples to send`);
  if (!source.samples.topics.includes(topic)) {
    throw new UsageError(`there is no sample of "${topic}"; there are:\n${topicsOf(source)}`);
  }
  return source.samples;
}

/** Finds the connection to send to: the one named, else the first of the source. Throws UsageError. */
export function chooseConnection(
  connections: Connections,
  sourceName: string,
  id: string | undefined,
  file: string,
): Connection {
  const fitting = connections.all().filter(({ source }) => source.name === sourceName);
  if (id === undefined) {
    const [first] = fitting;
    if (!first) throw new UsageError(`${file} has no connection of the source ${sourceName}`);
    return first;
  }
  const named = connections.get(id);
  if (named?.source.name === sourceName) return named;
  const why = named ? `is one of ${named.source.name}` : 'is not in the file';
  const others = fitting.map((connection) => connection.id).join(', ') || 'none';
  throw new UsageError(`the connection "${id}" ${why}; ${file} has of ${sourceName}: ${others}`);
}

function topicsOf({ name, samples }: SourceDefinition): string {
  return (samples?.topics ?? []).map((topic) => `  ${name} ${topic}`).join('\n');
}
