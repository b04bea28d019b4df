import { maskPersonalData } from './mask-personal.ts';

/** Parses a body and masks personal data in it. Whatever is no JSON is shown to nobody without being asked for: null. */
export function maskBody(text: string): unknown {
  try {
    return maskPersonalData(JSON.parse(text));
  } catch {
    return null;
  }
}
