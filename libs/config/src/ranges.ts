/** 0 lets the system choose a free one. */
export const PORTS = { min: 0, max: 65_535 } as const;

/** Whole numbers from 1 to `max`; the bounds catch slips of the pen, such as seconds for milliseconds. */
export function upTo(max: number, fallback: number, unit: string) {
  return { min: 1, max, default: fallback, unit };
}
