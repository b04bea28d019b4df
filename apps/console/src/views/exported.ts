import type { ExportedDeadLetter } from '@sluice/queue';
import { shown } from './death.ts';
import { maskBody } from './masked-body.ts';

/** A line of an export that anybody who is signed in may read: what it died of may quote what it is about. */
export function maskExported({ detail, ...letter }: ExportedDeadLetter): ExportedDeadLetter {
  const { message, issues, ...rest } = detail;
  const masked = issues?.map((issue) => ({ path: issue.path, message: shown(issue.message) }));
  return { ...letter, detail: { ...rest, message: shown(message), ...(masked ? { issues: masked } : {}) } };
}

export function redactBody(body: string): string {
  return JSON.stringify(maskBody(body));
}
