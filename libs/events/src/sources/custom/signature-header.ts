import type { HmacSettings } from './signature-settings.ts';

export interface SignatureHeader {
  /** Those that may match, without their prefix. */
  readonly signatures: readonly string[];
  /** As it stands in the list; empty where there is none. */
  readonly timestamp: string;
}

/** A rotation has two or three; what else comes is somebody trying. */
const MAX_ENTRIES = 20;

/** Reads a signature header: one signature, or a list like `t=…,v1=…,v1=…`, of which 20 entries count. */
export function readSignatureHeader(header: string, scheme: HmacSettings): SignatureHeader {
  const { list, prefix, encoding } = scheme;
  const entries = list ? header.split(list.separator, MAX_ENTRIES).map((entry) => entry.trim()) : [header];
  const valuesOf = (key: string | undefined) =>
    entries.flatMap((entry) => {
      const start = key === undefined ? '' : `${key}${list?.assignment}`;
      return entry.startsWith(start) ? [entry.slice(start.length)] : [];
    });
  const signatures = valuesOf(list?.key)
    .filter((value) => value.startsWith(prefix))
    .map((value) => value.slice(prefix.length))
    .map((value) => (encoding === 'hex' ? value.toLowerCase() : value));
  const key = scheme.timestamp?.key;
  return { signatures, timestamp: key === undefined ? '' : (valuesOf(key)[0] ?? '') };
}
